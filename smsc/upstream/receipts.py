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
_ABSENT: Final = "-"
_DEFAULTS: Final = f"id:{_ABSENT} stat:{_ABSENT} ".encode()
_NOTHING: Final = receipt.Receipt(_ABSENT, stat=_ABSENT)

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
    elif text.id != _ABSENT:
        remote_ids = ids.receipt(text.id)
    else:
        return Unended("it has no id")
    state = _state(given.get(Tag.message_state), text.stat)
    if state is None:
        return Unended("it has no state")
    if state in _UNENDED:
        return Unended("")
    return Report(remote_ids[0], state, _error(given, text.err), remote_ids[1:])


def _read(payload: bytes, data_coding: int) -> receipt.Receipt:
    """Read what the text says; some SMSCs write it in UCS2."""
    if data_coding == _UCS2:
        payload = payload.decode("utf-16-be", "replace").encode("latin-1", "replace")
    try:
        return receipt.decode(_DEFAULTS + payload)
    except ValueError:
        return _NOTHING


def _state(told: Value | None, word: str) -> State | None:
    if isinstance(told, int) and told <= State.SKIPPED:
        return State(told)
    if word == _ABSENT:
        return None
    return _WORDS.get(word, State.UNKNOWN)


def _error(given: Mapping[int, Value], err: int | str) -> int:
    """Return the network's error: of the TLV (3.4 clause 5.3.2.31), or else of the text."""
    told = given.get(Tag.network_error_code)
    if isinstance(told, bytes):
        return int.from_bytes(told[1:], "big")
    return err if isinstance(err, int) else 0
