"""Texts of a configuration that somebody else will read: receipts, and default messages."""

from string import Formatter
from typing import ClassVar, Final

from smsc_encodings import segmentation

APPENDIX_B: Final = (
    "id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submit_date} done date:{done_date}"
    " stat:{stat} err:{err} text:{text}"
)
"""The layout of receipts in SMPP 3.4, Appendix B."""

LONGEST_RECEIPT: Final = 254
LAST_DEFAULT_MESSAGE: Final = 255


class ReceiptText:
    """The layout of receipts, with fields in braces: `id:{id} stat:{stat}`."""

    FIELDS: ClassVar[dict[str, int]] = {
        "id": 20,
        "sub": 3,
        "dlvrd": 3,
        "submit_date": 12,
        "done_date": 12,
        "stat": 7,
        "err": 10,
        "text": 20,
    }
    """The characters that each may take."""

    def __init__(self, text: str) -> None:
        """Read the layout; raises ValueError."""
        if not text.replace("\n", "").isascii() or not text.replace("\n", "").isprintable():
            raise ValueError("receipts are ASCII; leave out other characters")
        longest = 0
        found = set()
        for literal, name, form, conversion in Formatter().parse(text):
            longest += len(literal)
            if name is None:
                continue
            if name not in self.FIELDS or form or conversion:
                raise ValueError(f"no such field; write {', '.join(self.FIELDS)} in braces")
            found.add(name)
            longest += self.FIELDS[name]
        if not {"id", "stat"} <= found:
            raise ValueError("nobody could use it without {id} and {stat}; add them")
        if longest > LONGEST_RECEIPT:
            raise ValueError(f"may take {longest} characters, {LONGEST_RECEIPT} fit; shorten it")
        self.text = text

    def __eq__(self, other: object) -> bool:
        """Whether the other is the same layout."""
        return isinstance(other, ReceiptText) and self.text == other.text

    def __hash__(self) -> int:
        """Return the hash of its text."""
        return hash(self.text)


def check_default_message(message_id: str, text: str) -> None:
    """Check a text that sm_default_msg_id can name; raises ValueError."""
    if not (message_id.isascii() and message_id.isdigit() and str(int(message_id)) == message_id):
        raise ValueError(f"not an id; write a number from 1 to {LAST_DEFAULT_MESSAGE}")
    if not 1 <= int(message_id) <= LAST_DEFAULT_MESSAGE:
        raise ValueError(
            f"sm_default_msg_id is an octet; write a number from 1 to {LAST_DEFAULT_MESSAGE}"
        )
    if not text:
        raise ValueError("no text; write one, or leave the id out")
    segmentation.split(text)
