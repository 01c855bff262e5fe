"""TLVs, the optional parameters at the end of a PDU (3.4 clause 5.3, 5.0 clause 4.8).

The table says what each tag holds and how long its value may be; everything else follows from it.
A value is an int, a str (a C-octet string without its NUL) or bytes. Tags that the table doesn't
know keep their octets as they came: they are no error (3.4 clause 3.3, 5.0 clause 2.11.1).
"""

import struct
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple, TypeAlias

from smsc.smpp.commands import CommandStatus, PduError

Value: TypeAlias = int | str | bytes


class Tlv(NamedTuple):
    """One TLV with its value as the table types it (3.4 clause 3.2.4, 5.0 clause 3.2.1.6)."""

    tag: int
    value: Value


class Tag(IntEnum):
    """The tags, each with its clause of 3.4 and of 5.0 (3.4 clause 5.3.2, 5.0 clause 4.8.4)."""

    dest_addr_subunit = 0x0005  # 5.3.2.1, 4.8.4.23
    dest_network_type = 0x0006  # 5.3.2.3, 4.8.4.26
    dest_bearer_type = 0x0007  # 5.3.2.5, 4.8.4.24
    dest_telematics_id = 0x0008  # 5.3.2.7, 4.8.4.29
    source_addr_subunit = 0x000D  # 5.3.2.2, 4.8.4.54
    source_network_type = 0x000E  # 5.3.2.4, 4.8.4.57
    source_bearer_type = 0x000F  # 5.3.2.6, 4.8.4.55
    source_telematics_id = 0x0010  # 5.3.2.8, 4.8.4.61
    qos_time_to_live = 0x0017  # 5.3.2.9, 4.8.4.46
    payload_type = 0x0019  # 5.3.2.10, 4.8.4.44
    additional_status_info_text = 0x001D  # 5.3.2.11, 4.8.4.1
    receipted_message_id = 0x001E  # 5.3.2.12, 4.8.4.47
    ms_msg_wait_facilities = 0x0030  # 5.3.2.13, 4.8.4.40
    privacy_indicator = 0x0201  # 5.3.2.14, 4.8.4.45
    source_subaddress = 0x0202  # 5.3.2.15, 4.8.4.60
    dest_subaddress = 0x0203  # 5.3.2.16, 4.8.4.28
    user_message_reference = 0x0204  # 5.3.2.17, 4.8.4.62
    user_response_code = 0x0205  # 5.3.2.18, 4.8.4.63
    source_port = 0x020A  # 5.3.2.20, 4.8.4.59
    dest_port = 0x020B  # 5.3.2.21, 4.8.4.30
    sar_msg_ref_num = 0x020C  # 5.3.2.22, 4.8.4.48
    language_indicator = 0x020D  # 5.3.2.19, 4.8.4.35
    sar_total_segments = 0x020E  # 5.3.2.23, 4.8.4.50
    sar_segment_seqnum = 0x020F  # 5.3.2.24, 4.8.4.49
    sc_interface_version = 0x0210  # 5.3.2.25, 4.8.4.51
    callback_num_pres_ind = 0x0302  # 5.3.2.37, 4.8.4.17
    callback_num_atag = 0x0303  # 5.3.2.38, 4.8.4.16
    number_of_messages = 0x0304  # 5.3.2.39, 4.8.4.43
    callback_num = 0x0381  # 5.3.2.36, 4.8.4.15
    dpf_result = 0x0420  # 5.3.2.28, 4.8.4.32
    set_dpf = 0x0421  # 5.3.2.29, 4.8.4.52
    ms_availability_status = 0x0422  # 5.3.2.30, 4.8.4.39
    network_error_code = 0x0423  # 5.3.2.31, 4.8.4.42
    message_payload = 0x0424  # 5.3.2.32, 4.8.4.36
    delivery_failure_reason = 0x0425  # 5.3.2.33, 4.8.4.19
    more_messages_to_send = 0x0426  # 5.3.2.34, 4.8.4.38
    message_state = 0x0427  # 5.3.2.35, 4.8.4.37
    congestion_state = 0x0428  # -, 4.8.4.18
    ussd_service_op = 0x0501  # 5.3.2.44, 4.8.4.64
    broadcast_channel_indicator = 0x0600  # -, 4.8.4.7
    broadcast_content_type = 0x0601  # -, 4.8.4.8
    broadcast_content_type_info = 0x0602  # -, 4.8.4.6
    broadcast_message_class = 0x0603  # -, 4.8.4.12
    broadcast_rep_num = 0x0604  # -, 4.8.4.13
    broadcast_frequency_interval = 0x0605  # -, 4.8.4.11
    broadcast_area_identifier = 0x0606  # -, 4.8.4.4
    broadcast_error_status = 0x0607  # -, 4.8.4.10
    broadcast_area_success = 0x0608  # -, 4.8.4.5
    broadcast_end_time = 0x0609  # -, 4.8.4.9
    broadcast_service_group = 0x060A  # -, 4.8.4.14
    billing_identification = 0x060B  # -, 4.8.4.3
    source_network_id = 0x060D  # -, 4.8.4.56
    dest_network_id = 0x060E  # -, 4.8.4.25
    source_node_id = 0x060F  # -, 4.8.4.58
    dest_node_id = 0x0610  # -, 4.8.4.27
    dest_addr_np_resolution = 0x0611  # -, 4.8.4.22
    dest_addr_np_information = 0x0612  # -, 4.8.4.21
    dest_addr_np_country = 0x0613  # -, 4.8.4.20
    display_time = 0x1201  # 5.3.2.26, 4.8.4.31
    sms_signal = 0x1203  # 5.3.2.40, 4.8.4.53
    ms_validity = 0x1204  # 5.3.2.27, 4.8.4.41
    alert_on_message_delivery = 0x130C  # 5.3.2.41, 4.8.4.2
    its_reply_type = 0x1380  # 5.3.2.42, 4.8.4.33
    its_session_info = 0x1383  # 5.3.2.43, 4.8.4.34

    # Names of the same tag elsewhere in the specifications.
    destination_port = dest_port
    alert_on_msg_delivery = alert_on_message_delivery
    failed_broadcast_area_identifier = broadcast_area_identifier


