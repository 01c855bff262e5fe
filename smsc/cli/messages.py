"""Commands for messages: send one, see what became of it, look through what is kept."""

import json
import shlex
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from cyclopts import App, Parameter

from smsc.cli import exporting, show
from smsc.cli.client import HERE, Smsc, segment
from smsc.cli.which import ALL, Which

LONGEST_PAGE: Final = 500

_LISTED: Final = ("id", "accepted_at", "from", "to", "state", "error", "attempts", "text")
_HELP: Final = """\
List messages, show what became of one, export what is kept of them.

Example: `smsc messages show 0000000001`
"""


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


def listing(
    *,
    which: Which = ALL,
    order: Annotated[Literal["newest", "oldest"], Parameter(help="Which come first.")] = "newest",
    limit: Annotated[int, Parameter(help="Show so many at most.")] = 50,
    after: Annotated[
        str | None, Parameter(help="Go on where the list before says that there may be more.")
    ] = None,
    as_json: Annotated[
        bool,
        Parameter(
            name="--json", negative="", show_default=False, help="Show them as HTTP answers them."
        ),
    ] = False,
    smsc: Smsc = HERE,
) -> None:
    """List messages that the account sent, or that devices sent to it; all that is said must hold.

    An operator's account sees those of all accounts. Piped, a line has id, time of acceptance,
    from, to, state, error, attempts and text, with tabs.

    Example: `smsc messages list --device 491700000001 --state EXPIRED --since 2026-11-01`
    """
    messages, following = _listed(smsc, which.query() | {"order": order}, limit, after)
    if as_json:
        print(json.dumps({"messages": messages, "next": following}, ensure_ascii=False))
        return
    show.table(
        ("Id", "Accepted", "From", "To", "State", "Error", "Attempts", "Text"),
        [[message[key] for key in _LISTED] for message in messages],
        whole=("Id",),
    )
    if following is not None:
        again = [*which.options(), "--order", order, "--after", following]
        print(f"there may be more: smsc messages list {shlex.join(again)}", file=sys.stderr)


def display(
    message_id: Annotated[str, Parameter(name="ID", help="The id it was accepted under.")],
    /,
    *,
    smsc: Smsc = HERE,
) -> None:
    """Show what is kept of a message: where it stands, what it carries, and its history.

    The history has a line for each event: when, what, the state from then on, the error, and what
    that means; piped, with tabs.

    Example: `smsc messages show 0000000001`
    """
    message = smsc.get(f"message {message_id}", f"/v1/messages/{segment(message_id)}")
    history = message.pop("history")
    show.facts(message)
    show.table(("When", "What", "State", "Error", "Cause"), map(_event, history))


def _listed(
    smsc: Smsc, query: Mapping[str, Any], limit: int, after: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Ask for pages until there are so many messages; return also where to go on."""
    messages: list[dict[str, Any]] = []
    while True:
        asked = {**query, "limit": min(limit - len(messages), LONGEST_PAGE)}
        page = smsc.get("messages", "/v1/messages", **asked, **({"after": after} if after else {}))
        messages += page["messages"]
        after = page["next"]
        if after is None or len(messages) >= limit:
            return messages, after


def _event(event: Mapping[str, Any]) -> list[object]:
    what = event["event"].replace("_", " ")
    return [event["at"], what, event["state"], event["error"] or "", event["cause"]]


def build() -> App:
    """Make the application under `smsc messages`."""
    app = App(name="messages", help=_HELP)
    app.command(listing, name="list")
    app.command(display, name="show")
    app.command(exporting.export)
    return app
