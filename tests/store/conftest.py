"""Every store keeps the same promises: these fixtures bring each kind under the same tests."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from smsc.store.archive import Archive
from smsc.store.sqlite import SqliteStore
from tests.store.samples import Shelf

Maker = Callable[[Path], Archive]

KINDS: dict[str, Maker] = {"sqlite": lambda folder: SqliteStore(folder / "smsc.db")}


@pytest.fixture(params=sorted(KINDS))
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Archive]:
    """Make a store of this kind that isn't open yet, at the same place every time."""
    return lambda: KINDS[request.param](tmp_path)


@pytest.fixture
async def shelf(make: Callable[[], Archive]) -> AsyncIterator[Shelf]:
    shelf = Shelf(make)
    await shelf.open()
    yield shelf
    await shelf.store.close()
