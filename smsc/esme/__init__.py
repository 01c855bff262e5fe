"""The door for ESMEs: SMPP over TCP, accounts and their bindings."""
