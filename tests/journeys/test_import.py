"""Devices come by `smsc devices import`: all of a file or none, even if the SMSC dies meanwhile."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.server import SECONDS_AT_MOST, Server

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
operator = true
addresses = ["1234"]
"""
FIRST = 491800000000
DEVICES = 5000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    config = tmp_path / "smsc.toml"
    config.write_text(CONFIG.format(folder=tmp_path))
    with Server(config) as made:
        yield made


def lines(count: int) -> Iterator[str]:
    yield "msisdn,imsi"
    for each in range(count):
        yield f"{FIRST + each},26201{each:010d}"


def kept(server: Server) -> int:
    """Count the devices that the store has."""
    count, after = 0, ""
    while after is not None:
        page = server.get(f"/v1/devices?limit=1000&after={after}")
        count += len(page["devices"])
        after = page["next"]
    return count


def importing(server: Server) -> bool:
    answer = httpx.post(
        f"{server.url}/v1/devices/import",
        headers={"Authorization": "Bearer demo"},
        content=b"msisdn\n",
        trust_env=False,
        timeout=SECONDS_AT_MOST,
    )
    return answer.status_code == 409


def test_a_file_is_imported_and_its_devices_receive_and_outlive_a_crash(
    server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "devices.csv"
    file.write_text("\n".join(lines(DEVICES)))
    server.start()
    assert server.command("devices", "import", str(file)) == f"imported: {DEVICES}\n"
    last = str(FIRST + DEVICES - 1)
    server.command("send", "--to", last, "--text", "welcome")
    server.kill()
    server.wait()
    server.start()
    assert kept(server) == DEVICES
    assert f"msisdn: {last}" in server.command("devices", "show", f"imsi:26201{DEVICES - 1:010d}")
    server.command("send", "--to", last, "--text", "again")
    while "again" not in server.texts(last):
        continue


def test_of_a_file_whose_import_a_crash_ended_nothing_is_there(server: Server) -> None:
    server.start()
    command = [sys.executable, "-m", "smsc", "devices", "import", "-"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"SMSC_URL": server.url, "SMSC_TOKEN": "demo"},
    ) as client:
        assert client.stdin is not None
        client.stdin.write("\n".join(lines(DEVICES)) + "\n")
        client.stdin.flush()
        while not importing(server):
            assert client.poll() is None
        server.kill()
        server.wait()
        out, err = client.communicate(timeout=SECONDS_AT_MOST)
    assert (client.returncode, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("import -: ")
    server.start()
    assert kept(server) == 0
    assert not importing(server)
