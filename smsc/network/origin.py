"""Mobile originated messages: what a device sends, handed to intake like any other submission.

A device dials as a phone does. A number of nine digits or more goes out as international (type
of number 1, numbering plan 1), with or without a "+". A short code goes out as dialled: type 0,
unknown, in plan 1, which is the 0x81 of a TPDU (3GPP TS 23.040, 9.1.2.5). Anything else is
alphanumeric: type 5, plan 0. Whether it is an address at all is for intake to say.

A text is written in the alphabet that takes the fewest parts. What doesn't fit in one message is
sent in parts, each a submission of its own with a concatenation header in front of its text.
"""

from collections.abc import Callable, Sequence
from typing import Final

from smsc.clock import Clock
from smsc.delivery.submission import Submission, Submitter
from smsc.message import Address
from smsc.network.hlr import Hlr, UnknownDevice
from smsc.smpp.commands import ESM_TYPE_DEFAULT, ESM_UDHI
from smsc_encodings.dcs import Alphabet, alphabet_of, data_coding_for, encode_text
from smsc_encodings.references import References
from smsc_encodings.segmentation import Part, capacity, smallest, split_octets
from smsc_routing.number import is_number, is_short_code
from smsc_routing.traffic import Party

_PAIRS: Final = 10_000
_PART_LIFE_MS: Final = 3600 * 1000

Submit = Callable[[Submission, Submitter, int], None]
"""The way in: a submission, who waits for the answer, and the token to answer with."""


class DeviceDetached(Exception):
    """A device that can't send, because it is out of reach."""

    def __init__(self, number: str) -> None:
        """Name the number and the cure."""
        super().__init__(
            f"device {number} is detached and can't send: attach it first"
            f" (smsc devices attach {number})"
        )
        self.number = number


class Origin:
    """Sends what devices send."""

    def __init__(self, submit: Submit, hlr: Hlr, clock: Clock) -> None:
        """Submit for the devices of this register.

        The references of long messages count on from the clock's time, so that a restart doesn't
        use again at once those whose parts may still be waiting.
        """
        self._submit = submit
        self._hlr = hlr
        self._clock = clock
        self._references = References(_PAIRS, _PART_LIFE_MS, first=clock.now() // 1000)

    def send(
        self,
        number: str,
        to: str,
        text: str,
        submitter: Submitter,
        token: int,
        data_coding: int | None = None,
        octets: bytes | None = None,
        registered_delivery: int = 0,
        message_type: int = ESM_TYPE_DEFAULT,
    ) -> int:
        """Have a device send a text; return how many messages it took.

        The submitter is answered so many times with this token; whoever calls flushes it, as
        after any submission. `data_coding` says how to write the text. `octets`, for which the
        text must be empty, go as they are: binary unless `data_coding` says otherwise.
        `message_type` says that it acknowledges a message of the recipient's (SMPP 3.4, 5.2.12).

        Raises UnknownDevice, DeviceDetached, and ValueError (EncodingError among them) for what
        can't be written or would take more than 255 parts; then nothing was submitted.
        """
        self._check_reach(number)
        if octets is None:
            octets, data_coding = _written(text, data_coding)
        elif text:
            raise ValueError("a message is text or octets, not both: leave one of them out")
        elif data_coding is None:
            data_coding = data_coding_for(Alphabet.OCTET)
        source, dest = Address(1, 1, number), address_of(to)
        parts = self._cut(octets, alphabet_of(data_coding), number, dest.digits)
        for header, body in parts:
            submission = Submission(
                Party.DEVICE,
                "",
                source,
                dest,
                header + body,
                data_coding,
                message_type | (ESM_UDHI if header else 0),
                registered_delivery=registered_delivery,
            )
            self._submit(submission, submitter, token)
        return len(parts)

    def _check_reach(self, number: str) -> None:
        if self._hlr.find(number) is None:
            raise UnknownDevice(number)
        if not self._hlr.attached(number):
            raise DeviceDetached(number)

    def _cut(
        self, octets: bytes, alphabet: Alphabet, sender: str, recipient: str
    ) -> Sequence[Part]:
        if len(octets) <= capacity(alphabet):
            return (Part(b"", octets),)
        reference = self._references.take(sender, recipient, self._clock.now())
        return split_octets(octets, alphabet, reference=reference)


def _written(text: str, data_coding: int | None) -> tuple[bytes, int]:
    """Write a text as its data_coding says, or in the alphabet that is the shortest."""
    if data_coding is not None:
        return encode_text(text, alphabet_of(data_coding)), data_coding
    alphabet = smallest(text)
    return encode_text(text, alphabet), data_coding_for(alphabet)


def address_of(to: str) -> Address:
    """Return the address that a device which dials this sends to."""
    digits = to.removeprefix("+")
    if not is_number(digits):
        return Address(5, 0, to)
    if to == digits and is_short_code(digits):
        return Address(0, 1, digits)
    return Address(1, 1, digits)
