"""smpplib over TLS, and from behind a balancer, against a server of its own."""

import socket
import ssl
import struct
from collections.abc import Iterator

import pytest
from smpplib import consts
from smpplib.exceptions import PDUError

from smsc.smpp.codec import decode, encode
from smsc.smpp.pdu import BindTransceiver
from tests.esme.authority import Authority
from tests.journeys.blocking import DELIVERED, SECONDS_AT_MOST, Application, stated
from tests.journeys.server import Server, demo_world

NUMBER = "491530000001"
ACCOUNTS = """
[[accounts]]
system_id = "named"
password = "demo"
certificate = "esme.example"

[[accounts]]
system_id = "far"
password = "demo"
allow_from = ["192.0.2.0/24"]
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Server]:
    tls = f"""
[smpp.tls]
listen = "127.0.0.1:0"
certificate = "{authority.certificate}"
key = "{authority.key}"
client_ca = "{authority.client_ca}"
"""
    with Server(demo_world(tmp_path_factory.mktemp("tls"), tls + ACCOUNTS)) as server:
        server.start()
        yield server


def test_a_text_goes_over_tls_and_its_receipt_comes_back(
    server: Server, authority: Authority
) -> None:
    with Application(server.smpp_tls, authority.client()) as application:
        (message_id,) = application.transceiver().send(NUMBER, "sealed")
        assert stated(application.next_heard()) == (message_id, DELIVERED)
    assert server.texts(NUMBER) == ["sealed"]


def test_an_account_with_a_certificate_binds_with_it_and_without_it_not(
    server: Server, authority: Authority
) -> None:
    with Application(server.smpp_tls, authority.client("esme.example")) as application:
        application.client.bind_transceiver(system_id="named", password="demo")
    for address, context in (
        (server.smpp, None),
        (server.smpp_tls, authority.client()),
        (server.smpp_tls, authority.client("other.example")),
    ):
        with Application(address, context) as application:
            with pytest.raises(PDUError) as refusal:
                application.client.bind_transceiver(system_id="named", password="demo")
            assert refusal.value.args[1] == consts.SMPP_ESME_RBINDFAIL
            application.client.disconnect()


def test_a_client_that_trusts_somebody_else_does_not_get_through(server: Server) -> None:
    with (
        socket.create_connection(server.smpp_tls, SECONDS_AT_MOST) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(plain, server_hostname="127.0.0.1")


def test_behind_a_balancer_a_peer_is_where_the_header_says(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    config = demo_world(tmp_path_factory.mktemp("balancer"), ACCOUNTS.partition("\n\n")[2])
    text = config.read_text("utf-8")
    config.write_text(text.replace("[smpp]\n", '[smpp]\nproxy_from = ["127.0.0.0/8"]\n'), "utf-8")
    block = socket.inet_aton("192.0.2.7") + socket.inet_aton("127.0.0.1") + bytes(4)
    header = bytes.fromhex("0D0A0D0A000D0A515549540A") + struct.pack(">BBH", 0x21, 0x11, 12)
    with Server(config) as server:
        server.start()
        with socket.create_connection(server.smpp, SECONDS_AT_MOST) as wire:
            wire.sendall(header + block + encode(BindTransceiver(1, "far", "demo")))
            answer = decode(wire.recv(4096))
        assert getattr(answer, "command_status", None) == 0
