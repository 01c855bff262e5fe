"""How often one may call: token buckets by address and account, and a lockout of those who guess.

The platform counts by address alone. Here several accounts may share one, behind a proxy, and none
of them shall keep the others out.
"""

import re
from typing import Final

from smsc.clock import Clock
from smsc.esme.lockout import Lockout, Terms
from smsc.web.emnify.errors import TOO_MANY_REQUESTS, Wrong
from smsc_routing.quota import Buckets, Rate

CALLERS: Final = 20_000
FAILURES: Final = 3
SECONDS_LOCKED_OUT: Final = 300.0
_FIVE_MINUTES_MS: Final = 300_000

_ANY: Final = Rate(2000, _FIVE_MINUTES_MS)
_SMS: Final = re.compile(r"/endpoint/[^/]+/sms")
_LIMITED: Final = (
    ("POST", re.compile(r"/authenticate"), Rate(100, _FIVE_MINUTES_MS)),
    ("GET", re.compile(r"/endpoint"), Rate(10, 1000)),
    ("GET", re.compile(r"/endpoint/[^/]+"), Rate(50, 1000)),
    ("GET", re.compile(r"/endpoint/[^/]+/connectivity"), Rate(50, 1000)),
)


class Calls:
    """Counts calls and failures."""

    def __init__(self, clock: Clock) -> None:
        """Go by this clock."""
        self._clock = clock
        self._buckets = Buckets(CALLERS)
        self._lockout = Lockout(Terms(FAILURES, SECONDS_LOCKED_OUT, SECONDS_LOCKED_OUT))

    def count(self, address: str, account: str, method: str, path: str) -> None:
        """Count a call; raises Wrong if there were too many. What sends messages isn't counted."""
        if method == "POST" and _SMS.fullmatch(path):
            return
        now = self._clock.now()
        wait = self._buckets.take(f"{address} {account}", (_ANY,), now)
        for name, where, rate in _LIMITED:
            if not wait and method == name and where.fullmatch(path):
                wait = self._buckets.take(f"{address} {account} {where.pattern}", (rate,), now)
        if wait:
            raise _too_many(-(-wait // 1000))

    def check(self, address: str, account: str) -> None:
        """Raise Wrong if one who is at this address has guessed too often lately."""
        if self._lockout.locked(address, account, self._clock.monotonic()):
            raise _too_many(int(SECONDS_LOCKED_OUT))

    def failed(self, address: str, account: str) -> None:
        """Count a failure."""
        self._lockout.failed(address, account, self._clock.monotonic())

    def succeeded(self, address: str, account: str) -> None:
        """Forget the failures."""
        self._lockout.succeeded(address, account)


def _too_many(seconds: int) -> Wrong:
    words = f"too many requests; try again in {seconds} s"
    return Wrong(TOO_MANY_REQUESTS, words, {"Retry-After": str(seconds)})
