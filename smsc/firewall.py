"""How the rules of a policy are written: zones, hours, senders, and expressions that are bounded.

Expressions are for RE2, whose time grows with the length of the text and not with its malice: at
worst it takes each step of an expression at each character. So each is bounded in length, in the
memory that it may ever take, and in its steps, which a repetition can make many of.
"""

from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import re2

from smsc.mistake import nearest
from smsc.notation import Notation
from smsc_routing.hours import Hours, parse_hours
from smsc_routing.local_time import LocalTime
from smsc_routing.number import MalformedNumber, normalise
from smsc_routing.rules import ANY_ENDING, Search, Sources, check_expressions

MEMORY_OF_AN_EXPRESSION: Final = 1 << 18
MOST_STEPS: Final = 4096
"""Of all expressions of a policy."""

LONGEST_SENDER: Final = 20
LONGEST_ZONE: Final = 64


class Zone(Notation):
    """A time zone by its name in the IANA database, such as `Europe/Berlin`."""

    def __init__(self, text: str) -> None:
        """Look up a zone; raises ValueError."""
        self.text = text
        self.local_time = _local_time(text)


class WeeklyHours(Notation):
    """Hours of the week, such as `22:00-06:00` or `sat-sun`."""

    def __init__(self, text: str) -> None:
        """Read hours; raises ValueError."""
        self.text = text
        self.hours: Hours = parse_hours(text)


class SenderPattern(Notation):
    """An address as messages are compared by, or the beginning of some and a `*`."""

    def __init__(self, text: str) -> None:
        """Read a pattern; raises ValueError."""
        Sources((text,))
        address = text.removesuffix(ANY_ENDING)
        if len(address) > LONGEST_SENDER:
            raise ValueError(f"longer than any sender; write up to {LONGEST_SENDER} characters")
        if address == text:
            _check_address(text)
        elif address[:1] == "+" or address[:2] == "00":
            raise ValueError("senders are compared without '+' or '00'; leave it out")
        self.text = text


class Expression(Notation):
    """A regular expression of RE2."""

    def __init__(self, text: str) -> None:
        """Compile an expression; raises ValueError."""
        check_expressions((text,))
        self.text = text
        compiled = _compiled(text)
        self.search: Search = compiled.search
        self.steps: int = compiled.programsize
        """How much it may take at each character of a text."""


def _check_address(text: str) -> None:
    try:
        canonical = normalise(0, text)
    except MalformedNumber as error:
        raise ValueError(str(error)) from error
    if canonical != text:
        raise ValueError(f"compared as {canonical!r}; write it so")


def _local_time(name: str) -> LocalTime:
    try:
        return _known_time(name)
    except (OSError, ValueError, LookupError):
        near = nearest(name, _zones()) if len(name) <= LONGEST_ZONE else ""
        raise ValueError(
            f"no time zone{near or '; write its IANA name, such as Europe/Berlin or UTC'}"
        ) from None


@cache
def _zones() -> set[str]:
    """Return the names of all zones, for which many files are looked at."""
    return available_timezones()


@cache
def _known_time(name: str) -> LocalTime:
    """Return the one clock of each zone, so that its minutes are looked up once."""
    return LocalTime(ZoneInfo(name))


def _options() -> Any:
    options = re2.Options()
    # A mistake is told to whoever made it, and not to stderr besides.
    options.log_errors = False
    options.max_mem = MEMORY_OF_AN_EXPRESSION
    return options


def _compiled(text: str) -> Any:
    try:
        return re2.compile(text, _options())
    except UnicodeEncodeError:
        raise ValueError("half a surrogate pair is no character; leave it out") from None
    except re2.error as error:
        why = error.args[0] if error.args else error
        words = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        raise ValueError(
            f"no expression of RE2: {words}; see github.com/google/re2/wiki/Syntax, and mind that "
            "there is no look-ahead and no back-reference"
        ) from None
