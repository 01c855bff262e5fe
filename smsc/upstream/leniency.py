"""Deliveries of other SMSCs whose TLVs aren't as the specification has them.

A receipt that is refused for an odd TLV is lost, or comes again for ever. So where a deliver_sm or
data_sm can't be read, those of its TLVs that can be are kept, and the rest of them is let go (3.4
clause 3.3 has it so for unknown ones).
"""

import struct

from smsc.smpp.codec import HEADER, decode
from smsc.smpp.commands import CommandId, CommandStatus, PduError
from smsc.smpp.parts import Pdu
from smsc.smpp.tlv import decode as decode_tlvs

_TLV = struct.Struct(">HH").unpack_from
_HEADER = 4
_IN_TLVS = frozenset(
    {
        CommandStatus.ESME_RINVTLVSTREAM,
        CommandStatus.ESME_RINVTLVLEN,
        CommandStatus.ESME_RINVTLVVAL,
    }
)
# The mandatory fields: how many octets stand before each C-octet string, and after the last.
_STRINGS = {
    CommandId.deliver_sm: ((0, 2, 2, 3, 0), 4),
    CommandId.data_sm: ((0, 2, 2), 3),
}


def read(octets: bytes) -> Pdu:
    """Read a PDU, its TLVs as far as that goes; raises PduError if the rest can't be read."""
    try:
        return decode(octets)
    except PduError as error:
        if error.status not in _IN_TLVS or error.command_id not in _STRINGS:
            raise
    start = _tlvs_at(octets)
    body = octets[16:start] + b"".join(_readable(octets, start))
    _, command_id, command_status, sequence_number = HEADER.unpack_from(octets)
    return decode(HEADER.pack(16 + len(body), command_id, command_status, sequence_number) + body)


def _tlvs_at(octets: bytes) -> int:
    """Return where the TLVs begin in a PDU that was read up to them."""
    command_id = CommandId(HEADER.unpack_from(octets)[1])
    gaps, rest = _STRINGS[command_id]
    at = 16
    for gap in gaps:
        at = octets.index(0, at + gap) + 1
    at += rest
    if command_id == CommandId.deliver_sm:
        at += 1 + octets[at]
    return at


def _readable(octets: bytes, at: int) -> list[bytes]:
    """Return the TLVs that can be read, up to where there is no telling where one begins."""
    found = []
    while at + _HEADER <= len(octets):
        end = at + _HEADER + _TLV(octets, at)[1]
        if end > len(octets):
            break
        try:
            decode_tlvs(octets, at, end)
        except PduError:
            pass
        else:
            found.append(octets[at:end])
        at = end
    return found
