"""What the tests of this room share: a far end that listens, and a road with two links."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.upstream.far import FarEnd
from tests.upstream.world import Abroad


@pytest.fixture
async def far() -> AsyncIterator[FarEnd]:
    async with FarEnd() as far:
        yield far


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Abroad]:
    made = Abroad(tmp_path / "smsc.db")
    await made.open()
    yield made
    made.store.clear_up()
    await made.close()
