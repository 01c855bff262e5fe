"""What the SMSC and a device say to each other: SMS-DELIVER and SMS-SUBMIT TPDUs.

An SMS-DELIVER (3GPP TS 23.040, 9.2.2.1) is settled when its message goes out, in values that a TPDU
can carry; its octets are made when somebody looks into the inbox, for few are looked at.

    =======  =================================================================================
    TP-OA    the source: a name in GSM 7 bit, as much of it as 11 septets hold; else a number
    TP-PID   protocol_id
    TP-DCS   what `smsc_encodings.interworking` makes of data_coding
    TP-SCTS  when the SMSC accepted the message, in UTC
    TP-MMS   set in front of the last part
    TP-SRI   the sender asked for a receipt
    TP-RP    bit 7 of esm_class
    =======  =================================================================================
"""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

import msgspec
from msgspec import Struct

from smsc.delivery.submission import Submission
from smsc.message import Address, Message
from smsc.smpp.commands import ESM_UDHI
from smsc_encodings import address, dcs, gsm7, tpdu, udh
from smsc_encodings.errors import EncodingError
from smsc_encodings.interworking import ONE_PART, carried, data_coding_of
from smsc_encodings.national import shifts_in
from smsc_encodings.references import References
from smsc_encodings.segmentation import Part, capacity, split_octets
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.tpdu import MO, MT, Deliver, Submit
from smsc_routing.number import SHORT_CODE_DIGITS, is_number, is_short_code
from smsc_routing.traffic import Party

_NAME_SEPTETS = 11
_REPLY_PATH = 0x80
_RECEIPT = 0x03
_ALWAYS = 1


class Delivery(Struct, frozen=True, gc=False):
    """One SMS-DELIVER in the values it is made of; `scheme` is its TP-DCS."""

    origin: Address
    body: bytes
    scheme: int
    accepted_at: int
    protocol_id: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    header: bytes = b""
    more: bool = False
    short_code_digits: int = SHORT_CODE_DIGITS

    @property
    def octets(self) -> bytes:
        """The TPDU."""
        return tpdu.encode(
            Deliver(
                origin_of(self.origin, self.short_code_digits),
                _timestamp(self.accepted_at),
                self.body,
                self.header,
                dcs.decode(self.scheme),
                self.protocol_id,
                more=self.more,
                status_report=bool(self.registered_delivery & _RECEIPT),
                reply_path=bool(self.esm_class & _REPLY_PATH),
            )
        )


def cut(
    message: Message,
    references: References,
    now: int,
    short_code_digits: int = SHORT_CODE_DIGITS,
) -> Sequence[Delivery]:
    """Make the TPDUs that carry a message; `now` is when its parts go, for their reference.

    Raises EncodingError if there are none.
    """
    if message.esm_class & ESM_UDHI:
        return (_as_it_is(message, short_code_digits),)
    found = carried(message.payload, message.data_coding)
    octets, scheme = found
    only = Delivery(
        message.source,
        octets,
        scheme,
        message.accepted_at,
        message.protocol_id,
        message.esm_class,
        message.registered_delivery,
        short_code_digits=short_code_digits,
    )
    if len(octets) <= ONE_PART or len(octets) <= capacity(found.alphabet):
        return (only,)
    reference = references.take(message.source.digits, message.dest.digits, now)
    parts = split_octets(octets, found.alphabet, reference=reference)
    return [
        msgspec.structs.replace(only, header=header, body=body, more=at < len(parts))
        for at, (header, body) in enumerate(parts, 1)
    ]


def _as_it_is(message: Message, short_code_digits: int) -> Delivery:
    end = udh.decode(message.payload).consumed
    header, body = message.payload[:end], message.payload[end:]
    found = carried(body, message.data_coding, shifts_in(header))
    room = capacity(found.alphabet, end)
    if len(found.octets) > room:
        raise EncodingError(
            f"{len(found.octets)} octets of {found.alphabet} don't fit behind a header of {end}:"
            f" send at most {room}"
        )
    return Delivery(
        message.source,
        found.octets,
        found.scheme,
        message.accepted_at,
        message.protocol_id,
        message.esm_class,
        message.registered_delivery,
        header,
        short_code_digits=short_code_digits,
    )


