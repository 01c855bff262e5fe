"""The floor: a bare SMPP server, to measure what everything beyond the protocol costs.

It decodes every whole PDU with the codec of the product, and answers a submit_sm with a new
message id. Nothing is routed, stored or delivered, and any credentials will do.
"""

import asyncio
import signal
from collections.abc import Iterator
from itertools import count
from typing import Annotated, cast

import uvloop
from cyclopts import App, Parameter

from bench.address import HostPort
from smsc.smpp.codec import HEADER, decode, encode
from smsc.smpp.commands import PduError
from smsc.smpp.pdu import Request, SubmitSm, SubmitSmResp, response_class

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
        except PduError:
            self._transport.abort()
            return
        if replies:
            self._transport.write(b"".join(replies))

    def _replies_to(self, octets: bytes) -> list[bytes]:
        place, end = 0, len(octets)
        replies: list[bytes] = []
        while end - place >= HEADER.size:
            size = HEADER.unpack_from(octets, place)[0]
            if place + size > end:
                break
            pdu = decode(octets, place, size)
            if isinstance(pdu, SubmitSm):
                message_id = f"{next(self._message_ids):010d}"
                replies.append(encode(SubmitSmResp(pdu.sequence_number, 0, message_id)))
            elif isinstance(pdu, Request):
                replies.append(encode(response_class(pdu.command_id)(pdu.sequence_number)))
            place += size
        self._rest = octets[place:]
        return replies


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
