"""Requests that may come again under one `Idempotency-Key`: nothing is done twice.

The messages that come of a request are in the store with its key, in the same transaction, and what
repeats it is told their ids. Keys are an account's own. What was refused isn't remembered: nothing
was done, so the request may be tried again.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request
from litestar.params import HeaderParameter

from smsc.delivery.submission import Submitter
from smsc.store.repeats import Claim
from smsc.web.problems import problem
from smsc.web.services import Services
from smsc_routing.decision import Verdict

HEADER: Final = "idempotency-key"
REPEATS: Final = "repeats"
"""Where the application keeps who remembers requests."""

LONGEST_KEY: Final = 255
_DIGEST_OCTETS: Final = 16

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description=f"1 to {LONGEST_KEY} printable characters of ASCII. Whoever repeats a request"
        " with its key within 24 hours is told what came of it, and nothing is done again.",
        min_length=1,
        max_length=LONGEST_KEY,
        pattern="^[ -~]+$",
    ),
]


def repeats_of(request: Request[str, Any, Any]) -> "Repeats":
    """Return who remembers requests.

    A second dependency would have the framework make a task group for each request.
    """
    found: Repeats = request.app.state[REPEATS]
    return found


class Once:
    """What came of a request before, and the submitter for what comes of it now."""

    def __init__(self, known: dict[int, list[int]], submitter: Submitter) -> None:
        """Begin; `known` are ids by the tokens they were submitted under."""
        self.known = known
        self.submitter = submitter
        self.submitted = 0
        """How many submissions were handed in for it: for its user to say."""


class Repeats:
    """Knows which requests with a key are under way."""

    def __init__(self, services: Services) -> None:
        """Remember in the store of these rooms."""
        self._services = services
        self.under_way: set[tuple[str, str]] = set()

    @asynccontextmanager
    async def once(
        self, request: Request[str, Any, Any], key: str | None, submitter: Submitter
    ) -> AsyncIterator[Once]:
        """Have what is submitted in the block remembered, if there is a key; raises a problem."""
        if key is None:
            yield Once({}, submitter)
            return
        claim = Claim(request.user, key, await _digest(request))
        running = _Running(self, claim, submitter)
        try:
            once = Once(await self._known(claim), running)
        except BaseException:
            self.release(claim, running)
            raise
        self._services.ledger.claims[running] = claim
        try:
            yield once
        finally:
            running.end(once.submitted)

    async def _known(self, claim: Claim) -> dict[int, list[int]]:
        services = self._services
        known: dict[int, list[int]] = {}
        for before, token, message_id in await services.store.repeats(
            claim.account, claim.key, services.clock.now()
        ):
            if before.digest != claim.digest:
                raise problem(
                    HTTPStatus.UNPROCESSABLE_ENTITY,
                    "this Idempotency-Key was given to another request; take a new one for each",
                    title="Key used before",
                )
            known.setdefault(token, []).append(message_id)
        return known

    def take(self, claim: Claim) -> None:
        """Take note that a request is under way; raises a problem if it is already."""
        if claim[:2] in self.under_way:
            raise problem(
                HTTPStatus.CONFLICT,
                "a request with this Idempotency-Key is under way; repeat it when that has ended",
                title="Under way",
                headers={"Retry-After": "1"},
            )
        self.under_way.add(claim[:2])

    def release(self, claim: Claim, submitter: Submitter) -> None:
        """Take note that all that came of a request is known, and durable."""
        self.under_way.discard(claim[:2])
        self._services.ledger.claims.pop(submitter, None)


class _Running:
    """A submitter in front of a request's own, until all is answered: also if nobody waits."""

    def __init__(self, repeats: Repeats, claim: Claim, submitter: Submitter) -> None:
        repeats.take(claim)
        self._repeats = repeats
        self._claim = claim
        self._submitter = submitter
        self._answered = 0
        self._submitted: int | None = None

    def accepted(self, token: int, message_id: int) -> None:
        """Pass on that a submission is durable."""
        self._submitter.accepted(token, message_id)
        self._count()

    def refused(self, token: int, verdict: Verdict) -> None:
        """Pass on that a submission was refused."""
        self._submitter.refused(token, verdict)
        self._count()

    def flush(self) -> None:
        """Pass it on."""
        self._submitter.flush()

    def end(self, submitted: int) -> None:
        """Take note that no more than so many are submitted."""
        self._submitted = submitted
        self._over()

    def _count(self) -> None:
        self._answered += 1
        self._over()

    def _over(self) -> None:
        if self._submitted is not None and self._answered >= self._submitted:
            self._repeats.release(self._claim, self)


async def _digest(request: Request[str, Any, Any]) -> bytes:
    octets = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return hashlib.blake2b(octets, digest_size=_DIGEST_OCTETS).digest()
