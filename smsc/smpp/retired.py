"""The operations that SMPP 3.3 has and later versions have not, as values.

3.4 reserves their command ids (clause 5.1.2.1). No SMSC of today serves them: they are read so that
a peer of 3.3 gets an answer of the kind it waits for.
"""

from typing import ClassVar

from smsc.smpp.commands import CommandId
from smsc.smpp.parts import Destination, MessageDetails, Request, Response, Tlvs


class ParamRetrieve(Request, frozen=True, gc=False):
    """param_retrieve (SMPP 3.3)."""

    command_id: ClassVar[CommandId] = CommandId.param_retrieve
    param_name: str = ""
    tlvs: Tlvs = ()


class ParamRetrieveResp(Response, frozen=True, gc=False):
    """param_retrieve_resp (SMPP 3.3)."""

    command_id: ClassVar[CommandId] = CommandId.param_retrieve_resp
    param_value: str = ""
    tlvs: Tlvs = ()


class QueryLastMsgs(Request, frozen=True, gc=False):
    """query_last_msgs (SMPP 3.3)."""

    command_id: ClassVar[CommandId] = CommandId.query_last_msgs
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    no_of_messages: int = 0
    tlvs: Tlvs = ()


class QueryLastMsgsResp(Response, frozen=True, gc=False):
    """query_last_msgs_resp (SMPP 3.3)."""

    command_id: ClassVar[CommandId] = CommandId.query_last_msgs_resp
    message_details: tuple[MessageDetails, ...] = ()
    tlvs: Tlvs = ()


class QueryMsgDetails(Request, frozen=True, gc=False):
    """query_msg_details; it asks for sm_length octets of the text (SMPP 3.3)."""

    command_id: ClassVar[CommandId] = CommandId.query_msg_details
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    sm_length: int = 0
    tlvs: Tlvs = ()


class QueryMsgDetailsResp(Response, frozen=True, gc=False):
    """query_msg_details_resp (SMPP 3.3)."""

    command_id: ClassVar[CommandId] = CommandId.query_msg_details_resp
    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_address: tuple[Destination, ...] = ()
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    data_coding: int = 0
    short_message: bytes = b""
    message_id: str = ""
    final_date: str = ""
    message_state: int = 0
    error_code: int = 0
    tlvs: Tlvs = ()
