"""Typography that the GSM 7 bit alphabet lacks, in characters that it has.

Word processors and phone keyboards put these in unasked, and one of them makes a text of GSM
characters UCS2, with 70 characters in a message for 160. Only punctuation, spaces and invisible
characters are replaced: a letter without its accent is another letter.
"""

_LOOKALIKES = {
    " ": "\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))),
    "": "\u00ad\u200b\u200e\u200f\u2060\ufeff",
    "\n": "\u2028\u2029\u0085",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212",
    "'": "\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02bc",
    '"': "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb",
    "<": "\u2039",
    ">": "\u203a",
    "*": "\u2022\u00b7\u25cf",
    "/": "\u2044",
    "...": "\u2026",
}

_TABLE = str.maketrans(
    {character: plain for plain, characters in _LOOKALIKES.items() for character in characters}
)


def transliterate(text: str) -> str:
    """Return `text` with quotes, dashes, spaces and the like as the GSM alphabet has them.

    What has no look-alike stays, so the result may still need UCS2.
    """
    return text if text.isascii() and "`" not in text else text.translate(_TABLE)
