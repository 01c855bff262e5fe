"""Receipts of other SMSCs, as they write them (3.4 Appendix B).

What TLVs say of a message wins over what the text says, where both do. A receipt tells an end: one
that says that a message is on its way, or was taken, is none yet (SMSCs send ACCEPTD when they
have accepted a message, whatever the specification says). A word that we don't know is UNKNOWN.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from smsc.message import State
from smsc.smpp import receipt
from smsc.smpp.commands import ESM_TYPE_INTERMEDIATE_NOTIFICATION, ESM_TYPE_MASK, ESM_TYPE_RECEIPT
from smsc.smpp.tlv import Tag, Value
from smsc.upstream.ids import Ids, plain
from smsc.upstream.line import Report

_UCS2: Final = 8
_UNENDED: Final = frozenset({State.SCHEDULED, State.ENROUTE, State.ACCEPTED})
_TYPES: Final = frozenset({ESM_TYPE_RECEIPT, ESM_TYPE_INTERMEDIATE_NOTIFICATION})
# Of all that a text says, what is needed here: `smsc.smpp.receipt` reads the dates too, and takes
# three times as long.
_KEYS: Final = frozenset({"id", "stat", "err"})
_MOST_ERROR_DIGITS: Final = 10

_WORDS: Final[dict[str, State]] = receipt.STATES | {
    "DELIVERED": State.DELIVERED,
    "EXPIRE": State.EXPIRED,
    "UNDELIVERED": State.UNDELIVERABLE,
    "UNDELIVERABLE": State.UNDELIVERABLE,
    "FAILED": State.UNDELIVERABLE,
    "REJECTED": State.REJECTED,
    "CANCELLED": State.DELETED,
    "CANCELED": State.DELETED,
    "ACCEPTED": State.ACCEPTED,
    "ACKED": State.ACCEPTED,
    "BUFFERED": State.ENROUTE,
    "BUFFERD": State.ENROUTE,
    "BUFFRED": State.ENROUTE,
    "SCHEDULED": State.SCHEDULED,
}


class Unended(NamedTuple):
    """A receipt that isn't one of the message's end, or that can't be understood: why."""

    reason: str


def is_receipt(esm_class: int, given: Mapping[int, Value]) -> bool:
    """Tell whether a delivery is a receipt (3.4 clause 5.2.12), or has a receipt's TLVs.

    Not if only its text looks like one: a device can write that.
    """
    return esm_class & ESM_TYPE_MASK in _TYPES or (
        Tag.receipted_message_id in given and Tag.message_state in given
    )


def report(
    payload: bytes, data_coding: int, given: Mapping[int, Value], ids: Ids
) -> Report | Unended:
    """Read a receipt."""
    text = _read(payload, data_coding)
    told = given.get(Tag.receipted_message_id)
    if isinstance(told, str) and told.strip():
        remote_ids: tuple[str, ...] = (plain(told),)
    elif text.get("id"):
        remote_ids = ids.receipt(text["id"])
    else:
        return Unended("it has no id")
    state = _state(given.get(Tag.message_state), text.get("stat", ""))
    if state is None:
        return Unended("it has no state")
    if state in _UNENDED:
        return Unended("")
    return Report(remote_ids[0], state, _error(given, text.get("err", "")), remote_ids[1:])


def _read(payload: bytes, data_coding: int) -> dict[str, str]:
    """Read what the text says; some SMSCs write it in UCS2."""
    text = payload.decode("utf-16-be" if data_coding == _UCS2 else "latin-1", "replace").lower()
    # What stands behind it is the message's own, and may say anything.
    end = text.find(" text:")
    found: dict[str, str] = {}
    lacking = ""
    for word in (text[:end] if end >= 0 else text).split():
        key, colon, value = word.partition(":")
        if colon:
            lacking = ""
            if key in _KEYS and key not in found:
                found[key] = value
                lacking = "" if value else key
        elif lacking:
            found[lacking], lacking = word, ""
    return found


def _state(told: Value | None, word: str) -> State | None:
    if isinstance(told, int) and told <= State.SKIPPED:
        return State(told)
    return _WORDS.get(word.upper(), State.UNKNOWN) if word else None


def _error(given: Mapping[int, Value], err: str) -> int:
    """Return the network's error: of the TLV (3.4 clause 5.3.2.31), or else of the text."""
    told = given.get(Tag.network_error_code)
    if isinstance(told, bytes):
        return int.from_bytes(told[1:], "big")
    return int(err) if err.isascii() and err.isdigit() and len(err) <= _MOST_ERROR_DIGITS else 0
