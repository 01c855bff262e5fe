"""Applications and devices of ours, and node-smpp as the SMSC elsewhere that messages leave to."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from smsc.smpp.commands import CommandStatus
from tests.esme.authority import Authority
from tests.journeys.blocking import DELIVERED, Application, stated
from tests.journeys.remote import Remote, far_smsc
from tests.journeys.server import Server

HERE, ELSEWHERE = "491700000001", "15550000001"
PASSWORD = "longer than eight characters"
MESSAGES = 20

WORLD = """
[store]
url = "sqlite:{folder}/smsc.db"
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
addresses = ["1234"]
external = true
[[policies]]
name = "open"
p2p_external = true
[[devices]]
msisdn = "{device}"
policy = "open"
[[routes]]
links = [{names}]
"""
LINK = """
[[links]]
name = "{name}"
host = "127.0.0.1"
port = {port}
system_id = "near"
password = "{password}"
reconnect = "50ms"
reconnect_longest = "200ms"
"""


class World:
    """An SMSC of ours, and others that its links lead to, in the order of its route."""

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self._folder = folder
        self._closing = closing
        self._ports: dict[str, int] = {}
        self.tls: Authority | None = None
        self.config = folder / "smsc.toml"
        self.server = closing.enter_context(Server(self.config))

    def far(self, name: str) -> Remote:
        """Run another SMSC, from now on where the link of this name leads."""
        files = (self.tls.key, self.tls.certificate) if self.tls is not None else ()
        far = self._closing.enter_context(far_smsc("near", PASSWORD, *map(str, files)))
        self._ports[name] = far.hear("listening")["port"]
        tls = f'[links.tls]\nca = "{self.tls.client_ca}"\n' if self.tls is not None else ""
        names = ", ".join(f'"{each}"' for each in self._ports)
        self.config.write_text(
            WORLD.format(folder=self._folder, device=HERE, names=names)
            + "".join(
                LINK.format(name=each, port=port, password=PASSWORD) + tls
                for each, port in self._ports.items()
            )
        )
        return far

    def linked(self) -> None:
        """Wait until all links are up."""
        self.server.metrics_show(*(f'smsc_link_up{{link="{each}"}} 1.0' for each in self._ports))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as closing:
        yield World(tmp_path, closing)


def send(application: Application, count: int = MESSAGES) -> dict[str, str]:
    """Submit messages; return their texts by id."""
    texts = [f"message {number}" for number in range(count)]
    return {application.send(ELSEWHERE, text)[0]: text for text in texts}


def receipts(application: Application, count: int) -> dict[str, int]:
    return dict(stated(application.next_heard()) for _ in range(count))


def texts(far: Remote, count: int) -> list[str]:
    return [far.hear("submit_sm")["short_message"] for _ in range(count)]


@pytest.mark.parametrize("sealed", [False, True], ids=["plain", "tls"])
def test_messages_leave_in_order_and_their_receipts_come_back(
    world: World, tmp_path: Path, sealed: bool
) -> None:
    world.tls = Authority(tmp_path) if sealed else None
    far = world.far("far")
    world.server.start()
    world.linked()
    with Application(world.server.smpp) as application:
        sent = send(application.transceiver())
        assert receipts(application, MESSAGES) == dict.fromkeys(sent, DELIVERED)
    assert texts(far, MESSAGES) == list(sent.values())
    assert {far.hear("deliver_sm_resp")["command_status"] for _ in sent} == {CommandStatus.ESME_ROK}


def test_devices_and_those_elsewhere_talk_to_each_other(world: World) -> None:
    far = world.far("far")
    world.server.start()
    world.linked()
    world.server.device_sends(HERE, ELSEWHERE, "hello")
    submit = far.hear("submit_sm")
    assert (submit["source_addr"], submit["short_message"]) == (HERE, "hello")
    message: dict[str, Any] = {"source_addr": ELSEWHERE, "destination_addr": HERE}
    far.send("deliver_sm", **message, short_message="who is there?")
    world.server.metrics_show('smsc_finals_total{state="DELIVERED"} 2.0')
    assert world.server.texts(HERE) == ["who is there?"]


def test_it_is_killed_with_messages_that_it_took_and_comes_back_with_their_receipts(
    world: World,
) -> None:
    far = world.far("far")
    far.send("keep_receipts")
    world.server.start()
    world.linked()
    with Application(world.server.smpp) as application:
        before = send(application.transceiver())
        taken = [far.hear("taken") for _ in before]
        # Those of which the answer was not read may go out again.
        world.server.metrics_show(
            f'smsc_link_answers_total{{link="far",meaning="taken"}} {MESSAGES}.0'
        )
        far.kill()
        while_it_is_down = send(application)
        far = world.far("far")
        world.server.reload()
        world.linked()
        assert receipts(application, MESSAGES) == dict.fromkeys(while_it_is_down, DELIVERED)
        assert sorted(texts(far, MESSAGES)) == sorted(while_it_is_down.values())
        for each in taken:
            far.send("receipt", **each)
        assert receipts(application, MESSAGES) == dict.fromkeys(before, DELIVERED)


def test_what_it_throttles_goes_over_the_next_link_until_it_takes_messages_again(
    world: World,
) -> None:
    cheap, good = world.far("cheap"), world.far("good")
    cheap.send("answer", command_status=CommandStatus.ESME_RTHROTTLED)
    world.server.start()
    world.linked()
    with Application(world.server.smpp) as application:
        sent = send(application.transceiver())
        assert receipts(application, MESSAGES) == dict.fromkeys(sent, DELIVERED)
        assert sorted(texts(good, MESSAGES)) == sorted(sent.values())
        cheap.send("answer", command_status=CommandStatus.ESME_ROK)
        world.linked()
        (message_id,) = application.send(ELSEWHERE, "once more")
        assert stated(application.next_heard()) == (message_id, DELIVERED)
    assert cheap.hear("taken")["from"] == ELSEWHERE


def test_when_it_is_cut_off_messages_go_over_the_next_link(world: World) -> None:
    cheap, good = world.far("cheap"), world.far("good")
    world.server.start()
    world.linked()
    with Application(world.server.smpp) as application:
        (message_id,) = application.transceiver().send(ELSEWHERE, "over the cheap one")
        assert stated(application.next_heard()) == (message_id, DELIVERED)
        assert cheap.hear("submit_sm")["short_message"] == "over the cheap one"
        cheap.kill()
        world.server.metrics_show('smsc_link_up{link="cheap"} 0.0')
        (message_id,) = application.send(ELSEWHERE, "over the good one")
        assert stated(application.next_heard()) == (message_id, DELIVERED)
        assert good.hear("submit_sm")["short_message"] == "over the good one"
