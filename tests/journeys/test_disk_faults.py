"""A disk that takes no more, as the operating system tells it: refused, told, and gone on with.

The process is forbidden to make any file longer than the log of its store is, which for all it can
tell is a disk that fails.
"""

import resource
from pathlib import Path

import httpx

from tests.journeys.server import DETACHED, Server, demo_world


def send(server: Server) -> httpx.Response:
    return httpx.post(
        f"{server.url}/v1/messages",
        json={"to": DETACHED, "text": "hello"},
        headers={"Authorization": "Bearer demo"},
        trust_env=False,
    )


def seen(server: Server, path: str) -> httpx.Response:
    return httpx.get(server.url + path, trust_env=False)


def test_a_disk_that_takes_no_more_is_told_and_once_it_does_everything_goes_on(
    tmp_path: Path,
) -> None:
    with Server(demo_world(tmp_path)) as server:
        server.start()
        assert send(server).status_code == 201
        most = (tmp_path / "smsc.db-wal").stat().st_size
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (most, before[1]))

        assert send(server).json()["reason"] == "store_failed"
        told = server.expect("store_failed")
        assert "smsc.db: " in told["reason"]
        assert "see the log of the machine for its disk" in told["reason"]
        # Another try has failed: nobody is let in for a trial.
        server.expect("store_failed")
        assert seen(server, "/readyz").status_code == 503
        assert send(server).json()["reason"] == "store_failed"
        assert "smsc_ready 0.0" in seen(server, "/metrics").text

        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)
        server.expect("store_writes_again")
        assert seen(server, "/readyz").status_code == 200
        assert "smsc_ready 1.0" in seen(server, "/metrics").text
        assert send(server).status_code == 201
        server.kill()
        server.wait()
        server.start()
        assert server.opened["waiting"] == 2
