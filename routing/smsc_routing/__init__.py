"""Routing decisions as pure functions: plain values and the time in, a verdict out."""
