"""Where a webhook may lead: addresses are checked where they are connected to, not where named.

A name may lead to one address when it is looked at and to another when it is called. So what counts
is the address that a socket is made for; that of a name is looked at when it is resolved, too, for
there it can be told in words.
"""

import asyncio
import socket
from threading import Thread
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

from smsc.inward import leads_inward

MOST_ADDRESSES: Final = 16
"""Of a name that has more, the others aren't tried."""


class TargetRefused(OSError):
    """What is named leads to no public address."""

    def __init__(self, target: str) -> None:
        """Name what was named, or the address."""
        super().__init__(f"{target} is no public address; allow_private would let it be called")


class NotResolved(OSError):
    """A name that leads nowhere."""


def socket_for(address: tuple[Any, ...]) -> socket.socket:
    """Make the socket for an address (as `getaddrinfo` has it) that is public; else raises."""
    family, kind, protocol, _, (host, *_) = address
    if leads_inward(host):
        raise TargetRefused(host)
    return socket.socket(family, kind, protocol)


class Resolver(AbstractResolver):
    """Resolves names as the machine does, on a thread of each lookup's own.

    On a pool's, a name that nobody answers for would keep the others waiting. The connector asks
    for each name once at a time, so they are no more than webhooks.
    """

    def __init__(self, allow_private: bool) -> None:
        """Leave out addresses that aren't public, unless those are allowed."""
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name; raises OSError."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[ResolveResult]] = loop.create_future()

        def look_up() -> None:
            try:
                answer: Any = _looked_up(host, port, family)
            except OSError as error:
                answer = NotResolved(error.strerror or str(error))
            except UnicodeError as error:
                answer = NotResolved(str(error))
            if not loop.is_closed():
                loop.call_soon_threadsafe(_tell, found, answer)

        Thread(target=look_up, name="webhook-name", daemon=True).start()
        results = await found
        if self._allow_private:
            return results
        public = [each for each in results if not leads_inward(each["host"])]
        if results and not public:
            raise TargetRefused(host)
        return public

    async def close(self) -> None:
        """Nothing to let go of."""


def _tell(found: "asyncio.Future[list[ResolveResult]]", answer: Any) -> None:
    if found.done():
        return
    if isinstance(answer, OSError):
        found.set_exception(answer)
    else:
        found.set_result(answer)


def _looked_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    addresses = socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]),
            port=int(address[1]),
            family=each_family,
            proto=protocol,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for each_family, _, protocol, _, address in addresses[:MOST_ADDRESSES]
    ]
