"""The command line: what is typed becomes a call, what goes wrong a line that says what to do."""
