"""Each example runs as it stands, against the demo world."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.server import ATTACHED, DETACHED, SECONDS_AT_MOST, Server, demo_world

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(demo_world(tmp_path_factory.mktemp("examples"))) as server:
        server.start()
        yield server


def _command(example: str, server: Server) -> list[str]:
    host, port = server.smpp
    return [sys.executable, str(EXAMPLES / example), host, str(port)]


def test_the_first_message_is_delivered_whatever_else_waits_for_the_application(
    server: Server,
) -> None:
    server.device_sends(ATTACHED, "1234", "sent before anybody had bound")
    done = subprocess.run(
        _command("first_message.py", server),
        capture_output=True,
        text=True,
        timeout=SECONDS_AT_MOST,
    )
    assert (done.returncode, done.stderr) == (0, "")
    accepted, receipt = done.stdout.splitlines()
    message_id = accepted.removeprefix("accepted as ")
    assert receipt.startswith(f"id:{message_id} ")
    assert "stat:DELIVRD" in receipt
    assert server.texts(ATTACHED) == ["Hello, device"]


def test_what_the_second_example_says_to_run_brings_the_receipt(server: Server) -> None:
    server.post("/v1/messages", {"to": ATTACHED, "text": "another's", "receipt": True})
    with subprocess.Popen(
        _command("attach_later.py", server), stdout=subprocess.PIPE, text=True
    ) as example:
        assert example.stdout is not None
        accepted, told = example.stdout.readline(), example.stdout.readline()
        smsc, *arguments = shlex.split(told.removeprefix("now run: "))
        assert smsc == "smsc"
        server.command(*arguments)
        rest, _ = example.communicate(timeout=SECONDS_AT_MOST)
    assert example.returncode == 0
    accepted_as = re.match(r"accepted as (\d+)", accepted)
    assert accepted_as is not None
    assert rest == f"{accepted_as[1]}: DELIVRD\n"
    assert server.texts(DETACHED) == ["Welcome back"]


def test_every_example_is_run_by_a_journey() -> None:
    journeys = Path(__file__).parent.glob("test_*.py")
    tested = "".join(journey.read_text("utf-8") for journey in journeys)
    examples = [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*.js")]
    assert [file.name for file in examples if file.name not in tested] == []
