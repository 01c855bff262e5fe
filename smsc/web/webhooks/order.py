"""What may not overtake what: what tells of one message, and the parts of a long one.

What follows waits while a call with what is before it is under way. If that failed, and is tried
again later, parts wait for it too: each is held back until then, without having been tried. A
receipt doesn't: the notification that it would wait for isn't told any more, once there is one.
That is kept in memory, so after a restart parts come in the order in which they are due.
"""

from collections import OrderedDict, deque
from typing import Final, NamedTuple

from smsc.delivery.agent import Attempt
from smsc.message import Message
from smsc.smpp.commands import ESM_UDHI
from smsc_encodings.errors import EncodingError
from smsc_encodings.udh import concatenation_of

REMEMBERED: Final = 10_000
"""Long messages of a webhook one of whose parts is to be tried again."""
BEHIND_MS: Final = 1000
"""How much later than the part before it a part is tried."""

Key = tuple[str, str, int, int]


class _Waiting(NamedTuple):
    """A part that is tried again at a time, unless it expires before."""

    id: int
    until: int
    expires_at: int


class Order:
    """The events of one webhook that others wait for; times are milliseconds since the epoch."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: dict[Key, deque[Attempt]] = {}
        self._failed: OrderedDict[Key, _Waiting] = OrderedDict()

    def held_back_ms(self, message: Message, now: int) -> int:
        """Return for how long a message must wait for one that has failed, 0 if for none."""
        if not self._failed:
            return 0
        key = key_of(message)
        first = self._failed.get(key) if key is not None else None
        if first is None or message.id <= first.id or first.expires_at <= now:
            return 0
        return max(first.until - now, 0) + BEHIND_MS

    def begin(self, attempt: Attempt) -> bool:
        """Return whether it may be called for now; if not, `end` returns it."""
        key = key_of(attempt.message)
        if key is None:
            return True
        behind = self._open.get(key)
        if behind is None:
            self._open[key] = deque()
            return True
        behind.append(attempt)
        return False

    def called(self, message: Message, again_at: int) -> None:
        """Take note of how a call ended: it is to be made again at a time, or not if that is 0."""
        key = key_of(message)
        if key is None or message.receipt is not None:
            return
        first = self._failed.get(key)
        if not again_at:
            if first is not None and first.id == message.id:
                del self._failed[key]
        elif first is None or message.id <= first.id or first.expires_at <= again_at:
            self._failed[key] = _Waiting(message.id, again_at, message.expires_at)
            if len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)

    def end(self, attempt: Attempt) -> list[Attempt]:
        """Let go of one that did `begin`; return those that wait for it: they begin once more."""
        key = key_of(attempt.message)
        return list(self._open.pop(key, ())) if key is not None else []


def key_of(message: Message) -> Key | None:
    """Return what a message shares with those that it may not overtake, None if there are none."""
    if message.receipt is not None:
        return "", "", message.follows, 0
    if not message.esm_class & ESM_UDHI:
        return None
    try:
        part = concatenation_of(message.payload)
    except EncodingError:
        return None
    if part is None:
        return None
    return message.source.digits, message.dest.digits, part.reference, part.total
