"""Who must wait before a password of his is looked at again, and how long.

Failed binds are counted twice: by address and account, and by address alone, for one that tries
many accounts. From so many failures on, each one locks out for twice as long as the last, up to a
longest time. A failure is forgotten when that longest time has passed since its lockout was over;
a bind that succeeds forgets those of its address and account at once. While locked out, nothing
is verified and nothing counted.

An account is never locked out as such: its right password still works from any other address.
Times are seconds on any steady scale. The table holds a bounded number of records; those whose
last failure is longest ago go first.
"""

from collections import OrderedDict
from typing import Final, NamedTuple

RECORDS: Final = 10_000
ADDRESS_FACTOR: Final = 10
"""How many times as many failures it takes to lock out an address, whatever the account."""
_DOUBLINGS: Final = 40


class Terms(NamedTuple):
    """From how many failures on, for how long at first (0: never), and for how long at most."""

    after: int = 5
    first: float = 10.0
    longest: float = 900.0


DEFAULT: Final = Terms()


class _Record(NamedTuple):
    failures: int
    until: float


class Lockout:
    """The table of failures."""

    def __init__(self, terms: Terms = DEFAULT, records: int = RECORDS) -> None:
        """Lock out on these terms, and remember so many records at most."""
        self._terms = terms
        self._most = records
        self._records: OrderedDict[tuple[str, ...], _Record] = OrderedDict()

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._records)

    def locked(self, address: str, account: str, now: float) -> bool:
        """Whether a bind to this account from this address must wait."""
        return self._locked((address, account), now) or self._locked((address,), now)

    def _locked(self, key: tuple[str, ...], now: float) -> bool:
        record = self._records.get(key)
        return record is not None and now < record.until

    def failed(self, address: str, account: str, now: float) -> list[str]:
        """Count a failure; return who is locked out for it: `account`, `address`, both or none."""
        if not self._terms.first:
            return []
        after = self._terms.after
        locked = []
        if self._count((address, account), after, now):
            locked.append("account")
        if self._count((address,), after * ADDRESS_FACTOR, now):
            locked.append("address")
        return locked

    def _count(self, key: tuple[str, ...], after: int, now: float) -> bool:
        record = self._records.pop(key, None)
        known = record is not None and now < record.until + self._terms.longest
        failures = record.failures + 1 if record is not None and known else 1
        over = failures - after
        seconds = self._seconds(over) if over >= 0 else 0.0
        self._records[key] = _Record(failures, now + seconds)
        if len(self._records) > self._most:
            del self._records[next(iter(self._records))]
        return over >= 0

    def _seconds(self, doublings: int) -> float:
        return min(self._terms.first * 2.0 ** min(doublings, _DOUBLINGS), self._terms.longest)

    def succeeded(self, address: str, account: str) -> None:
        """Forget the failures of an address at an account."""
        self._records.pop((address, account), None)
