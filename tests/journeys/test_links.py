"""Two of our SMSCs, one linked to the other: messages leave, receipts come back through both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.blocking import DELIVERED, Application, stated
from tests.journeys.server import Server

HERE, THERE = "491700000001", "15550000001"

WORLD = """
[smsc]
system_id = "{name}"
[store]
url = "sqlite:{folder}/{name}.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[delivery]
retry = ["100ms"]
[[accounts]]
system_id = "demo"
password = "demo"
api_token = "demo"
operator = true
addresses = ["{short_code}"]
external = {external}
[[policies]]
name = "open"
p2p_external = true
[[devices]]
msisdn = "{device}"
policy = "open"
attached = {attached}
"""
NEIGHBOUR = """
[[accounts]]
system_id = "near"
password = "link"
addresses = ["{device}"]
"""
LINK = """
[[links]]
name = "far"
host = "127.0.0.1"
port = {port}
system_id = "near"
password = "link"
reconnect = "100ms"
reconnect_longest = "200ms"
[[routes]]
links = ["far"]
"""


class Pair:
    """Two SMSCs: the near one has an application and a link, the far one a device."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        far = WORLD.format(
            name="far",
            folder=folder,
            short_code="4321",
            external="false",
            device=THERE,
            attached="false",
        )
        (folder / "far.toml").write_text(far + NEIGHBOUR.format(device=HERE))
        self.far = Server(folder / "far.toml")
        self.near = Server(folder / "near.toml")

    def start(self) -> None:
        self.far.start()
        self.link_to_far()
        self.near.start()
        self.near_is_linked()

    def link_to_far(self, more: str = "") -> None:
        """Write the config of the near one, with a link to where the far one is now."""
        near = WORLD.format(
            name="near",
            folder=self._folder,
            short_code="1234",
            external="true",
            device=HERE,
            attached="true",
        )
        (self._folder / "near.toml").write_text(near + LINK.format(port=self.far.smpp[1]) + more)

    def near_is_linked(self) -> None:
        self.near.metrics_show('smsc_link_up{link="far"} 1.0')


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    with made.far, made.near:
        yield made


def test_a_receipt_comes_back_through_both_though_each_was_killed_meanwhile(pair: Pair) -> None:
    pair.start()
    with Application(pair.near.smpp) as application:
        (message_id,) = application.transmitter().send(THERE, "over the border")
        while not pair.near.get(f"/v1/messages/{message_id}")["attempts"]:
            pass
        pair.near.kill()
        pair.near.wait()
        application.disconnect()
    pair.far.kill()
    pair.far.wait()
    pair.far.start()
    pair.link_to_far()
    pair.near.start()
    pair.near_is_linked()
    assert pair.near.state(message_id) == "ENROUTE"
    pair.far.attach(THERE)
    with Application(pair.near.smpp) as application:
        assert stated(application.receiver().next_heard()) == (message_id, DELIVERED)
    assert pair.far.texts(THERE) == ["over the border"]
    assert pair.near.state(message_id) == "DELIVERED"


def test_devices_on_both_sides_talk_to_each_other(pair: Pair) -> None:
    pair.start()
    pair.far.attach(THERE)
    pair.near.device_sends(HERE, THERE, "hello, who is there?")
    pair.far.metrics_show('smsc_finals_total{state="DELIVERED"} 1.0')
    assert pair.far.texts(THERE) == ["hello, who is there?"]
    pair.near.metrics_show('smsc_finals_total{state="DELIVERED"} 1.0')
    pair.far.device_sends(THERE, HERE, "it is me")
    pair.near.metrics_show('smsc_finals_total{state="DELIVERED"} 2.0')
    assert pair.near.texts(HERE) == ["it is me"]
    pair.near.metrics_show('smsc_submits_total{class="p2p_external_mt",reason="accepted"} 1.0')


def test_a_link_and_its_routes_are_changed_without_a_restart(pair: Pair) -> None:
    pair.start()
    with Application(pair.near.smpp) as application:
        pair.far.terminate()
        pair.far.wait()
        (message_id,) = application.transceiver().send(THERE, "waits for a link")
        pair.far.start()
        pair.link_to_far("[[routes]]\nlinks = ['fra']\n")
        pair.near.reload()
        assert "no such link; did you mean 'far'?" in pair.near.heard("not_reloaded")["reason"]
        pair.link_to_far()
        pair.near.reload()
        assert pair.near.heard("routed")["replaced"] == ["far"]
        pair.near_is_linked()
        pair.far.attach(THERE)
        assert stated(application.next_heard()) == (message_id, DELIVERED)
