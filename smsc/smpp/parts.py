"""What PDUs are built of: the two kinds there are, and the entries of their lists."""

from typing import ClassVar, TypeAlias

import msgspec

from smsc.smpp.commands import CommandId
from smsc.smpp.tlv import Tlv

Tlvs: TypeAlias = tuple[Tlv, ...]


class Request(msgspec.Struct, frozen=True, gc=False):
    """A PDU that asks or tells (3.4 clause 2.3, 5.0 clause 3.2.1.2)."""

    command_id: ClassVar[CommandId]
    sequence_number: int


class Response(msgspec.Struct, frozen=True, gc=False):
    """A PDU that answers the one with its sequence_number (3.4 clause 2.3, 5.0 3.2.1.2)."""

    command_id: ClassVar[CommandId]
    sequence_number: int
    command_status: int = 0


Pdu: TypeAlias = Request | Response


class SmeAddress(msgspec.Struct, frozen=True, gc=False):
    """A destination of submit_multi with dest_flag 1 (3.4 clause 4.5.1.1, 5.0 clause 4.2.3.1)."""

    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""


class DistributionList(msgspec.Struct, frozen=True, gc=False):
    """A destination of submit_multi with dest_flag 2 (3.4 clause 4.5.1.1, 5.0 clause 4.2.3.1)."""

    dl_name: str = ""


Destination: TypeAlias = SmeAddress | DistributionList


class UnsuccessSme(msgspec.Struct, frozen=True, gc=False):
    """A destination that failed, and why (3.4 clause 4.5.2.1, 5.0 clause 4.2.3.2)."""

    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    error_status_code: int = 0


class MessageDetails(msgspec.Struct, frozen=True, gc=False):
    """A message in the answer to query_last_msgs (SMPP 3.3 alone)."""

    message_id: str = ""
