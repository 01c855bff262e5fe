"""Which messages a command is about, as its options say."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from cyclopts import Parameter

_TIME: Final = "a date, or 2026-11-21T08:00:00, by this machine's clock unless an offset follows"


@Parameter(name="*", group="Which messages")
@dataclass(frozen=True, slots=True)
class Which:
    """All that is said must hold."""

    device: Annotated[
        str | None, Parameter(help="To or from this device: its number, or `imsi:...` and so on.")
    ] = None
    state: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            show_default=False,
            help="In this state, such as EXPIRED; may be given several times.",
        ),
    ] = ()
    since: Annotated[datetime | None, Parameter(help=f"Accepted then or later: {_TIME}.")] = None
    until: Annotated[datetime | None, Parameter(help="Accepted before: as --since.")] = None
    account: Annotated[
        str | None, Parameter(help="Of this account, if the token's is an operator's.")
    ] = None

    def query(self) -> dict[str, Any]:
        """Return the parameters that say so over HTTP."""
        given: dict[str, Any] = {
            "device": self.device.removeprefix("+") if self.device is not None else None,
            "state": list(self.state) or None,
            "since": _written(self.since),
            "until": _written(self.until),
            "account": self.account,
        }
        return {name: value for name, value in given.items() if value is not None}

    def options(self) -> list[str]:
        """Return the options that say so."""
        words = []
        for name, value in self.query().items():
            for each in value if isinstance(value, list) else [value]:
                words += [f"--{name}", each]
        return words


ALL: Final = Which()


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
