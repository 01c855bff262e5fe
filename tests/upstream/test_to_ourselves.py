"""A link to an SMSC of our own: what one end sends the other takes, stores, delivers and tells."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from smsc.centre import ServiceCentre
from smsc.clock import SystemClock
from smsc.config import load
from smsc.message import Address, State
from smsc.upstream.line import Terms
from smsc.upstream.link import Link
from tests.journeys.server import ATTACHED, demo_world
from tests.upstream.office import HOUR_MS, Office, message


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[ServiceCentre]:
    centre = ServiceCentre(load(demo_world(tmp_path)))
    await centre.open()
    yield centre
    await centre.close()


@asynccontextmanager
async def bound(centre: ServiceCentre, **terms: Any) -> AsyncIterator[tuple[Link, Office]]:
    host, port = centre.smpp_address
    office, clock = Office(), SystemClock()
    office.replies = 0
    account: dict[str, Any] = {"system_id": "demo", "password": "demo"}
    link = Link(Terms(name="us", host=host, port=port, **account, **terms), office, clock)
    link.open()
    try:
        await office.is_up()
        yield link, office
    finally:
        await link.close()


def to(number: str, **fields: object) -> dict[str, object]:
    expires_at = SystemClock().now() + HOUR_MS
    return {"dest": Address(1, 1, number), "expires_at": expires_at, **fields}


async def test_a_thousand_messages_are_taken_and_their_ends_told(centre: ServiceCentre) -> None:
    async with bound(centre, window=1000) as (link, office):
        link.send([message(each, **to(f"4471{each:08d}")) for each in range(1, 1001)])
        await office.has_answers(1000)
        await office.until(lambda: len(office.reports) == 1000)
        assert {answer.status for answer in office.answers} == {0}
        ids = {answer.remote_id for answer in office.answers}
        assert len(ids) == 1000
        assert {report.remote_id for report, _ in office.reports} == ids
        assert {report.state for report, _ in office.reports} == {State.DELIVERED}


async def test_a_long_message_goes_in_one_piece(centre: ServiceCentre) -> None:
    async with bound(centre) as (link, office):
        link.send([message(1, **to(ATTACHED, payload=b"long " * 60))])
        await office.until(lambda: len(office.reports) == 1)
        ((report, _),) = office.reports
        assert report.state is State.DELIVERED


async def test_it_is_bound_again_when_the_far_end_is_back(
    centre: ServiceCentre, tmp_path: Path
) -> None:
    async with bound(centre, reconnect_seconds=0.01) as (link, office):
        port = centre.smpp_address[1]
        await centre.close()
        await office.is_down()
        assert link.room == 0
        again = ServiceCentre(load(at(port, tmp_path / "again")))
        await again.open()
        await office.is_up(2)
        link.send([message(1, **to(ATTACHED))])
        await office.until(lambda: len(office.reports) == 1)
        await again.close()


def at(port: int, folder: Path) -> Path:
    """Write the config of an SMSC that listens at this port."""
    folder.mkdir()
    file = demo_world(folder)
    text = file.read_text("utf-8")
    file.write_text(text.replace('"127.0.0.1:0"', f'"127.0.0.1:{port}"', 1), "utf-8")
    return file
