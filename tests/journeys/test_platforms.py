"""What IoT platforms put on the wire, octet for octet, and what their devices get of it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from smsc.smpp import receipt
from smsc.smpp.codec import encode
from smsc.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    DeliverSm,
    DeliverSmResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc.smpp.tlv import Tag, Tlv
from smsc_encodings import tpdu
from smsc_encodings.dcs import Alphabet
from smsc_encodings.elements import Ports16
from tests.esme.peer import Peer
from tests.journeys.server import Server, demo_world

ACCOUNT = """
[[accounts]]
system_id = "user"
password = "password"
addresses = ["16125552701", "VMA"]
"""

# As Traccar 4.11 writes them with its default settings (the length of the submit_sm is that of a
# log in its issue 3796).
TRACCAR_BIND = "00000023 00000009 00000000 00000001 75736572 00 70617373776f7264 00 00 34 000000"
TRACCAR_SUBMIT = """
    00000043 00000004 00000000 00000003 00 0500 2b313631323535353237303100
    0101 313631323535353938393800 00 00 00 00 00 00 00 00 00 0b 636865636b313233393939
"""
TRACCAR_UCS2 = """
    00000038 00000004 00000000 00000003 00 0500 00
    0101 313631323535353938393800 000000 00 00 01 00 08 00 0c 00470065007200e400740065
