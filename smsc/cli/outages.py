"""Commands for outages of the simulated network: list them, have them begin and end."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from smsc.cli import show
from smsc.cli.client import HERE, Smsc, segment

_HELP: Final = """\
Have parts of the simulated network fail, and come back.

Example: `smsc outages begin '4471########'`
"""

Pattern = Annotated[
    str, Parameter(name="PATTERN", help="A number, or a pattern of numbers; `#` is any digit.")
]


def listing(*, smsc: Smsc = HERE) -> None:
    """List the outages there are.

    Example: `smsc outages list`
    """
    answer = smsc.get("outages", "/v1/outages")
    show.table(("Outage",), [(each["msisdn"],) for each in answer["outages"]])


def begin(pattern: Pattern, /, *, smsc: Smsc = HERE) -> None:
    """Have no device of a pattern within reach until the outage ends; messages for them wait.

    Example: `smsc outages begin '4471########'`
    """
    smsc.post(f"begin {pattern}", "/v1/outages", {"msisdn": pattern})


def end(pattern: Pattern, /, *, smsc: Smsc = HERE) -> None:
    """Have all devices of an outage come back at once; what waits for them is delivered.

    Example: `smsc outages end '4471########'`
    """
    smsc.delete(f"end {pattern}", f"/v1/outages/{segment(pattern)}")


def build() -> App:
    """Make the application under `smsc outages`."""
    app = App(name="outages", help=_HELP)
    app.command(listing, name="list")
    app.command(begin)
    app.command(end)
    return app
