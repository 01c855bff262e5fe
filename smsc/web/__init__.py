"""The doors over HTTP: health, metrics and the API the command line speaks."""
