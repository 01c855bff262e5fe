"""The one who waits for intake on behalf of a request: it ends when all answers are there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from litestar.plugins.problem_details import ProblemDetailsException

from smsc.clock import Clock
from smsc.delivery.petition import Answer
from smsc.message import wire_id
from smsc.web.problems import problem, refusal
from smsc_routing.decision import Verdict

SECONDS_TO_WAIT: Final = 10.0
TOKEN: Final = 0


@asynccontextmanager
async def patience(clock: Clock, unknown: str) -> AsyncIterator[None]:
    """Give up on the block after a while by this clock: 503, with what is `unknown` then."""
    try:
        async with asyncio.timeout(None) as limit:
            timer = clock.call_later(SECONDS_TO_WAIT, lambda: limit.reschedule(0))
            try:
                yield
            finally:
                timer.cancel()
    except TimeoutError as error:
        raise _too_long(unknown) from error


def _too_long(unknown: str) -> ProblemDetailsException:
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"the store took longer than {SECONDS_TO_WAIT:.0f} s to write, so {unknown}",
        headers={"Retry-After": "1"},
    )


class Answers:
    """A submitter for one request, which may be several submissions under one token."""

    def __init__(self) -> None:
        """Start with nothing answered."""
        self._ids: list[int] = []
        self._refusals: list[Verdict] = []
        self._awaited = 0
        self._complete: asyncio.Future[None] | None = None

    def accepted(self, token: int, message_id: int) -> None:
        """Take note that a submission is durable."""
        self._ids.append(message_id)
        self._told()

    def refused(self, token: int, verdict: Verdict) -> None:
        """Take note that a submission was refused."""
        self._refusals.append(verdict)
        self._told()

    def flush(self) -> None:
        """Nothing to do: whoever waits was told already."""

    def _told(self) -> None:
        complete = self._complete
        if complete is not None and not self._missing and not complete.done():
            complete.set_result(None)

    @property
    def _missing(self) -> int:
        return self._awaited - len(self._ids) - len(self._refusals)

    def _give_up(self) -> None:
        if self._complete is not None and not self._complete.done():
            self._complete.set_exception(_too_long("whether the message was accepted isn't known"))

    async def ids(self, count: int, clock: Clock) -> list[str]:
        """Return the ids of so many submissions when all are answered; raises a problem."""
        self._awaited = count
        if self._missing:
            self._complete = asyncio.get_running_loop().create_future()
            timer = clock.call_later(SECONDS_TO_WAIT, self._give_up)
            try:
                await self._complete
            finally:
                timer.cancel()
        ids = [wire_id(message_id) for message_id in sorted(self._ids)]
        if self._refusals:
            raise refusal(self._refusals[0], ids)
        return ids


class Rulings:
    """A submitter for one request of many submissions, each under its own token."""

    def __init__(self, count: int) -> None:
        """Wait for so many answers, under the tokens from 0 on."""
        self._ruled: list[int | Verdict | None] = [None] * count
        self._open = count
        self._complete = asyncio.Event()

    def accepted(self, token: int, message_id: int) -> None:
        """Take note that a submission is durable."""
        self._ruled[token] = message_id
        self.passed(token)

    def refused(self, token: int, verdict: Verdict) -> None:
        """Take note that a submission was refused."""
        self._ruled[token] = verdict
        self.passed(token)

    def passed(self, token: int) -> None:
        """Wait for this one no longer."""
        self._open -= 1
        if not self._open:
            self._complete.set()

    def flush(self) -> None:
        """Nothing to do: whoever waits was told already."""

    async def all(self, clock: Clock) -> list[int | Verdict | None]:
        """Return the id or the refusal of each, None for one passed over; raises a problem."""
        async with patience(clock, "which of the messages were accepted isn't known"):
            await self._complete.wait()
        return self._ruled


class Hearing:
    """A petitioner for one request."""

    def __init__(self) -> None:
        """Start with nothing answered."""
        self._answer: Answer | None = None
        self._told = asyncio.Event()

    def told(self, token: int, answer: Answer) -> None:
        """Take note of the answer."""
        self._answer = answer
        self._told.set()

    def flush(self) -> None:
        """Nothing to do: whoever waits was told already."""

    async def answer(self, clock: Clock) -> Answer:
        """Return the answer when it is there; raises a problem."""
        async with patience(clock, "whether the message was changed isn't known"):
            await self._told.wait()
        assert self._answer is not None
        return self._answer
