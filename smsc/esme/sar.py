"""The parts of long messages and ports, as TLVs and as a user data header.

Inside there are headers only. On the way in, sar_msg_ref_num, sar_total_segments and
sar_segment_seqnum become a concatenation, source_port and dest_port an application port element;
on the way out to an account that wants TLVs it is the other way round.

- Of the three sar TLVs each is ignored without the other two (3.4 clause 5.3.2.22 to 5.3.2.24).
- A reference takes the lowest 8 of its 16 bits: ESMEs cut parts of 153 characters, and a header
  with a wide reference would leave room for 152.
- A message in one part has no concatenation: its header would take room from the text.
- A port without the other is sent with port 0 for the other.
- A header and TLVs complete each other. Said twice, it must be the same.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from msgspec.structs import replace

from smsc.esme.words import Untranslatable
from smsc.message import Message
from smsc.smpp.commands import ESM_UDHI, CommandStatus
from smsc.smpp.tlv import Tag, Tlv, Value
from smsc_encodings import udh
from smsc_encodings.element_table import iei_of
from smsc_encodings.elements import Ports16
from smsc_encodings.errors import EncodingError
from smsc_encodings.udh import Concatenation, InformationElement

_TAGS: Final = frozenset(
    {
        Tag.sar_msg_ref_num,
        Tag.sar_total_segments,
        Tag.sar_segment_seqnum,
        Tag.source_port,
        Tag.dest_port,
    }
)
_Elements: TypeAlias = tuple[InformationElement, ...]


def with_header(payload: bytes, esm_class: int, given: Mapping[int, Value]) -> tuple[bytes, int]:
    """Put what these TLVs say into the header of user data; raises `Untranslatable`."""
    if _TAGS.isdisjoint(given):
        return payload, esm_class
    told = (*_concatenation(given), *_ports(given))
    if not told:
        return payload, esm_class
    if not esm_class & ESM_UDHI:
        return udh.encode(told) + payload, esm_class | ESM_UDHI
    try:
        header, body = udh.split_user_data(payload)
        return udh.encode(_merged(told, header.elements)) + body, esm_class
    except EncodingError as error:
        raise Untranslatable(CommandStatus.ESME_RINVESMCLASS, str(error)) from error


def _concatenation(given: Mapping[int, Value]) -> _Elements:
    reference, total, sequence = (
        given.get(tag)
        for tag in (Tag.sar_msg_ref_num, Tag.sar_total_segments, Tag.sar_segment_seqnum)
    )
    if not (isinstance(reference, int) and isinstance(total, int) and isinstance(sequence, int)):
        return ()
    if not 1 <= sequence <= total:
        raise Untranslatable(
            CommandStatus.ESME_RINVTLVVAL,
            f"no message has segment {sequence} of {total}: segments are 1 to 255",
        )
    return (Concatenation(reference & 0xFF, total, sequence),) if total > 1 else ()


def _ports(given: Mapping[int, Value]) -> _Elements:
    source, dest = given.get(Tag.source_port), given.get(Tag.dest_port)
    if source is None and dest is None:
        return ()
    dest, source = (port if isinstance(port, int) else 0 for port in (dest, source))
    return (Ports16(dest, source),)


def _merged(told: _Elements, there: _Elements) -> _Elements:
    """Add to a header what it doesn't say yet; what it says otherwise is a contradiction."""
    added = []
    for element in told:
        same = [other for other in there if _kind(other) == _kind(element)]
        if not same:
            added.append(element)
        elif not _agree(same[-1], element):
            raise Untranslatable(
                CommandStatus.ESME_RTLVNOTALLWD,
                "the user data header and the TLVs say different things: send one of them",
            )
    return (*added, *there)


def _kind(element: InformationElement) -> int:
    return udh.CONCATENATION_8 if isinstance(element, Concatenation) else iei_of(element)


def _agree(one: InformationElement, other: InformationElement) -> bool:
    if isinstance(one, Concatenation) and isinstance(other, Concatenation):
        return one.reference & 0xFF == other.reference and one[1:3] == other[1:3]
    return one == other


class Stripped(NamedTuple):
    """User data whose header was put into TLVs, as far as TLVs can say it."""

    payload: bytes
    esm_class: int
    tlvs: tuple[Tlv, ...]


def stripped(payload: bytes, esm_class: int) -> Stripped:
    """Take concatenation and ports out of a header; a header that can't be read stays."""
    try:
        header, body = udh.split_user_data(payload)
    except EncodingError:
        return Stripped(payload, esm_class, ())
    rest: list[InformationElement] = []
    tlvs = _sar_tlvs(header.concatenation)
    for element in header.elements:
        if isinstance(element, Concatenation):
            continue
        if isinstance(element, Ports16):
            tlvs += _port_tlvs(element)
        else:
            rest.append(element)
    if rest:
        return Stripped(udh.encode(rest) + body, esm_class, tlvs)
    return Stripped(body, esm_class & ~ESM_UDHI, tlvs)


def _sar_tlvs(part: Concatenation | None) -> tuple[Tlv, ...]:
    if part is None:
        return ()
    return (
        Tlv(Tag.sar_msg_ref_num, part.reference),
        Tlv(Tag.sar_total_segments, part.total),
        Tlv(Tag.sar_segment_seqnum, part.sequence),
    )


def _port_tlvs(ports: Ports16) -> tuple[Tlv, ...]:
    return (Tlv(Tag.source_port, ports.source), Tlv(Tag.dest_port, ports.destination))


# Whole messages and their parts.


def part_of(message: Message) -> Concatenation | None:
    """Return which part of a longer message this is, None if it is none."""
    if not message.esm_class & ESM_UDHI:
        return None
    try:
        return udh.concatenation_of(message.payload)
    except EncodingError:
        return None


def joined(parts: Iterable[Message]) -> Message:
    """Join the parts of a message in their order; the rest of the first part's header stays."""
    first, *_ = parts = list(parts)
    header, _ = udh.split_user_data(first.payload)
    rest = [each for each in header.elements if not isinstance(each, Concatenation)]
    body = b"".join([udh.split_user_data(part.payload)[1] for part in parts])
    if rest:
        return replace(first, payload=udh.encode(rest) + body)
    return replace(first, payload=body, esm_class=first.esm_class & ~ESM_UDHI)
