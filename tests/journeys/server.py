"""One `smsc serve` as its operator runs it: a process, what it logs, and its HTTP API."""

import json
import os
import signal
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from queue import Queue
from threading import Thread
from time import monotonic
from types import TracebackType
from typing import Any

import httpx

SECONDS_AT_MOST = 30.0
ATTACHED = "491700000001"
DETACHED = "491700000002"


def demo_world(folder: Path, more: str = "", account: str = "") -> Path:
    """Write the demo world's config, with its data in a folder and any free ports for doors.

    `more` goes to its end, `account` into the table of its account.
    """
    text = files("smsc").joinpath("demo.toml").read_text("utf-8")
    for door in ("127.0.0.1:2775", "127.0.0.1:8080"):
        assert door in text
        text = text.replace(door, "127.0.0.1:0")
    assert "sqlite:smsc-data/" in text
    assert text.count("\n[[policies]]\n") == 1
    text = text.replace("\n[[policies]]\n", f"\n{account}\n[[policies]]\n")
    file = folder / "smsc.toml"
    file.write_text(text.replace("sqlite:smsc-data/", f"sqlite:{folder}/") + more, "utf-8")
    return file


class Server:
    """The process, ended with its `with`; it may be started again, and finds the store it left."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._client = httpx.Client(
            headers={"Authorization": "Bearer demo"}, timeout=SECONDS_AT_MOST, trust_env=False
        )
        self._process: subprocess.Popen[str] | None = None
        self._listener: Thread | None = None
        self._lines: Queue[str | None] = Queue()
        self.smpp = self.smpp_tls = ("", 0)
        self.url = ""
        self.opened: dict[str, Any] = {}
        """What the log said when it was open."""
        self.seconds_to_start = 0.0

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._client.close()
        if self._process is not None:
            self.kill()
            self.wait()

    def start(self) -> None:
        """Run it, and wait until its doors are open."""
        started, said = monotonic(), ""
        self.launch()
        while True:
            line = self._lines.get(timeout=SECONDS_AT_MOST)
            assert line is not None, f"it ended before it was open: {said}"
            said += line
            if not line.startswith("{"):
                continue
            entry = json.loads(line)
            if entry["event"] == "listening":
                self.smpp, self.url = _address(entry["smpp"]), f"http://{entry['http']}"
                self.smpp_tls = _address(entry.get("smpp_tls", ":0"))
            elif entry["event"] == "open":
                self.opened, self.seconds_to_start = entry, monotonic() - started
                return

    def launch(self) -> None:
        """Run it, and don't wait."""
        self._lines = Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "smsc", "serve", "--config", str(self._config)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._listener = Thread(target=_listen, args=(self._process, self._lines))
        self._listener.start()

    def expect(self, event: str) -> dict[str, Any]:
        """Wait until its log tells of an event."""
        while True:
            line = self._lines.get(timeout=SECONDS_AT_MOST)
            assert line is not None, f"it ended before {event}"
            entry: dict[str, Any] = json.loads(line)
            if entry["event"] == event:
                return entry

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: it has no chance to write another octet."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM: it is asked to end."""
        self._signal(signal.SIGTERM)

    def reload(self) -> None:
        """SIGHUP: it is asked to read its config again."""
        self._signal(signal.SIGHUP)

    def heard(self, event: str) -> dict[str, Any]:
        """Wait until it logs this event, and return what it tells."""
        while True:
            line = self._lines.get(timeout=SECONDS_AT_MOST)
            assert line is not None, f"it ended without {event}"
            if line.startswith("{") and (entry := json.loads(line))["event"] == event:
                return dict(entry)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        process, listener = self._process, self._listener
        assert process is not None and listener is not None
        code = process.wait(SECONDS_AT_MOST)
        listener.join(SECONDS_AT_MOST)
        self._process = None
        return code

    # What its operator and its users ask of it.

    def command(self, *arguments: str) -> str:
        """Run another `smsc` command against it; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "smsc", *arguments],
            env=os.environ | {"SMSC_URL": self.url, "SMSC_TOKEN": "demo"},
            capture_output=True,
            text=True,
            timeout=SECONDS_AT_MOST,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        response = self._client.request(method, self.url + path, json=body)
        assert response.is_success, response.text
        return response.json()

    def inbox(self, number: str) -> list[dict[str, Any]]:
        """Return what a device has received."""
        messages: list[dict[str, Any]] = self.get(f"/v1/devices/{number}/inbox")["messages"]
        return messages

    def texts(self, number: str) -> list[str | None]:
        """Return the texts that a device has received."""
        return [message["text"] for message in self.inbox(number)]

    def metrics_show(self, *lines: str) -> None:
        """Wait until its metrics have these lines."""
        until = monotonic() + SECONDS_AT_MOST
        while monotonic() < until:
            shown = self._client.get(self.url + "/metrics").text.splitlines()
            if set(lines) <= set(shown):
                return
        names = {line.partition("{")[0] for line in lines}
        near = [line for line in shown if line.partition("{")[0] in names]
        raise AssertionError(f"{lines} in vain: {near}")

    def attach(self, number: str) -> None:
        self.post(f"/v1/devices/{number}/attach")

    def device_sends(self, number: str, to: str, text: str) -> list[str]:
        """Have a device send a text; return the ids of its parts."""
        ids: list[str] = self.post(f"/v1/devices/{number}/messages", {"to": to, "text": text})[
            "ids"
        ]
        return ids

    def state(self, message_id: str) -> str:
        """Return what has become of a message."""
        return str(self.get(f"/v1/messages/{message_id}")["state"])


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _listen(process: "subprocess.Popen[str]", lines: "Queue[str | None]") -> None:
    """Read the log to its end: a pipe that is full would hold the process up."""
    assert process.stderr is not None
    with process.stderr as log:
        for line in log:
            lines.put(line)
    lines.put(None)
