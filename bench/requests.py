"""Requests over HTTP/1.1 as octets, made before a run, and what of the answers is looked at."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

TOKEN: Final = "bench-token"
TEXT: Final = "Load test message."

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
_STATUS: Final = slice(9, 12)


class Answer(NamedTuple):
    """Where an answer ends among octets, and its status."""

    end: int
    status: bytes


def get(path: str) -> bytes:
    """Make a request for what is at a path."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def send(to: str) -> bytes:
    """Make a request that sends a message."""
    return _post("/v1/messages", _message(to))


def send_all(numbers: Sequence[str]) -> bytes:
    """Make a request that sends a message to each of these numbers."""
    return _post("/v1/messages/batch", {"messages": [_message(to) for to in numbers]})


def answer(octets: bytes) -> Answer | None:
    """Look at the first answer among octets, None if it isn't whole; it must tell its length."""
    head = octets.find(_END)
    if head < 0:
        return None
    length = octets.lower().find(_LENGTH, 0, head)
    if length < 0:
        raise ValueError(f"an answer without its length: {octets[:head]!r}")
    at = length + len(_LENGTH)
    end = head + len(_END) + int(octets[at : octets.find(b"\r\n", at)])
    return Answer(end, octets[_STATUS]) if len(octets) >= end else None


def _message(to: str) -> dict[str, str]:
    return {"to": to, "text": TEXT}


def _post(path: str, body: object) -> bytes:
    octets = msgspec.json.encode(body)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(octets)}\r\n\r\n"
    )
    return head.encode() + octets
