"""A tap on the wire: a relay that keeps what passes, for Wireshark's dissector to read.

The relay carries real connections between a client and the server; what each side sent is then
written as a capture file, in TCP segments of the size in which it came.
"""

import json
import socket
import struct
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Final, NamedTuple

SECONDS_AT_MOST = 60.0
SMSC_PORT: Final = 2775
ESME_PORT: Final = 50000
_LOOPBACK: Final = bytes([127, 0, 0, 1])
_RAW_IPV4: Final = 228  # LINKTYPE_IPV4
_SYN, _ACK, _PUSH = 0x02, 0x10, 0x08
_SEGMENT: Final = 32_000


class Passed(NamedTuple):
    """Octets that one side sent on one connection."""

    connection: int
    from_smsc: bool
    octets: bytes


class Tap:
    """A relay in front of a server, open between `with` and its end."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        self.passed: list[Passed] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[Thread] = []

    def __enter__(self) -> "Tap":
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._sockets:
            _shut(each)
        for thread in self._threads:
            thread.join(SECONDS_AT_MOST)
        for each in self._sockets:
            each.close()

    def _start(self, work: Any, *arguments: Any) -> None:
        thread = Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            self._start(self._pump, number, False, client, server)
            self._start(self._pump, number, True, server, client)
            number += 1

    def _pump(self, number: int, from_smsc: bool, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while octets := one.recv(_SEGMENT):
                self.passed.append(Passed(number, from_smsc, octets))
                other.sendall(octets)
        _shut(other)


def _shut(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)


class Finding(NamedTuple):
    """What Wireshark says of one frame that has SMPP in it."""

    from_smsc: bool
    commands: tuple[str, ...]
    complaints: tuple[str, ...]


def dissect(passed: Sequence[Passed], folder: Path) -> list[Finding]:
    """Return what Wireshark reads in the frames of these connections."""
    file = folder / "smpp.pcap"
    file.write_bytes(_capture(passed))
    fields = ["tcp.srcport", "smpp.command_id", "_ws.expert.message", "_ws.malformed"]
    done = subprocess.run(
        ["tshark", "-n", "-r", str(file), "-Y", "smpp", "-T", "json", "--no-duplicate-keys"]
        + ["-d", f"tcp.port=={SMSC_PORT},smpp"]
        + [argument for field in fields for argument in ("-e", field)],
        capture_output=True,
        text=True,
        timeout=SECONDS_AT_MOST,
        check=True,
    )
    return [_finding(frame["_source"]["layers"]) for frame in json.loads(done.stdout)]


def _finding(layers: dict[str, list[str]]) -> Finding:
    complaints = layers.get("_ws.expert.message", []) + layers.get("_ws.malformed", [])
    return Finding(
        layers["tcp.srcport"] == [str(SMSC_PORT)],
        tuple(layers.get("smpp.command_id", [])),
        tuple(complaints),
    )


def _capture(passed: Sequence[Passed]) -> bytes:
    """Write a capture file of these connections, each with its handshake."""
    packets = []
    sent: dict[tuple[int, bool], int] = {}
    for number, from_smsc, octets in passed:
        if (number, True) not in sent:
            packets += [
                _packet(number, False, 0, 0, _SYN),
                _packet(number, True, 0, 1, _SYN | _ACK),
                _packet(number, False, 1, 1, _ACK),
            ]
            sent[number, True] = sent[number, False] = 1
        here, there = sent[number, from_smsc], sent[number, not from_smsc]
        packets.append(_packet(number, from_smsc, here, there, _PUSH | _ACK, octets))
        sent[number, from_smsc] += len(octets)
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _RAW_IPV4)
    return head + b"".join(
        struct.pack("<IIII", at // 1000, at % 1000 * 1000, len(packet), len(packet)) + packet
        for at, packet in enumerate(packets)
    )


def _packet(
    number: int, from_smsc: bool, sequence: int, acknowledged: int, flags: int, octets: bytes = b""
) -> bytes:
    esme = ESME_PORT + number
    ports = (SMSC_PORT, esme) if from_smsc else (esme, SMSC_PORT)
    tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 5 << 4, flags, 65535, 0, 0)
    length = 20 + len(tcp) + len(octets)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0x4000, 64, 6, 0) + _LOOPBACK + _LOOPBACK
    return ip + tcp + octets
