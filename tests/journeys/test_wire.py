"""Wireshark looks on: whatever we put on the wire, its dissector has nothing to complain of."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from smsc.smpp import retired, tlv
from smsc.smpp.codec import encode
from smsc.smpp.layout import Counted, Integer, Listed, Text, fields
from smsc.smpp.pdu import (
    REQUESTS,
    RESPONSES,
    DataSm,
    DistributionList,
    EnquireLink,
    Pdu,
    SmeAddress,
    SubmitSm,
    UnsuccessSme,
)
from smsc.smpp.tlv import Kind, Tag, Tlv
from tests.journeys.remote import Remote, net_smpp, node_smpp
from tests.journeys.server import ATTACHED, DETACHED, Server, demo_world
from tests.journeys.tap import Passed, Tap, dissect

TIME = "261121104300000+"
LISTS: dict[str, tuple[msgspec.Struct, ...]] = {
    "dest_address": (SmeAddress(1, 1, "491700000001"), DistributionList("fleet")),
    "unsuccess_sme": (UnsuccessSme(1, 1, "491700000001", 0x0B),),
}
# Wireshark 4 reads one octet of it, and then what follows in the wrong place (5.0 4.8.4.13: two).
MISREAD = Tag.broadcast_rep_num
# It knows the one octet that 3.4 has (5.3.2.27), not the four of 5.0 (4.8.4.41).
ONE_OCTET = {Tag.ms_validity}
TIMES = {"schedule_delivery_time", "validity_period", "final_date"}


def value_of(name: str, row: object) -> Any:
    """Return something for a field to hold."""
    if isinstance(row, Listed):
        return LISTS[name]
    if isinstance(row, Counted):
        return b"hello"
    if isinstance(row, Text):
        return TIME if name in TIMES else "1234"[: row.longest - 1]
    assert isinstance(row, Integer)
    return 0x34 if name == "interface_version" else 1


def filled(kind: type[Pdu], tlvs: tuple[Tlv, ...] = ()) -> Pdu:
    """Return a PDU of this kind with something in each of its fields."""
    values = {name: value_of(name, row) for name, row in fields(kind)}
    if "tlvs" in kind.__struct_fields__:
        values["tlvs"] = tlvs
    return kind(7, **values)


def tlv_of(tag: Tag) -> Tlv:
    """Return a TLV of this tag, as long as it may be but for payloads."""
    kind, shortest, longest = tlv.TABLE[tag]
    size = shortest if tag in ONE_OCTET else max(shortest, min(longest, 20))
    if kind is Kind.INTEGER:
        return Tlv(tag, 1)
    if kind is Kind.C_OCTET_STRING:
        return Tlv(tag, TIME if tag is Tag.broadcast_end_time else "1" * (size - 1))
    return Tlv(tag, bytes([1]) * size)


def complaints(octets: bytes, folder: Path) -> tuple[str, ...]:
    (finding,) = dissect([Passed(0, True, octets)], folder)
    return finding.complaints


# Wireshark knows nothing of what only 3.3 had.
KNOWN = [kind for kind in REQUESTS + RESPONSES if kind.__module__ != retired.__name__]


@pytest.mark.parametrize("kind", KNOWN, ids=lambda kind: kind.__name__)
def test_every_pdu_reads_without_complaint(kind: type[Pdu], tmp_path: Path) -> None:
    assert complaints(encode(filled(kind)), tmp_path) == ()


def test_every_tlv_reads_without_complaint(tmp_path: Path) -> None:
    tlvs = tuple(tlv_of(tag) for tag in Tag if tag is not MISREAD)
    assert complaints(encode(DataSm(7, destination_addr="1234", tlvs=tlvs)), tmp_path) == ()


def test_a_pdu_that_is_wrong_is_complained_of(tmp_path: Path) -> None:
    twice = (Tlv(Tag.message_payload, b"hello"),)
    assert complaints(encode(filled(SubmitSm, twice)), tmp_path) != ()
    short = encode(EnquireLink(7)).replace(b"\x10", b"\x11", 1) + b"\0"
    assert complaints(short[:4] + encode(filled(SubmitSm))[4:8] + short[8:], tmp_path) != ()


@pytest.mark.parametrize("version", [0x33, 0x34, 0x50])
def test_what_passes_in_a_dialogue_reads_without_complaint(version: int, tmp_path: Path) -> None:
    with Server(demo_world(tmp_path)) as server:
        server.start()
        with Tap(server.smpp) as tap:
            with node_smpp(tap.address) as remote:
                converse(remote, server, version)
            with net_smpp(tap.address) as remote:
                converse(remote, server, version)
        findings = dissect(tap.passed, tmp_path)
    assert {finding.complaints for finding in findings} == {()}
    said = {command for finding in findings if finding.from_smsc for command in finding.commands}
    assert said >= {f"0x{command:08x}" for command in SAID}


SAID = [
    0x80000000,  # generic_nack
    0x80000003,  # query_sm_resp
    0x80000004,  # submit_sm_resp
    0x80000006,  # unbind_resp
    0x80000007,  # replace_sm_resp
    0x80000008,  # cancel_sm_resp
    0x80000009,  # bind_transceiver_resp
    0x80000015,  # enquire_link_resp
    0x80000021,  # submit_multi_resp
    0x80000103,  # data_sm_resp
    0x00000005,  # deliver_sm
]


def converse(remote: Remote, server: Server, version: int) -> None:
    """Have a client say something of everything, right and wrong."""
    bind = {"system_id": "demo", "interface_version": version}
    assert remote.ask("bind_transceiver", password="wrong", **bind)["command_status"]
    remote.ask("bind_transceiver", password="demo", **bind)
    remote.ask("enquire_link")
    source = {"source_addr": "1234"}
    remote.ask(
        "submit_sm",
        **source,
        destination_addr=ATTACHED,
        registered_delivery=1,
        short_message="hello",
    )
    remote.hear("deliver_sm")
    server.device_sends(ATTACHED, "1234", "a text of more than one part: " + "0123456789" * 20)
    remote.hear("deliver_sm")
    remote.hear("deliver_sm")
    assert remote.ask("submit_sm", **source, destination_addr="x", short_message="")[
        "command_status"
    ]
    waiting = remote.ask(
        "submit_sm",
        **source,
        destination_addr=DETACHED,
        short_message="hello",
        registered_delivery=1,
    )["message_id"]
    remote.ask("query_sm", **source, message_id=waiting)
    remote.ask("query_sm", **source, message_id="nonsense")
    remote.ask(
        "replace_sm", **source, message_id=waiting, short_message="again", registered_delivery=1
    )
    remote.ask("cancel_sm", **source, message_id=waiting, destination_addr=DETACHED)
    remote.hear("deliver_sm")
    remote.ask("cancel_sm", **source, message_id=waiting, destination_addr=DETACHED)
    remote.ask("data_sm", **source, destination_addr=ATTACHED, message_payload="hello")
    many = "dest_address" if "node" in str(remote.command) else "destination_addr"
    everybody = [{"destination_addr": ATTACHED}, {"destination_addr": "999"}]
    remote.ask(
        "submit_multi",
        **source,
        **{many: everybody if many == "dest_address" else [ATTACHED, "999"]},
        short_message="hello",
    )
    remote.send("alert_notification", **source, esme_addr="1")
    remote.hear("generic_nack")
    remote.ask("unbind")
