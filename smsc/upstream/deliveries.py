"""What another SMSC delivers: a receipt, or a message (3.4 clauses 4.6.1 and 4.7.1).

Inside, parts of long messages and ports are in a user data header: from the TLVs that say them one
is made, if the message has none.
"""

from collections.abc import Mapping
from typing import Final

from smsc.message import Address
from smsc.smpp.commands import ESM_MODE_MASK, ESM_UDHI
from smsc.smpp.pdu import DataSm, DeliverSm
from smsc.smpp.tlv import TRAIL, Tag, Value
from smsc.upstream.ids import Ids
from smsc.upstream.line import Arrival, Report
from smsc.upstream.receipts import Unended, is_receipt, report
from smsc_encodings import udh
from smsc_encodings.elements import Ports16
from smsc_encodings.udh import Concatenation, InformationElement

_ESM_KEPT: Final = 0xFF & ~ESM_MODE_MASK
_LONGEST_TRAIL: Final = 256
_HEADER_TAGS: Final = frozenset({Tag.sar_msg_ref_num, Tag.source_port, Tag.dest_port})


def meaning(pdu: DeliverSm | DataSm, ids: Ids) -> Report | Arrival | Unended:
    """Return what a delivery is."""
    given: dict[int, Value] = {}
    for tag, value in pdu.tlvs:
        given.setdefault(tag, value)
    payload = b"" if isinstance(pdu, DataSm) else pdu.short_message
    whole = given.get(Tag.message_payload)
    if not payload and isinstance(whole, bytes):
        payload = whole
    if is_receipt(pdu.esm_class, given):
        return report(payload, pdu.data_coding, given, ids)
    return _arrival(pdu, payload, given)


def _arrival(pdu: DeliverSm | DataSm, payload: bytes, given: Mapping[int, Value]) -> Arrival:
    esm_class = pdu.esm_class & _ESM_KEPT
    if not esm_class & ESM_UDHI and not _HEADER_TAGS.isdisjoint(given):
        header = (*_concatenation(given), *_ports(given))
        if header:
            payload, esm_class = udh.encode(header) + payload, esm_class | ESM_UDHI
    trail = given.get(TRAIL, b"")
    return Arrival(
        Address(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr),
        Address(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr),
        payload,
        pdu.data_coding,
        esm_class,
        0 if isinstance(pdu, DataSm) else pdu.protocol_id,
        0 if isinstance(pdu, DataSm) else pdu.priority_flag,
        pdu.service_type,
        trail[:_LONGEST_TRAIL].decode("latin-1") if isinstance(trail, bytes) else "",
    )


def _concatenation(given: Mapping[int, Value]) -> tuple[InformationElement, ...]:
    """Read the three sar TLVs; each is ignored without the others (3.4 clause 5.3.2.22)."""
    reference, total, sequence = (
        given.get(tag)
        for tag in (Tag.sar_msg_ref_num, Tag.sar_total_segments, Tag.sar_segment_seqnum)
    )
    if not (isinstance(reference, int) and isinstance(total, int) and isinstance(sequence, int)):
        return ()
    return (Concatenation(reference & 0xFF, total, sequence),) if 1 <= sequence <= total > 1 else ()


def _ports(given: Mapping[int, Value]) -> tuple[InformationElement, ...]:
    source, dest = given.get(Tag.source_port), given.get(Tag.dest_port)
    if source is None and dest is None:
        return ()
    dest, source = (port if isinstance(port, int) else 0 for port in (dest, source))
    return (Ports16(dest, source),)
