"""A road of its own for every test, on a store in the test's folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.delivery.studio import Studio
from tests.delivery.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path / "smsc.db")
    await world.open()
    yield world
    world.store.clear_up()
    await world.close()


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    studio = Studio(tmp_path / "smsc.db")
    await studio.open()
    yield studio
    studio.store.clear_up()
    await studio.close()
