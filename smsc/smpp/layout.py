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

# The clauses beside a row are those of its field in 3.4 and in 5.0.
ROWS: dict[str, Row] = {
    "system_id": Text(Status.ESME_RINVSYSID, 16),  # 5.2.1, 4.7.30
    # 9 by the specification; real clients and their operators use more.
    "password": Text(Status.ESME_RINVPASWD, 65),  # 5.2.2, 4.7.18
    "system_type": Text(Status.ESME_RINVSYSTYP, 13),  # 5.2.3, 4.7.31
    "interface_version": Integer(Status.ESME_RBINDFAIL),  # 5.2.4, 4.7.13
    "addr_ton": Integer(Status.ESME_RBINDFAIL),  # 5.2.5, 4.7.1
    "addr_npi": Integer(Status.ESME_RBINDFAIL),  # 5.2.6, 4.7.2
    "address_range": Text(Status.ESME_RBINDFAIL, 41),  # 5.2.7, 4.7.3
    "service_type": Text(Status.ESME_RINVSERTYP, 6),  # 5.2.11, 4.7.25
    "source_addr_ton": Integer(Status.ESME_RINVSRCTON),  # 5.2.5, 4.7.1
    "source_addr_npi": Integer(Status.ESME_RINVSRCNPI),  # 5.2.6, 4.7.2
    "source_addr": Text(Status.ESME_RINVSRCADR, 21),  # 5.2.8, 4.7.29
    "dest_addr_ton": Integer(Status.ESME_RINVDSTTON),  # 5.2.5, 4.7.1
    "dest_addr_npi": Integer(Status.ESME_RINVDSTNPI),  # 5.2.6, 4.7.2
    "destination_addr": Text(Status.ESME_RINVDSTADR, 21),  # 5.2.9, 4.7.8
    "esme_addr_ton": Integer(Status.ESME_RINVDSTTON),  # 5.2.5, 4.7.1
    "esme_addr_npi": Integer(Status.ESME_RINVDSTNPI),  # 5.2.6, 4.7.2
    "esme_addr": Text(Status.ESME_RINVDSTADR, 65),  # 5.2.10, 4.7.11
    "dest_address": Listed(Status.ESME_RINVNUMDESTS),  # 5.2.24, 4.7.17
    "dl_name": Text(Status.ESME_RINVDLNAME, 21),  # 5.2.27, 4.7.10
    "esm_class": Integer(Status.ESME_RINVESMCLASS),  # 5.2.12, 4.7.12
    "protocol_id": Integer(Status.ESME_RSUBMITFAIL),  # 5.2.13, 4.7.20
    "priority_flag": Integer(Status.ESME_RINVPRTFLG),  # 5.2.14, 4.7.19
    "schedule_delivery_time": Text(Status.ESME_RINVSCHED, 17),  # 5.2.15, 4.7.23
    "validity_period": Text(Status.ESME_RINVEXPIRY, 17),  # 5.2.16, 4.7.23
    "registered_delivery": Integer(Status.ESME_RINVREGDLVFLG),  # 5.2.17, 4.7.21
    "replace_if_present_flag": Integer(Status.ESME_RINVREPFLAG),  # 5.2.18, 4.7.22
    "data_coding": Integer(Status.ESME_RINVDCS),  # 5.2.19, 4.7.7
    "sm_default_msg_id": Integer(Status.ESME_RINVDFTMSGID),  # 5.2.20, 4.7.27
    # 254 in 3.4, 255 in 5.0; Traccar's 3.4 client sends 255.
    "short_message": Counted(Status.ESME_RINVMSGLEN, 255),  # 5.2.22, 4.7.26
    "message_id": Text(Status.ESME_RINVMSGID, 65),  # 5.2.23, 4.7.14
    "unsuccess_sme": Listed(Status.ESME_RINVNUMDESTS),  # 5.2.26, 4.7.16
    "error_status_code": Integer(Status.ESME_RSUBMITFAIL, size=4),  # 4.5.2.1, 4.2.3.2
    "final_date": Text(Status.ESME_RQUERYFAIL, 17),  # 4.8.2, 4.5.2.2
    "message_state": Integer(Status.ESME_RQUERYFAIL),  # 5.2.28, 4.7.15
    "error_code": Integer(Status.ESME_RQUERYFAIL),  # 4.8.2, 4.5.2.2
    # Of 3.3 alone. Its statuses for a parameter, 0x31 and 0x32, are reserved since 3.4.
    "param_name": Text(Status.ESME_RINVCMDLEN, 32),
    "param_value": Text(Status.ESME_RINVCMDLEN, 101),
    "no_of_messages": Integer(Status.ESME_RINVNUMMSGS),
    "message_details": Listed(Status.ESME_RINVNUMMSGS),
    "sm_length": Integer(Status.ESME_RINVMSGLEN),
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
