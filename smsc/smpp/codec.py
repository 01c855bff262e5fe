"""PDUs to octets and back, and the words for what was wrong (3.4 clause 3.2, 5.0 clause 3.2)."""

from collections.abc import Callable, Iterator
from struct import Struct
from struct import error as StructError
from typing import Any, TypeAlias

from smsc.smpp import source, tlv
from smsc.smpp.commands import RESPONSE_BIT, CommandId, CommandStatus, PduError
from smsc.smpp.layout import Counted, Integer, Listed, Row, Text, fields
from smsc.smpp.parts import MessageDetails
from smsc.smpp.pdu import (
    REQUESTS,
    RESPONSES,
    BindResp,
    Destination,
    DistributionList,
    Pdu,
    SmeAddress,
    SubmitSmResp,
    UnsuccessSme,
    response_class,
)

HEADER = Struct(">IIII")
"""command_length, command_id, command_status, sequence_number (3.4 clause 3.2, 5.0 3.2.1)."""

Octets: TypeAlias = bytes | bytearray | memoryview


def decode(octets: Octets, start: int = 0, length: int | None = None) -> Pdu:
    """Read the one PDU that fills octets[start:start + length] (3.4 clause 3.2, 5.0 clause 3.2).

    Whatever the octets are, nothing but PduError is raised. A body that can't be read is let be
    where it means nothing: in an error response (5.0 clause 3.2.1.3), and in those that have
    nothing to say but their status, such as deliver_sm_resp (3.4 clause 4.6.2).
    """
    whole = bytes(octets[start : len(octets) if length is None else start + length])
    if len(whole) < HEADER.size:
        raise PduError(CommandStatus.ESME_RINVCMDLEN, f"{len(whole)} octets are no header")
    command_length, command_id, command_status, sequence_number = HEADER.unpack_from(whole)
    read = _READERS.get(command_id)
    if read is None or command_length != len(whole):
        raise _unreadable(command_length, command_id, sequence_number, len(whole))
    try:
        return read(whole, str(whole, "latin-1"), sequence_number, command_status)
    except PduError as refusal:
        error = refusal
    except (IndexError, StructError):
        error = _too_short(command_id)
    if command_id in STATUS_ALONE or (command_status and command_id & RESPONSE_BIT):
        return response_class(command_id)(sequence_number, command_status)
    error.command_id, error.sequence_number = command_id, sequence_number
    raise error


def encode(pdu: Pdu) -> bytes:
    """Write a PDU, header and all (3.4 clause 3.2, 5.0 clause 3.2).

    A value that doesn't fit its field raises PduError with the status that names the field. An
    error answer to a bind or a submit_sm is its header alone, as 3.4 has it (clauses 4.1 and
    4.4.2), unless it has TLVs.
    """
    try:
        return _WRITERS[type(pdu)](pdu)
    except PduError as refusal:
        error = refusal
    except (StructError, TypeError, ValueError, AttributeError):
        error = _misfit(pdu)
    error.command_id, error.sequence_number = pdu.command_id, pdu.sequence_number
    raise error


def submit_sm_resp(sequence_number: int, message_id: str) -> bytes:
    """Write what `encode` would for the acceptance of a submit_sm (3.4 clause 4.4.2), sooner."""
    body = message_id.encode("latin-1") + b"\0"
    return HEADER.pack(16 + len(body), CommandId.submit_sm_resp, 0, sequence_number) + body


def _unreadable(
    command_length: int, command_id: int, sequence_number: int, actual: int
) -> PduError:
    status = CommandStatus.ESME_RINVCMDLEN
    reason = f"command_length says {command_length}, there are {actual} octets"
    if command_length == actual:
        status = CommandStatus.ESME_RINVCMDID
        reason = f"there is no command_id 0x{command_id:08X}"
    return PduError(status, reason, command_id, sequence_number)


def _too_short(command_id: int) -> PduError:
    reason = f"{CommandId(command_id).name} ends before its last field"
    return PduError(CommandStatus.ESME_RINVCMDLEN, reason)


def _unended(name: str, longest: int, status: int, left: int) -> PduError:
    if left < longest:
        return PduError(CommandStatus.ESME_RINVCMDLEN, f"the PDU ends inside {name}")
    return PduError(CommandStatus(status), f"{name} has more than {longest - 1} octets")


def _overrun(sm_length: int, left: int) -> PduError:
    reason = f"sm_length says {sm_length}, {left} octets are left"
    return PduError(CommandStatus.ESME_RINVMSGLEN, reason)


