"""How a command fails."""


class Failure(Exception):
    """What failed, why, and what to do: one line for the one who typed the command."""
