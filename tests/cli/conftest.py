"""A service centre for the commands to talk to, on an event loop of its own."""

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from smsc.centre import ServiceCentre
from smsc.config import Config, parse

CONFIG = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[[accounts]]
system_id = "demo"
password = "demo"
api_token = "demo"
addresses = ["1234"]
operator = true
[[accounts]]
system_id = "guest"
password = "guest"
api_token = "guest"
[[policies]]
name = "default"
deliver_to = "demo"
[[policies]]
name = "mute"
mo = false
[[devices]]
msisdn = "491700000001"
[[devices]]
msisdn = "491700000002"
attached = false
iccid = "8988"
[[devices]]
msisdn = "491700000003"
policy = "mute"
[[populations]]
msisdn = "4471########"
"""


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """Write a config whose listeners take any free port."""
    file = tmp_path / "smsc.toml"
    file.write_text(CONFIG.format(folder=tmp_path))
    return file


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def url(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a service centre; the commands find it through their environment."""
    loop = Loop()
    centre = _centre(parse(config_file.read_text(), "smsc.toml"))
    loop.run(centre.open())
    host, port = centre.http_address
    monkeypatch.setenv("SMSC_URL", f"http://{host}:{port}")
    yield f"http://{host}:{port}"
    loop.run(centre.close())
    loop.close()


def _centre(config: Config) -> ServiceCentre:
    return ServiceCentre(config)
