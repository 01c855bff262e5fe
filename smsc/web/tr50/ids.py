"""Ids and times as TR50 has them.

An id is 24 hexadecimal digits, as those of a document store are. Twelve tell the message, and the
others are a digest that keeps the ids of a message and of its records apart; none need be stored.
"""

import hashlib
from datetime import UTC, datetime
from typing import Final

_DIGITS: Final = 12
_HUNDREDTHS: Final = 10_000


def uuid(message_id: int) -> str:
    """Return the id of a message: the same whoever asks."""
    return _id(message_id, "")


def record_id(message_id: int, account: str) -> str:
    """Return the id of what an account has of a message."""
    return _id(message_id, account)


def message_of(written: str, account: str) -> int | None:
    """Return the message with this uuid, or of which the account has this record."""
    try:
        message_id = int(written[:_DIGITS], 16)
    except ValueError:
        return None
    known = (uuid(message_id), record_id(message_id, account))
    return message_id if written in known else None


def moment(ms: int) -> str:
    """Write milliseconds since the epoch: RFC 3339 with hundredths and an offset."""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // _HUNDREDTHS:02d}+00:00"


def _id(message_id: int, account: str) -> str:
    digest = hashlib.sha256(f"{message_id}/{account}".encode()).hexdigest()
    return f"{message_id:0{_DIGITS}x}{digest[:_DIGITS]}"
