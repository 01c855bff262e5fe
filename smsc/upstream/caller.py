"""aiosmpplib's ESME, fit to be a link: the one module that knows that library's insides.

Its are the life of a link and its shape: `ESME.start` connects, binds, runs its three tasks
(receiver, sender, keeper) until one of them ends, waits as its retry timer says, and begins again;
its are bind_transceiver, enquire_link and unbind, its sequence numbers, its session states. What we
replaced, because as found in 0.7.4 it

- speaks plain TCP only, refuses passwords of more than 8 characters, takes ESME_RALYBND for a
  bind, fails on statuses that it doesn't know, and leaves its socket to the collector: `connect`;
- reads PDUs of up to 4 GB, one per turn of a task, in its own text types: `_receive_data` reads
  what there is, in one piece, and `Conversation` takes it apart with the codec of the house;
- sends one PDU per turn, and remembers it after it has been sent: `_dequeue_messages` has nothing
  to do, since a `Conversation` writes many submits at once;
- makes two tasks per PDU to keep the link alive, by the loop's time: `_connection_keeper`;
- waits half a second for every task that is to end: `_end_task`;
- unbinds without waiting for the answer, and by an end of file that TLS hasn't got: `_disconnect`;
- logs PDUs, passwords among them, to a handler of its own: it is told to be silent.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

import structlog
from aiosmpplib import ESME
from aiosmpplib.protocol import BindTransceiver, EnquireLink, Unbind
from aiosmpplib.state import SmppSessionState

from smsc.clock import Clock
from smsc.smpp.codec import decode
from smsc.smpp.commands import CommandId, CommandStatus, PduError
from smsc.smpp.pdu import BindResp, GenericNack
from smsc.upstream.backoff import Backoff
from smsc.upstream.frames import FrameLost, check
from smsc.upstream.line import Terms
from smsc.upstream.patience import pause, within

log = structlog.get_logger()

OCTETS_AT_ONCE: Final = 1 << 16
SECONDS_TO_HANG_UP: Final = 2.0
_SILENT: Final = 1_000
"""Above every level that aiosmpplib logs at."""


class Talk(Protocol):
    """What is said once the link is bound, and who is told."""

    @property
    def over(self) -> str:
        """Why there is nothing more to say on this connection; "" as long as there is."""

    @property
    def heard(self) -> float:
        """When the last PDU came."""

    def begin(self, write: Callable[[bytes], None]) -> None:
        """Begin to talk: the link is bound."""

    def receive(self, octets: bytes) -> None:
        """Take octets that came."""

    async def ready(self) -> None:
        """Wait until more octets may come."""

    def end(self, reason: str) -> None:
        """End: the link is lost, or was closed."""


class _Bind(BindTransceiver):  # type: ignore[misc]
    """bind_transceiver with any password (3.4 clause 5.2.2 has 8 characters, peers take more)."""

    def __post_init__(self) -> None:
        pass


class Caller(ESME):  # type: ignore[misc]
    """Calls another SMSC for ever, and lets a `Talk` speak whenever it is bound."""

    def __init__(self, terms: Terms, talk: Talk, clock: Clock, chance: Callable[[], float]) -> None:
        """Call under these terms."""
        super().__init__(
            terms.host,
            terms.port,
            terms.system_id,
            "",
            terms.system_type,
            retry_timer=Backoff(terms, clock, chance),
            log_level=_SILENT,
        )
        self.password = terms.password
        self._writer: asyncio.StreamWriter | None = None
        self._last: asyncio.StreamWriter | None = None
        """That of the last connection, also when nothing more is written to it."""
        self._reader: asyncio.StreamReader
        self._terms = terms
        self._talk = talk
        self._clock = clock

    # Connecting and binding.

    async def connect(self) -> None:
        """Connect and bind; raises ConnectionError, having said why."""
        terms = self._terms
        try:
            await within(self._clock, terms.response_seconds, self._connect())
            return
        except TimeoutError:
            reason = f"no answer within {terms.response_seconds:g} s"
        except UnicodeEncodeError:
            # The error itself would show the password.
            reason = "system_id, password or system_type isn't ASCII"
        except asyncio.IncompleteReadError:
            reason = "it hung up"
        except (OSError, FrameLost, PduError) as error:
            reason = str(error) or type(error).__name__
        except asyncio.CancelledError:
            self._cut()
            raise
        except Exception as error:
            # Whatever it is, the link is called again.
            reason = type(error).__name__
            log.exception("link_failed", link=terms.name)
        self._cut()
        log.warning(
            "link_not_bound", link=terms.name, host=terms.host, port=terms.port, reason=reason
        )
        raise ConnectionError(reason)

    async def _connect(self) -> None:
        terms = self._terms
        self._reader, writer = await asyncio.open_connection(
            terms.host,
            terms.port,
            limit=OCTETS_AT_ONCE,
            ssl=terms.ssl,
            server_hostname=(terms.server_hostname or terms.host) if terms.ssl else None,
        )
        self._writer = self._last = writer
        self._session_state = SmppSessionState.OPEN
        number = self.sequence_generator.next_sequence()
        bind = _Bind(number, system_id=self.system_id, password=self.password)
        bind.system_type = self.system_type
        writer.write(bind.pdu())
        answer = await self._bind_answer(number)
        status = answer.command_status
        if isinstance(answer, GenericNack) or status:
            raise ConnectionRefusedError(f"the bind was refused: {status_name(status)}")
        self._session_state = self.bind_mode.session_state

    async def _bind_answer(self, number: int) -> BindResp | GenericNack:
        """Return the answer to the bind; what else is said before it means nothing."""
        while True:
            head = await self._reader.readexactly(4)
            length = int.from_bytes(head, "big")
            check(length)
            octets = head + await self._reader.readexactly(length - len(head))
            try:
                pdu = decode(octets)
            except PduError as error:
                if error.sequence_number == number and error.command_id in _BIND_ANSWERS:
                    raise
                continue
            if isinstance(pdu, BindResp | GenericNack) and pdu.sequence_number in (number, 0):
                return pdu

    # The three tasks.

    async def _receive_data(self) -> None:
        """Read until the link is over."""
        talk, reader, writer = self._talk, self._reader, self._writer
        assert writer is not None
        reason = "it hung up"
        try:
            talk.begin(writer.write)
            while octets := await reader.read(OCTETS_AT_ONCE):
                talk.receive(octets)
                if talk.over:
                    break
                await writer.drain()
                await talk.ready()
        except OSError as error:
            reason = str(error) or type(error).__name__
        except asyncio.CancelledError:
            reason = "it was silent"
            raise
        except Exception:
            reason = "it was given up"
            log.exception("link_failed", link=self._terms.name)
        finally:
            self._session_state = SmppSessionState.CLOSED
            self._hang_up()
            talk.end(reason)

    async def _dequeue_messages(self) -> None:
        """Do nothing: what is to be sent is written at once."""
        await asyncio.Event().wait()

    async def _connection_keeper(self) -> None:
        """Ask a silent peer whether it is there; end if it isn't."""
        terms, talk, clock = self._terms, self._talk, self._clock
        while not talk.over:
            silence = clock.monotonic() - talk.heard
            if silence < terms.enquire_link_seconds:
                await pause(clock, terms.enquire_link_seconds - silence)
                continue
            asked = clock.monotonic()
            self._say(EnquireLink)
            await pause(clock, terms.response_seconds)
            if talk.heard < asked:
                return

    async def _end_task(self, task: "asyncio.Task[None]") -> None:
        await self._cancel_task(task, task.get_name())

    # Leaving.

    def unbind(self) -> None:
        """Ask the peer to part; its answer ends the conversation."""
        self._say(Unbind)

    def _say(self, kind: type[EnquireLink] | type[Unbind]) -> None:
        if self._writer is not None:
            self._writer.write(kind(self.sequence_generator.next_sequence()).pdu())

    async def stop(self) -> None:
        """Call no more; `start` ends when it is cancelled."""
        self._is_shutting_down = True

    async def gone(self) -> None:
        """Wait until the last connection is closed: it may have octets left to send."""
        if self._last is not None:
            with suppress(OSError):
                await self._last.wait_closed()

    async def _disconnect(self) -> None:
        self._cut()

    def _hang_up(self) -> None:
        """Close when all is sent; a peer that doesn't read is cut off."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
            self._clock.call_later(SECONDS_TO_HANG_UP, writer.transport.abort)

    def _cut(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.transport.abort()


_BIND_ANSWERS: Final = frozenset({CommandId.bind_transceiver_resp, CommandId.generic_nack})


def status_name(status: int) -> str:
    """Name a status as the specification does, or give its number."""
    if status in CommandStatus.__members__.values():
        return CommandStatus(status).name
    return f"0x{status:08X}"
