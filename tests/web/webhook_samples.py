"""Messages and receipts as webhooks are told of them."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from smsc.message import Address, Message, Receipt, State, to_webhook
from smsc.subscriber import Device, Identity
from smsc.web.webhooks.event import Event
from smsc.webhook_table import Webhook

DEVICE = Address(1, 1, "423663920766251")
CODE = Address(0, 1, "12345")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + "A" * 32
AT = int(datetime(2021, 10, 29, 7, 16, 45, 250_000, UTC).timestamp() * 1000)
NOW_S = AT // 1000 + 3


def message(payload: bytes = b"This is it", **changes: Any) -> Message:
    """Return what a device sent."""
    made = Message(46638782, "", to_webhook("orders"), DEVICE, CODE, payload, AT, AT + 259_200_000)
    return msgspec.structs.replace(made, **changes)


def receipt(state: State = State.DELIVERED, error: int = 0) -> Message:
    """Return a receipt about a message to the device."""
    told = Receipt(46638644, state, error, AT, AT + 2000, "hello")
    return message(b"", account="fleet", receipt=told, follows=46638644)


def event(about: Message, device: Device | None = None, **keys: Any) -> Event:
    """Return the event of a message, for a webhook with these keys."""
    hook = Webhook(name="orders", url=keys.pop("url", "https://example.com/sms"), **keys)
    known = device or Device(
        number=DEVICE.digits,
        identities={Identity.ID: "10830095", Identity.NAME: "Chargepoint Berlin"},
    )
    return Event(about, hook, known, "msg_000001_0046638782")
