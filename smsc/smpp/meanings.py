"""The words for the numbers of SMPP: statuses, flags, states, TLVs (5.0 clauses 4.7 and 4.8.4)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from smsc.message import State
from smsc.smpp import commands, times
from smsc.smpp.commands import CommandStatus, Npi, Ton, Version
from smsc.smpp.tlv import Tag
from smsc_encodings import data_coding
from smsc_encodings.explanation import Fact, bit, data_coding_meaning, hexadecimal
from smsc_encodings.tpdu.meanings import pid_meaning

CLAUSES: dict[str, str] = {
    "addr_ton": "4.7.1",
    "source_addr_ton": "4.7.1",
    "dest_addr_ton": "4.7.1",
    "esme_addr_ton": "4.7.1",
    "addr_npi": "4.7.2",
    "source_addr_npi": "4.7.2",
    "dest_addr_npi": "4.7.2",
    "esme_addr_npi": "4.7.2",
    "address_range": "4.7.3",
    "error_status_code": "4.7.6",
    "data_coding": "4.7.7",
    "destination_addr": "4.7.8",
    "dest_flag": "4.7.9",
    "dl_name": "4.7.10",
    "esme_addr": "4.7.11",
    "esm_class": "4.7.12",
    "interface_version": "4.7.13",
    "message_id": "4.7.14",
    "message_state": "4.7.15",
    "no_unsuccess": "4.7.16",
    "number_of_dests": "4.7.17",
    "password": "4.7.18",
    "priority_flag": "4.7.19",
    "protocol_id": "4.7.20",
    "registered_delivery": "4.7.21",
    "replace_if_present_flag": "4.7.22",
    "schedule_delivery_time": "4.7.23",
    "validity_period": "4.7.23",
    "final_date": "4.7.23",
    "service_type": "4.7.25",
    "short_message": "4.7.26",
    "sm_default_msg_id": "4.7.27",
    "sm_length": "4.7.28",
    "source_addr": "4.7.29",
    "system_id": "4.7.30",
    "system_type": "4.7.31",
    "error_code": "4.5.2.2",
}
"""Where SMPP 5.0 defines each field."""

# The TLVs in the order of their clauses, 5.0 4.8.4.1 to 4.8.4.64.
_TLVS = (
    Tag.additional_status_info_text,
    Tag.alert_on_message_delivery,
    Tag.billing_identification,
    Tag.broadcast_area_identifier,
    Tag.broadcast_area_success,
    Tag.broadcast_content_type_info,
    Tag.broadcast_channel_indicator,
    Tag.broadcast_content_type,
    Tag.broadcast_end_time,
    Tag.broadcast_error_status,
    Tag.broadcast_frequency_interval,
    Tag.broadcast_message_class,
    Tag.broadcast_rep_num,
    Tag.broadcast_service_group,
    Tag.callback_num,
    Tag.callback_num_atag,
    Tag.callback_num_pres_ind,
    Tag.congestion_state,
    Tag.delivery_failure_reason,
    Tag.dest_addr_np_country,
    Tag.dest_addr_np_information,
    Tag.dest_addr_np_resolution,
    Tag.dest_addr_subunit,
    Tag.dest_bearer_type,
    Tag.dest_network_id,
    Tag.dest_network_type,
    Tag.dest_node_id,
    Tag.dest_subaddress,
    Tag.dest_telematics_id,
    Tag.dest_port,
    Tag.display_time,
    Tag.dpf_result,
    Tag.its_reply_type,
    Tag.its_session_info,
    Tag.language_indicator,
    Tag.message_payload,
    Tag.message_state,
    Tag.more_messages_to_send,
    Tag.ms_availability_status,
    Tag.ms_msg_wait_facilities,
    Tag.ms_validity,
    Tag.network_error_code,
    Tag.number_of_messages,
    Tag.payload_type,
    Tag.privacy_indicator,
    Tag.qos_time_to_live,
    Tag.receipted_message_id,
    Tag.sar_msg_ref_num,
    Tag.sar_segment_seqnum,
    Tag.sar_total_segments,
    Tag.sc_interface_version,
    Tag.set_dpf,
    Tag.sms_signal,
    Tag.source_addr_subunit,
    Tag.source_bearer_type,
    Tag.source_network_id,
    Tag.source_network_type,
    Tag.source_node_id,
    Tag.source_port,
    Tag.source_subaddress,
    Tag.source_telematics_id,
    Tag.user_message_reference,
    Tag.user_response_code,
    Tag.ussd_service_op,
)
_TLV_CLAUSES: dict[int, str] = {tag: f"4.8.4.{clause}" for clause, tag in enumerate(_TLVS, 1)}


def _names(kind: type[IntEnum]) -> dict[int, str]:
    return {member.value: member.name for member in kind}


_STATUSES, _STATES = _names(CommandStatus), _names(State)
_TONS = {number: name.lower().replace("_", " ") for number, name in _names(Ton).items()}
_NPIS = {number: name.lower().replace("_", " ") for number, name in _names(Npi).items()}
_NPIS |= {npi: npi.name for npi in (Npi.ISDN, Npi.ERMES, Npi.WAP)}


def status(number: int) -> str:
    """Name a command_status (5.0 clause 4.7.6)."""
    vendor = "specific to the SMSC's vendor" if 0x400 <= number <= 0x4FF else "reserved"
    return _STATUSES.get(number, vendor)


def _named(names: Mapping[int, str]) -> Callable[[int], str]:
    return lambda number: names.get(number, "reserved")


_ton, _npi, _state = _named(_TONS), _named(_NPIS), _named(_STATES)


def _version(number: int) -> str:
    if number in _names(Version):
        return f"SMPP {number >> 4}.{number & 15}"
    return "older than SMPP 3.4, read as 3.3" if number < Version.V34 else "unknown"


def _coding(number: int) -> str:
    return data_coding_meaning(data_coding.decode(number))


def _one_of(*meanings: str) -> Callable[[int], str]:
    return lambda number: meanings[number] if number < len(meanings) else "reserved"


class _Integer(NamedTuple):
    """What an integer means, and whether it reads better in hexadecimal."""

    meaning: Callable[[int], str]
    hexadecimal: bool = False


_INTEGERS: dict[str, _Integer] = {
    **dict.fromkeys(("addr_ton", "source_addr_ton", "dest_addr_ton"), _Integer(_ton)),
    **dict.fromkeys(("addr_npi", "source_addr_npi", "dest_addr_npi"), _Integer(_npi)),
    "esme_addr_ton": _Integer(_ton),
    "esme_addr_npi": _Integer(_npi),
    "interface_version": _Integer(_version, hexadecimal=True),
    "esm_class": _Integer(lambda number: "", hexadecimal=True),
    "registered_delivery": _Integer(lambda number: "", hexadecimal=True),
    "protocol_id": _Integer(pid_meaning, hexadecimal=True),
    "data_coding": _Integer(_coding, hexadecimal=True),
    "priority_flag": _Integer(lambda number: "0 is the lowest" if number < 5 else "reserved"),
    "replace_if_present_flag": _Integer(_one_of("don't replace", "replace")),
    "sm_default_msg_id": _Integer(lambda number: "a canned message" if number else "none"),
    "sm_length": _Integer(lambda number: "octets"),
    "message_state": _Integer(_state),
    "error_status_code": _Integer(status, hexadecimal=True),
    "dest_flag": _Integer(_one_of("reserved", "SME address", "distribution list")),
}


def integer(name: str, number: int, size: int = 1) -> tuple[str, str]:
    """Return how the value of an integer field is shown, and what it means."""
    row = _INTEGERS.get(name)
    if row is None:
        return str(number), ""
    return hexadecimal(number, size) if row.hexadecimal else str(number), row.meaning(number)


class _Bits(NamedTuple):
    """Bits of a field: their name and what each value means."""

    name: str
    mask: int
    meanings: dict[int, str]


_FLAGS: dict[str, tuple[_Bits, ...]] = {
    "esm_class": (
        _Bits("reply path", commands.ESM_REPLY_PATH, {0: "not set", 1: "set"}),
        _Bits("UDHI", commands.ESM_UDHI, {0: "no header", 1: "the message begins with a header"}),
        _Bits(
            "type",
            commands.ESM_TYPE_MASK,
            {
                commands.ESM_TYPE_DEFAULT >> 2: "a message",
                commands.ESM_TYPE_RECEIPT >> 2: "delivery receipt",
                commands.ESM_TYPE_DELIVERY_ACKNOWLEDGEMENT >> 2: "delivery acknowledgement",
                commands.ESM_TYPE_USER_ACKNOWLEDGEMENT >> 2: "user acknowledgement",
                commands.ESM_TYPE_CONVERSATION_ABORT >> 2: "conversation abort",
                commands.ESM_TYPE_INTERMEDIATE_NOTIFICATION >> 2: "intermediate notification",
            },
        ),
        _Bits(
            "mode",
            commands.ESM_MODE_MASK,
            {0: "default mode", 1: "datagram", 2: "transaction (forward)", 3: "store and forward"},
        ),
    ),
    "registered_delivery": (
        _Bits(
            "intermediate",
            commands.INTERMEDIATE_NOTIFICATION,
            {0: "no intermediate notification", 1: "intermediate notifications"},
        ),
        _Bits(
            "acknowledgement",
            commands.ACKNOWLEDGEMENT_MASK,
            {0: "none", 1: "delivery", 2: "user", 3: "delivery and user"},
        ),
        _Bits(
            "receipt",
            commands.RECEIPT_MASK,
            {0: "none", 1: "success or failure", 2: "failure", 3: "success"},
        ),
    ),
}


def bits(name: str, number: int, offset: int) -> Iterator[Fact]:
    """Yield the facts of the bits of a field that has some (5.0 clauses 4.7.12 and 4.7.21)."""
    for row in _FLAGS.get(name, ()):
        value = (number & row.mask) // (row.mask & -row.mask)
        meaning = row.meanings.get(value, "reserved")
        yield bit(number, offset, row.name, row.mask, meaning, CLAUSES[name])


def text(name: str, value: str) -> str:
    """Say what the text of a field means: only times need it (5.0 clause 4.7.23)."""
    if not value or CLAUSES.get(name) != "4.7.23":
        return ""
    try:
        ms = times.parse(value, 0)
    except (ValueError, OverflowError) as error:
        return str(error)
    if value.endswith("R"):
        units = ("years", "months", "days", "hours", "minutes", "seconds")
        counts = (int(value[at : at + 2]) for at in range(0, 12, 2))
        told = [f"{count} {unit}" for count, unit in zip(counts, units, strict=True) if count]
        return f"from now: {', '.join(told) or 'at once'}"
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


_SUBUNITS = _one_of(
    "unknown", "display of the phone", "the phone", "smart card", "what is attached to the phone"
)
_NETWORKS = _one_of(
    "unknown", "GSM", "ANSI-136", "IS-95", "PDC", "PHS", "iDEN", "AMPS", "paging network"
)
_BEARERS = _one_of(
    "unknown",
    "SMS",
    "circuit switched data",
    "packet data",
    "USSD",
    "CDPD",
    "DataTAC",
    "FLEX or ReFLEX",
    "cell broadcast",
)
_USSD = {
    0: "PSSD indication",
    1: "PSSR indication",
    2: "USSR request",
    3: "USSN request",
    16: "PSSD response",
    17: "PSSR response",
    18: "USSR confirm",
    19: "USSN confirm",
}
_ERROR_NETWORKS = _one_of(
    "reserved",
    "ANSI-136 access denied",
    "IS-95 access denied",
    "GSM",
    "ANSI-136 cause",
    "IS-95 cause",
    "ANSI-41 error",
    "SMPP error",
    "specific to the SMSC",
)
_LOADS = ((1, "idle"), (30, "low"), (50, "medium"), (80, "high"), (90, "optimum"))


def _congestion(number: int) -> str:
    if number >= 100:
        return "congested" if number == 100 else "reserved"
    return next((load for end, load in _LOADS if number < end), "close to congestion")


def _waiting(number: int) -> str:
    kind = ("voice mail", "fax", "e-mail", "other")[number & 3]
    return f"{kind} indicator {'on' if number & 0x80 else 'off'}"


_TLV_INTEGERS: dict[int, Callable[[int], str]] = {
    Tag.dest_addr_subunit: _SUBUNITS,
    Tag.source_addr_subunit: _SUBUNITS,
    Tag.dest_network_type: _NETWORKS,
    Tag.source_network_type: _NETWORKS,
    Tag.dest_bearer_type: _BEARERS,
    Tag.source_bearer_type: _BEARERS,
    Tag.qos_time_to_live: lambda number: "seconds",
    Tag.payload_type: _one_of("default", "WCMP message"),
    Tag.ms_msg_wait_facilities: _waiting,
    Tag.privacy_indicator: _one_of("not restricted", "restricted", "confidential", "secret"),
    Tag.language_indicator: _one_of(
        "unspecified", "English", "French", "Spanish", "German", "Portuguese"
    ),
    Tag.sc_interface_version: _version,
    Tag.dpf_result: _one_of("DPF not set", "DPF set"),
    Tag.set_dpf: _one_of("DPF not asked for", "DPF asked for"),
    Tag.ms_availability_status: _one_of("available", "denied", "unavailable"),
    Tag.delivery_failure_reason: _one_of(
        "destination unavailable",
        "destination address invalid",
        "permanent network error",
        "temporary network error",
    ),
    Tag.more_messages_to_send: _one_of("no more messages", "more messages"),
    Tag.message_state: _state,
    Tag.congestion_state: _congestion,
    Tag.ussd_service_op: _named(_USSD),
    Tag.display_time: _one_of("temporary", "default", "invoke"),
    Tag.broadcast_error_status: status,
}


def tlv_clause(tag: int) -> str:
    """Return where SMPP 5.0 defines a TLV."""
    return _TLV_CLAUSES.get(tag, "")


def tlv_value(tag: int, value: int | str | bytes) -> tuple[str, str]:
    """Return how the value of a TLV is shown, and what it means."""
    if isinstance(value, int):
        meaning = _TLV_INTEGERS.get(tag)
        return str(value), meaning(value) if meaning is not None else ""
    if isinstance(value, str):
        return value, ""
    if tag == Tag.network_error_code:
        return value.hex(), f"{_ERROR_NETWORKS(value[0])}, {int.from_bytes(value[1:], 'big')}"
    return value.hex(), "" if tag in _TLV_CLAUSES else "unknown: kept as it is"
