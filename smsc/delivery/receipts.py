"""Receipts: what became of a message, told to its sender by a new message on its way home.

One that asked for it makes a receipt when it is final, and an intermediate notification when its
first attempt failed for now or its device is out of reach. A receipt nobody took is a dead
letter: its record stays, it is counted, and the log has it.
"""

from typing import Final

import structlog

from smsc.journal import Journal
from smsc.message import Message, Receipt, State, to_account
from smsc.smpp.commands import (
    ESM_TYPE_DELIVERY_ACKNOWLEDGEMENT,
    ESM_TYPE_INTERMEDIATE_NOTIFICATION,
    ESM_TYPE_MASK,
    ESM_TYPE_RECEIPT,
    ESM_TYPE_USER_ACKNOWLEDGEMENT,
    ESM_UDHI,
    INTERMEDIATE_NOTIFICATION,
)
from smsc_encodings.dcs import decode_text
from smsc_encodings.errors import EncodingError

log = structlog.get_logger()

KEPT_MS: Final = 30 * 24 * 3600 * 1000
"""How long a receipt waits for a receiver to bind."""


_WANTED: Final[dict[int, frozenset[State]]] = {
    # registered_delivery bits 0 and 1 (SMPP 5.0, 4.7.21): final, failure only, success only.
    0: frozenset(),
    1: frozenset(state for state in State if state.final),
    2: frozenset(s for s in State if s.final and s is not State.DELIVERED),
    3: frozenset({State.DELIVERED}),
}
_ACKNOWLEDGEMENTS: Final = frozenset(
    {ESM_TYPE_DELIVERY_ACKNOWLEDGEMENT, ESM_TYPE_USER_ACKNOWLEDGEMENT}
)


def wanted(message: Message, state: State) -> bool:
    """Tell whether its sender asked for a receipt of this final state, and has a home for it."""
    return (
        state in _WANTED[message.registered_delivery & 3]
        and message.account != ""
        and message.esm_class & ESM_TYPE_MASK not in _ACKNOWLEDGEMENTS
    )


def notified(message: Message) -> bool:
    """Tell whether its sender asked to hear that it wasn't delivered at once (SMPP 3.4, 5.2.17)."""
    return (
        message.registered_delivery & INTERMEDIATE_NOTIFICATION != 0
        and message.account != ""
        and message.esm_class & ESM_TYPE_MASK not in _ACKNOWLEDGEMENTS
    )


def receipt_for(message: Message, state: State, error: int, now: int, receipt_id: int) -> Message:
    """Make the receipt, or the intermediate notification: from the recipient, to the sender."""
    final = state is not State.ENROUTE
    return Message(
        receipt_id,
        message.account,
        message.receipts_to or to_account(message.account),
        message.dest,
        message.source,
        b"",
        now,
        now + KEPT_MS,
        esm_class=ESM_TYPE_RECEIPT if final else ESM_TYPE_INTERMEDIATE_NOTIFICATION,
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
        follows=message.id,
    )


def bury(receipt: Message, state: State, error: int, journal: Journal) -> None:
    """Take note of a receipt that ended without being taken."""
    journal.dead_letters += 1
    log.warning(
        "dead_letter",
        message=receipt.id,
        account=receipt.account,
        about=receipt.receipt.about if receipt.receipt is not None else 0,
        state=state.name,
        error=error,
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
