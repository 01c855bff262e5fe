"""Receipts: a final message that asked for one becomes a new message on its way home."""

from typing import Final

from smsc.message import Message, Receipt, State, to_account
from smsc.smpp.commands import ESM_TYPE_RECEIPT, ESM_UDHI
from smsc_encodings.dcs import decode_text
from smsc_encodings.errors import EncodingError

KEPT_MS: Final = 30 * 24 * 3600 * 1000
"""How long a receipt waits for a receiver to bind."""


_WANTED: Final[dict[int, frozenset[State]]] = {
    # registered_delivery bits 0 and 1 (SMPP 5.0, 4.7.21): final, failure only, success only.
    0: frozenset(),
    1: frozenset(state for state in State if state.final),
    2: frozenset(s for s in State if s.final and s is not State.DELIVERED),
    3: frozenset({State.DELIVERED}),
}


def wanted(message: Message, state: State) -> bool:
    """Tell whether its sender asked for a receipt of this final state, and has a home for it."""
    return state in _WANTED[message.registered_delivery & 3] and message.account != ""


def receipt_for(message: Message, state: State, error: int, now: int, receipt_id: int) -> Message:
    """Make the receipt: from the recipient, to whoever sent the message."""
    return Message(
        receipt_id,
        message.account,
        to_account(message.account),
        message.dest,
        message.source,
        b"",
        now,
        now + KEPT_MS,
        esm_class=ESM_TYPE_RECEIPT,
        service_type=message.service_type,
        receipt=Receipt(
            message.told_id or message.id,
            state,
            error,
            message.accepted_at,
            now,
            _preview(message),
        ),
        user_reference=message.user_reference,
    )


def _preview(message: Message) -> str:
    """Return the first 20 characters of the text, as appendix B shows them; none of binary."""
    payload = message.payload
    if message.esm_class & ESM_UDHI and payload:
        payload = payload[payload[0] + 1 :]
    try:
        return decode_text(payload, message.data_coding)[:20]
    except EncodingError:
        return ""
