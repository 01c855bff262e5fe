"""Who uses a link in these tests: it keeps what it is told, and lets a test wait for it."""

import asyncio
from collections.abc import Callable, Sequence

from smsc.message import Address, Message
from smsc.upstream.line import Answer, Arrival, Reply, Report

SECONDS_AT_MOST = 10.0
NOW = 1_700_000_000_000
HOUR_MS = 3_600_000


def message(number: int = 1, **fields: object) -> Message:
    """Return a message with this id, to a number of this end."""
    given: dict[str, object] = {
        "id": number,
        "account": "fleet",
        "destination": "link:far/fleet",
        "source": Address(0, 1, "1234"),
        "dest": Address(1, 1, f"4420{number:08d}"),
        "payload": b"hello",
        "accepted_at": NOW,
        "expires_at": NOW + HOUR_MS,
        **fields,
    }
    return Message(**given)  # type: ignore[arg-type]


class Office:
    """A listener."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.batches: list[list[Answer]] = []
        self.reports: list[tuple[Report, Reply]] = []
        self.arrivals: list[tuple[Arrival, Reply]] = []
        self.replies: int | None = None
        """The status with which everything is replied to at once, if there is one."""
        self._changed = asyncio.Event()

    @property
    def answers(self) -> list[Answer]:
        return [answer for batch in self.batches for answer in batch]

    def up(self, link: str) -> None:
        self._note("up")

    def down(self, link: str) -> None:
        self._note("down")

    def answered(self, link: str, answers: Sequence[Answer]) -> None:
        assert answers, "nobody is told nothing"
        self.batches.append(list(answers))
        self._note("answered")

    def reported(self, link: str, report: Report, reply: Reply) -> None:
        self.reports.append((report, reply))
        self._note("reported")
        self._reply(reply)

    def arrived(self, link: str, arrival: Arrival, reply: Reply) -> None:
        self.arrivals.append((arrival, reply))
        self._note("arrived")
        self._reply(reply)

    def _reply(self, reply: Reply) -> None:
        if self.replies is not None:
            reply(self.replies)

    def _note(self, what: str) -> None:
        self.told.append(what)
        self._changed.set()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until what was told makes this so."""
        async with asyncio.timeout(SECONDS_AT_MOST):
            while not happened():
                self._changed.clear()
                await self._changed.wait()

    async def is_up(self, times: int = 1) -> None:
        await self.until(lambda: self.told.count("up") >= times)

    async def is_down(self, times: int = 1) -> None:
        await self.until(lambda: self.told.count("down") >= times)

    async def has_answers(self, count: int) -> None:
        await self.until(lambda: len(self.answers) >= count)
