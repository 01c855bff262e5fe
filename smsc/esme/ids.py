"""The ids of messages as ESMEs see them: one place writes them, and reads what comes back.

A message_id is opaque to an ESME (3.4 clause 5.2.23), but ESMEs compare and convert it: some want
decimal digits, some hexadecimal ones, some one in the response and the other in the receipt. A
bind of 3.3 always has eight hexadecimal digits, the lowest 32 bits of the id.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from smsc.message import wire_id
from smsc.smpp.commands import Version
from smsc.smpp.version import RULES

_LOW_BITS: Final = 0xFFFFFFFF
_DECIMAL: Final = re.compile(r"[0-9]{1,20}", re.ASCII)
_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f]{1,16}", re.ASCII)


class Base(StrEnum):
    """The digits that an account sees ids in."""

    DECIMAL = "decimal"
    HEXADECIMAL = "hexadecimal"


class Ids(NamedTuple):
    """How ids are written, and how one that comes back is read.

    `read` takes the text and the latest id there is, and returns the number of the message, or
    None if no message can have that id.
    """

    write: Callable[[int], str]
    read: Callable[[str, int], int | None]


def ids_of(version: Version, base: Base) -> Ids:
    """Return how ids go on a bind of this version, to an account that wants this base."""
    return _EIGHT_DIGITS if RULES[version].hexadecimal_ids else _IDS[base]


def _read_decimal(text: str, latest: int) -> int | None:
    return _among(int(text), latest) if _DECIMAL.fullmatch(text) else None


def _write_hexadecimal(number: int) -> str:
    return f"{number:08X}"


def _read_hexadecimal(text: str, latest: int) -> int | None:
    return _among(int(text, 16), latest) if _HEXADECIMAL.fullmatch(text) else None


def _write_eight_digits(number: int) -> str:
    return f"{number & _LOW_BITS:08X}"


def _read_eight_digits(text: str, latest: int) -> int | None:
    """Return the latest message whose id ends in these 32 bits."""
    if not _HEXADECIMAL.fullmatch(text) or int(text, 16) > _LOW_BITS:
        return None
    number = latest & ~_LOW_BITS | int(text, 16)
    return _among(number if number <= latest else number - _LOW_BITS - 1, latest)


def _among(number: int, latest: int) -> int | None:
    return number if 1 <= number <= latest else None


_EIGHT_DIGITS: Final = Ids(_write_eight_digits, _read_eight_digits)
_IDS: Final = {
    Base.DECIMAL: Ids(wire_id, _read_decimal),
    Base.HEXADECIMAL: Ids(_write_hexadecimal, _read_hexadecimal),
}
