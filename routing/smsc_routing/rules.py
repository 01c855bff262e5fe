"""Rules of an operator: who may send under which name, what a message may be, and when.

Each rule has a name of its own, which every refusal tells. A rule looks at values alone. Regular
expressions are the exception: they come compiled, as a `Search`, because the engine must be one
whose time grows with the length of the text and not with its malice (RE2 is such an engine,
Python's `re` is not), and this package depends on nothing.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple, TypeAlias

from smsc_routing.hours import Hours
from smsc_routing.local_time import LocalTime
from smsc_routing.number import is_number

Search: TypeAlias = Callable[[str], object]
"""Finds an expression anywhere in a text, in time linear to its length; what is true is a find."""

LONGEST_EXPRESSION = 256
MOST_EXPRESSIONS = 64
ANY_ENDING = "*"


class Content(NamedTuple):
    """What a message carries: its size on the radio, whether it is binary, and its text if not."""

    segments: int = 1
    binary: bool = False
    text: str = ""


class Asked(NamedTuple):
    """What rules look at; addresses are canonical."""

    source: str
    destination: str
    content: Content


class Kind(Enum):
    """What a rule objects to."""

    SENDER = "sender"
    LENGTH = "length"
    CONTENT = "content"
    HOURS = "hours"

    __hash__ = object.__hash__


class Objection(NamedTuple):
    """Why a rule refuses a message, and when to try again (or 0)."""

    kind: Kind
    words: str
    retry_after_ms: int = 0


class Sources:
    """A set of addresses: whole ones, and beginnings that end in "*"; capitals don't matter.

    Asking it costs a look-up for each length of beginning, however many patterns there are.
    """

    __slots__ = ("_beginnings", "_lengths", "_whole")

    def __init__(self, patterns: Iterable[str]) -> None:
        """Index the patterns. Raises ValueError for one that can't match as it is meant."""
        whole: set[str] = set()
        beginnings: set[str] = set()
        for pattern in patterns:
            beginning, star, more = pattern.partition(ANY_ENDING)
            if more or not pattern:
                raise ValueError(
                    f"{pattern!r} is no pattern of senders: write a whole address, or its "
                    "beginning and one '*' at the end"
                )
            (beginnings if star else whole).add(beginning.casefold())
        self._whole = frozenset(whole)
        self._beginnings = frozenset(beginnings)
        self._lengths = tuple(sorted({len(beginning) for beginning in beginnings}))

    def __contains__(self, address: str) -> bool:
        """Whether a pattern matches the address."""
        folded = address.casefold()
        if folded in self._whole:
            return True
        beginnings = self._beginnings
        return any(folded[:length] in beginnings for length in self._lengths)


class AllowedNames(NamedTuple):
    """Alphanumeric senders must be among these; a number is no name and passes."""

    name: str
    sources: Sources

    def objection(self, asked: Asked, now: int) -> Objection | None:
        """Return why it refuses, or None."""
        if is_number(asked.source) or asked.source in self.sources:
            return None
        return Objection(Kind.SENDER, f"'{asked.source}' is not among the names allowed")


class BlockedSources(NamedTuple):
    """Nothing passes that comes from these, names or numbers."""

    name: str
    sources: Sources

    def objection(self, asked: Asked, now: int) -> Objection | None:
        """Return why it refuses, or None."""
        if asked.source not in self.sources:
            return None
        return Objection(Kind.SENDER, f"messages from {asked.source} are blocked")


class MostSegments(NamedTuple):
    """A message has at most so many parts on the radio."""

    name: str
    segments: int

    def objection(self, asked: Asked, now: int) -> Objection | None:
        """Return why it refuses, or None."""
        segments = asked.content.segments
        if segments <= self.segments:
            return None
        return Objection(Kind.LENGTH, f"{segments} segments are more than {self.segments}")


class NoBinary(NamedTuple):
    """Only text passes."""

    name: str

    def objection(self, asked: Asked, now: int) -> Objection | None:
        """Return why it refuses, or None."""
        if not asked.content.binary:
            return None
        return Objection(Kind.CONTENT, "binary messages are not allowed")


class ForbiddenText(NamedTuple):
    """No expression is found in the text; what is binary has none."""

    name: str
    searches: tuple[Search, ...]

    def objection(self, asked: Asked, now: int) -> Objection | None:
        """Return why it refuses, or None."""
        text = asked.content.text
        if not text:
            return None
        for number, search in enumerate(self.searches, 1):
            if search(text):
                words = f"the text has something in it that is forbidden by expression {number}"
                return Objection(Kind.CONTENT, words)
        return None


class DarkHours(NamedTuple):
    """Nothing passes at these hours of the local clock."""

    name: str
    hours: Hours
    local_time: LocalTime

    def objection(self, asked: Asked, now: int) -> Objection | None:
        """Return why it refuses and when the hours are over, or None."""
        minute = self.local_time.at(now).minute_of_week
        if not self.hours.cover(minute):
            return None
        left = self.hours.minutes_left(minute)
        wait = self.local_time.later(now, left) - now if left else 0
        return Objection(Kind.HOURS, f"nothing is sent at {self.hours.text}", wait)


Rule: TypeAlias = (
    AllowedNames | BlockedSources | MostSegments | NoBinary | ForbiddenText | DarkHours
)


def look_at_text(rules: Iterable[Rule]) -> bool:
    """Whether any of the rules needs the text, which is costly to come by."""
    return any(isinstance(rule, ForbiddenText) for rule in rules)


def check_expressions(expressions: Iterable[str]) -> None:
    """Raise ValueError for regular expressions too many or too long to be run on every message."""
    for number, expression in enumerate(expressions, 1):
        if number > MOST_EXPRESSIONS:
            raise ValueError(f"more than {MOST_EXPRESSIONS} expressions: join some with '|'")
        if not 1 <= len(expression) <= LONGEST_EXPRESSION:
            shown = expression if len(expression) <= 40 else expression[:40] + "..."
            raise ValueError(
                f"expression {shown!r} has {len(expression)} characters: write 1 to "
                f"{LONGEST_EXPRESSION}"
            )
