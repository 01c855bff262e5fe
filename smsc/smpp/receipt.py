"""The text of a delivery receipt, the short_message of its deliver_sm (3.4 Appendix B).

    id:IIIIIIIIII sub:SSS dlvrd:DDD submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DDDDDDD err:E
    text:...

is one line, and is written so unless an account wants another layout. What is read may leave out
or garble all but id and stat, in any order and any case: no two SMSCs agree on it.
"""

import re
from collections.abc import Callable
from string import Formatter
from typing import Final

import msgspec

from smsc.message import State
from smsc.smpp import times
from smsc.wording import APPENDIX_B

WORDS: dict[State, str] = {
    # 3.4 knows no SCHEDULED, and SMSCs of its day say ENROUTE (5.0 clause 4.7.15).
    State.SCHEDULED: "ENROUTE",
    State.ENROUTE: "ENROUTE",
    State.DELIVERED: "DELIVRD",
    State.EXPIRED: "EXPIRED",
    State.DELETED: "DELETED",
    State.UNDELIVERABLE: "UNDELIV",
    State.ACCEPTED: "ACCEPTD",
    State.UNKNOWN: "UNKNOWN",
    State.REJECTED: "REJECTD",
    State.SKIPPED: "SKIPPED",
}
"""The stat of each message_state (3.4 Appendix B)."""

STATES: dict[str, State] = {word: state for state, word in WORDS.items()}
"""The message_state of each stat (3.4 Appendix B)."""

LONGEST_TEXT = 20
"""How many characters of the message come back with its receipt (3.4 Appendix B)."""


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What a receipt says (3.4 Appendix B).

    A date of 0 is one that wasn't there. An err of digits is an int, any other a str.
    """

    id: str
    sub: int = 1
    dlvrd: int = 0
    submit_date_ms: int = 0
    done_date_ms: int = 0
    stat: str = WORDS[State.DELIVERED]
    err: int | str = 0
    text: str = ""


# In the order in which `layout` gives them to the form.
_FORMS: Final = {
    "id": "{0}",
    "sub": "{1:03d}",
    "dlvrd": "{2:03d}",
    "submit_date": "{3}",
    "done_date": "{4}",
    "stat": "{5}",
    "err": "{6}",
    "text": "{7}",
}
FIELDS: Final = frozenset(_FORMS)
"""What a layout may name in braces."""


def layout(text: str = APPENDIX_B, seconds: bool = False) -> Callable[[Receipt], bytes]:
    """Return what writes receipts as `text` has it, the `FIELDS` in braces replaced.

    Dates are YYMMDDhhmm, or YYMMDDhhmmss if `seconds`. The rest is as `encode` has it. Raises
    KeyError for a field that isn't one, ValueError for a brace without its partner.
    """
    if text == APPENDIX_B and not seconds:
        return encode
    pieces = Formatter().parse(text)
    form = "".join(
        literal.replace("{", "{{").replace("}", "}}") + (_FORMS[name] if name is not None else "")
        for literal, name, _, _ in pieces
    ).format
    date = times.format_receipt_date_with_seconds if seconds else times.format_receipt_date

    def write(receipt: Receipt) -> bytes:
        return form(
            receipt.id,
            receipt.sub,
            receipt.dlvrd,
            date(receipt.submit_date_ms),
            date(receipt.done_date_ms),
            receipt.stat,
            receipt.err if isinstance(receipt.err, str) else f"{receipt.err:03d}",
            receipt.text[:LONGEST_TEXT],
        ).encode("ascii", "replace")

    return write


def encode(receipt: Receipt) -> bytes:
    """Write a receipt in ASCII; characters beyond it become question marks (3.4 Appendix B).

    ASCII, because data_coding 0 is read as GSM 03.38 here and as ISO-8859-1 there.
    """
    err = receipt.err if isinstance(receipt.err, str) else f"{receipt.err:03d}"
    return (
        f"id:{receipt.id} sub:{receipt.sub:03d} dlvrd:{receipt.dlvrd:03d}"
        f" submit date:{times.format_receipt_date(receipt.submit_date_ms)}"
        f" done date:{times.format_receipt_date(receipt.done_date_ms)}"
        f" stat:{receipt.stat} err:{err} text:{receipt.text[:LONGEST_TEXT]}"
    ).encode("ascii", "replace")


_TEXT = re.compile(r"(?:^|\s)text:", re.IGNORECASE)
_KEY = re.compile(r"(?:^|\s)(id|sub|dlvrd|submit date|done date|stat|err):", re.IGNORECASE)


def decode(octets: bytes) -> Receipt:
    """Read a receipt, whoever wrote it; ValueError if it has no id or no stat (3.4 Appendix B)."""
    head, *text = _TEXT.split(octets.decode("latin-1"), maxsplit=1)
    _, *rest = _KEY.split(head)
    found = {key.lower(): value.strip() for key, value in zip(rest[::2], rest[1::2], strict=True)}
    for needed in ("id", "stat"):
        if not found.get(needed):
            raise ValueError(f"no delivery receipt: it has no {needed}")
    return Receipt(
        id=found["id"],
        sub=_count(found.get("sub", ""), 1),
        dlvrd=_count(found.get("dlvrd", ""), 0),
        submit_date_ms=_date(found.get("submit date", "")),
        done_date_ms=_date(found.get("done date", "")),
        stat=found["stat"].upper(),
        err=_error(found.get("err", "")),
        text="".join(text),
    )


def _count(value: str, otherwise: int) -> int:
    return int(value) if _is_number(value) else otherwise


def _date(value: str) -> int:
    try:
        return times.parse_receipt_date(value)
    except ValueError:
        return 0


def _error(value: str) -> int | str:
    return int(value) if _is_number(value) else value or 0


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 10
