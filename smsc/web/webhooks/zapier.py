"""The shape for catch hooks of Zapier: a flat object, posted; its values are numbers and text.

Zapier ignores the secrets of webhooks, for the secret is in its URL; others may check them.
"""

from typing import Any

from smsc.message import Message, Receipt, wire_id
from smsc.web.webhooks.event import RECEIVED, STATUS, Call, Event, content, json, moment
from smsc.web.webhooks.signing import standard_headers


def call(event: Event, now_s: int) -> Call:
    """Return the call that tells of an event."""
    receipt = event.message.receipt
    data = _received(event.message) if receipt is None else _status(event.message, receipt)
    body = json(data)
    return Call("POST", standard_headers(event.key, now_s, body, event.hook.secrets), body)


def _received(message: Message) -> dict[str, Any]:
    found = content(message)
    number, total, reference = 1, 1, 0
    if found.part is not None:
        number, total, reference = found.part.sequence, found.part.total, found.part.reference
    return {
        "event": RECEIVED,
        "id": wire_id(message.id),
        "from": message.source.digits,
        "to": message.dest.digits,
        "text": found.text or "",
        "hex": message.payload.hex(),
        "data_coding": message.data_coding,
        "part": number,
        "parts": total,
        "reference": reference,
        "accepted_at": moment(message.accepted_at),
    }


def _status(message: Message, receipt: Receipt) -> dict[str, Any]:
    return {
        "event": STATUS,
        "id": wire_id(receipt.about),
        "state": receipt.state.name,
        "error": receipt.error,
        "from": message.dest.digits,
        "to": message.source.digits,
        "accepted_at": moment(receipt.submitted_at),
        "done_at": moment(receipt.done_at),
    }
