"""The conformance tables are held to the code: what they list is what there is, and is tested."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

import pytest

from smsc.smpp import layout, tlv, version
from smsc.smpp.commands import RESPONSE_BIT, CommandStatus, Version
from smsc.smpp.layout import Text, fields
from smsc.smpp.meanings import CLAUSES
from smsc.smpp.parts import DistributionList, SmeAddress
from smsc.smpp.pdu import (
    REQUESTS,
    RESPONSES,
    AlertNotification,
    BindReceiverResp,
    BindTransceiverResp,
    BindTransmitterResp,
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    CancelSmResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    Pdu,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    Request,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
)
from smsc.smpp.tlv import Tag
from smsc.smpp.version import RULES
from tests.docs.test_manual import ROOT, page

PAGE: Final = "conformance.md"
PDUS: Final = REQUESTS + RESPONSES
NAMES: Final = {kind.command_id.name: kind for kind in PDUS}

# Which TLVs may stand where, by hand from the tables of 5.0; all that 3.4 allows are among them.
SUBMISSION: Final = frozenset(
    {
        *(Tag.alert_on_message_delivery, Tag.billing_identification, Tag.callback_num),
        *(Tag.callback_num_atag, Tag.callback_num_pres_ind, Tag.dest_addr_np_country),
        *(Tag.dest_addr_np_information, Tag.dest_addr_np_resolution, Tag.dest_addr_subunit),
        *(Tag.dest_bearer_type, Tag.dest_network_id, Tag.dest_network_type, Tag.dest_node_id),
        *(Tag.dest_subaddress, Tag.dest_telematics_id, Tag.dest_port, Tag.display_time),
        *(Tag.its_reply_type, Tag.its_session_info, Tag.language_indicator, Tag.message_payload),
        *(Tag.more_messages_to_send, Tag.ms_msg_wait_facilities, Tag.ms_validity),
        *(Tag.number_of_messages, Tag.payload_type, Tag.privacy_indicator, Tag.qos_time_to_live),
        *(Tag.sar_msg_ref_num, Tag.sar_segment_seqnum, Tag.sar_total_segments, Tag.set_dpf),
        *(Tag.sms_signal, Tag.source_addr_subunit, Tag.source_bearer_type, Tag.source_network_id),
        *(Tag.source_network_type, Tag.source_node_id, Tag.source_port, Tag.source_subaddress),
        *(Tag.source_telematics_id, Tag.user_message_reference, Tag.user_response_code),
        Tag.ussd_service_op,
    }
)
DELIVERY: Final = frozenset(
    {
        *(Tag.callback_num, Tag.callback_num_atag, Tag.callback_num_pres_ind),
        *(Tag.dest_addr_np_country, Tag.dest_addr_np_information, Tag.dest_addr_np_resolution),
        *(Tag.dest_addr_subunit, Tag.dest_network_id, Tag.dest_node_id, Tag.dest_subaddress),
        *(Tag.dest_port, Tag.dpf_result, Tag.its_reply_type, Tag.its_session_info),
        *(Tag.language_indicator, Tag.message_payload, Tag.message_state, Tag.network_error_code),
        *(Tag.payload_type, Tag.privacy_indicator, Tag.receipted_message_id, Tag.sar_msg_ref_num),
        *(Tag.sar_segment_seqnum, Tag.sar_total_segments, Tag.source_addr_subunit),
        *(Tag.source_network_id, Tag.source_node_id, Tag.source_port, Tag.source_subaddress),
        *(Tag.user_message_reference, Tag.user_response_code, Tag.ussd_service_op),
    }
)
REFUSAL: Final = frozenset({Tag.congestion_state, Tag.additional_status_info_text})
DELIVERY_ANSWER: Final = REFUSAL | {Tag.delivery_failure_reason, Tag.network_error_code}
SUBMISSION_ANSWER: Final = DELIVERY_ANSWER | {Tag.dpf_result}
BIND_ANSWER: Final = frozenset({Tag.sc_interface_version})
BROADCAST: Final = frozenset(
    {
        *(Tag.broadcast_area_identifier, Tag.broadcast_content_type, Tag.broadcast_rep_num),
        *(Tag.broadcast_frequency_interval, Tag.alert_on_message_delivery, Tag.message_payload),
        *(Tag.broadcast_channel_indicator, Tag.broadcast_content_type_info, Tag.ms_validity),
        *(Tag.broadcast_message_class, Tag.broadcast_service_group, Tag.callback_num),
        *(Tag.callback_num_atag, Tag.callback_num_pres_ind, Tag.dest_addr_subunit),
        *(Tag.dest_subaddress, Tag.dest_port, Tag.display_time, Tag.language_indicator),
        *(Tag.payload_type, Tag.privacy_indicator, Tag.sms_signal, Tag.source_addr_subunit),
        *(Tag.source_port, Tag.source_subaddress, Tag.user_message_reference),
    }
)
TLVS: Final[dict[type[Pdu], frozenset[Tag]]] = {
    **dict.fromkeys((BindReceiverResp, BindTransmitterResp, BindTransceiverResp), BIND_ANSWER),
    SubmitSm: SUBMISSION,
    SubmitMulti: SUBMISSION,
    DataSm: SUBMISSION | DELIVERY,
    DeliverSm: DELIVERY,
    SubmitSmResp: SUBMISSION_ANSWER,
    SubmitMultiResp: SUBMISSION_ANSWER,
    DataSmResp: SUBMISSION_ANSWER,
    DeliverSmResp: DELIVERY_ANSWER,
    AlertNotification: frozenset({Tag.ms_availability_status}),
    ReplaceSm: frozenset({Tag.message_payload}),
    **dict.fromkeys(
        (QuerySmResp, CancelSmResp, ReplaceSmResp, CancelBroadcastSmResp),
        frozenset({Tag.congestion_state}),
    ),
    BroadcastSm: BROADCAST,
    BroadcastSmResp: REFUSAL | {Tag.broadcast_error_status, Tag.broadcast_area_identifier},
    QueryBroadcastSm: frozenset({Tag.user_message_reference}),
    QueryBroadcastSmResp: REFUSAL
    | {Tag.message_state, Tag.broadcast_area_identifier, Tag.broadcast_area_success}
    | {Tag.broadcast_end_time, Tag.user_message_reference},
    CancelBroadcastSm: frozenset({Tag.broadcast_content_type, Tag.user_message_reference}),
}


class Row(NamedTuple):
    """A row of a table: what its first cell names, and all cells under the heads of the table."""

    names: list[str]
    cells: dict[str, str]


def rows(text: str) -> Iterator[Row]:
    """Yield the rows of all tables in a text."""
    for table in re.findall(r"^\|.*(?:\n\|.*)+", text, re.MULTILINE):
        head, _, *body = (line[2:-2].split(" | ") for line in table.splitlines())
        for cells in body:
            yield Row(re.findall(r"`(\w+)`", cells[0]), dict(zip(head, cells, strict=True)))


def parts(level: str) -> dict[str, str]:
    """Return what stands under each heading of this level."""
    pieces = re.split(rf"^{level} (.+)$", page(PAGE), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@cache
def described() -> dict[type[Pdu], str]:
    """Return what stands about the parameters of each PDU."""
    return {
        NAMES[name]: re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]
        for head, text in parts("###").items()
        if head.endswith(": parameters")
        for name in head.removesuffix(": parameters").split(", ")
    }


def parameters(kind: type[Pdu]) -> list[Row]:
    return [row for row in rows(described()[kind]) if "parameter" in row.cells]


def tlvs(kind: type[Pdu]) -> list[str]:
    """Return the TLVs that are told of, with those of other tables that are pointed to."""
    found: list[str] = []
    for row in rows(described()[kind]):
        if "TLV" in row.cells:
            pointed = re.search(r"\(#(\w+)\)", row.cells["TLV"])
            found += tlvs(NAMES[pointed[1]]) if pointed else row.names
    return found


def by_name(kind: type[Pdu]) -> str:
    return kind.command_id.name


EVERY_PDU = pytest.mark.parametrize("kind", PDUS, ids=by_name)


# Operations.


def test_every_operation_has_a_row_and_a_section() -> None:
    names = [kind.command_id.name for kind in REQUESTS]
    listed = [name for row in rows(parts("##")["Operations"]) for name in row.names]
    assert sorted(listed) == sorted(names)
    heads = [name for head in parts("##") for name in head.split(", ")]
    assert {*names, "generic_nack"} <= set(heads)


@pytest.mark.parametrize("kind", REQUESTS, ids=by_name)
def test_an_operation_is_told_with_its_versions_and_clauses(kind: type[Request]) -> None:
    (row,) = [r for r in rows(parts("##")["Operations"]) if kind.command_id.name in r.names]
    for each, name in ((Version.V33, "3.3"), (Version.V34, "3.4"), (Version.V50, "5.0")):
        foreign = row.cells[f"in {name}"].startswith(f"not in {name}")
        assert foreign is (kind.command_id not in RULES[each].requests)
    for name in ("3.4", "5.0"):
        clause = re.search(rf"{name} clause ([\d.]+\d)", kind.__doc__ or "")
        assert row.cells[name] == (clause[1] if clause else "-")


def test_every_pdu_has_its_parameters_told() -> None:
    assert set(described()) == set(PDUS)
    found = [head.partition(": ") for head in parts("###")]
    heads = [name for names, colon, _ in found if colon for name in names.split(", ")]
    assert sorted(heads) == sorted(NAMES)


# Parameters.


@EVERY_PDU
def test_every_mandatory_parameter_has_a_row_and_no_other_has(kind: type[Pdu]) -> None:
    listed = [name for row in parameters(kind) for name in row.names]
    assert sorted(listed) == sorted(name for name, _ in fields(kind))


def clauses_of_3_4() -> dict[str, str]:
    """Return the clause of each field, as the table of fields has it beside its row."""
    source = inspect.getsource(layout)
    return dict(re.findall(r'^    "(\w+)": .*# (5\.[\d.]+\d), ', source, re.MULTILINE))


@EVERY_PDU
def test_parameters_are_told_with_their_clauses(kind: type[Pdu]) -> None:
    operation = kind.command_id & ~RESPONSE_BIT
    known = {
        "3.4": clauses_of_3_4() if operation in RULES[Version.V34].requests else {},
        "5.0": CLAUSES if operation in RULES[Version.V50].requests else {},
    }
    for row in parameters(kind):
        for name, clauses in known.items():
            told = row.cells[name].split(", ")
            assert {clauses[each] for each in row.names if each in clauses} <= set(told)


@EVERY_PDU
def test_every_tlv_that_a_pdu_may_have_has_a_row_and_no_other_has(kind: type[Pdu]) -> None:
    assert set(tlvs(kind)) == {tag.name for tag in TLVS.get(kind, ())}


def test_every_tlv_may_stand_somewhere() -> None:
    assert set().union(*TLVS.values()) == set(tlv.TABLE)


# Statuses.


def sent() -> set[str]:
    """Return the statuses that something in the code answers with."""
    spoken = {version.FALLBACK.name}
    for folder in ("esme", "smpp"):
        for path in (ROOT / "smsc" / folder).glob("*.py"):
            # What they name, they don't send: tables of what there is, and of what ESMEs say.
            if path.name not in ("commands.py", "layout.py", "version.py", "agent.py"):
                spoken |= set(re.findall(r"\bESME_\w+", path.read_text("utf-8")))
    kinds: tuple[type, ...] = (*REQUESTS, SmeAddress, DistributionList)
    spoken |= {
        row.status.name for kind in kinds for _, row in fields(kind) if isinstance(row, Text)
    }
    return {CommandStatus[name].name for name in spoken}


def test_every_status_has_a_row_in_the_order_of_their_numbers() -> None:
    listed = [name for row in rows(parts("##")["Error codes"]) for name in row.names]
    assert listed == [status.name for status in sorted(CommandStatus)]


@pytest.mark.parametrize("status", CommandStatus, ids=lambda status: status.name)
def test_a_status_is_told_as_never_sent_if_nothing_sends_it(status: CommandStatus) -> None:
    (row,) = [r for r in rows(parts("##")["Error codes"]) if status.name in r.names]
    never = row.cells["when we send it"].startswith("never:")
    assert never is (status.name not in sent())


def test_no_status_is_named_that_there_is_not() -> None:
    assert set(re.findall(r"ESME_\w+", page(PAGE))) == set(status.name for status in CommandStatus)


# Tests.


@cache
def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, kinds)}


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page(PAGE))
    assert len(named) == page(PAGE).count(".py::")
    assert [each for each in named if each[1] not in functions(each[0])] == []


def test_every_row_names_a_test_that_shows_it() -> None:
    found = list(rows(page(PAGE)))
    assert len(found) > 300
    assert [row for row in found if "::test_" not in row.cells["test"]] == []
