"""What a message carries, as rules look at it: found out for those alone that come under a rule.

It is read as the radio would carry it, whatever its sender says of it. Octets that their alphabet
doesn't hold are read as a phone may show them, for what can be shown, a rule must see.
"""

from typing import Final

from smsc.delivery.price import parts
from smsc.delivery.submission import Submission
from smsc.message import Message
from smsc.smpp.commands import ESM_UDHI
from smsc_encodings import dcs, gsm7, udh
from smsc_encodings.dcs import Alphabet
from smsc_encodings.errors import EncodingError
from smsc_encodings.interworking import Carried, carried
from smsc_encodings.national import Shifts, shifts_in
from smsc_routing.rules import Content

_NO_SHIFTS: Final = Shifts()


def content(submission: Submission | Message, with_text: bool) -> Content:
    """Return what a message carries; its text, if it has one, only when that is asked for.

    Of a part that its sender has cut, the segments are those of the whole message, and the text is
    its own.
    """
    payload, header = submission.payload, b""
    if submission.esm_class & ESM_UDHI:
        end = payload[0] + 1
        header, payload = payload[:end], payload[end:]
    shifts = shifts_in(header) if header else _NO_SHIFTS
    body = carried(payload, submission.data_coding, shifts)
    segments = _total(header) if header else parts(body)
    binary = body.alphabet is Alphabet.OCTET or dcs.decode(body.scheme).compressed
    return Content(segments, binary, _text(body, shifts) if with_text and not binary else "")


def _total(header: bytes) -> int:
    try:
        part = udh.decode(header).concatenation
    except EncodingError:
        return 1
    return part.total if part is not None else 1


def _text(body: Carried, shifts: Shifts) -> str:
    if body.alphabet is Alphabet.UCS2:
        return body.octets.decode("utf-16-be", "replace")
    return gsm7.decode(body.octets, *shifts)
