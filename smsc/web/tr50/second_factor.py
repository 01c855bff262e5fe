"""A second factor for users: codes that change with the time (TOTP, RFC 6238), of six digits.

Whoever has given the right password is asked for a code, and gives it as the password of the next
login. A code passes once, in its half minute and the ones beside it. Wrong codes lock out as wrong
passwords do, and are counted apart from these, which a right password makes forgotten.
"""

import hmac
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from smsc.clock import Clock
from smsc.esme.lockout import Lockout, Terms

STEP_SECONDS: Final = 30
DIGITS: Final = 6
SECONDS_TO_ANSWER: Final = 300.0
MOST_ASKED: Final = 10_000

_BESIDE: Final = (0, -1, 1)


class SecondFactor:
    """Asks users for codes, and checks them."""

    def __init__(self, secrets: Mapping[str, bytes], clock: Clock, terms: Terms) -> None:
        """Ask those who have a secret; lock out on these terms."""
        self._secrets = secrets
        self._clock = clock
        self._lockout = Lockout(terms)
        self._asked: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._used: dict[str, int] = {}

    def needed(self, user: str) -> bool:
        """Whether a user has to give a code."""
        return user in self._secrets

    def ask(self, user: str, address: str) -> None:
        """Take note that a user at an address has given the right password."""
        self._asked.pop((user, address), None)
        self._asked[user, address] = self._clock.monotonic() + SECONDS_TO_ANSWER
        if len(self._asked) > MOST_ASKED:
            self._asked.popitem(last=False)

    def passes(self, user: str, code: str, address: str) -> bool:
        """Whether this is the code that a user at an address was asked for."""
        now = self._clock.monotonic()
        if not code.isascii() or now >= self._asked.get((user, address), 0.0):
            return False
        if self._lockout.locked(address, user, now):
            return False
        step = self._step(user, code)
        if step is None:
            self._lockout.failed(address, user, now)
            return False
        self._used[user] = step
        del self._asked[user, address]
        self._lockout.succeeded(address, user)
        return True

    def _step(self, user: str, code: str) -> int | None:
        """Return the step of time whose code this is, None if it is none that may pass."""
        at = self._clock.now() // 1000 // STEP_SECONDS
        latest = self._used.get(user, -1)
        steps = [at + beside for beside in _BESIDE if at + beside > latest]
        found = [
            step for step in steps if hmac.compare_digest(code_of(self._secrets[user], step), code)
        ]
        return found[0] if found else None


def code_of(secret: bytes, step: int) -> str:
    """Return the code of a step of time (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, max(step, 0).to_bytes(8, "big"), "sha1")
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
