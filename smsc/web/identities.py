"""What devices are known by, as a request names it: a number, or a kind and a value.

`491700000001` and `msisdn:491700000001` are numbers, `imsi:262010000000001` is an identity. Values
of one kind are compared as they are kept: digits as digits, hexadecimal ones in capitals.
"""

import re
from typing import Final, NamedTuple

from smsc.mistake import nearest
from smsc.subscriber import MSISDN, Identity

LONGEST_NAME: Final = 64
KINDS: Final = frozenset({MSISDN, *map(str, Identity)})

HIGHEST_ID: Final = (1 << 53) - 1
"""What any reader of JSON can tell from its neighbours."""

_DIGITS: Final = {Identity.IMSI: 15, Identity.IMEI: 16}
_HEXADECIMAL: Final = {Identity.ICCID: 22, Identity.ESN: 11, Identity.MEID: 18}
_PLAIN_NUMBER: Final = re.compile(r"\+?[0-9]+")


class NotIdentified(ValueError):
    """What no device is known by, in words."""


class Who(NamedTuple):
    """A device as somebody names it; `identity` is None for its number."""

    identity: Identity | None
    value: str


def who(name: str) -> Who:
    """Read the name of a device; raises NotIdentified if none could go by it."""
    kind, colon, value = name.partition(":")
    if not colon:
        kind, value = MSISDN, name
    if kind == MSISDN:
        return Who(None, value.removeprefix("+") if _PLAIN_NUMBER.fullmatch(value) else value)
    if kind not in KINDS:
        raise NotIdentified(f"devices have no {kind[:40]!r}{nearest(kind, {*KINDS})}")
    return Who(Identity(kind), canonical(Identity(kind), value))


def canonical(kind: Identity, value: str) -> str:
    """Return a value as it is kept and compared; raises NotIdentified for one that is none."""
    if kind is Identity.ID:
        if not re.fullmatch(r"[0-9]{1,16}", value) or not 0 < int(value) <= HIGHEST_ID:
            raise _none(kind, value, f"a whole number from 1 to {HIGHEST_ID}")
        return str(int(value))
    if kind in _DIGITS:
        if not re.fullmatch(rf"[0-9]{{1,{_DIGITS[kind]}}}", value):
            raise _none(kind, value, f"up to {_DIGITS[kind]} digits")
        return value
    if kind in _HEXADECIMAL:
        if not re.fullmatch(rf"[0-9A-Fa-f]{{1,{_HEXADECIMAL[kind]}}}", value):
            raise _none(kind, value, f"up to {_HEXADECIMAL[kind]} hexadecimal digits")
        return value.upper()
    # A value with a slash could not be asked for: it would be two segments of a path.
    if not 1 <= len(value) <= LONGEST_NAME or not value.isprintable() or "/" in value:
        raise _none(kind, value, f"up to {LONGEST_NAME} printable characters without a slash")
    return value


def _none(kind: Identity, value: str, allowed: str) -> NotIdentified:
    return NotIdentified(f"{kind} {value[:80]!r}: write {allowed}")
