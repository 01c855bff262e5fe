"""The floor: an SMPP server that does the least any honest one must, to compare real ones with.

It reads every whole PDU, finds source and destination of each submit_sm, and answers with a new
message id. Nothing is checked, routed, stored or delivered, and any credentials will do.
"""

import asyncio
import signal
import struct
from collections.abc import Iterator
from itertools import count
from typing import Annotated, cast

import uvloop
from cyclopts import App, Parameter

from bench.address import HostPort

_HEADER = struct.Struct(">4I")
_SUBMIT_REPLY = struct.Struct(">4I11s")
_BIND_REPLY = struct.Struct(">4I6s")
_SUBMIT_SM, _UNBIND, _ENQUIRE_LINK = 0x04, 0x06, 0x15
_BINDS = (0x01, 0x02, 0x09)
_RESPONSE = _GENERIC_NACK = 0x80000000
_INVALID_COMMAND = 0x03
_LARGEST_PDU = 1 << 20

app = App(name="python -m bench.floor", help=__doc__, version_flags=[])


class Floor(asyncio.Protocol):
    """One connection."""

    def __init__(self, message_ids: Iterator[int]) -> None:
        """Draw message ids from a counter shared by all connections."""
        self._message_ids = message_ids
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Answer every whole PDU, in one write."""
        try:
            replies = self._replies_to(self._rest + data if self._rest else data)
        except ValueError:
            self._transport.abort()
            return
        if replies:
            self._transport.write(b"".join(replies))

    def _replies_to(self, octets: bytes) -> list[bytes]:
        place, end = 0, len(octets)
        replies: list[bytes] = []
        while end - place >= 16:
            size, command, _, sequence = _HEADER.unpack_from(octets, place)
            if not 16 <= size <= _LARGEST_PDU:
                raise ValueError(size)
            if place + size > end:
                break
            if command == _SUBMIT_SM:
                _addresses(octets, place + 16)
                message_id = b"%010d" % next(self._message_ids)
                replies.append(_SUBMIT_REPLY.pack(27, 0x80000004, 0, sequence, message_id))
            else:
                replies.append(_answer(command, sequence))
            place += size
        self._rest = octets[place:]
        return replies


def _addresses(octets: bytes, place: int) -> tuple[int, int, bytes, int, int, bytes]:
    source_at = octets.index(0, place) + 3
    source_end = octets.index(0, source_at)
    destination_at = source_end + 3
    destination_end = octets.index(0, destination_at)
    return (
        octets[source_at - 2],
        octets[source_at - 1],
        octets[source_at:source_end],
        octets[destination_at - 2],
        octets[destination_at - 1],
        octets[destination_at:destination_end],
    )


def _answer(command: int, sequence: int) -> bytes:
    if command in _BINDS:
        return _BIND_REPLY.pack(22, _RESPONSE | command, 0, sequence, b"floor")
    if command in (_ENQUIRE_LINK, _UNBIND):
        return _HEADER.pack(16, _RESPONSE | command, 0, sequence)
    if command & _RESPONSE:
        return b""
    return _HEADER.pack(16, _GENERIC_NACK, _INVALID_COMMAND, sequence)


async def serve(listen: HostPort) -> None:
    """Listen until interrupted or terminated."""
    loop = asyncio.get_running_loop()
    message_ids = count(1)
    server = await loop.create_server(lambda: Floor(message_ids), listen.host, listen.port)
    host, port = server.sockets[0].getsockname()[:2]
    print(f"listening on {HostPort(host, port)}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()


@app.default
def main(
    *, listen: Annotated[str, Parameter(help="HOST:PORT; port 0 takes any.")] = "127.0.0.1:2775"
) -> int:
    """Answer SMPP as fast as Python can, and do nothing else.

    Prints "listening on HOST:PORT" when it is ready.
    """
    try:
        uvloop.run(serve(HostPort.parse(listen)))
    except (ValueError, OSError) as error:
        print(f"Can't listen on {listen}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    app()
