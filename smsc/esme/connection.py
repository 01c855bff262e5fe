"""One peer: its socket around its session, and the account it has bound to.

Everything a peer sent is read in one go, and everything there is to say to it goes out in one
write a batch. A peer that doesn't read what it is sent, or sends faster than it can be answered,
isn't read from until that is over; so no peer can make us hold more than a bounded number of
octets, and a peer that is gone is noticed by the session's timers.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, cast

import structlog

from smsc.clock import Clock, Timer
from smsc.delivery.agent import Attempt, Outcome, Result, Settle
from smsc.delivery.intake import Intake
from smsc.esme import translate
from smsc.esme.account import Account, Accounts, Refusal
from smsc.esme.agent import outcome
from smsc.esme.bindings import Bindings
from smsc.esme.dialect import Canned, Profile, dialect_of
from smsc.esme.operation import Operation
from smsc.esme.reception import admit
from smsc.esme.whence import NO_NAMES, host_of, names_of
from smsc.esme.words import Untranslatable, refusal, refused
from smsc.journal import Journal
from smsc.message import Message
from smsc.smpp import congestion
from smsc.smpp.commands import CommandId, CommandStatus, PduError, Version
from smsc.smpp.pdu import Bind, Request, Response, SubmitSm, SubmitSmResp, Unbind, response_class
from smsc.smpp.session import Answer, Closed, Event, Session, State, Timers
from smsc.smpp.version import RULES
from smsc_routing.decision import Reason, Verdict

log = structlog.get_logger()

UNANSWERED_SUBMITS: Final = 2000
"""Submits of one session in hand beyond which it isn't read from."""
WRITE_BUFFER: Final = 256 * 1024
SECONDS_TO_HANG_UP: Final = 5.0
SECONDS_BETWEEN_LOOKS: Final = 0.5
SECONDS_OF_PAUSE: Final = 1.0
CONNECTIONS: Final = 20_000


class Door:
    """What all connections share: the rooms behind the door."""

    def __init__(
        self,
        system_id: str,
        timers: Timers,
        accounts: Accounts,
        bindings: Bindings,
        intake: Intake,
        settle: Settle,
        clock: Clock,
        journal: Journal,
        operations: Mapping[type[Request], Operation],
        default_messages: Mapping[int, Canned],
    ) -> None:
        """Name ourselves `system_id` in bind responses."""
        self.system_id = system_id
        self.timers = timers
        self.accounts = accounts
        self.bindings = bindings
        self.intake = intake
        self.settle = settle
        self.clock = clock
        self.journal = journal
        self.operations = operations
        self.default_messages = default_messages
        self.connections: set[Connection] = set()
        self.arriving: set[asyncio.Task[None]] = set()
        """Those who are connected, and no session yet."""
        self.closing = False
        self.emptied = asyncio.Event()
        """Set when the last connection is gone after `closing`."""

    @property
    def full(self) -> bool:
        """Whether nobody more may come in."""
        return self.closing or len(self.connections) + len(self.arriving) >= CONNECTIONS