"""
TRACCAR_DEVICE = "16125559898"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(demo_world(tmp_path_factory.mktemp("platforms"), ACCOUNT)) as server:
        server.start()
        yield server


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Peer]:
    """Connect, and unbind in the end."""
    peer = await Peer.connect(server.smpp)
    yield peer
    peer.send(Unbind(peer.number()))
    await peer.expect(UnbindResp)
    await peer.close()


@pytest.fixture
async def peer(server: Server) -> AsyncIterator[Peer]:
    async with connected(server) as peer:
        yield peer


async def _submitted(peer: Peer, pdu: SubmitSm) -> str:
    peer.send(pdu)
    answer = await peer.expect(SubmitSmResp)
    assert answer.command_status == 0
    return answer.message_id


async def _receipt(peer: Peer) -> receipt.Receipt:
    """Return what the next PDU, a receipt, says; it is answered."""
    pdu = await peer.expect(DeliverSm)
    assert pdu.esm_class == 0x04
    peer.send(DeliverSmResp(pdu.sequence_number))
    return receipt.decode(pdu.short_message)


async def _caught_up(peer: Peer, number: str) -> None:
    """Wait until a device has everything that was submitted for it before."""
    message = SubmitSm(
        peer.number(), destination_addr=number, registered_delivery=1, short_message=b"last"
    )
    assert (await _receipt_for(peer, message)).stat == "DELIVRD"


async def _receipt_for(peer: Peer, pdu: SubmitSm) -> receipt.Receipt:
    message_id = await _submitted(peer, pdu)
    told = await _receipt(peer)
    assert told.id == message_id
    return told


async def test_traccars_bind_and_submits_are_taken_as_they_come(server: Server, peer: Peer) -> None:
    peer.write(bytes.fromhex(TRACCAR_BIND))
    assert (await peer.expect(BindTransceiverResp)).command_status == 0
    peer.write(bytes.fromhex(TRACCAR_SUBMIT))
    first = await peer.expect(SubmitSmResp)
    assert (first.sequence_number, first.command_status) == (3, 0)
    peer.write(bytes.fromhex(TRACCAR_UCS2))
    second = await peer.expect(SubmitSmResp)
    assert (second.sequence_number, second.command_status) == (3, 0)

    told = await _receipt(peer)
    assert (told.id, told.stat) == (second.message_id, "DELIVRD")
    command, notification = server.inbox(TRACCAR_DEVICE)
    assert (command["from"], command["text"]) == ("16125552701", "check123999")
    assert (notification["from"], notification["text"]) == ("16125552701", "Geräte")


async def test_traccar_gets_a_devices_text_without_tlvs_in_its_short_message(
    server: Server, peer: Peer
) -> None:
    peer.write(bytes.fromhex(TRACCAR_BIND))
    await peer.expect(BindTransceiverResp)
    server.device_sends(TRACCAR_DEVICE, "+16125552701", "$GTFRI [on] à")
    message = await peer.expect(DeliverSm)
    assert (message.esm_class, message.data_coding, message.tlvs) == (0, 0, ())
    assert message.short_message == b"\x02GTFRI \x1b<on\x1b> \x7f"
    assert message.source_addr == TRACCAR_DEVICE
    peer.send(DeliverSmResp(message.sequence_number))


async def test_a_short_message_of_161_to_255_octets_is_split_for_the_device(
    server: Server, peer: Peer
) -> None:
    await peer.bind(BindTransceiver, "user", "password")
    for length, number in ((161, "491530000001"), (254, "491530000002"), (255, "491530000003")):
        text = ("check123999 " * 22)[:length]
        pdu = encode(SubmitSm(peer.number(), destination_addr=number, dest_addr_ton=1))
        # The specification ends at 254, and so does our encoder; Traccar does not.
        octets = pdu[4:-1] + bytes([length]) + text.encode()
        peer.write((len(octets) + 4).to_bytes(4, "big") + octets)
        assert (await peer.expect(SubmitSmResp)).command_status == 0
        await _caught_up(peer, number)
        first, _ = server.inbox(number)
        assert (first["text"], first["parts"]) == (text, 2)


async def test_a_message_payload_is_split_for_the_device(server: Server, peer: Peer) -> None:
    await peer.bind(BindTransceiver, "user", "password")
    text = "setparam 2004:track.example.com " * 10
    pdu = SubmitSm(
        peer.number(),
        source_addr_ton=5,
        source_addr="+16125552701",
        destination_addr="+491530000004",
        registered_delivery=1,
        tlvs=(Tlv(Tag.message_payload, text.encode()),),
    )
    assert (await _receipt_for(peer, pdu)).stat == "DELIVRD"
    (message,) = server.inbox("491530000004")
    assert (message["text"], message["parts"]) == (text, 3)


async def test_kannels_text_asks_for_a_receipt_by_two_bits_of_seventeen(
    server: Server, peer: Peer
) -> None:
    await peer.bind(BindTransceiver, "user", "password")
    pdu = SubmitSm(
        peer.number(),
        service_type="VMA",
        source_addr="16125552701",
        dest_addr_ton=2,
        dest_addr_npi=1,
        destination_addr="00491530000005",
        esm_class=0x03,
        registered_delivery=17,
        short_message=b"Hello from Kannel",
    )
    told = await _receipt_for(peer, pdu)
    assert (told.stat, told.text) == ("DELIVRD", "Hello from Kannel")
    assert server.texts("491530000005") == ["Hello from Kannel"]


async def test_kannels_octets_behind_a_port_header_reach_the_device(
    server: Server, peer: Peer
) -> None:
    await peer.bind(BindTransceiver, "user", "password")
    octets = bytes(range(0x70, 0xF0))
    pdu = SubmitSm(
        peer.number(),
        source_addr="16125552701",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="491530000006",
        esm_class=0x43,
        registered_delivery=17,
        data_coding=4,
        short_message=bytes.fromhex("06 05 04 07D1 0000") + octets,
    )
    assert (await _receipt_for(peer, pdu)).stat == "DELIVRD"
    (message,) = server.inbox("491530000006")
    assert bytes.fromhex(message["hex"]) == octets
    (received,) = (tpdu.decode(bytes.fromhex(each), "mt") for each in message["tpdus"])
    assert isinstance(received, tpdu.Deliver)
    assert (received.origin, received.dcs.alphabet) == (("16125552701", 1, 1), Alphabet.OCTET)
    assert received.udh is not None and received.udh.ports == Ports16(0x07D1, 0)
    assert received.body == octets


async def test_a_devices_octets_behind_a_port_header_come_as_they_are(
    server: Server, peer: Peer
) -> None:
    await peer.bind(BindTransceiver, "user", "password")
    header, octets = bytes.fromhex("06050407D10000"), b"  $@_\x1b" + bytes(range(0x70, 0xF0))[:100]
    body = {"to": "+16125552701", "hex": octets.hex(), "udh": header.hex()}
    server.post("/v1/devices/491530000006/messages", body)
    message = await peer.expect(DeliverSm)
    assert (message.esm_class, message.data_coding) == (0x40, 4)
    assert message.short_message == header + octets
    peer.send(DeliverSmResp(message.sequence_number))


async def test_teltonikas_leading_spaces_stay(server: Server, peer: Peer) -> None:
    await peer.bind(BindTransceiver, "user", "password")
    pdu = SubmitSm(peer.number(), destination_addr="491530000007", short_message=b"  setdigout 1")
    await _submitted(peer, pdu)
    await _caught_up(peer, "491530000007")
    assert server.texts("491530000007") == ["  setdigout 1", "last"]


async def test_thingsboard_transmits_without_a_sender_to_digits_of_type_5(
    server: Server, peer: Peer
) -> None:
    bind = BindTransmitter(
        peer.number(),
        "user",
        "password",
        interface_version=0x33,
        addr_ton=5,
        address_range="491530000008",
    )
    peer.send(bind)
    assert (await peer.expect(BindTransmitterResp)).command_status == 0
    pdu = SubmitSm(
        peer.number(), dest_addr_ton=5, destination_addr="491530000008", short_message=b"alarm"
    )
    await _submitted(peer, pdu)
    async with connected(server) as other:
        await other.bind(BindTransceiver, "user", "password")
        await _caught_up(other, "491530000008")
    alarm, _ = server.inbox("491530000008")
    assert (alarm["from"], alarm["text"]) == ("16125552701", "alarm")