def _misfit(pdu: Pdu) -> PduError:
    whole = PduError(CommandStatus.ESME_RINVCMDLEN, f"{pdu!r} fits no octets")
    return next(_misfits(pdu), whole)


def _misfits(part: object) -> Iterator[PduError]:
    for name, row in fields(type(part)):
        value = getattr(part, name)
        if not _fits(row, value):
            shown = "that" if name == "password" else repr(value)
            yield PduError(row.status, f"{name} can't hold {shown}")
        elif isinstance(row, Listed):
            for entry in value:
                yield from _misfits(entry)


def _fits(row: Row, value: object) -> bool:
    if isinstance(row, Integer):
        return isinstance(value, int) and 0 <= value < 1 << 8 * row.size
    if isinstance(row, Text):
        return isinstance(value, str) and _fits_text(value, row.longest)
    if isinstance(row, Counted):
        return isinstance(value, bytes) and len(value) <= row.longest
    return isinstance(value, tuple) and len(value) <= row.most


def _fits_text(value: str, longest: int) -> bool:
    return len(value) < longest and all("\0" < character <= "\xff" for character in value)


STATUS_ALONE = frozenset(
    {CommandId.deliver_sm_resp, CommandId.enquire_link_resp, CommandId.unbind_resp}
)
"""The responses whose body means nothing, whatever their status."""

# The lists of submit_multi, of its response, and of the queries of 3.3.

_DESTINATIONS: dict[int, type[Destination]] = {1: SmeAddress, 2: DistributionList}
_FLAGS = {kind: bytes([flag]) for flag, kind in _DESTINATIONS.items()}


def _read_dest_address(octets: bytes, text: str, at: int) -> tuple[tuple[Destination, ...], int]:
    entries = []
    number_of_dests, at = octets[at], at + 1
    for _ in range(number_of_dests):
        kind = _DESTINATIONS.get(octets[at])
        if kind is None:
            reason = f"dest_flag can't be {octets[at]}"
            raise PduError(CommandStatus.ESME_RINVDESTFLAG, reason)
        entry, at = _PART_READERS[kind](octets, text, at + 1)
        entries.append(entry)
    return tuple(entries), at


def _write_dest_address(entries: tuple[Destination, ...]) -> bytes:
    octets = [_FLAGS[type(entry)] + _PART_WRITERS[type(entry)](entry) for entry in entries]
    return bytes([len(octets)]) + b"".join(octets)


def _reader_of_many(kind: type) -> Callable[[bytes, str, int], tuple[tuple[Any, ...], int]]:
    def read(octets: bytes, text: str, at: int) -> tuple[tuple[Any, ...], int]:
        entries = []
        count, at = octets[at], at + 1
        for _ in range(count):
            entry, at = _PART_READERS[kind](octets, text, at)
            entries.append(entry)
        return tuple(entries), at

    return read


def _writer_of_many(kind: type) -> Callable[[tuple[Any, ...]], bytes]:
    def write(entries: tuple[Any, ...]) -> bytes:
        octets = [_PART_WRITERS[kind](entry) for entry in entries]
        return bytes([len(octets)]) + b"".join(octets)

    return write


_SCOPE: source.Scope = {
    "header": HEADER.pack,
    "unended": _unended,
    "overrun": _overrun,
    "read_tlvs": tlv.decode,
    "write_tlvs": tlv.encode,
    "read_dest_address": _read_dest_address,
    "write_dest_address": _write_dest_address,
    "read_unsuccess_sme": _reader_of_many(UnsuccessSme),
    "write_unsuccess_sme": _writer_of_many(UnsuccessSme),
    "read_message_details": _reader_of_many(MessageDetails),
    "write_message_details": _writer_of_many(MessageDetails),
}
_PARTS: tuple[type, ...] = (SmeAddress, DistributionList, UnsuccessSme, MessageDetails)
_PART_READERS = {kind: source.part_reader(kind, _SCOPE) for kind in _PARTS}
_PART_WRITERS = {kind: source.part_writer(kind, _SCOPE) for kind in _PARTS}
_READERS: dict[int, Callable[[bytes, str, int, int], Pdu]] = {
    kind.command_id: source.reader(kind, _SCOPE) for kind in REQUESTS + RESPONSES
}
_WRITERS: dict[type[Pdu], Callable[[Any], bytes]] = {
    kind: source.writer(kind, _SCOPE, body_only_if_ok=issubclass(kind, BindResp | SubmitSmResp))
    for kind in REQUESTS + RESPONSES
}
