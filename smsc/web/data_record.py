"""Ids of VoIP Number's message data records: UUIDs of version 4, told from the message's own id.

So no table need be kept of them. The last six octets are the message's id under a mask that is made
of the others, and these are a digest of the id.
"""

from hashlib import sha256
from typing import Final
from uuid import UUID

_OCTETS: Final = 16
_PREFIX: Final = 10
_NAME: Final = b"message data record"


def mdr_id(message_id: int) -> UUID:
    """Return the id of a message's data record."""
    octets = _NAME + message_id.to_bytes(8, "big")
    digest = UUID(bytes=sha256(octets).digest()[:_OCTETS], version=4).bytes[:_PREFIX]
    return UUID(bytes=digest + _masked(digest, message_id))


def message_of(written: str) -> int | None:
    """Return the message whose data record has this id; None if there can be none."""
    try:
        octets = UUID(written).bytes
    except ValueError:
        return None
    masked = int.from_bytes(octets[_PREFIX:], "big")
    message_id = int.from_bytes(_masked(octets[:_PREFIX], masked), "big")
    return message_id if mdr_id(message_id).bytes == octets else None


def _masked(digest: bytes, number: int) -> bytes:
    length = _OCTETS - _PREFIX
    mask = int.from_bytes(sha256(digest).digest()[:length], "big")
    return (mask ^ number).to_bytes(length, "big")
