"""National language shifts as a user data header announces them.

3GPP TS 23.040, 9.2.3.24.15 (single shift, IEI 0x24) and 9.2.3.24.16 (locking shift, IEI 0x25): one
octet with the language's identifier of 23.038, 6.2.1.2.4. A shift holds for the one short message
whose header has it, so every part of a long message announces its own.
"""

from typing import NamedTuple

from smsc_encodings.elements import NationalLockingShift, NationalSingleShift
from smsc_encodings.shift_tables import LOCKING, SINGLE, Language

SINGLE_SHIFT = 0x24
LOCKING_SHIFT = 0x25


class Shifts(NamedTuple):
    """The languages whose tables a text is written with: `gsm7.encode(text, *shifts)`."""

    locking: Language = Language.DEFAULT
    single: Language = Language.DEFAULT

    @property
    def elements(self) -> tuple[NationalSingleShift | NationalLockingShift, ...]:
        """The information elements that announce them: none for the default tables."""
        single = (NationalSingleShift(self.single),) if self.single else ()
        return single + ((NationalLockingShift(self.locking),) if self.locking else ())

    def __str__(self) -> str:
        """Name them for people, as in `turkish single shift`; nothing for the default tables."""
        both = ((self.locking, "locking"), (self.single, "single"))
        names = [f"{language.name.lower()} {kind} shift" for language, kind in both if language]
        return " and ".join(names)


def shifts_in(header: bytes) -> Shifts:
    """Return the shifts that a user data header announces, one that `udh.decode` takes.

    An identifier that has no such table, and an element that isn't one octet long, are ignored, as
    23.038, 6.2.1.2.4 asks of a receiver; of two elements the last counts (23.040, 9.2.3.24).
    """
    locking = single = Language.DEFAULT
    offset, end = 1, min(len(header), 1 + header[0]) if header else 0
    while offset + 2 < end:
        iei, length, identifier = header[offset : offset + 3]
        if iei == LOCKING_SHIFT and length == 1 and identifier in LOCKING:
            locking = Language(identifier)
        elif iei == SINGLE_SHIFT and length == 1 and identifier in SINGLE:
            single = Language(identifier)
        offset += 2 + length
    return Shifts(locking, single)
