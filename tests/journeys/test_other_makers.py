"""The same dialogue with node-smpp and with Perl's Net::SMPP, neither of which knows of us."""

from collections.abc import Callable, Iterator

import pytest

from tests.journeys.remote import Remote, net_smpp, node_smpp
from tests.journeys.server import ATTACHED, DETACHED, Server, demo_world

Maker = Callable[[tuple[str, int]], Remote]
makers = pytest.mark.parametrize("maker", [node_smpp, net_smpp])

DEMO = {"system_id": "demo", "password": "demo", "interface_version": 0x34}
FROM = {"source_addr_ton": 0, "source_addr_npi": 1, "source_addr": "1234"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(demo_world(tmp_path_factory.mktemp("smsc"))) as server:
        server.start()
        yield server


def to(number: str) -> dict[str, object]:
    return {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": number}


def submit(remote: Remote, number: str, text: str, **fields: object) -> str:
    """Submit a text that is accepted; return its id."""
    answer = remote.ask("submit_sm", short_message=text, **FROM, **to(number), **fields)
    assert answer["command_status"] == 0
    return str(answer["message_id"])


@makers
@pytest.mark.parametrize("kind", ["transmitter", "receiver", "transceiver"])
def test_it_binds_and_unbinds(server: Server, maker: Maker, kind: str) -> None:
    with maker(server.smpp) as remote:
        assert remote.ask(f"bind_{kind}", **DEMO)["system_id"] == "smsc"
        assert remote.ask("enquire_link")["command_status"] == 0
        assert remote.ask("unbind")["command_status"] == 0


@makers
def test_a_wrong_password_is_told(server: Server, maker: Maker) -> None:
    with maker(server.smpp) as remote:
        answer = remote.ask("bind_transceiver", **(DEMO | {"password": "wrong"}))
        assert answer["command_status"] == 0x0E


@makers
def test_a_text_arrives_and_its_receipt_comes_back(server: Server, maker: Maker) -> None:
    with maker(server.smpp) as remote:
        remote.ask("bind_transceiver", **DEMO)
        message_id = submit(remote, ATTACHED, "hello, device", registered_delivery=1)
        receipt = remote.hear("deliver_sm")
        assert receipt["esm_class"] == 0x04
        assert receipt["short_message"].startswith(f"id:{message_id} ")
        assert " stat:DELIVRD " in receipt["short_message"]
    assert "hello, device" in server.texts(ATTACHED)


@makers
def test_what_a_device_sends_comes_in(server: Server, maker: Maker) -> None:
    with maker(server.smpp) as remote:
        remote.ask("bind_receiver", **DEMO)
        server.device_sends(ATTACHED, "1234", "hello, application")
        heard = remote.hear("deliver_sm")
        assert heard["source_addr"] == ATTACHED
        assert heard["short_message"] == "hello, application"


@makers
def test_a_waiting_message_can_be_asked_about_and_cancelled(server: Server, maker: Maker) -> None:
    with maker(server.smpp) as remote:
        remote.ask("bind_transceiver", **DEMO)
        message_id = submit(remote, DETACHED, "not yet", registered_delivery=1)
        asked = remote.ask("query_sm", message_id=message_id, **FROM)
        assert (asked["command_status"], asked["message_state"]) == (0, 1)
        cancel = {"message_id": message_id, **FROM, **to(DETACHED)}
        assert remote.ask("cancel_sm", **cancel)["command_status"] == 0
        assert " stat:DELETED " in remote.hear("deliver_sm")["short_message"]
        assert remote.ask("query_sm", message_id=message_id, **FROM)["message_state"] == 4
        assert remote.ask("cancel_sm", **cancel)["command_status"] == 0x11


@makers
def test_a_waiting_message_can_be_replaced(server: Server, maker: Maker) -> None:
    number = "447200000001" if maker is node_smpp else "447200000002"
    with maker(server.smpp) as remote:
        remote.ask("bind_transceiver", **DEMO)
        message_id = submit(remote, DETACHED, f"old {number}")
        answer = remote.ask(
            "replace_sm",
            message_id=message_id,
            registered_delivery=1,
            short_message=f"new {number}",
            **FROM,
        )
        assert answer["command_status"] == 0
        server.attach(DETACHED)
        assert " stat:DELIVRD " in remote.hear("deliver_sm")["short_message"]
    received = server.texts(DETACHED)
    assert f"new {number}" in received
    assert f"old {number}" not in received
    server.post(f"/v1/devices/{DETACHED}/detach")


def test_node_smpp_sends_one_text_to_many(server: Server) -> None:
    with node_smpp(server.smpp) as remote:
        remote.ask("bind_transceiver", **DEMO)
        answer = remote.ask(
            "submit_multi",
            dest_address=[to(ATTACHED), to("999")],
            short_message="to all of you",
            registered_delivery=1,
            **FROM,
        )
        assert answer["command_status"] == 0
        (failed,) = answer["unsuccess_sme"]
        assert (failed["destination_addr"], failed["error_status_code"]) == ("999", 0x0B)
        assert remote.hear("deliver_sm")["source_addr"] == ATTACHED
    assert "to all of you" in server.texts(ATTACHED)


def test_net_smpp_sends_one_text_to_many(server: Server) -> None:
    with net_smpp(server.smpp) as remote:
        remote.ask("bind_transceiver", **DEMO)
        answer = remote.ask(
            "submit_multi",
            destination_addr=[ATTACHED, "999"],
            short_message="to all of us",
            registered_delivery=1,
            **FROM,
        )
        assert answer["command_status"] == 0
        assert answer["destination_addr"] == ["999"]
        assert answer["error_status_code"] == [0x0B]
        assert remote.hear("deliver_sm")["source_addr"] == ATTACHED
    assert "to all of us" in server.texts(ATTACHED)


@makers
def test_data_sm_carries_a_text(server: Server, maker: Maker) -> None:
    with maker(server.smpp) as remote:
        remote.ask("bind_transceiver", **DEMO)
        text = f"data from {maker.__name__}".replace("_", " ")  # which is elsewhere in GSM 7 bit
        fields = {"message_payload": text, "registered_delivery": 1}
        answer = remote.ask("data_sm", **fields, **FROM, **to(ATTACHED))
        assert answer["command_status"] == 0
        assert " stat:DELIVRD " in remote.hear("deliver_sm")["short_message"]
    assert text in server.texts(ATTACHED)
