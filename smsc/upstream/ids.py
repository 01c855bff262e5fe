"""The message ids of another SMSC, written so that those of one message are equal.

An id is opaque (3.4 clause 5.2.23), but the one in the text of a receipt is often not written as
the one in the submit_sm_resp was: with more or fewer zeros before it, with other capitals, or
in decimal digits here and in hexadecimal ones there. So

- every id is kept without the space around it and in lower case, and one of hexadecimal digits
  alone without the zeros before it;
- an id from the text of a receipt may be read in three ways: as it is, as a decimal number that
  the response had in hexadecimal, and the other way round. Which comes first is learnt from
  what the link has sent: if responses have had letters and receipts haven't, receipts are decimal
  and responses hexadecimal, and the other way round.

The TLV receipted_message_id is the id of the response (3.4 clause 5.3.2.12), and read in one way.
"""

import re
from typing import Final

LONGEST_ID: Final = 64
"""Characters of a message_id (3.4 clause 5.2.23)."""

_HEXADECIMAL: Final = re.compile(r"[0-9a-f]+", re.ASCII)
_DECIMAL: Final = re.compile(r"[0-9]+", re.ASCII)
_MOST_DIGITS: Final = 20
"""Of an id that is taken for a number: 64 bits in decimal."""


def plain(text: str) -> str:
    """Write an id without what differs from place to place."""
    text = text[:LONGEST_ID].strip(" \t\r\n\0").lower()
    if _HEXADECIMAL.fullmatch(text):
        return text.lstrip("0") or "0"
    return text


class Ids:
    """The ids of one link; it learns in which digits they are written."""

    def __init__(self) -> None:
        """Begin without knowing anything."""
        self._letters_in_responses = False
        self._letters_in_receipts = False

    def response(self, text: str) -> str:
        """Read the id of a submit_sm_resp."""
        text = plain(text)
        if not self._letters_in_responses:
            self._letters_in_responses = _has_letters(text)
        return text

    def receipt(self, text: str) -> tuple[str, ...]:
        """Read the id in a receipt's text: every id that may be meant, the likeliest first."""
        text = plain(text)
        if not self._letters_in_receipts:
            self._letters_in_receipts = _has_letters(text)
        if len(text) > _MOST_DIGITS or not _HEXADECIMAL.fullmatch(text):
            return (text,)
        decimal = str(int(text, 16))
        if not _DECIMAL.fullmatch(text):
            return text, decimal
        hexadecimal = f"{int(text):x}"
        readings = (text, hexadecimal, decimal)
        if self._letters_in_responses and not self._letters_in_receipts:
            readings = (hexadecimal, text, decimal)
        elif self._letters_in_receipts and not self._letters_in_responses:
            readings = (decimal, text, hexadecimal)
        return tuple(dict.fromkeys(readings))


def _has_letters(text: str) -> bool:
    """Whether an id is a number that can't be decimal."""
    return (
        len(text) <= _MOST_DIGITS
        and _HEXADECIMAL.fullmatch(text) is not None
        and _DECIMAL.fullmatch(text) is None
    )
