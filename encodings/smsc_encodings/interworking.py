"""User data of SMPP as a TPDU carries it, and the way back.

SMPP names more alphabets (SMPP 5.0, 4.7.7) than there are on the air, where text is GSM 7 bit or
UCS2, and all else is 8 bit (3GPP TS 23.038, 4):

    ==============================  ========================================  ==================
    data_coding                     goes as                                   TP-DCS
    ==============================  ========================================  ==================
    0                               GSM 7 bit                                 0x00
    1, 3, 5 to 7, 10, 13, 14        the text, in GSM 7 bit if that says all   0x00, or 0x08
                                    of it, else in UCS2
    the same, but isn't such text   8 bit                                     0x04
    8                               UCS2                                      0x08
    2, 4, 9, 11, 12, 15             8 bit                                     0x04
    16 to 255                       what it says as a TP-DCS                  the same
    ==============================  ========================================  ==================

In GSM 7 bit, an octet above 0x7F is no septet: a question mark goes in its place.
"""

from typing import NamedTuple

from smsc_encodings import dcs, gsm7, ucs2
from smsc_encodings.dcs import Alphabet, alphabet_of, data_coding_for, decode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.national import Shifts
from smsc_encodings.segmentation import SURE_TO_FIT

REWRITTEN = frozenset({0x01, 0x03, 0x05, 0x06, 0x07, 0x0A, 0x0D, 0x0E})
"""The data_codings whose text is written anew, for no TPDU carries it."""

ONE_PART = 70
"""Octets that are carried in one short message, whatever they are."""

ALWAYS_FITS = SURE_TO_FIT // 2
"""Octets that are carried in 255 parts at most, whatever they are: UCS2 makes two of one."""

_GSM7, _OCTET, _UCS2 = (
    data_coding_for(alphabet) for alphabet in (Alphabet.GSM7, Alphabet.OCTET, Alphabet.UCS2)
)
_SCHEMES = tuple(
    octet if octet >= 0x10 or octet in (_GSM7, _UCS2) else _OCTET for octet in range(256)
)
_SEPTETS = tuple(dcs.decode(scheme).septets for scheme in _SCHEMES)
_NO_SHIFTS = Shifts()
_NO_SEPTET = bytes(range(0x80)) + b"?" * 0x80


class Carried(NamedTuple):
    """User data behind a header, an octet for each septet, and the TP-DCS it goes with."""

    octets: bytes
    scheme: int

    @property
    def alphabet(self) -> Alphabet:
        """The alphabet that says how much of it fits into a part."""
        return alphabet_of(self.scheme)


def carried(octets: bytes, data_coding: int, shifts: Shifts = _NO_SHIFTS) -> Carried:
    """Return `octets` (without a user data header) as a TPDU carries them.

    `shifts` are the national languages that the header in front of them announces: what is
    rewritten is written in those.

    Raises EncodingError if `data_coding` is no octet.
    """
    if data_coding in REWRITTEN:
        return _rewritten(octets, data_coding, shifts)
    if not 0 <= data_coding < 256:
        raise EncodingError(f"data_coding is 0 to 255, not {data_coding}")
    if _SEPTETS[data_coding] and not octets.isascii():
        octets = octets.translate(_NO_SEPTET)
    return Carried(octets, _SCHEMES[data_coding])


def _rewritten(octets: bytes, data_coding: int, shifts: Shifts) -> Carried:
    try:
        text = decode_text(octets, data_coding)
    except EncodingError:
        return Carried(octets, _OCTET)
    try:
        return Carried(gsm7.encode(text, *shifts), _GSM7)
    except EncodingError:
        return Carried(ucs2.encode(text), _UCS2)


def data_coding_of(scheme: int) -> int:
    """Return the data_coding that names what a TPDU with this TP-DCS carries.

    Raises EncodingError if `scheme` is no octet.
    """
    return scheme if scheme >= 0x10 else data_coding_for(dcs.decode(scheme).alphabet)
