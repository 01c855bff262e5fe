"""How many requests a token may make, and how often an address may be wrong about one.

What is left is told in every answer under /v1 (draft-ietf-httpapi-ratelimit-headers): the policy
`token` counts requests of a token.
"""

from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope
from msgspec import Struct

from smsc.clock import Clock
from smsc.web.problems import problem
from smsc_routing.quota import Buckets, Rate

ADDRESSES: Final = 10_000
TOKENS: Final = 10_000
STATE: Final = "smsc_limit"
"""Where in the state of a request the headers for its answer are."""

_SUBSCRIBER_BITS: Final = 64
"""Of an IPv6 address, what a subscriber chooses as he likes."""


class Terms(Struct, frozen=True):
    """What the operator grants over HTTP."""

    rate: Rate = Rate(10_000, 1000)
    guesses: Rate = Rate(10, 1000, 100)
    origins: tuple[str, ...] = ()
    """Whose pages may call the API from a browser (CORS)."""


class Limits:
    """Counts requests."""

    def __init__(self, terms: Terms, clock: Clock) -> None:
        """Grant as much as these terms say."""
        self._terms = terms
        self._clock = clock
        self._tokens = Buckets(TOKENS)
        self._guesses = Buckets(ADDRESSES)

    def check_address(self, scope: Scope) -> None:
        """Raise a problem if an address was wrong about tokens too often."""
        who, rate = _address(scope), self._terms.guesses
        if self._guesses.left(who, rate, self._clock.now()) < 1:
            raise problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too many requests without a token that is known came from this address",
                headers={"Retry-After": str(-(-rate.period_ms // (rate.count * 1000)))},
            )

    def guessed(self, scope: Scope) -> None:
        """Take note that an address was wrong about a token."""
        self._guesses.take(_address(scope), (self._terms.guesses,), self._clock.now())

    def count(self, token: str, scope: Scope) -> None:
        """Count a request of a token; raises a problem if it has made too many."""
        rate, now = self._terms.rate, self._clock.now()
        wait = self._tokens.take(token, (rate,), now)
        scope["state"][STATE] = told(rate, self._tokens.left(token, rate, now))
        if wait:
            raise problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"this token may make {rate} requests; send slower, or many messages in one",
                headers={"Retry-After": str(-(-wait // 1000))},
                members={"reason": "rate_limit"},
            )


def told(rate: Rate, left: int) -> tuple[str, str]:
    """Return `RateLimit-Policy` and `RateLimit`, where so many requests are left."""
    size = rate.burst or rate.count
    window = _seconds(size * rate.period_ms, rate.count)
    reset = _seconds((size - left) * rate.period_ms, rate.count)
    return f'"token";q={size};w={window}', f'"token";r={left};t={reset}'


async def tell(message: Message, scope: Scope) -> None:
    """Put what is left of a limit into the head of an answer."""
    if message["type"] != "http.response.start":
        return
    headers: Any = scope["state"].get(STATE)
    if headers is not None:
        head = MutableScopeHeaders.from_message(message)
        head["RateLimit-Policy"], head["RateLimit"] = headers


def _seconds(ms: int, count: int) -> int:
    return -(-ms // (count * 1000))


def _address(scope: Scope) -> str:
    """Return who asks: of IPv6 the network, for a subscriber has as many addresses as he likes."""
    client = scope.get("client")
    if client is None or ":" not in client[0]:
        return "" if client is None else client[0]
    try:
        address = ip_address(client[0])
    except ValueError:
        return client[0]
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> _SUBSCRIBER_BITS)
    return str(address)
