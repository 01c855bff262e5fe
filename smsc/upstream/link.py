"""A link: one connection to another SMSC, made again whenever it is lost.

It is a `Line` to those who send over it, and calls their `Listener`. What lives as long as the link
is here: its `Caller`, which connects and binds, and what it has learnt of the peer's ids. What is
said on one connection is a `Conversation`, and ends with it.
"""

import asyncio
import random
from collections.abc import Callable, Sequence

import structlog

from smsc.clock import Clock
from smsc.message import Message
from smsc.upstream.caller import Caller
from smsc.upstream.conversation import Conversation
from smsc.upstream.ids import Ids
from smsc.upstream.line import Answer, Listener, Terms

log = structlog.get_logger()


class Link:
    """One link, from `open` to `close`."""

    def __init__(
        self,
        terms: Terms,
        listener: Listener,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Name the terms, and who is told; `chance` is from 0 to 1.

        Raises ValueError for terms that no bind can carry.
        """
        self.name = terms.name
        self._terms = terms
        self._listener = listener
        self._clock = clock
        self._ids = Ids()
        self._caller = Caller(terms, self, clock, chance)
        self._conversation: Conversation | None = None
        self._unsent: list[Answer] = []
        self._closing = False
        self._room = asyncio.Event()
        self._parted = asyncio.Event()
        self._calling: asyncio.Task[None] | None = None

    # For those who send.

    @property
    def bound(self) -> bool:
        """Whether it is bound now."""
        return self._conversation is not None and not self._conversation.over

    @property
    def room(self) -> int:
        """Return how many more messages it takes at once now; 0 while it isn't bound."""
        if self._conversation is None or self._closing:
            return 0
        return self._conversation.room

    def send(self, messages: Sequence[Message]) -> None:
        """Submit messages, no more than there is room for; each is answered once."""
        if self._conversation is not None and not self._conversation.over:
            self._conversation.send(messages)
        else:
            self._unsent += [Answer(message, None) for message in messages]
            self._clock.call_later(0.0, self._tell_unsent)

    def _tell_unsent(self) -> None:
        answers, self._unsent = self._unsent, []
        if answers:
            self._listener.answered(self.name, answers)

    def open(self) -> None:
        """Begin to call."""
        self._calling = asyncio.get_running_loop().create_task(self._caller.start())
        self._calling.add_done_callback(self._ended)

    async def close(self) -> None:
        """Unbind once all is answered, wait for that no longer than for an answer; call no more.

        All that was sent has been answered when this returns.
        """
        self._closing = True
        self._tell_unsent()
        await self._caller.stop()
        if self._calling is None:
            return
        if self._conversation is not None and self.bound:
            timer = self._clock.call_later(self._terms.response_seconds, self._parted.set)
            self._conversation.leave(self._caller.unbind)
            await self._parted.wait()
            timer.cancel()
        self._calling.cancel()
        await asyncio.wait([self._calling])
        await self._caller.gone()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            log.critical("link_ended", link=self.name, exc_info=task.exception())

    # For the caller: a `Talk`.

    @property
    def over(self) -> str:
        """Why there is nothing more to say on this connection; "" as long as there is."""
        return self._conversation.over if self._conversation is not None else "it isn't bound"

    @property
    def heard(self) -> float:
        """When the last PDU came."""
        if self._conversation is None or self._conversation.full:
            # Who isn't read from isn't silent.
            return self._clock.monotonic()
        return self._conversation.heard

    def begin(self, write: Callable[[bytes], None]) -> None:
        """Begin to talk: the link is bound."""
        self._parted.clear()
        self._conversation = Conversation(
            self._terms,
            self._listener,
            self._clock,
            self._ids,
            self._caller.sequence_generator.next_sequence,
            write,
        )
        self._conversation.on_room = self._room.set
        log.info(
            "link_up",
            link=self.name,
            host=self._terms.host,
            port=self._terms.port,
            tls=self._terms.ssl is not None,
        )
        self._listener.up(self.name)

    def receive(self, octets: bytes) -> None:
        """Take octets that came."""
        if self._conversation is not None:
            self._conversation.receive(octets)

    async def ready(self) -> None:
        """Wait until more octets may come: deliveries wait for their reply."""
        while self._conversation is not None and self._conversation.full:
            self._room.clear()
            await self._room.wait()

    def end(self, reason: str) -> None:
        """End: the link is lost, or was closed."""
        conversation = self._conversation
        if conversation is None:
            return
        unanswered = conversation.unanswered
        conversation.end(reason)
        self._conversation = None
        log.info("link_down", link=self.name, reason=conversation.over, unanswered=unanswered)
        self._parted.set()
        self._listener.down(self.name)
