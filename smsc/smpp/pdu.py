"""The PDUs of SMPP 3.4 (chapter 4) and 5.0 (clauses 4.1 to 4.6) as values, a class each.

Fields carry the names of the specification and stand in the order of the wire; the codec reads
that order off the classes. Lengths and counts (sm_length, number_of_dests, no_unsuccess) follow
from what they count and are no fields. C-octet strings are str, an octet to a character
(ISO-8859-1), so that whatever a peer sent comes back as it was.
"""

from typing import ClassVar

import msgspec

from smsc.smpp.commands import RESPONSE_BIT, CommandId, Version
from smsc.smpp.parts import Destination as Destination
from smsc.smpp.parts import DistributionList as DistributionList
from smsc.smpp.parts import Pdu as Pdu
from smsc.smpp.parts import Request as Request
from smsc.smpp.parts import Response as Response
from smsc.smpp.parts import SmeAddress as SmeAddress
from smsc.smpp.parts import Tlvs as Tlvs
from smsc.smpp.parts import UnsuccessSme as UnsuccessSme
from smsc.smpp.retired import (
    ParamRetrieve,
    ParamRetrieveResp,
    QueryLastMsgs,
    QueryLastMsgsResp,
    QueryMsgDetails,
    QueryMsgDetailsResp,
)


def _without_password(pdu: msgspec.Struct) -> str:
    shown = (
        f"{name}={getattr(pdu, name)!r}" for name in pdu.__struct_fields__ if name != "password"
    )
    return f"{type(pdu).__name__}({', '.join(shown)})"


class Bind(Request, frozen=True, gc=False):
    """What the three binds have in common (3.4 clause 4.1, 5.0 clause 4.1.1)."""

    system_id: str = ""
    password: str = ""
    system_type: str = ""
    interface_version: int = Version.V34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""
    tlvs: Tlvs = ()

    # Logs and tracebacks print PDUs.
    __repr__ = _without_password


class BindResp(Response, frozen=True, gc=False):
    """What the answers to the three binds have in common (3.4 clause 4.1, 5.0 clause 4.1.1)."""

    system_id: str = ""
    tlvs: Tlvs = ()


class BindReceiver(Bind, frozen=True, gc=False):
    """bind_receiver (3.4 clause 4.1.3, 5.0 clause 4.1.1.3)."""

    command_id: ClassVar[CommandId] = CommandId.bind_receiver


class BindReceiverResp(BindResp, frozen=True, gc=False):
    """bind_receiver_resp (3.4 clause 4.1.4, 5.0 clause 4.1.1.4)."""

    command_id: ClassVar[CommandId] = CommandId.bind_receiver_resp


class BindTransmitter(Bind, frozen=True, gc=False):
    """bind_transmitter (3.4 clause 4.1.1, 5.0 clause 4.1.1.1)."""

    command_id: ClassVar[CommandId] = CommandId.bind_transmitter


class BindTransmitterResp(BindResp, frozen=True, gc=False):
    """bind_transmitter_resp (3.4 clause 4.1.2, 5.0 clause 4.1.1.2)."""

    command_id: ClassVar[CommandId] = CommandId.bind_transmitter_resp


class BindTransceiver(Bind, frozen=True, gc=False):
    """bind_transceiver (3.4 clause 4.1.5, 5.0 clause 4.1.1.5)."""

    command_id: ClassVar[CommandId] = CommandId.bind_transceiver


class BindTransceiverResp(BindResp, frozen=True, gc=False):
    """bind_transceiver_resp (3.4 clause 4.1.6, 5.0 clause 4.1.1.6)."""

    command_id: ClassVar[CommandId] = CommandId.bind_transceiver_resp


class Outbind(Request, frozen=True, gc=False):
    """outbind; it has no answer (3.4 clause 4.1.7, 5.0 clause 4.1.1.7)."""

    command_id: ClassVar[CommandId] = CommandId.outbind
    system_id: str = ""
    password: str = ""
    tlvs: Tlvs = ()

    __repr__ = _without_password


class Unbind(Request, frozen=True, gc=False):
    """unbind (3.4 clause 4.2.1, 5.0 clause 4.1.1.8)."""

    command_id: ClassVar[CommandId] = CommandId.unbind
    tlvs: Tlvs = ()


class UnbindResp(Response, frozen=True, gc=False):
    """unbind_resp (3.4 clause 4.2.2, 5.0 clause 4.1.1.9)."""

    command_id: ClassVar[CommandId] = CommandId.unbind_resp
    tlvs: Tlvs = ()


