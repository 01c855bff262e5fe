"""Commands for devices: list, show, import and move them, read inboxes, have them send."""

import json
import sys
from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from smsc.cli import importing, show
from smsc.cli.client import HERE, Smsc, segment

_NOTHING: Final[tuple[object, ...]] = ("", {}, "0s", 0, False)
_HELP: Final = """\
List, show and import devices, move them, read and clear what they received, have them send.

A device goes by its number, or by another identity: `imsi:262010000000001`, and so on with iccid,
imei, esn, meid, name, thing_key, id.

Example: `smsc devices attach 491700000002`
"""

Who = Annotated[str, Parameter(name="WHO", help="The device's number, or `imsi:...` and so on.")]


def listing(
    *,
    after: Annotated[str, Parameter(help="Show numbers that follow this one.")] = "",
    limit: Annotated[int, Parameter(help="Show so many at most, up to 1000.")] = 100,
    smsc: Smsc = HERE,
) -> None:
    """List the devices of the config and those that were moved, then the populations.

    Piped, a line has number or pattern, attached, policy, ICCID, IMSI and IMEI, with tabs.

    Example: `smsc devices list --after 491700000002 --limit 10`
    """
    page = smsc.get("devices", "/v1/devices", after=after, limit=limit)
    keys = ("attached", "policy", "iccid", "imsi", "imei")
    rows = [[each["msisdn"], *(each[key] for key in keys)] for each in page["devices"]]
    if page["next"] is None:
        rows += [
            [each["pattern"], each["attached"], each["policy"], "", "", ""]
            for each in page["populations"]
        ]
    show.table(("Number", "Attached", "Policy", "ICCID", "IMSI", "IMEI"), rows)
    if page["next"] is not None:
        print(f"there may be more: smsc devices list --after {page['next']}", file=sys.stderr)


def display(who: Who, /, *, smsc: Smsc = HERE) -> None:
    """Show a device: whether it is within reach, what it is known by, what is special about it.

    Under mnrf, messages wait until it can be reached; under mcef, until it has memory.

    Example: `smsc devices show imsi:262010000000001`
    """
    show.facts(_device(smsc.get(f"device {who}", _path(who))))


def attach(who: Who, /, *, smsc: Smsc = HERE) -> None:
    """Bring a device within reach; what waits for it is delivered.

    Example: `smsc devices attach 491700000002`
    """
    show.facts(_device(smsc.post(f"attach {who}", _path(who, "/attach"))))


def detach(who: Who, /, *, smsc: Smsc = HERE) -> None:
    """Take a device out of reach; messages for it wait in the store.

    Example: `smsc devices detach 491700000001`
    """
    show.facts(_device(smsc.post(f"detach {who}", _path(who, "/detach"))))


def inbox(who: Who, /, *, smsc: Smsc = HERE) -> None:
    """Show the latest messages that a device received, the newest last.

    Piped, a line has time, sender, text and hex, with tabs; there is no text if the octets are
    none. What was sent to a whole area has the word broadcast at its end.

    Example: `smsc devices inbox 491700000001`
    """
    answer = smsc.get(f"inbox of {who}", _path(who, "/inbox"))
    show.table(("Received", "From", "Text", "Hex", ""), map(_row, answer["messages"]))


def clear(who: Who, /, *, smsc: Smsc = HERE) -> None:
    """Remove what a device received; its memory is available, and what waits is delivered.

    Example: `smsc devices clear 491700000001`
    """
    smsc.delete(f"clear {who}", _path(who, "/inbox"))


def send(
    who: Who,
    /,
    *,
    to: Annotated[str, Parameter(help="A short code or number, as the device dials it.")],
    text: Annotated[str, Parameter(help="The text; a long one is sent in parts.")],
    smsc: Smsc = HERE,
) -> None:
    """Have a device send a message (MO); shows the ids it was accepted under.

    Example: `smsc devices send 491700000001 --to 1234 --text hello`
    """
    answer = smsc.post(
        f"send from {who} to {to}", _path(who, "/messages"), {"to": to, "text": text}
    )
    show.table(("Id",), [(message_id,) for message_id in answer["ids"]])


def _path(who: str, what: str = "") -> str:
    return f"/v1/devices/{segment(who.removeprefix('+'))}{what}"


def _row(message: dict[str, Any]) -> list[object]:
    row = [message["received_at"], message["from"], message["text"] or "", message["hex"]]
    return [*row, "broadcast"] if message["broadcast"] else row


def _device(device: dict[str, Any]) -> dict[str, object]:
    """Leave out what a device doesn't have."""
    if device["overrides"]:
        device["overrides"] = json.dumps(device["overrides"], ensure_ascii=False)
    return {
        name: value for name, value in device.items() if value not in _NOTHING or name == "attached"
    }


def build() -> App:
    """Make the application under `smsc devices`."""
    app = App(name="devices", help=_HELP)
    app.command(listing, name="list")
    app.command(display, name="show")
    app.command(importing.bring, name="import")
    app.command(attach)
    app.command(detach)
    app.command(inbox)
    app.command(clear)
    app.command(send)
    return app
