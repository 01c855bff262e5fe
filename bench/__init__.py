"""Load and comparison benchmarks for an SMSC, runnable against any of them."""