def origin_of(source: Address, short_code_digits: int = SHORT_CODE_DIGITS) -> address.Address:
    """Return the TP-OA that stands for a source (3GPP TS 23.040, 9.1.2.5).

    Under a type of number that means nothing for digits, a short code is of unknown type, and any
    other number is international.
    """
    digits = source.digits
    if not is_number(digits):
        return address.Address(_name(digits), address.ALPHANUMERIC, 0)
    ton = source.ton if source.ton in _DIGITS else 0
    if not ton and not is_short_code(digits, short_code_digits):
        ton = 1
    return address.Address(digits, ton, source.npi if 0 < source.npi < 15 else 1)


_DIGITS = frozenset({1, 2, 3, 4, 6})
"""The types of number that digits may have."""


def _name(characters: str) -> str:
    """Return as much of a name as TP-OA holds; what GSM 7 bit lacks becomes a question mark."""
    said = "".join(each if gsm7.encodable(each) else "?" for each in characters)
    while gsm7.count_septets(said) > _NAME_SEPTETS:
        said = said[:-1]
    return said


def _timestamp(ms: int) -> Timestamp:
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return Timestamp(moment.year % 100, *moment.timetuple()[1:6])


def read(octets: bytes) -> Deliver:
    """Read a TPDU as the device does; raises EncodingError for what is no SMS-DELIVER."""
    received = tpdu.decode(octets, MT)
    if not isinstance(received, Deliver):
        raise EncodingError(f"a device is sent SMS-DELIVERs, not {type(received).__name__}")
    return received


def text_of(parts: Sequence[Deliver]) -> str | None:
    """Return the text of a message's parts, None where it has none.

    Parts that are read alike are joined before they are read: a sender may have cut a character.
    """
    texts = []
    for _, run in groupby(parts, lambda part: (part.dcs, shifts_in(part.header))):
        alike = list(run)
        whole = dataclasses.replace(alike[0], body=b"".join([part.body for part in alike]))
        if whole.text is None:
            return None
        texts.append(whole.text)
    return "".join(texts)


def destination_of(to: Address) -> address.Address:
    """Return the TP-DA of what a device dials; raises EncodingError if there is none."""
    dialled = address.Address(to.digits, to.ton, to.npi)
    address.encode(dialled)
    return dialled


def submit(
    dialled: address.Address, part: Part, scheme: int, reference: int, receipt: bool
) -> bytes:
    """Write an SMS-SUBMIT (3GPP TS 23.040, 9.2.2.2); `reference` is its TP-MR."""
    header, body = part
    return tpdu.encode(
        Submit(
            dialled,
            body,
            header,
            dcs.decode(scheme),
            reference=reference,
            status_report=receipt,
        )
    )


def submission(number: str, octets: bytes, message_type: int) -> Submission:
    """Read the SMS-SUBMIT that a device sent, as what it asks for.

    `message_type` isn't in the TPDU: that it acknowledges a message is for esm_class alone to say.
    Raises EncodingError for what is no SMS-SUBMIT.
    """
    sent = tpdu.decode(octets, MO)
    if not isinstance(sent, Submit):
        raise EncodingError(f"a device sends SMS-SUBMITs, not {type(sent).__name__}")
    value, ton, npi = sent.destination
    return Submission(
        Party.DEVICE,
        "",
        Address(1, 1, number),
        Address(ton, npi, value),
        sent.header + sent.body,
        data_coding_of(dcs.encode(sent.dcs)),
        message_type | (ESM_UDHI if sent.header else 0),
        sent.pid,
        registered_delivery=_ALWAYS if sent.status_report else 0,
    )
