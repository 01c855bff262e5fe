"""SMS encodings: octets to meaning and back, with no I/O, no clock and no dependency."""
