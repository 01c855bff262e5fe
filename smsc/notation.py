"""How the configuration is written: tables, durations, addresses, limits, networks, stores."""

import re
from base64 import b32decode
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Final

import msgspec

from smsc_routing.calendar_quota import Quota
from smsc_routing.hours import parse_hours
from smsc_routing.limit import parse_limit
from smsc_routing.quota import Rate

LONGEST_DURATION: Final = 365 * 86400
SHORTEST_SECRET: Final = 16
"""Octets (RFC 4226, 4)."""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file; keys that aren't here are mistakes."""


class Notation:
    """A value written as text in the file; two that say the same are equal."""

    def __eq__(self, other: object) -> bool:
        """Whether the other says the same."""
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        """Return the hash of what it says."""
        return hash(tuple(vars(self).values()))


def read_notation(kind: type, value: Any) -> Any:
    """Read a value for msgspec, which doesn't know these types; raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("must be text, in quotes")
    return kind(value)


class Duration(Notation):
    """A span of time such as `500ms`, `5s`, `10m`, `2h`, `7d`."""

    _UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}

    def __init__(self, text: str) -> None:
        """Read a duration; raises ValueError."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", text)
        if match is None:
            raise ValueError('not a duration; write a number and a unit, such as "5s" or "500ms"')
        self.seconds = float(match[1]) * self._UNITS[match[2]]
        if self.seconds > LONGEST_DURATION:
            raise ValueError('longer than a year; write "365d" or less')

    @property
    def ms(self) -> int:
        """The same in milliseconds."""
        return round(self.seconds * 1000)


class Endpoint(Notation):
    """Where to listen, or to call: `host:port`, `[v6 address]:port`."""

    def __init__(self, text: str) -> None:
        """Read an address; raises ValueError."""
        host, colon, port = text.rpartition(":")
        if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError('not an address; write host:port, such as "127.0.0.1:2775"')
        self.host = host.strip("[]")
        self.port = int(port)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class RateOrQuota(Notation):
    """A limit of either kind, such as `10/min burst 20` or `200/day`."""

    def __init__(self, text: str) -> None:
        """Read a limit; raises ValueError."""
        self.text = text
        self.limit: Rate | Quota = parse_limit(text)


class Limit(Notation):
    """A rate such as `500/s` or `10/min burst 20`."""

    def __init__(self, text: str) -> None:
        """Read a rate; raises ValueError."""
        limit = parse_limit(text)
        if isinstance(limit, Quota):
            raise ValueError(
                f"a {limit.span} of the calendar has a quota and no rate; write a rate per s, min "
                "or hour, and quotas, of an account, in its 'quota'"
            )
        self.rate: Rate = limit


class CalendarQuota(Notation):
    """A quota such as `100000/day` or `2000000/month`."""

    def __init__(self, text: str) -> None:
        """Read a quota; raises ValueError."""
        limit = parse_limit(text)
        if isinstance(limit, Rate):
            raise ValueError(
                "a rate, and no quota of the calendar; write it in 'rate', and here a count per "
                "day or month"
            )
        self.quota: Quota = limit


class Weekly(Notation):
    """Hours of the week such as `mon-fri 08:00-18:00`."""

    def __init__(self, text: str) -> None:
        """Read the hours; raises ValueError."""
        self.hours = parse_hours(text)


class Network(Notation):
    """A network such as `10.0.0.0/8`."""

    def __init__(self, text: str) -> None:
        """Read a network; raises ValueError."""
        self.network: IPv4Network | IPv6Network = ip_network(text)


class SharedSecret(Notation):
    """A secret that another one has as well, in base32, as authenticator apps are given it."""

    def __init__(self, text: str) -> None:
        """Read a secret; raises ValueError."""
        letters = text.replace(" ", "").rstrip("=").upper()
        try:
            self.octets = b32decode(letters + "=" * (-len(letters) % 8))
        except ValueError:
            raise ValueError("not base32; write the letters that the authenticator took") from None
        if len(self.octets) < SHORTEST_SECRET:
            raise ValueError("shorter than 128 bits; write 26 letters of base32 or more")


class StoreUrl(Notation):
    """Where messages are kept: `sqlite:` and a path."""

    def __init__(self, text: str) -> None:
        """Read the URL; raises ValueError."""
        scheme, _, rest = text.partition(":")
        if scheme != "sqlite" or not rest:
            raise ValueError('not a store; write "sqlite:" and a path: "sqlite:smsc-data/smsc.db"')
        self.path = Path(rest)
