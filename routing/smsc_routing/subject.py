"""Whom a limit is counted for: the subjects of buckets and of counts, and words for them."""

ACCOUNT, SERVER, ORIGIN, TERMINAL = "a:", "s:", "o:", "t:"
"""What a subject begins with: an account, all accounts, a device that sends, one that receives."""

ORIGINS, TERMINALS = "O:", "T:"
"""The same for all devices of a policy together."""

_AT_MOST = {
    ACCOUNT: "account '{}' may send at most {}",
    SERVER: "all accounts{} together may send at most {}",
    ORIGIN: "device {} may send at most {}",
    TERMINAL: "device {} may receive at most {}",
    ORIGINS: "the devices of policy '{}' together may send at most {}",
    TERMINALS: "the devices of policy '{}' together may receive at most {}",
}


def at_most(subject: str, limit: object) -> str:
    """Say in words which limit a subject comes under."""
    return _AT_MOST[subject[:2]].format(subject[2:], limit)
