"""Clients in other languages: a process each, told what to do and asked what it heard."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Any

SECONDS_AT_MOST = 30.0
PEERS = Path(__file__).parent / "peers"
FOLDER = Path(__file__).parents[2] / ".venv" / "peers"
INSTALLED = FOLDER / "node_modules"


class Remote:
    """A client of another maker, running between `with` and its end."""

    def __init__(self, command: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self.command = command
        self._environment = None if environment is None else {**os.environ, **environment}
        self._lines: Queue[dict[str, Any] | None] = Queue()
        self._unasked: list[dict[str, Any]] = []

    def __enter__(self) -> "Remote":
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment,
        )
        self._reader = Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.kill()
        self._reader.join(SECONDS_AT_MOST)
        assert self._process.stdin is not None
        self._process.stdin.close()

    def kill(self) -> None:
        """End it before it can say another word."""
        self._process.kill()
        self._process.wait(SECONDS_AT_MOST)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(json.loads(line))
        self._lines.put(None)

    def send(self, command: str, **fields: Any) -> None:
        """Have it send a request, and don't wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, "with": fields}) + "\n")
        self._process.stdin.flush()

    def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """Have it send a request; return the answer."""
        self.send(command, **fields)
        return self.hear(f"{command}_resp")

    def hear(self, name: str) -> dict[str, Any]:
        """Return the next PDU of this name that it heard."""
        for index, heard in enumerate(self._unasked):
            if heard["heard"] == name:
                return self._pdu(self._unasked.pop(index))
        while True:
            try:
                heard_now = self._lines.get(timeout=SECONDS_AT_MOST)
            except Empty:
                raise AssertionError(f"no {name}; heard {self._unasked}") from None
            assert heard_now is not None, f"it ended before it heard {name}: {self._unasked}"
            if heard_now["heard"] == name:
                return self._pdu(heard_now)
            self._unasked.append(heard_now)

    def _pdu(self, heard: dict[str, Any]) -> dict[str, Any]:
        pdu: dict[str, Any] = heard["pdu"]
        # Net::SMPP says `status` for what the specification calls command_status.
        return {"command_status": pdu.get("status"), **pdu}


def node_smpp(address: tuple[str, int]) -> Remote:
    """Return node-smpp, which will connect to this address."""
    host, port = address
    return Remote(["node", str(PEERS / "node.js"), str(INSTALLED / "smpp"), host, str(port)])


def net_smpp(address: tuple[str, int]) -> Remote:
    """Return Perl's Net::SMPP, which will connect to this address."""
    host, port = address
    return Remote(["perl", str(PEERS / "net_smpp.pl"), host, str(port)])


def far_smsc(system_id: str, password: str, *key_and_certificate: str) -> Remote:
    """Return node-smpp as an SMSC that takes one name; it says where it is `listening`."""
    script, module = str(PEERS / "far_smsc.js"), str(INSTALLED / "smpp")
    return Remote(["node", script, module, system_id, password, *key_and_certificate])


def emnify_sdk(url: str, token: str) -> Remote:
    """Return emnify's SDK, which will call the SMSC at this URL with an application token."""
    script, python = str(PEERS.parent / "emnify_sdk.py"), str(FOLDER / "emnify" / "bin" / "python")
    return Remote([python, script, token], {"EMNIFY_SDK_API_ENDPOINT_URL": f"{url}/api"})