class Connection(asyncio.Protocol):
    """A connection from an ESME, or to one that we have called."""

    def __init__(self, door: Door, host: str = "") -> None:
        """Wait for a connection; `host` is where the peer is, if its socket doesn't say."""
        self.session = Session(door.timers, door.clock.monotonic())
        self._door = door
        self.dialect = dialect_of("", Profile(), Version.V34, door.default_messages)
        self._account: Account | None = None
        self._name = ""
        self._transport: asyncio.Transport | None = None
        self._host = host
        self._names = NO_NAMES
        self._unanswered = 0
        self._window = 0
        self._congestible = False
        self._measured = True
        """Whether the congestion that the session tells is that of this batch."""
        self.on_change: Callable[[], None] | None = None
        """Called when the session is bound, and when the connection is gone."""
        self.writable = True
        """Whether the peer may be sent messages: it reads, and nobody is parting."""
        self._read_by_peer = True
        self._held_off = False
        """Whether it isn't read from, because it sends more than its share."""
        self._leaving = False
        self._pausing = False
        self._parting: Unbind | None = None
        self._ending = False
        self._timer: Timer | None = None
        self._binding: asyncio.Task[None] | None = None
        self._outcomes: list[Outcome] = []

    # From the wire.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the session."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER)
        self._host = self._host or host_of(transport.get_extra_info("peername"))
        self._names = names_of(transport.get_extra_info("peercert"))
        if self._door.full:
            self._transport.abort()
            return
        self._door.connections.add(self)
        self._watch()

    @property
    def open(self) -> bool:
        """Whether there is a connection."""
        return self._transport is not None

    def outbind(self, password: str) -> None:
        """Ask the peer, whom we have called, to bind."""
        self.session.outbind(self._door.system_id, password)
        self.flush()

    def data_received(self, data: bytes) -> None:
        """Take what the peer sent, and answer it."""
        self._handle(self.session.receive(data, self._door.clock.monotonic()))

    def pause_writing(self) -> None:
        """Stop listening to a peer that doesn't read."""
        self._read_by_peer = self.writable = False
        self._read_or_not()

    def resume_writing(self) -> None:
        """Go on: the peer has read what was sent."""
        self._read_by_peer = True
        self._read_or_not()
        self._go_on()

    def _pause(self) -> None:
        """Send a peer nothing for a while: it is throttled, or its queue is full."""
        if not self._pausing:
            self._pausing, self.writable = True, False
            self._door.clock.call_later(SECONDS_OF_PAUSE, self._paused)

    def _paused(self) -> None:
        self._pausing = False
        self._go_on()

    def _go_on(self) -> None:
        """Have the peer sent messages again, if nothing else stands against it."""
        self.writable = self._read_by_peer and not (self._leaving or self._pausing)
        if self._account is not None and self.writable:
            self._door.bindings.restored(self._account.system_id)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything that hung on this peer."""
        self._transport = None
        self._door.connections.discard(self)
        if self._door.closing and not self._door.connections:
            self._door.emptied.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._binding is not None:
            self._binding.cancel()
        self._part_from_account()
        if self.on_change is not None:
            self.on_change()

    # What the session says.

    def _handle(self, events: list[Event]) -> None:
        now = self._door.clock.now()
        if not self._measured:
            self._measure()
        for event in events:
            if type(event) is SubmitSm:
                self._submit(event, now)
            elif type(event) is Answer:
                answered = outcome(cast(Attempt, event.token), event.response)
                self._outcomes.append(answered)
                if answered.error and answered.result is Result.BUSY:
                    self._pause()
            else:
                self._seldom(event, now)
        self._door.intake.hurry()
        if self._outcomes:
            outcomes, self._outcomes = self._outcomes, []
            self._door.settle(outcomes)
        self.flush()

    def _seldom(self, event: Event, now: int) -> None:
        if isinstance(event, Bind):
            self._binding = asyncio.get_running_loop().create_task(self._bind(event))
            self._binding.add_done_callback(self._bind_ended)
        elif isinstance(event, Unbind):
            # It may be a while until all before it is answered: nothing more is sent meanwhile.
            self._leaving, self.writable = True, False
            self._parting = event
        elif isinstance(event, Closed):
            log.info("session_closed", host=self._host, account=self._name, reason=event.reason)
            self._part_from_account()
            self._ending = True
        elif isinstance(event, Request):
            operation = self._door.operations.get(type(event))
            if operation is None:
                self._deny(event, CommandStatus.ESME_RINVCMDID)
            elif self._unanswered >= self._window:
                self._throttle(event)
            else:
                operation(self, event, now)

    def _deny(self, request: Request, status: CommandStatus) -> None:
        kind = response_class(request.command_id)
        self.session.respond(kind(request.sequence_number, status))

    def _throttle(self, request: Request) -> None:
        """Refuse what comes while the window is full: it isn't looked at."""
        self._door.journal.submits["none", "window"] += 1
        self._tell(1)
        self._deny(request, CommandStatus.ESME_RTHROTTLED)

    def _submit(self, pdu: SubmitSm, now: int) -> None:
        if self._unanswered >= self._window:
            self._throttle(pdu)
            return
        try:
            submission = translate.submission(pdu, self.dialect, now)
        except Untranslatable as error:
            self._door.journal.submits["none", "malformed"] += 1
            version = self.session.version
            answer = refused(SubmitSmResp, pdu.sequence_number, error.status, error.reason, version)
            self.session.respond(answer)
            return
        self._unanswered += 1
        self._door.intake.submit(submission, self, pdu.sequence_number)

    # What operations answer.

    @property
    def account(self) -> Account:
        """The account that it has bound to."""
        assert self._account is not None
        return self._account

    def owe(self) -> None:
        """Take note that a request will be answered later."""
        self._unanswered += 1

    def answer(self, response: Response) -> None:
        """Answer a request that is owed its answer."""
        self._unanswered -= 1
        if not self._measured:
            self._measure()
        if self._transport is not None:
            self.session.respond(response)

    # Binding.

    async def _bind(self, bind: Bind) -> None:
        door = self._door
        try:
            account = await admit(door.accounts, door.bindings, bind, self._host, self._names)
        except Refusal as error:
            self._refuse(bind, error)
            return
        if self.session.closed:
            return
        self.session.accept(bind, door.system_id)
        self._account, self._name = account, account.system_id
        self.dialect = dialect_of(
            account.system_id, account.profile, self.session.version, door.default_messages
        )
        self._window = account.submit_window
        self._congestible = RULES[self.session.version].congestion
        self._measure()
        self.flush()
        log.info(
            "bound",
            host=self._host,
            account=account.system_id,
            bind=CommandId(bind.command_id).name,
            version=f"{self.session.version:#x}",
        )
        door.bindings.add(account.system_id, self, account.window)
        if self.on_change is not None:
            self.on_change()

    def _refuse(self, bind: Bind, refusal: Refusal) -> None:
        self._door.journal.refused_binds[refusal.reason] += 1
        # Who is locked out was told of once; he may try a thousand times a second.
        if refusal.reason != "locked_out":
            # An unknown name is a stranger's, or a password in the wrong field.
            known = self._door.accounts.find(bind.system_id)
            account = known.system_id if known is not None else ""
            log.warning("bind_refused", host=self._host, account=account, reason=refusal.reason)
        if not self.session.closed:
            self.session.refuse(bind, refusal.status)
            self.flush()

    def _bind_ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            log.error("bind_failed", host=self._host, exc_info=task.exception())
            self.cut()

    def _part_from_account(self) -> None:
        """End the session: what the peer hasn't answered may go to another binding."""
        unanswered = [cast(Attempt, token) for token in self.session.close()]
        if self._account is not None:
            self._door.bindings.remove(self._account.system_id, self)
            self._account = None
        if unanswered:
            self._door.settle([Outcome(attempt, Result.ABSENT) for attempt in unanswered])

    # The answers of intake.

    def accepted(self, token: int, message_id: int) -> None:
        """Answer a submit_sm: the message is durable."""
        self._unanswered -= 1
        if not self._measured:
            self._measure()
        if self._transport is not None:
            self.session.accepted(token, self.dialect.ids.write(message_id))

    def refused(self, token: int, verdict: Verdict) -> None:
        """Answer a submit_sm that was not accepted."""
        self._unanswered -= 1
        if not self._measured:
            self._measure()
        if verdict.reason is Reason.STORE_BEHIND and not self._held_off:
            self._held_off = True
            self._door.clock.call_later(verdict.retry_after_ms / 1000, self._hear_again)
        if self._transport is not None:
            self.session.respond(refusal(SubmitSmResp, token, verdict, self.session.version))

    def flush(self) -> None:
        """Write what there is to send, at once; the last is the answer to the last submit."""
        self._measured = not self._congestible
        if self._parting is not None and not self._unanswered:
            parting, self._parting = self._parting, None
            self.session.part(parting)
            self._ending = True
        self._write()
        if self._ending and not self._unanswered:
            self._hang_up()
            return
        self._read_or_not()

    def _measure(self) -> None:
        """Find out how full we are, for all answers of a batch."""
        self._measured = True
        self._tell(max(self._door.intake.fill, self._unanswered / self._window))

    def _tell(self, fill: float) -> None:
        if self._congestible:
            self.session.congestion = congestion.told(fill)

    def _write(self) -> None:
        octets = self.session.octets_to_send()
        if octets and self._transport is not None:
            self._transport.write(octets)

    # What the agent sends.

    def deliver(self, attempt: Attempt) -> None:
        """Send a message as its account wants it."""
        session = self.session
        number = session.next_sequence_number()
        try:
            pdu = translate.delivery(attempt.message, number, self.dialect)
            session.request(pdu, attempt, self._door.clock.monotonic())
        except PduError as error:
            log.error("not_deliverable", message=attempt.message.id, reason=str(error))
            # A receipt is kept, and tried again, whatever is wrong with it.
            result = Result.FAILED if attempt.message.receipt is not None else Result.REFUSED
            self._outcomes.append(Outcome(attempt, result, error.status))
            asyncio.get_running_loop().call_soon(self._handle, [])

    def tell(self, message: Message) -> None:
        """Send an alert_notification."""
        try:
            self.session.tell(translate.alert(message, self.session.next_sequence_number()))
        except PduError as error:
            log.error("not_deliverable", message=message.id, reason=str(error))

    # Flow and time.

    def _hear_again(self) -> None:
        self._held_off = False
        self._read_or_not()

    def _read_or_not(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        wanted = self._read_by_peer and not self._held_off
        wanted = wanted and self._unanswered < UNANSWERED_SUBMITS
        if wanted is transport.is_reading():
            return
        if wanted:
            self.session.resume(self._door.clock.monotonic())
            transport.resume_reading()
        else:
            transport.pause_reading()

    @property
    def _waits_for_us(self) -> bool:
        """Whether the peer isn't read from, or has its password verified."""
        if self._held_off or self._unanswered >= UNANSWERED_SUBMITS:
            return True
        return self.session.state is State.BINDING

    def _watch(self) -> None:
        """Come back when a timer of the session may have run out."""
        now = self._door.clock.monotonic()
        soonest = SECONDS_BETWEEN_LOOKS if self._waits_for_us else 0.0
        wait = max(min(self.session.deadline - now, self._door.timers.response), soonest)
        self._timer = self._door.clock.call_later(wait, self._look)

    def _look(self) -> None:
        # A peer that waits for us can't be blamed for its silence, unless it doesn't read.
        if not self._waits_for_us or not self._read_by_peer:
            self._handle(self.session.advance(self._door.clock.monotonic()))
        if not self.session.closed:
            self._watch()

    def unbind(self) -> None:
        """Ask the peer to part, or hang up if it hasn't bound."""
        self._leaving, self.writable = True, False
        if self.session.bound:
            self.session.unbind(self._door.clock.monotonic())
            self.flush()
        else:
            self._hang_up()

    def cut(self) -> None:
        """Close at once, whatever is still to be sent."""
        if self._transport is not None:
            self._transport.abort()

    def _hang_up(self) -> None:
        """Close when all is sent; a peer that doesn't read is cut off."""
        self._part_from_account()
        transport = self._transport
        if transport is not None:
            self._write()
            transport.close()
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._door.clock.call_later(SECONDS_TO_HANG_UP, transport.abort)
