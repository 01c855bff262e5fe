"""Mobile originated messages: what a device sends, handed to intake like any other submission.

A device dials as a phone does. A number that is longer than a short code goes out as international
(type of number 1, numbering plan 1), with or without a "+". A short code goes out as dialled: type
0, unknown, in plan 1, which is the 0x81 of a TPDU (3GPP TS 23.040, 9.1.2.5); so does any number
without a "+" where the network has a country, in which it means what it means there. Anything else
is alphanumeric: type 5, plan 0. Whether it is an address at all is for intake to say.

A text is written in the alphabet that takes the fewest parts. What doesn't fit in one message is
sent in parts, each with a concatenation header in front of its text. Each leaves the device as an
SMS-SUBMIT, and what the network reads in that is the submission.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Final, TypeAlias

from smsc.clock import Clock
from smsc.delivery.submission import Submission, Submitter
from smsc.message import Address
from smsc.network.device import PART_LIFE_MS
from smsc.network.hlr import Hlr, UnknownDevice
from smsc.network.tpdus import destination_of, submission, submit
from smsc.numbering import Numbering
from smsc.smpp.commands import ESM_TYPE_DEFAULT
from smsc_encodings import udh
from smsc_encodings.dcs import Alphabet, alphabet_of, data_coding_for, encode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.interworking import Carried, carried
from smsc_encodings.references import References
from smsc_encodings.segmentation import Part, capacity, smallest, split_octets
from smsc_routing.decision import Reason, Verdict
from smsc_routing.number import is_number

_PAIRS: Final = 10_000
_ANYWHERE: Final = Numbering()

_Elements: TypeAlias = Sequence[udh.InformationElement]

Submit = Callable[[Submission, Submitter, int], None]
"""The way in: a submission, who waits for the answer, and the token to answer with."""


class DeviceDetached(Exception):
    """A device that can't send, because it is out of reach."""

    def __init__(self, number: str, outage: bool = False) -> None:
        """Name the number and the cure."""
        super().__init__(
            f"there is an outage where device {number} is, so it can't send: end it first"
            " (smsc outages list)"
            if outage
            else f"device {number} is detached and can't send: attach it first"
            f" (smsc devices attach {number})"
        )
        self.number = number


class Origin:
    """Sends what devices send."""

    def __init__(self, submit: Submit, hlr: Hlr, clock: Clock, home: Numbering = _ANYWHERE) -> None:
        """Submit for the devices of this register, which dial as at `home`.

        The references of long messages count on from the clock's time, so that a restart doesn't
        use again at once those whose parts may still be waiting.
        """
        self._submit = submit
        self._hlr = hlr
        self._clock = clock
        self._home = home
        self._references = References(_PAIRS, PART_LIFE_MS, first=clock.now() // 1000)
        self._message_references = count()

    def send(
        self,
        number: str,
        to: str,
        text: str,
        submitter: Submitter,
        token: int,
        data_coding: int | None = None,
        octets: bytes | None = None,
        header: bytes = b"",
        receipt: bool = False,
        message_type: int = ESM_TYPE_DEFAULT,
    ) -> int:
        """Have a device send a text; return how many messages it took.

        The submitter is answered so many times with this token; whoever calls flushes it, as
        after any submission. `data_coding` says how to write the text. `octets`, for which the
        text must be empty, go as they are: binary unless `data_coding` says otherwise. What no
        TPDU carries is rewritten (`smsc_encodings.interworking`). `header` is a user data header
        for every part, of ports for instance.
        `message_type` says that it acknowledges a message of the recipient's (SMPP 3.4, 5.2.12).

        A recipient that no TPDU can name is refused, as one message.

        Raises UnknownDevice, DeviceDetached, and ValueError (EncodingError among them) for a text
        that can't be written or would take more than 255 parts; then nothing was submitted.
        """
        self._check_reach(number)
        written = carried(*_written(text, octets, data_coding))
        dest = self.address_of(to)
        try:
            dialled = destination_of(dest)
        except EncodingError as error:
            submitter.refused(token, Verdict(Reason.MALFORMED_NUMBER, detail=str(error)))
            return 1
        parts = self._cut(written, _elements(header), number, dest.digits)
        for part in parts:
            reference = next(self._message_references) & 0xFF
            tpdu = submit(dialled, part, written.scheme, reference, receipt)
            self._submit(submission(number, tpdu, message_type), submitter, token)
        return len(parts)

    def address_of(self, to: str) -> Address:
        """Return the address that one who dials this at home sends to."""
        return address_of(to, self._home)

    def _check_reach(self, number: str) -> None:
        if self._hlr.find(number) is None:
            raise UnknownDevice(number)
        if not self._hlr.attached(number):
            raise DeviceDetached(number, self._hlr.outages.have(number))

    def _cut(
        self, text: Carried, elements: _Elements, sender: str, recipient: str
    ) -> Sequence[Part]:
        octets, alphabet = text.octets, text.alphabet
        if not elements and len(octets) <= capacity(alphabet):
            return (Part(b"", octets),)
        reference = self._references.take(sender, recipient, self._clock.now())
        return split_octets(octets, alphabet, reference=reference, elements=elements)


def _elements(header: bytes) -> _Elements:
    if not header:
        return ()
    elements, consumed = udh.decode(header)
    if consumed != len(header):
        behind = len(header) - consumed
        raise EncodingError(f"{behind} octets follow the user data header: leave them out")
    return elements


def _written(text: str, octets: bytes | None, data_coding: int | None) -> tuple[bytes, int]:
    """Write a text as its data_coding says, or in the alphabet that is the shortest."""
    if octets is not None:
        if text:
            raise ValueError("a message is text or octets, not both: leave one of them out")
        return octets, data_coding_for(Alphabet.OCTET) if data_coding is None else data_coding
    if data_coding is not None:
        return encode_text(text, alphabet_of(data_coding)), data_coding
    alphabet = smallest(text)
    return encode_text(text, alphabet), data_coding_for(alphabet)


def address_of(to: str, home: Numbering = _ANYWHERE) -> Address:
    """Return the address that a device which dials this sends to."""
    digits = to.removeprefix("+")
    if not is_number(digits):
        return Address(5, 0, to)
    if to == digits and (home.country or home.is_short_code(digits)):
        return Address(0, 1, digits)
    return Address(1, 1, digits)
