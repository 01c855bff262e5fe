"""A receiver of webhooks as a process of its own: it does to each call what it was told to.

It prints its port. POST /scripts/{name} says what happens to the next calls of /hooks/{name}, one
after another; what isn't said is taken. GET /seen/{name}?count=N waits for so many calls.
"""

import asyncio
import subprocess
import sys
from collections import defaultdict, deque
from types import TracebackType
from typing import Any

import httpx
from aiohttp import web

SECONDS_AT_MOST = 20.0
LARGE = b"x" * 65_536


class Receiver:
    """What was called, and what is to happen."""

    def __init__(self) -> None:
        self._scripts: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._seen: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._news = asyncio.Condition()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/hooks/{name}", self._hook)
        app.router.add_post("/scripts/{name}", self._script)
        app.router.add_get("/seen/{name}", self._show)
        return app

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        step = self._scripts[name].popleft() if self._scripts[name] else {}
        body = await request.text()
        seen = {"method": request.method, "headers": dict(request.headers), "body": body}
        self._seen[name].append(seen)
        async with self._news:
            self._news.notify_all()
        deed = step.get("do")
        if deed == "stall":
            await asyncio.sleep(3600)
        assert request.transport is not None
        if deed == "reset":
            request.transport.abort()
        if deed == "flood":
            return await self._flood(request)
        if deed == "headers":
            headers = {f"X-{number}": "y" * 500 for number in range(200)}
            return web.Response(headers=headers)
        return web.Response(
            status=step.get("status", 200), headers=step.get("headers"), text=step.get("text", "")
        )

    async def _flood(self, request: web.Request) -> web.StreamResponse:
        """Answer without end: whoever reads it all is lost."""
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(LARGE)

    async def _script(self, request: web.Request) -> web.Response:
        self._scripts[request.match_info["name"]].extend(await request.json())
        return web.Response()

    async def _show(self, request: web.Request) -> web.Response:
        calls, count = self._seen[request.match_info["name"]], int(request.query["count"])
        async with self._news:
            await self._news.wait_for(lambda: len(calls) >= count)
        return web.json_response(calls)


async def serve(port: int) -> None:
    runner = web.AppRunner(Receiver().app(), handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


class Process:
    """The process, ended with its `with`."""

    def __init__(self, port: int = 0) -> None:
        self._port = port

    def __enter__(self) -> "Process":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.web.webhook_receiver", str(self._port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"
        self._client = httpx.Client(base_url=self.url, trust_env=False, timeout=SECONDS_AT_MOST)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._client.close()
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def hook(self, name: str) -> str:
        return f"{self.url}/hooks/{name}"

    def script(self, name: str, *steps: dict[str, Any]) -> None:
        """Say what happens to the next calls."""
        self._client.post(f"/scripts/{name}", json=list(steps)).raise_for_status()

    def seen(self, name: str, count: int) -> list[dict[str, Any]]:
        """Wait for so many calls, and return all."""
        answer = self._client.get(f"/seen/{name}", params={"count": count})
        calls: list[dict[str, Any]] = answer.raise_for_status().json()
        return calls


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