class EnquireLink(Request, frozen=True, gc=False):
    """enquire_link (3.4 clause 4.11.1, 5.0 clause 4.1.2.1)."""

    command_id: ClassVar[CommandId] = CommandId.enquire_link
    tlvs: Tlvs = ()


class EnquireLinkResp(Response, frozen=True, gc=False):
    """enquire_link_resp (3.4 clause 4.11.2, 5.0 clause 4.1.2.2)."""

    command_id: ClassVar[CommandId] = CommandId.enquire_link_resp
    tlvs: Tlvs = ()


class GenericNack(Response, frozen=True, gc=False):
    """generic_nack (3.4 clause 4.3.1, 5.0 clause 4.1.4.1)."""

    command_id: ClassVar[CommandId] = CommandId.generic_nack
    tlvs: Tlvs = ()


class AlertNotification(Request, frozen=True, gc=False):
    """alert_notification; it has no answer (3.4 clause 4.12.1, 5.0 clause 4.1.3.1)."""

    command_id: ClassVar[CommandId] = CommandId.alert_notification
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    esme_addr_ton: int = 0
    esme_addr_npi: int = 0
    esme_addr: str = ""
    tlvs: Tlvs = ()


class ShortMessage(Request, frozen=True, gc=False):
    """The fields submit_sm and deliver_sm share (3.4 clauses 4.4 and 4.6, 5.0 4.2.1 and 4.3.1)."""

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""
    tlvs: Tlvs = ()


class SubmitSm(ShortMessage, frozen=True, gc=False):
    """submit_sm (3.4 clause 4.4.1, 5.0 clause 4.2.1.1)."""

    command_id: ClassVar[CommandId] = CommandId.submit_sm


class SubmitSmResp(Response, frozen=True, gc=False):
    """submit_sm_resp (3.4 clause 4.4.2, 5.0 clause 4.2.1.2)."""

    command_id: ClassVar[CommandId] = CommandId.submit_sm_resp
    message_id: str = ""
    tlvs: Tlvs = ()


class DeliverSm(ShortMessage, frozen=True, gc=False):
    """deliver_sm (3.4 clause 4.6.1, 5.0 clause 4.3.1.1)."""

    command_id: ClassVar[CommandId] = CommandId.deliver_sm


class DeliverSmResp(Response, frozen=True, gc=False):
    """deliver_sm_resp; its message_id is unused (3.4 clause 4.6.2, 5.0 clause 4.3.1.2)."""

    command_id: ClassVar[CommandId] = CommandId.deliver_sm_resp
    message_id: str = ""
    tlvs: Tlvs = ()


class DataSm(Request, frozen=True, gc=False):
    """data_sm; the text is its message_payload TLV (3.4 clause 4.7.1, 5.0 clause 4.2.2.1)."""

    command_id: ClassVar[CommandId] = CommandId.data_sm
    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    registered_delivery: int = 0
    data_coding: int = 0
    tlvs: Tlvs = ()


class DataSmResp(Response, frozen=True, gc=False):
    """data_sm_resp (3.4 clause 4.7.2, 5.0 clause 4.2.2.2)."""

    command_id: ClassVar[CommandId] = CommandId.data_sm_resp
    message_id: str = ""
    tlvs: Tlvs = ()


class SubmitMulti(Request, frozen=True, gc=False):
    """submit_multi (3.4 clause 4.5.1, 5.0 clause 4.2.3.1)."""

    command_id: ClassVar[CommandId] = CommandId.submit_multi
    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_address: tuple[Destination, ...] = ()
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""
    tlvs: Tlvs = ()


class SubmitMultiResp(Response, frozen=True, gc=False):
    """submit_multi_resp (3.4 clause 4.5.2, 5.0 clause 4.2.3.2)."""

    command_id: ClassVar[CommandId] = CommandId.submit_multi_resp
    message_id: str = ""
    unsuccess_sme: tuple[UnsuccessSme, ...] = ()
    tlvs: Tlvs = ()


class QuerySm(Request, frozen=True, gc=False):
    """query_sm (3.4 clause 4.8.1, 5.0 clause 4.5.2.1)."""

    command_id: ClassVar[CommandId] = CommandId.query_sm
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    tlvs: Tlvs = ()


class QuerySmResp(Response, frozen=True, gc=False):
    """query_sm_resp (3.4 clause 4.8.2, 5.0 clause 4.5.2.2)."""

    command_id: ClassVar[CommandId] = CommandId.query_sm_resp
    message_id: str = ""
    final_date: str = ""
    message_state: int = 0
    error_code: int = 0
    tlvs: Tlvs = ()


