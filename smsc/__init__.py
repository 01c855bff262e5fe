"""An SMPP-speaking SMS centre: a simulator that behaves like a real one, and a router."""
