"""A bare web server whose only route does nothing: what a framework costs by itself.

Ours is Litestar on the server of the SMSC; the other is aiohttp's.
"""

import asyncio
import signal
from typing import Annotated, Literal

import uvloop
from aiohttp import web
from cyclopts import App, Parameter
from litestar import Litestar, MediaType, get

from bench.address import HostPort
from smsc.web.server import WebServer

HOST = "127.0.0.1"

app = App(name="python -m bench.noop", help=__doc__, version_flags=[])


@get("/healthz", media_type=MediaType.TEXT)
async def _healthz() -> str:
    return "ok\n"


async def _aiohttp_healthz(request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _ours(until: asyncio.Event) -> None:
    server = WebServer(Litestar([_healthz], openapi_config=None, logging_config=None), HOST, 0)
    await server.open()
    print(f"listening on {HostPort(*server.address)}", flush=True)
    await until.wait()
    await server.close()


async def _aiohttp(until: asyncio.Event) -> None:
    application = web.Application()
    application.router.add_get("/healthz", _aiohttp_healthz)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    print(f"listening on {HostPort(*runner.addresses[0][:2])}", flush=True)
    await until.wait()
    await runner.cleanup()


async def serve(framework: Literal["ours", "aiohttp"]) -> None:
    """Serve until terminated."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await (_ours if framework == "ours" else _aiohttp)(stop)


@app.default
def main(
    *, framework: Annotated[Literal["ours", "aiohttp"], Parameter(help="Whose.")] = "ours"
) -> None:
    """Answer GET /healthz with two letters.

    Prints "listening on HOST:PORT" when it is ready.
    """
    uvloop.run(serve(framework))


if __name__ == "__main__":
    app()
