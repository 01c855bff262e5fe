"""What the service centre puts together, and how it takes signals."""

import asyncio
import signal
from pathlib import Path

import pytest

from smsc import centre
from smsc.centre import ServiceCentre
from smsc.clock import SimulatedClock
from smsc.config import load, parse
from smsc.delivery.submission import Submission
from smsc.message import Address, State
from smsc.reload import Reload
from smsc.smpp.pdu import SubmitSm
from smsc.store.store import History
from smsc_routing.decision import Verdict
from smsc_routing.traffic import Party
from tests.upstream.far import FarEnd, answers

WORLD = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
"""
SHARED_LINK = """
[[accounts]]
system_id = "fleet"
password = "secret"
addresses = ["1000"]
external = true
[[accounts]]
system_id = "bank"
password = "secret"
addresses = ["2000"]
external = true
weight = 3
[[links]]
name = "far"
host = "127.0.0.1"
port = {port}
system_id = "here"
window = 4
[[routes]]
links = ["far"]
"""
KEPT = """
[history]
records = "1h"
texts = "1m"
[[accounts]]
system_id = "fleet"
password = "secret"
addresses = ["1000"]
[[devices]]
msisdn = "4471"
"""
EACH = 40
SECONDS_AT_MOST = 10.0


class Crowd:
    """Who submits many, and waits until all are taken."""

    def __init__(self, number: int) -> None:
        self._missing = number
        self.taken = asyncio.Event()

    def accepted(self, token: int, message_id: int) -> None:
        self._missing -= 1
        if not self._missing:
            self.taken.set()

    def refused(self, token: int, verdict: Verdict) -> None:
        raise AssertionError(verdict)

    def flush(self) -> None:
        """Nothing is kept back."""


def leaving(account: str, source: str, number: int) -> Submission:
    return Submission(
        Party.APPLICATION,
        account,
        Address(0, 1, source),
        Address(1, 1, f"1555{number:07d}"),
        account.encode(),
    )


async def test_accounts_share_a_link_by_the_weights_of_the_configuration(tmp_path: Path) -> None:
    async with FarEnd() as far, asyncio.timeout(SECONDS_AT_MOST):
        text = WORLD.format(folder=tmp_path) + SHARED_LINK.format(port=far.port)
        made = ServiceCentre(parse(text, "smsc.toml"))
        await made.open()
        call = await far.bound()
        crowd = Crowd(2 * EACH)
        for number in range(EACH):
            made.intake.submit(leaving("fleet", "1000", number), crowd, number)
            made.intake.submit(leaving("bank", "2000", number), crowd, number)
        await crowd.taken.wait()
        (outlet,) = made.link_agent.outlets
        some = await call.submits(4)
        while outlet.outstanding + len(outlet.shares) < 2 * EACH:
            await call.heard()
        came: list[SubmitSm] = []
        while len(came) < 4 + EACH:
            call.send(*answers(some, first=len(came) + 1))
            came += some
            some = await call.submits(4)
        texts = [submit.short_message for submit in came[4:]]
        assert texts.count(b"bank") == 3 * texts.count(b"fleet")
        call.hang_up()
        await made.close()


async def test_a_hangup_while_it_opens_has_the_file_read_when_it_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "smsc.toml"
    file.write_text(WORLD.format(folder=tmp_path))
    open_it, read_it = ServiceCentre.open, Reload.read
    told: list[str] = []
    read = asyncio.Event()

    async def opening(self: ServiceCentre) -> None:
        signal.raise_signal(signal.SIGHUP)
        await open_it(self)
        told.append("open")

    async def reading(self: Reload, file: Path) -> None:
        await read_it(self, file)
        told.append("read")
        read.set()

    monkeypatch.setattr(ServiceCentre, "open", opening)
    monkeypatch.setattr(Reload, "read", reading)
    serving = asyncio.create_task(centre.serve(load(file), file))
    async with asyncio.timeout(SECONDS_AT_MOST):
        await read.wait()
        signal.raise_signal(signal.SIGTERM)
        await serving
    assert told == ["open", "read"]


async def test_what_is_being_read_again_is_done_before_it_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "smsc.toml"
    file.write_text(WORLD.format(folder=tmp_path))
    told: list[str] = []
    opening, reading, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    open_it, read_it, close_it = ServiceCentre.open, Reload.read, ServiceCentre.close

    async def and_tell(self: ServiceCentre) -> None:
        opening.set()
        await open_it(self)

    async def slowly(self: Reload, file: Path) -> None:
        reading.set()
        await go_on.wait()
        await read_it(self, file)
        told.append("read")

    async def closing(self: ServiceCentre) -> None:
        told.append("close")
        await close_it(self)

    monkeypatch.setattr(ServiceCentre, "open", and_tell)
    monkeypatch.setattr(Reload, "read", slowly)
    monkeypatch.setattr(ServiceCentre, "close", closing)
    async with asyncio.timeout(SECONDS_AT_MOST):
        serving = asyncio.create_task(centre.serve(load(file), file))
        await opening.wait()
        signal.raise_signal(signal.SIGHUP)
        await reading.wait()
        signal.raise_signal(signal.SIGTERM)
        for _ in range(100):
            await asyncio.sleep(0)
        go_on.set()
        await serving
    assert told == ["read", "close"]


async def test_what_has_ended_is_kept_for_as_long_as_the_configuration_says(
    tmp_path: Path,
) -> None:
    text = WORLD.format(folder=tmp_path) + KEPT
    clock = SimulatedClock()
    made = ServiceCentre(parse(text, "smsc.toml"), clock)
    await made.open()
    crowd = Crowd(2)
    source, dest = Address(0, 1, "1000"), Address(1, 1, "4471")
    for token, payload in enumerate((b"one", b"two")):
        made.intake.submit(
            Submission(Party.APPLICATION, "fleet", source, dest, payload), crowd, token
        )
    async with asyncio.timeout(SECONDS_AT_MOST):
        await crowd.taken.wait()
        while (await history(made, 1)).state is not State.DELIVERED:
            clock.advance(0.1)
        while not (await history(made, 1)).erased:
            clock.advance(1)
        assert clock.now() >= (await history(made, 1)).done_at + 60_000
        while await made.store.history(1) is not None:
            clock.advance(60)
        assert (await history(made, 2)).erased
    assert (made.journal.forgotten_texts, made.journal.forgotten_records) == (2, 1)
    await made.close()


async def history(made: ServiceCentre, message_id: int) -> History:
    found = await made.store.history(message_id)
    assert found is not None
    return found
