"""SMPP 3.3, 3.4 and 5.0 with no I/O: octets in, PDUs and events out."""