TRAIL = 0x3E21
"""Where a message has been, in ASCII as `smsc_routing.loops` writes it: a TLV of ours.

It is of the vendors' range (3.4 clause 5.3.1, 5.0 clause 4.8.4), and in no table here: what another
vendor means by it may be any octets.
"""


class Kind(IntEnum):
    """How the octets of a value read (3.4 clause 3.1, 5.0 clause 3.1)."""

    INTEGER = 0
    C_OCTET_STRING = 1
    OCTET_STRING = 2


class Row(NamedTuple):
    """What a tag holds; the lengths count octets on the wire, a NUL among them."""

    kind: Kind
    shortest: int
    longest: int


def _integer(size: int) -> Row:
    return Row(Kind.INTEGER, size, size)


def _c_octets(shortest: int, longest: int) -> Row:
    return Row(Kind.C_OCTET_STRING, shortest, longest)


def _octets(shortest: int, longest: int) -> Row:
    return Row(Kind.OCTET_STRING, shortest, longest)


TABLE: dict[int, Row] = {
    Tag.dest_addr_subunit: _integer(1),
    Tag.dest_network_type: _integer(1),
    Tag.dest_bearer_type: _integer(1),
    Tag.dest_telematics_id: _integer(2),
    Tag.source_addr_subunit: _integer(1),
    Tag.source_network_type: _integer(1),
    Tag.source_bearer_type: _integer(1),
    Tag.source_telematics_id: _integer(1),
    Tag.qos_time_to_live: _integer(4),
    Tag.payload_type: _integer(1),
    Tag.additional_status_info_text: _c_octets(1, 256),
    Tag.receipted_message_id: _c_octets(1, 65),
    Tag.ms_msg_wait_facilities: _integer(1),
    Tag.privacy_indicator: _integer(1),
    Tag.source_subaddress: _octets(2, 23),
    Tag.dest_subaddress: _octets(2, 23),
    Tag.user_message_reference: _integer(2),
    Tag.user_response_code: _integer(1),
    Tag.source_port: _integer(2),
    Tag.dest_port: _integer(2),
    Tag.sar_msg_ref_num: _integer(2),
    Tag.language_indicator: _integer(1),
    Tag.sar_total_segments: _integer(1),
    Tag.sar_segment_seqnum: _integer(1),
    Tag.sc_interface_version: _integer(1),
    Tag.callback_num_pres_ind: _integer(1),
    Tag.callback_num_atag: _octets(0, 65),
    Tag.number_of_messages: _integer(1),
    Tag.callback_num: _octets(4, 19),
    Tag.dpf_result: _integer(1),
    Tag.set_dpf: _integer(1),
    Tag.ms_availability_status: _integer(1),
    Tag.network_error_code: _octets(3, 3),
    Tag.message_payload: _octets(0, 0xFFFF),
    Tag.delivery_failure_reason: _integer(1),
    Tag.more_messages_to_send: _integer(1),
    Tag.message_state: _integer(1),
    Tag.congestion_state: _integer(1),
    Tag.ussd_service_op: _integer(1),
    Tag.broadcast_channel_indicator: _integer(1),
    Tag.broadcast_content_type: _octets(3, 3),
    Tag.broadcast_content_type_info: _octets(1, 255),
    Tag.broadcast_message_class: _integer(1),
    Tag.broadcast_rep_num: _integer(2),
    Tag.broadcast_frequency_interval: _octets(3, 3),
    Tag.broadcast_area_identifier: _octets(1, 101),
    Tag.broadcast_error_status: _integer(4),
    Tag.broadcast_area_success: _integer(1),
    Tag.broadcast_end_time: _c_octets(16, 17),
    Tag.broadcast_service_group: _octets(1, 255),
    Tag.billing_identification: _octets(1, 1024),
    Tag.source_network_id: _c_octets(7, 65),
    Tag.dest_network_id: _c_octets(7, 65),
    Tag.source_node_id: _octets(6, 6),
    Tag.dest_node_id: _octets(6, 6),
    Tag.dest_addr_np_resolution: _integer(1),
    Tag.dest_addr_np_information: _octets(10, 10),
    Tag.dest_addr_np_country: _octets(1, 5),
    Tag.display_time: _integer(1),
    Tag.sms_signal: _integer(2),
    Tag.ms_validity: _octets(1, 4),
    Tag.alert_on_message_delivery: _octets(0, 1),
    Tag.its_reply_type: _integer(1),
    Tag.its_session_info: _octets(2, 2),
}

