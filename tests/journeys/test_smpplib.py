"""smpplib, as an application would use it, against a server of its own."""

from collections.abc import Iterator

import pytest
from smpplib import consts, smpp
from smpplib.exceptions import PDUError

from tests.journeys.blocking import DELIVERED, Application, is_receipt, stated
from tests.journeys.server import DETACHED, Server, demo_world

GREEK_AND_EXTENSION = "Δ Ψ Ω: [42] {€} ~ \\ | ^ @£$¥ à"
SURROGATES = "Zażółć 😀👍🏽 gęślą 𝄞"
LONG = "The quick brown fox jumps over the lazy dog. " * 10
DELETED = consts.SMPP_MESSAGE_STATE_DELETED
ENROUTE = consts.SMPP_MESSAGE_STATE_ENROUTE
LONG_UCS2 = "Zażółć gęślą jaźń, " * 10


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(demo_world(tmp_path_factory.mktemp("smpplib"))) as server:
        server.start()
        yield server


@pytest.fixture
def application(server: Server) -> Iterator[Application]:
    with Application(server.smpp) as application:
        yield application.transceiver()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("491520000001", "Hello, device"),
        ("491520000002", GREEK_AND_EXTENSION),
        ("491520000003", SURROGATES),
    ],
    ids=["plain", "GSM 7 bit with extensions", "UCS2 with surrogates"],
)
def test_a_text_reaches_the_device_and_its_receipt_the_application(
    server: Server, application: Application, number: str, text: str
) -> None:
    (message_id,) = application.send(number, text)
    receipt = application.next_heard()
    assert is_receipt(receipt)
    assert stated(receipt) == (message_id, DELIVERED)
    assert receipt.short_message.startswith(f"id:{message_id} ".encode())
    assert b" stat:DELIVRD err:000 " in receipt.short_message
    assert server.texts(number) == [text]


@pytest.mark.parametrize(
    ("number", "text", "count"),
    [("491520000004", LONG, 3), ("491520000005", LONG_UCS2, 3)],
    ids=["GSM 7 bit", "UCS2"],
)
def test_parts_that_the_application_made_are_joined_on_the_device(
    server: Server, application: Application, number: str, text: str, count: int
) -> None:
    ids = application.send(number, text)
    assert len(set(ids)) == count
    receipts = [application.next_heard() for _ in ids]
    assert [stated(receipt) for receipt in receipts] == [(each, DELIVERED) for each in ids]
    (message,) = server.inbox(number)
    assert message["text"] == text
    assert message["parts"] == count


def test_octets_reach_the_device_as_they_are(server: Server, application: Application) -> None:
    octets = bytes(range(128)) + b"\xff\x80\x00"
    message_id = application.submit("491520000006", octets, consts.SMPP_ENCODING_BINARY)
    assert stated(application.next_heard()) == (message_id, DELIVERED)
    (message,) = server.inbox("491520000006")
    assert bytes.fromhex(message["hex"]) == octets


def test_a_receipt_comes_over_the_receiver_for_what_the_transmitter_sent(server: Server) -> None:
    with Application(server.smpp) as one, Application(server.smpp) as other:
        transmitter, receiver = one.transmitter(), other.receiver()
        (message_id,) = transmitter.send("491520000007", "sent here, heard of there")
        assert stated(receiver.next_heard()) == (message_id, DELIVERED)
        assert transmitter.heard == []


@pytest.mark.parametrize(
    ("text", "data_coding", "octets"),
    [
        ("ping [1] à", 0, b"ping \x1b<1\x1b> \x7f"),
        (SURROGATES, 8, SURROGATES.encode("utf-16-be")),
    ],
    ids=["GSM 7 bit", "UCS2"],
)
def test_what_a_device_sends_arrives_as_no_receipt(
    server: Server, application: Application, text: str, data_coding: int, octets: bytes
) -> None:
    server.device_sends("491520000008", "1234", text)
    message = application.next_heard()
    assert not is_receipt(message)
    assert message.source_addr == b"491520000008"
    assert message.destination_addr == b"1234"
    assert message.data_coding == data_coding
    assert message.short_message == octets


def test_a_message_for_a_detached_device_is_delivered_when_it_attaches(
    server: Server, application: Application
) -> None:
    (message_id,) = application.send(DETACHED, "when you are back")
    assert server.texts(DETACHED) == []
    server.attach(DETACHED)
    assert stated(application.next_heard()) == (message_id, DELIVERED)
    assert server.texts(DETACHED) == ["when you are back"]


def test_a_text_takes_the_place_of_one_that_waits_through_a_restart(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with Server(demo_world(tmp_path_factory.mktemp("replaced"))) as server:
        server.start()
        with Application(server.smpp) as application:
            application.transceiver()
            old = application.submit(DETACHED, b"old", 0)
            new = application.submit(DETACHED, b"new", 0, replace_if_present_flag=1)
            assert stated(application.next_heard()) == (old, DELETED)
            answer = application.query(old)
            assert (str(answer.message_id, "ascii"), answer.message_state) == (old, DELETED)
            assert len(answer.final_date) == len("YYMMDDhhmmsstnnp")
            assert application.query(new).message_state == ENROUTE
        server.kill()
        server.wait()
        server.start()
        with Application(server.smpp) as application:
            application.transceiver()
            assert application.query(old).message_state == DELETED
            server.attach(DETACHED)
            assert stated(application.next_heard()) == (new, DELIVERED)
            assert application.query(new).message_state == DELIVERED
        assert server.texts(DETACHED) == ["new"]


def test_an_enquire_link_is_answered(application: Application) -> None:
    client = application.client
    client.send_pdu(smpp.make_pdu("enquire_link", client=client))
    assert client.read_pdu().command == "enquire_link_resp"


def test_an_unbind_is_answered_and_another_bind_gets_in(server: Server) -> None:
    for _ in range(3):
        with Application(server.smpp) as application:
            assert application.transceiver().client.unbind().command == "unbind_resp"
            application.client.disconnect()


def test_a_wrong_password_is_told_from_an_unknown_name(server: Server) -> None:
    for system_id, password, status in (
        ("demo", "guess", consts.SMPP_ESME_RINVPASWD),
        ("nobody", "demo", consts.SMPP_ESME_RINVSYSID),
    ):
        with Application(server.smpp) as application:
            with pytest.raises(PDUError) as refusal:
                application.client.bind_transceiver(system_id=system_id, password=password)
            assert refusal.value.args[1] == status
            application.client.disconnect()


def test_a_number_that_nobody_has_is_refused_and_the_next_goes_through(
    server: Server, application: Application
) -> None:
    with pytest.raises(PDUError) as refusal:
        application.send("4915200000091234567", "too long a number")
    assert refusal.value.args[1] == consts.SMPP_ESME_RINVDSTADR
    (message_id,) = application.send("491520000009", "as it should be")
    assert stated(application.next_heard()) == (message_id, DELIVERED)
