"""How each mandatory field lies on the wire: one row a field, for the codec, its tests and tools.

A field means the same in every PDU that has it (3.4 clause 5.2, 5.0 clause 4.7), so the table is
by name; the few that grow longer somewhere have a row under their PDU as well. The order is the
order of the fields in the PDU's class. Lengths count octets on the wire, the NUL among them.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from smsc.smpp.commands import CommandStatus as Status
from smsc.smpp.pdu import AlertNotification, DataSm


class Integer(NamedTuple):
    """An unsigned integer, most significant octet first (3.4 clause 3.1, 5.0 clause 3.1)."""

    status: Status
    size: int = 1


class Text(NamedTuple):
    """A C-octet string, written with its NUL (3.4 clause 3.1, 5.0 clause 3.1)."""

    status: Status
    longest: int


class Counted(NamedTuple):
    """Octets after an octet that counts them: sm_length and short_message (3.4 clause 5.2.21)."""

    status: Status
    longest: int


class Listed(NamedTuple):
    """Entries after an octet that counts them (3.4 clauses 4.5.1.1 and 4.5.2.1)."""

    status: Status
    most: int = 255


Row: TypeAlias = Integer | Text | Counted | Listed

ROWS: dict[str, Row] = {
    "system_id": Text(Status.ESME_RINVSYSID, 16),
    # 9 by the specification; real clients and their operators use more.
    "password": Text(Status.ESME_RINVPASWD, 65),
    "system_type": Text(Status.ESME_RINVSYSTYP, 13),
    "interface_version": Integer(Status.ESME_RBINDFAIL),
    "addr_ton": Integer(Status.ESME_RBINDFAIL),
    "addr_npi": Integer(Status.ESME_RBINDFAIL),
    "address_range": Text(Status.ESME_RBINDFAIL, 41),
    "service_type": Text(Status.ESME_RINVSERTYP, 6),
    "source_addr_ton": Integer(Status.ESME_RINVSRCTON),
    "source_addr_npi": Integer(Status.ESME_RINVSRCNPI),
    "source_addr": Text(Status.ESME_RINVSRCADR, 21),
    "dest_addr_ton": Integer(Status.ESME_RINVDSTTON),
    "dest_addr_npi": Integer(Status.ESME_RINVDSTNPI),
    "destination_addr": Text(Status.ESME_RINVDSTADR, 21),
    "esme_addr_ton": Integer(Status.ESME_RINVDSTTON),
    "esme_addr_npi": Integer(Status.ESME_RINVDSTNPI),
    "esme_addr": Text(Status.ESME_RINVDSTADR, 65),
    "dest_address": Listed(Status.ESME_RINVNUMDESTS),
    "dl_name": Text(Status.ESME_RINVDLNAME, 21),
    "esm_class": Integer(Status.ESME_RINVESMCLASS),
    "protocol_id": Integer(Status.ESME_RSUBMITFAIL),
    "priority_flag": Integer(Status.ESME_RINVPRTFLG),
    "schedule_delivery_time": Text(Status.ESME_RINVSCHED, 17),
    "validity_period": Text(Status.ESME_RINVEXPIRY, 17),
    "registered_delivery": Integer(Status.ESME_RINVREGDLVFLG),
    "replace_if_present_flag": Integer(Status.ESME_RINVREPFLAG),
    "data_coding": Integer(Status.ESME_RINVDCS),
    "sm_default_msg_id": Integer(Status.ESME_RINVDFTMSGID),
    # 254 in 3.4, 255 in 5.0; Traccar's 3.4 client sends 255.
    "short_message": Counted(Status.ESME_RINVMSGLEN, 255),
    "message_id": Text(Status.ESME_RINVMSGID, 65),
    "unsuccess_sme": Listed(Status.ESME_RINVNUMDESTS),
    "error_status_code": Integer(Status.ESME_RSUBMITFAIL, size=4),
    "final_date": Text(Status.ESME_RQUERYFAIL, 17),
    "message_state": Integer(Status.ESME_RQUERYFAIL),
    "error_code": Integer(Status.ESME_RQUERYFAIL),
}

ROWS_OF: dict[tuple[type, str], Row] = {
    (AlertNotification, "source_addr"): Text(Status.ESME_RINVSRCADR, 65),
    (DataSm, "source_addr"): Text(Status.ESME_RINVSRCADR, 65),
    (DataSm, "destination_addr"): Text(Status.ESME_RINVDSTADR, 65),
}

_ELSEWHERE = {"sequence_number", "command_status", "tlvs"}


def fields(kind: type) -> Iterator[tuple[str, Row]]:
    """Yield the name and the row of every mandatory field of a PDU, in the order of the wire."""
    names: tuple[str, ...] = getattr(kind, "__struct_fields__", ())
    for name in names:
        if name not in _ELSEWHERE:
            yield name, ROWS_OF.get((kind, name)) or ROWS[name]
