"""Calls one URL: over connections that are kept, and never anywhere else.

No redirect is followed, no proxy used, no cookie kept; of an answer only so much is read. Each
webhook has connections of its own: those of one that may call private addresses are of no use to
another.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import IntEnum
from http.client import responses
from typing import Final, NamedTuple

import aiohttp

from smsc.web.webhooks.event import Call
from smsc.web.webhooks.guard import NotResolved, Resolver, TargetRefused, socket_for
from smsc.webhook_table import Webhook

LARGEST_ANSWER: Final = 64 * 1024
"""Octets of a body that are read so that the connection can be used again."""
LARGEST_HEADER: Final = 8 * 1024
MOST_HEADERS: Final = 100
SECONDS_KEPT: Final = 15.0
LONGEST_RETRY_AFTER_MS: Final = 24 * 3600 * 1000


class Unanswered(IntEnum):
    """Why there was no status; told as a message's error, where a status is 100 to 599."""

    NO_CONNECTION = 80
    NO_ANSWER = 81
    BROKEN = 82
    REFUSED = 83
    NO_SUCH_NAME = 84
    NO_TLS = 85


_WORDS: Final = {
    Unanswered.NO_CONNECTION: "no connection",
    Unanswered.NO_ANSWER: "no answer in time",
    Unanswered.BROKEN: "no answer of HTTP",
    Unanswered.REFUSED: "no public address",
    Unanswered.NO_SUCH_NAME: "no such name",
    Unanswered.NO_TLS: "no TLS",
}


def in_words(error: int) -> str:
    """Say what the error of a message to a webhook means: a status, or why there was none."""
    if error in _WORDS:
        return _WORDS[Unanswered(error)]
    return f"HTTP {error} {responses[error]}" if error in responses else f"HTTP {error}"


class Answer(NamedTuple):
    """How a call ended: an HTTP status, or why there was none, in words too."""

    status: int
    words: str = ""
    retry_after_ms: int = 0

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return 200 <= self.status < 300


class Caller:
    """Calls the URL of a webhook."""

    def __init__(self, hook: Webhook) -> None:
        """Make connections as they are needed; this must be closed."""
        self._url = hook.url
        forged = hook.forged_host
        self._headers = {"Content-Type": "application/json", "User-Agent": "smsc"}
        if forged:
            self._headers["Host"] = forged
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=hook.concurrency,
                resolver=Resolver(hook.allow_private),
                socket_factory=None if hook.allow_private else socket_for,
                keepalive_timeout=SECONDS_KEPT,
            ),
            timeout=aiohttp.ClientTimeout(total=hook.timeout.seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            read_bufsize=LARGEST_ANSWER,
            max_line_size=LARGEST_HEADER,
            max_field_size=LARGEST_HEADER,
            max_headers=MOST_HEADERS,
        )

    async def call(self, call: Call, now: int) -> Answer:
        """Call, and return how that ended; raises nothing."""
        try:
            async with self._session.request(
                call.method,
                self._url,
                data=call.body,
                headers={**self._headers, **call.headers},
                allow_redirects=False,
            ) as response:
                status = response.status
                retry_after = _retry_after(response.headers, now)
                with suppress(aiohttp.ClientError, TimeoutError):
                    await _drain(response)
            return Answer(status, "", retry_after)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            return _unanswered(error)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Read what is left of an answer, and hang up if that is too much."""
    left = LARGEST_ANSWER
    while left > 0 and (octets := await response.content.readany()):
        left -= len(octets)
    if left <= 0:
        response.close()


def _retry_after(headers: Mapping[str, str], now: int) -> int:
    """Return the milliseconds that Retry-After says (RFC 9110, 10.2.3), a day at most."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return 0
    if text.isascii() and text.isdigit():
        return min(int(text[:9]) * 1000, LONGEST_RETRY_AFTER_MS)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0
    left = at.replace(tzinfo=at.tzinfo or UTC) - datetime.fromtimestamp(now / 1000, UTC)
    return min(max(round(left.total_seconds() * 1000), 0), LONGEST_RETRY_AFTER_MS)


def _unanswered(error: Exception) -> Answer:
    cause = _cause(error)
    words = str(cause)[:200] or type(cause).__name__
    if isinstance(error, TimeoutError):
        return Answer(Unanswered.NO_ANSWER, "no answer in time")
    if isinstance(cause, TargetRefused):
        return Answer(Unanswered.REFUSED, words)
    if isinstance(cause, NotResolved) or isinstance(error, aiohttp.ClientConnectorDNSError):
        return Answer(Unanswered.NO_SUCH_NAME, words)
    if isinstance(error, aiohttp.ClientSSLError):
        return Answer(Unanswered.NO_TLS, words)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Answer(Unanswered.NO_CONNECTION, words)
    return Answer(Unanswered.BROKEN, words)


def _cause(error: BaseException) -> BaseException:
    """Return the error of the machine that a library's stands for, if it does."""
    inner = getattr(error, "os_error", None)
    return inner if isinstance(inner, BaseException) else error
