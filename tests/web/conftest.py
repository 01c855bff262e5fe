"""The rooms, opened for a test and closed after it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.web.emnify_caller import Caller
from tests.web.rooms import SLOW, Rooms


@pytest_asyncio.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    made = Rooms(tmp_path / "smsc.db")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def fleet(rooms: Rooms) -> Caller:
    return Caller(rooms)


@pytest.fixture
def slow(rooms: Rooms) -> Caller:
    return Caller(rooms, SLOW)
