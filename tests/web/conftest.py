"""The rooms, opened for a test and closed after it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.web.rooms import Rooms


@pytest_asyncio.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    made = Rooms(tmp_path / "smsc.db")
    await made.open()
    yield made
    await made.close()
