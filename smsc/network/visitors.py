"""What the store said of the numbers that were in use lately: as a visitor location register.

A number that is here costs no read, also if the store has nothing on it. While everything that the
store has is here (`complete`), a number that isn't here is nobody's, and nothing ever needs to be
read. From the first time that something is forgotten, what isn't here is unread.

There are two generations: what is asked for is taken into the young one, and when that is full the
old one is forgotten and the young one grows old. So a look at the young costs nothing but the look,
and what is in use stays. What was read together is never forgotten before it was looked at.
What was changed here is held until the store has it, or a read would bring back what was before.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Generic, TypeVar

from smsc.delivery.directory import Unread
from smsc_routing.number import is_number

VISITORS: Final = 100_000

Said = TypeVar("Said")


class Visitors(dict[str, Said | None], Generic[Said]):
    """What the store said, by number; None where it has nothing. Itself it is the young ones."""

    def __init__(
        self, known: Mapping[str, Said] | None = None, complete: bool = True, most: int = VISITORS
    ) -> None:
        """Begin with what is known, and whether that is all that the store has.

        Keep some `most` numbers (from 1), by half of them more for a moment.
        """
        super().__init__(known or {})
        self.complete = complete
        """Whether what isn't here isn't in the store either."""
        self._old: dict[str, Said | None] = {}
        self._held: dict[str, Said | None] = {}
        self._most = most

    @property
    def size(self) -> int:
        """How many numbers are here."""
        return len(self) + len(self._old)

    def ask(self, number: str) -> Said | None:
        """Return what the store has on a number; raises `Unread`."""
        said = self.get(number)
        return said if said is not None or self.complete else self._search(number)

    def has(self, number: str) -> bool:
        """Tell whether a number need not be read."""
        if self.complete or number in self or number in self._old or number in self._held:
            return True
        return not is_number(number)

    def _search(self, number: str) -> Said | None:
        """Look where it takes longer; what is found there is young again."""
        if number in self:
            return None
        if number in self._old:
            said = self._old[number]
        elif number in self._held:
            said = self._held[number]
        elif is_number(number):
            raise Unread(number)
        else:
            return None
        # A look makes nobody forgotten: who has read several numbers can ask for all of them.
        if len(self) < self._room:
            self._old.pop(number, None)
            self[number] = said
        return said

    def take_in(self, read: Mapping[str, Said | None]) -> None:
        """Keep what was read, all of it until something else is; what is held counts before it."""
        self._make_room()
        held = self._held
        self.update({n: held.get(n, said) for n, said in read.items()})

    def change(self, number: str, said: Said | None) -> None:
        """Keep and hold what the store will say of a number from now on."""
        self._make_room()
        self._held[number] = self[number] = said

    def release(self, numbers: Iterable[str]) -> None:
        """Hold numbers no longer: the store has what was changed."""
        for number in numbers:
            self._held.pop(number, None)

    def forget(self) -> None:
        """Forget all but what is held: the store has changed."""
        self.complete = False
        self._old = {}
        self.clear()
        self.update(self._held)

    @property
    def _room(self) -> int:
        return self._most if self.complete else max(self._most // 2, 1)

    def _make_room(self) -> None:
        if len(self) < self._room:
            return
        self.complete = False
        self._old = dict(self)
        self.clear()
