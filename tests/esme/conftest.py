"""What the tests of this room share: a road that is open while a test runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smsc.store.sqlite import SqliteStore
from tests.esme.road import Road
from tests.esme.studio import Studio


@pytest.fixture
async def road(tmp_path: Path) -> AsyncIterator[Road]:
    async with Road(SqliteStore(tmp_path / "smsc.db")) as road:
        yield road


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    studio = Studio(SqliteStore(tmp_path / "smsc.db"))
    async with studio:
        yield studio
        studio.broadcasts.close()
