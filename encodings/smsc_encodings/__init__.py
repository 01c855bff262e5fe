"""Octets to meaning and back: SMS alphabets, headers and parts, with no I/O and no clock."""
