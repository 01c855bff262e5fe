"""Rooms, and a receiver of webhooks as a process of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.web.rooms import Rooms
from tests.web.webhooks.receiver import Process


@pytest.fixture(scope="module")
def receiver() -> Iterator[Process]:
    with Process() as process:
        yield process


@pytest_asyncio.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    made = Rooms(tmp_path / "smsc.db")
    await made.open()
    yield made
    await made.close()