_UNKNOWN = _octets(0, 0xFFFF)
_INTEGER, _C_OCTET_STRING = Kind.INTEGER, Kind.C_OCTET_STRING
_HEAD = struct.Struct(">HH")
_INTEGERS = {size: struct.Struct(">HH" + code) for size, code in ((1, "B"), (2, "H"), (4, "I"))}
_unpack = _HEAD.unpack_from


def decode(octets: bytes, start: int, end: int) -> tuple[Tlv, ...]:
    """Read the TLVs in octets[start:end], in their order (3.4 clause 3.2.4, 5.0 3.2.1.6)."""
    tlvs = []
    at = start
    while at < end:
        if at + 4 > end:
            raise _malformed(f"{end - at} octets after the last TLV are none")
        tag, length = _unpack(octets, at)
        at += 4
        if at + length > end:
            raise _malformed(f"TLV {name(tag)} says {length} octets, {end - at} are left")
        tlvs.append(Tlv(tag, _read(tag, octets[at : at + length])))
        at += length
    return tuple(tlvs)


def encode(tlvs: Iterable[Tlv]) -> bytes:
    """Write TLVs in the order given (3.4 clause 3.2.4, 5.0 3.2.1.6)."""
    return b"".join([_write(tag, value) for tag, value in tlvs])


def first(tlvs: Iterable[Tlv], tag: int) -> Value | None:
    """Return the value of the first TLV with this tag, None where there is none."""
    for found, value in tlvs:
        if found == tag:
            return value
    return None


def name(tag: int) -> str:
    """Name a tag as the specification does, or give its number."""
    return Tag(tag).name if tag in TABLE else f"0x{tag:04X}"


def _read(tag: int, octets: bytes) -> Value:
    kind, shortest, longest = TABLE.get(tag, _UNKNOWN)
    if not shortest <= len(octets) <= longest:
        raise _wrong_length(tag, len(octets))
    if kind is _INTEGER:
        return int.from_bytes(octets, "big")
    if kind is _C_OCTET_STRING:
        # Real peers leave the NUL out; with one the text must be as long as its tag allows.
        text = octets.partition(b"\0")[0]
        if not shortest <= len(text) + 1 <= longest:
            raise _wrong_length(tag, len(octets))
        return text.decode("latin-1")
    return octets


def _write(tag: int, value: Value) -> bytes:
    kind, shortest, longest = TABLE.get(tag, _UNKNOWN)
    try:
        if kind is _INTEGER:
            return _INTEGERS[longest].pack(tag, longest, value)
        octets = _text_octets(value) if kind is _C_OCTET_STRING else _plain_octets(value)
        if not shortest <= len(octets) <= longest:
            raise _wrong_length(tag, len(octets))
        return _HEAD.pack(tag, len(octets)) + octets
    except (struct.error, TypeError, ValueError) as error:
        reason = f"TLV {name(tag)} can't hold {value!r}"
        raise PduError(CommandStatus.ESME_RINVTLVVAL, reason) from error


def _text_octets(value: Value) -> bytes:
    if isinstance(value, str) and "\0" not in value:
        return value.encode("latin-1") + b"\0"
    raise TypeError("not a C-octet string")


def _plain_octets(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    raise TypeError("not an octet string")


def _malformed(reason: str) -> PduError:
    return PduError(CommandStatus.ESME_RINVTLVSTREAM, reason)


def _wrong_length(tag: int, length: int) -> PduError:
    return PduError(CommandStatus.ESME_RINVTLVLEN, f"TLV {name(tag)} can't be {length} octets")
