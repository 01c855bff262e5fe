"""A centre that can't do its work any more says so, instead of accepting what it can't deliver."""

from pathlib import Path

import httpx

from smsc.centre import ServiceCentre
from smsc.config import load
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Queue
from tests.journeys.server import demo_world


class Forgetful(SqliteStore):
    """A store with a fault that nobody thought of."""

    async def queues(self, after: str, limit: int) -> list[Queue]:
        """Fail as only a program does."""
        raise KeyError(after)


async def test_a_centre_whose_reader_has_died_is_not_ready_and_asks_to_be_started_again(
    tmp_path: Path,
) -> None:
    centre = ServiceCentre(load(demo_world(tmp_path)), store=Forgetful(tmp_path / "smsc.db"))
    await centre.open()
    await centre.broken.wait()
    host, port = centre.http_address
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}") as client:
        response = await client.get("/readyz")
    assert response.status_code == 503
    assert "queues are no longer read" in response.json()["detail"]
    await centre.close()
