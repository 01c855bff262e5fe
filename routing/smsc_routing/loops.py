"""Messages that would go round between SMSCs for ever, and how they are stopped.

A message is never sent back over the link it came in from: `RouteTable` sees to that. A longer
way round is found by what the message carries, if the SMSCs on it hand that on: the number of
SMSCs it has passed, and their names.
"""

from typing import NamedTuple

MOST_HOPS = 8
_LONGEST_NAME = 15
"""Characters of a system_id (SMPP 3.4, 5.2.1)."""


class Trail(NamedTuple):
    """Where a message has been: how many SMSCs it passed, and the names of those that told it."""

    hops: int = 0
    seen_by: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the form in which a message carries it, such as "2 smsc-a smsc-b"."""
        return " ".join((str(self.hops), *self.seen_by))


def parse_trail(text: str) -> Trail:
    """Return the trail that `text` tells; what can't be understood is no trail.

    Whoever hands a message on without its trail, or with a false one, could as well have sent a
    new message, so there is nothing to be gained from refusing it.
    """
    count, *names = text.split(" ", MOST_HOPS + 1)
    digits = count.isascii() and count.isdigit() and len(count) <= 2
    named = len(names) <= MOST_HOPS and all(_is_name(name) for name in names)
    if not (digits and named and int(count) >= len(names)):
        return Trail()
    return Trail(int(count), tuple(names))


def onward(trail: Trail, own_name: str) -> Trail:
    """Return the trail of a message that leaves this SMSC; the last `MOST_HOPS` names are kept.

    A name that no message could carry is counted and not told.
    """
    names = (*trail.seen_by, own_name) if _is_name(own_name) else trail.seen_by
    return Trail(trail.hops + 1, names[-MOST_HOPS:])


def going_round(trail: Trail, own_name: str, most: int = MOST_HOPS) -> str | None:
    """Return why a message that came in is going round, in words, or None if it isn't."""
    if own_name in trail.seen_by:
        return f"the message has been at {own_name} before: {' > '.join(trail.seen_by)}"
    if trail.hops >= most:
        return f"the message has passed {trail.hops} SMSCs, and {most} are too many"
    return None


def _is_name(text: str) -> bool:
    return (
        0 < len(text) <= _LONGEST_NAME
        and text.isascii()
        and text.isprintable()
        and (" " not in text)
    )
