"""One run from bind to unbind: connects the sessions, paces them, and waits for what is owed."""

import asyncio
import itertools
import time
from collections.abc import Callable
from functools import partial
from time import perf_counter

from bench.esme import Esme
from bench.pace import Supply
from bench.pdu import BIND_TRANSCEIVER, BIND_TRANSMITTER, status_name
from bench.plan import Plan, Report, report
from bench.tally import Tally

_TICK = 0.001
_FAREWELL = 1.0
_CURES = {
    "ESME_RINVPASWD": "check --password",
    "ESME_RINVSYSID": "check --system-id",
    "ESME_RALYBND": "the account allows fewer binds: lower --sessions or raise its limit",
    "ESME_RTHROTTLED": "the account is over its rate: wait, or raise the rate",
}
_NO_CURE = "look in the server's log, and check --system-id, --password and --sessions"


class LoadError(Exception):
    """The run couldn't start: what is wrong, and what to do."""


async def run(plan: Plan, mark: Callable[[], None] = lambda: None) -> Report:
    """Bind, submit, wait for every answer and receipt, unbind, report.

    `mark` is called when all are bound, and again when nothing is owed any more.
    Raises ValueError for a plan that makes no sense and LoadError if the sessions can't be bound;
    what goes wrong after that is in the report's `failure`.
    """
    return await _Drive(plan.check()).run(mark)


class _Drive:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._supply = Supply(plan.count, plan.rate)
        self._tally = Tally(plan.receipts)
        self._finished: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        submits = plan.submits()
        stride = max(1, plan.destinations // plan.sessions)
        self._sessions = [
            Esme(self._supply, self._tally, submits, plan.window, number * stride)
            for number in range(plan.sessions)
        ]

    async def run(self, mark: Callable[[], None]) -> Report:
        try:
            await self._bind()
            mark()
            cpu = time.process_time()
            failure = await self._submit()
            cpu = time.process_time() - cpu
            mark()
        finally:
            await self._leave()
        return report(self._plan, self._tally, cpu, failure)

    async def _bind(self) -> None:
        try:
            async with asyncio.timeout(self._plan.timeout):
                for session in self._sessions:
                    await self._bind_one(session)
        except TimeoutError:
            raise LoadError(
                f"{self._plan.address} didn't answer the bind within {self._plan.timeout:g} s: "
                "check that it speaks SMPP on this port (and not over TLS), or raise --timeout"
            ) from None

    async def _bind_one(self, session: Esme) -> None:
        plan = self._plan
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: session, plan.host, plan.port)
        except OSError as error:
            raise LoadError(
                f"Can't connect to {plan.address} ({error.strerror or error}): start the SMSC, or "
                "say where it listens with --connect"
            ) from None
        command = BIND_TRANSCEIVER if plan.receipts else BIND_TRANSMITTER
        session.bind(command, plan.system_id, plan.password)
        try:
            status = status_name(await session.bound)
        except ConnectionResetError as error:
            raise LoadError(
                f"{plan.address} hung up on the bind of {plan.system_id!r} ({error}): {_NO_CURE}"
            ) from None
        if status != "ESME_ROK":
            raise LoadError(
                f"{plan.address} refused the bind of {plan.system_id!r} with {status}: "
                f"{_CURES.get(status, _NO_CURE)}"
            )

    async def _submit(self) -> str | None:
        """Submit until everything is settled; tell what failed, if something did."""
        for number, session in enumerate(self._sessions, 1):
            session.progress = self._progress
            session.lost = partial(self._lose, number)
        tasks = [asyncio.create_task(self._watch())]
        if self._plan.seconds is not None:
            tasks.append(asyncio.create_task(self._stop_after(self._plan.seconds)))
        if self._plan.rate is not None:
            tasks.append(asyncio.create_task(self._tick()))
        self._tally.last_activity = perf_counter()
        for session in self._sessions:
            session.begin()
        try:
            return await self._finished
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _finish(self, failure: str | None) -> None:
        if not self._finished.done():
            self._finished.set_result(failure)

    def _progress(self) -> None:
        if self._supply.exhausted and self._tally.settled:
            self._finish(None)

    def _lose(self, number: int, reason: str) -> None:
        session = self._sessions[number - 1]
        self._finish(
            f"Session {number} of {self._plan.sessions} lost its connection to "
            f"{self._plan.address} after {session.submitted} submits, {session.unanswered} of them "
            f"unanswered: {reason}. Look in the server's log; a lower --window or --rate may help"
        )

    async def _stop_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._supply.stop()
        self._progress()

    async def _tick(self) -> None:
        """Release what falls due, an equal share to each session, another one first each time."""
        sessions = self._sessions
        for turn in itertools.count():
            now = perf_counter()
            self._supply.release(now)
            share = -(-self._supply.backlog // len(sessions))
            for number in range(len(sessions) if share else 0):
                sessions[(turn + number) % len(sessions)].pump(now, share)
            await asyncio.sleep(_TICK)

    async def _watch(self) -> None:
        """Give up when something is owed and nothing has come for `timeout`."""
        timeout = self._plan.timeout
        while True:
            idle = self._idle()
            if idle < timeout:
                await asyncio.sleep(timeout - idle)
                continue
            await asyncio.sleep(timeout / 10)  # if it was us who stalled, read what has come
            if self._idle() >= timeout:
                self._finish(self._silence())

    def _idle(self) -> float:
        """Tell how long something has been owed in silence."""
        return 0.0 if self._tally.settled else perf_counter() - self._tally.last_activity

    def _silence(self) -> str:
        return (
            f"{self._plan.address} was silent for {self._plan.timeout:g} s and still owes "
            f"{self._tally.unanswered} responses and {self._tally.missing_receipts} receipts: "
            "look in the server's log, or wait longer with --timeout"
        )

    async def _leave(self) -> None:
        for session in self._sessions:
            session.leave()
        closing = [session.closed for session in self._sessions if session.connected]
        if closing:
            await asyncio.wait(closing, timeout=_FAREWELL)
        for session in self._sessions:
            session.abort()
        if closing:
            await asyncio.wait(closing)