class CancelSm(Request, frozen=True, gc=False):
    """cancel_sm (3.4 clause 4.9.1, 5.0 clause 4.5.1.1)."""

    command_id: ClassVar[CommandId] = CommandId.cancel_sm
    service_type: str = ""
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    tlvs: Tlvs = ()


class CancelSmResp(Response, frozen=True, gc=False):
    """cancel_sm_resp (3.4 clause 4.9.2, 5.0 clause 4.5.1.2)."""

    command_id: ClassVar[CommandId] = CommandId.cancel_sm_resp
    tlvs: Tlvs = ()


class ReplaceSm(Request, frozen=True, gc=False):
    """replace_sm (3.4 clause 4.10.1, 5.0 clause 4.5.3.1)."""

    command_id: ClassVar[CommandId] = CommandId.replace_sm
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""
    tlvs: Tlvs = ()


class ReplaceSmResp(Response, frozen=True, gc=False):
    """replace_sm_resp (3.4 clause 4.10.2, 5.0 clause 4.5.3.2)."""

    command_id: ClassVar[CommandId] = CommandId.replace_sm_resp
    tlvs: Tlvs = ()


class BroadcastSm(Request, frozen=True, gc=False):
    """broadcast_sm; the text is its message_payload TLV (5.0 clause 4.4.1)."""

    command_id: ClassVar[CommandId] = CommandId.broadcast_sm
    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    message_id: str = ""
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    tlvs: Tlvs = ()


class BroadcastSmResp(Response, frozen=True, gc=False):
    """broadcast_sm_resp (5.0 clause 4.4.1)."""

    command_id: ClassVar[CommandId] = CommandId.broadcast_sm_resp
    message_id: str = ""
    tlvs: Tlvs = ()


class QueryBroadcastSm(Request, frozen=True, gc=False):
    """query_broadcast_sm (5.0 clause 4.6.1)."""

    command_id: ClassVar[CommandId] = CommandId.query_broadcast_sm
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    tlvs: Tlvs = ()


class QueryBroadcastSmResp(Response, frozen=True, gc=False):
    """query_broadcast_sm_resp; its state is a TLV (5.0 clause 4.6.1)."""

    command_id: ClassVar[CommandId] = CommandId.query_broadcast_sm_resp
    message_id: str = ""
    tlvs: Tlvs = ()


class CancelBroadcastSm(Request, frozen=True, gc=False):
    """cancel_broadcast_sm (5.0 clause 4.6.2)."""

    command_id: ClassVar[CommandId] = CommandId.cancel_broadcast_sm
    service_type: str = ""
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    tlvs: Tlvs = ()


class CancelBroadcastSmResp(Response, frozen=True, gc=False):
    """cancel_broadcast_sm_resp (5.0 clause 4.6.2)."""

    command_id: ClassVar[CommandId] = CommandId.cancel_broadcast_sm_resp
    tlvs: Tlvs = ()


REQUESTS: tuple[type[Request], ...] = (
    BindReceiver,
    BindTransmitter,
    BindTransceiver,
    Outbind,
    Unbind,
    EnquireLink,
    AlertNotification,
    SubmitSm,
    SubmitMulti,
    DeliverSm,
    DataSm,
    QuerySm,
    CancelSm,
    ReplaceSm,
    ParamRetrieve,
    QueryLastMsgs,
    QueryMsgDetails,
    BroadcastSm,
    QueryBroadcastSm,
    CancelBroadcastSm,
)

RESPONSES: tuple[type[Response], ...] = (
    BindReceiverResp,
    BindTransmitterResp,
    BindTransceiverResp,
    UnbindResp,
    EnquireLinkResp,
    GenericNack,
    SubmitSmResp,
    SubmitMultiResp,
    DeliverSmResp,
    DataSmResp,
    QuerySmResp,
    CancelSmResp,
    ReplaceSmResp,
    ParamRetrieveResp,
    QueryLastMsgsResp,
    QueryMsgDetailsResp,
    BroadcastSmResp,
    QueryBroadcastSmResp,
    CancelBroadcastSmResp,
)

_RESPONSES: dict[int, type[Response]] = {kind.command_id: kind for kind in RESPONSES}


def response_class(command_id: int) -> type[Response]:
    """Return what answers this command: its response, or generic_nack where it has none.

    Every response is made of a sequence_number and a command_status alone if need be
    (3.4 clause 4.3, 5.0 clause 4.1.4).
    """
    return _RESPONSES.get(command_id | RESPONSE_BIT, GenericNack)
