"""The encoding that writes a text in the fewest short messages, and why it is that one.

National language tables count what they cost: each shift takes three octets of every message's
header. They win only where they save a message, since every phone reads the default alphabet and
UCS2, and few read the tables of other languages.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from smsc_encodings import gsm7
from smsc_encodings.cuts import capacity, pieces
from smsc_encodings.dcs import Alphabet, encode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.national import Shifts
from smsc_encodings.shift_tables import LOCKING, SINGLE, Language
from smsc_encodings.transliteration import transliterate

DEVICE_ALPHABETS = (Alphabet.GSM7, Alphabet.UCS2)
"""What every phone reads."""

_SHIFT_OCTETS = 3
_REFERENCE_OCTETS = {False: 5, True: 6}


class Choice(NamedTuple):
    """How to write `text`, which is the one given unless it was transliterated.

    `locking` and `single` are the national language tables, `segments` the short messages it
    takes, and `reason` says for people what the other encodings would take.
    """

    encoding: Alphabet
    locking: Language
    single: Language
    segments: int
    reason: str
    text: str


def best_encoding(
    text: str,
    allowed: Iterable[Alphabet] = DEVICE_ALPHABETS,
    *,
    languages: Iterable[Language] = (),
    transliterated: bool = False,
    wide: bool = False,
) -> Choice:
    """Return the encoding of `allowed` that writes `text` in the fewest segments.

    `languages` are the national languages whose tables the receiver reads. Of equals the plain one
    wins, then the first allowed. With `transliterated`, typography may become what the GSM alphabet
    has (`transliteration`), if another encoding then saves a segment, or the text is writable at
    all. `wide` counts with 16 bit references. More than 255 segments are counted, but can't be
    sent: `segmentation.split` refuses them.

    Raises EncodingError if nothing allowed writes `text`, with the character and its position; of
    several refusals the last.
    """
    alphabets, tongues = tuple(allowed), tuple(languages)
    if not alphabets:
        raise EncodingError("no alphabet is allowed for the text: name at least one")
    plain = transliterate(text) if transliterated else text
    if plain == text:
        return _best(text, alphabets, tongues, wide)
    try:
        choice = _best(text, alphabets, tongues, wide)
    except EncodingError as refusal:
        other = _best(plain, alphabets, tongues, wide)
        return other._replace(reason=f"transliterated, {other.reason}; as it was, {refusal}")
    found = _best_or_none(plain, alphabets, tongues, wide)
    if found is None or found.encoding is choice.encoding or found.segments >= choice.segments:
        return choice
    reason = f"{found.reason}; as it was, {_segments(choice.segments)} in {choice.encoding}"
    return found._replace(reason=f"transliterated, {reason}")


def written(choice: Choice) -> bytes:
    """Write the text of a choice as SMPP carries it, GSM septets unpacked."""
    if choice.encoding is Alphabet.GSM7:
        return gsm7.encode(choice.text, choice.locking, choice.single)
    return encode_text(choice.text, choice.encoding)


def segments_of(body: bytes, alphabet: Alphabet, shifts: Shifts, wide: bool) -> list[bytes]:
    """Cut an encoded body into what goes into each segment, behind its headers."""
    announced = _SHIFT_OCTETS * sum(map(bool, shifts))
    if len(body) <= capacity(alphabet, announced + 1 if announced else 0):
        return [body]
    size = capacity(alphabet, 1 + _REFERENCE_OCTETS[wide] + announced)
    return pieces(body, alphabet, size, gsm7.combining(*shifts) if announced else frozenset())


class _Way(NamedTuple):
    """A way to write the text: how many segments, whether with shifts; it sorts best first."""

    segments: int
    national: int
    place: int
    alphabet: Alphabet
    shifts: Shifts

    def __str__(self) -> str:
        named = f"{self.alphabet} with {self.shifts}" if self.national else str(self.alphabet)
        return f"{named} takes {_segments(self.segments)}"


def _segments(count: int) -> str:
    return f"{count} segment" if count == 1 else f"{count} segments"


def _best_or_none(
    text: str, alphabets: tuple[Alphabet, ...], languages: tuple[Language, ...], wide: bool
) -> Choice | None:
    try:
        return _best(text, alphabets, languages, wide)
    except EncodingError:
        return None


def _best(
    text: str, alphabets: tuple[Alphabet, ...], languages: tuple[Language, ...], wide: bool
) -> Choice:
    """Try the plain ways, and national languages only if one segment isn't enough."""
    ways: list[_Way] = []
    refusals: list[EncodingError] = []
    for place, alphabet in enumerate(alphabets):
        _try(text, alphabet, Shifts(), place, wide, ways, refusals)
        if ways and ways[-1].segments == 1:
            return _choice(text, ways, refusals)
    if languages and Alphabet.GSM7 in alphabets:
        place = alphabets.index(Alphabet.GSM7)
        for shifts in _combinations(languages):
            _try(text, Alphabet.GSM7, shifts, place, wide, ways, [])
    if not ways:
        raise refusals[-1]
    return _choice(text, ways, refusals)


def _combinations(languages: tuple[Language, ...]) -> Iterator[Shifts]:
    locking = [Language.DEFAULT, *(each for each in languages if each in LOCKING)]
    single = [Language.DEFAULT, *(each for each in languages if each in SINGLE)]
    yield from (Shifts(*pair) for pair in product(locking, single) if any(pair))


def _try(
    text: str,
    alphabet: Alphabet,
    shifts: Shifts,
    place: int,
    wide: bool,
    ways: list[_Way],
    refusals: list[EncodingError],
) -> None:
    try:
        national = any(shifts)
        body = gsm7.encode(text, *shifts) if national else encode_text(text, alphabet)
    except EncodingError as refusal:
        refusals.append(refusal)
        return
    count = len(segments_of(body, alphabet, shifts, wide))
    ways.append(_Way(count, sum(map(bool, shifts)), place, alphabet, shifts))


def _choice(text: str, ways: list[_Way], refusals: list[EncodingError]) -> Choice:
    best = min(ways)
    others = [str(way) for way in ways if way != best and not way.national]
    reason = "; ".join([str(best), *others, *map(str, refusals)])
    return Choice(best.alphabet, *best.shifts, best.segments, reason, text)
