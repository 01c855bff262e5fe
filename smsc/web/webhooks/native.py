"""Our own shape: a type, a timestamp and data (Standard Webhooks 1.0)."""

from typing import Any

from smsc.message import Message, Receipt, wire_id
from smsc.web.webhooks.event import RECEIVED, STATUS, Call, Event, content, json, moment
from smsc.web.webhooks.signing import standard_headers


def call(event: Event, now_s: int) -> Call:
    """Return the call that tells of an event."""
    message, receipt = event.message, event.message.receipt
    if receipt is None:
        kind, at, data = RECEIVED, message.accepted_at, _received(message)
    else:
        kind, at, data = STATUS, receipt.done_at, _status(message, receipt)
    body = json({"type": kind, "timestamp": moment(at), "data": data})
    return Call("POST", standard_headers(event.key, now_s, body, event.hook.secrets), body)


def _received(message: Message) -> dict[str, Any]:
    found, part = content(message), None
    if found.part is not None:
        part = {
            "number": found.part.sequence,
            "total": found.part.total,
            "reference": found.part.reference,
        }
    return {
        "id": wire_id(message.id),
        "from": message.source.digits,
        "to": message.dest.digits,
        "text": found.text,
        "hex": message.payload.hex(),
        "data_coding": message.data_coding,
        "protocol_id": message.protocol_id,
        "part": part,
        "accepted_at": moment(message.accepted_at),
    }


def _status(message: Message, receipt: Receipt) -> dict[str, Any]:
    """Tell of the message that the receipt is about: it went the other way."""
    return {
        "id": wire_id(receipt.about),
        "state": receipt.state.name,
        "final": receipt.state.final,
        "error": receipt.error,
        "from": message.dest.digits,
        "to": message.source.digits,
        "accepted_at": moment(receipt.submitted_at),
        "done_at": moment(receipt.done_at),
    }
