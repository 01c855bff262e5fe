"""Commands of an application: send a message, and ask what became of it."""

import sys
from typing import Annotated, Any

from cyclopts import Parameter

from smsc.cli import show
from smsc.cli.client import HERE, Smsc, segment


def send(
    *,
    to: Annotated[str, Parameter(help="The recipient's number.")],
    text: Annotated[str, Parameter(help="The text; a long one is sent in parts.")],
    sender: Annotated[
        str | None,
        Parameter(
            name="--from", help="A number or name of yours; else the account's first address."
        ),
    ] = None,
    receipt: Annotated[
        bool,
        Parameter(
            negative="", show_default=False, help="Have a delivery receipt sent to the account."
        ),
    ] = False,
    smsc: Smsc = HERE,
) -> None:
    """Send a message to a device, as the account of the API token; shows its id.

    The message is on the SMSC's disk when its id is shown. Piped, the id is all there is.

    Example: `smsc send --to 491700000001 --text hello`
    """
    body: dict[str, Any] = {"to": to, "text": text, "receipt": receipt}
    if sender is not None:
        body["from"] = sender
    answer = smsc.post(f"send to {to}", "/v1/messages", body)
    if sys.stdout.isatty():
        show.facts(answer)
    else:
        print(answer["id"])


def messages(
    message_id: Annotated[str, Parameter(name="ID", help="The id it was accepted under.")],
    /,
    *,
    smsc: Smsc = HERE,
) -> None:
    """Show what became of a message: its state, the network's error, how often it was tried.

    Example: `smsc messages 0000000001`
    """
    show.facts(smsc.get(f"message {message_id}", f"/v1/messages/{segment(message_id)}"))
