"""What is said on one connection to another SMSC, once it is bound, with no I/O.

Octets that came go into `receive`; what is to be sent goes to `write`, many PDUs at once; who uses
the link is told by calls of its `Listener`. A message is in one place until it is answered: it
waits for its turn in `_held`, if the link has a rate, or for its answer in `_asked`. Whoever takes
it out of there answers it, and once: the other SMSC, the response timer, or the end.

There is one timer for all. Submits are in `_asked` in the order they were sent in, so that only the
first has to be looked at.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from smsc.clock import Clock, Timer
from smsc.message import Message
from smsc.smpp.codec import HEADER, encode
from smsc.smpp.commands import RESPONSE_BIT, CommandId, CommandStatus, PduError
from smsc.smpp.pdu import (
    DataSm,
    DeliverSm,
    EnquireLinkResp,
    GenericNack,
    Response,
    UnbindResp,
    response_class,
)
from smsc.upstream import leniency
from smsc.upstream.deliveries import meaning
from smsc.upstream.frames import FrameLost, Frames
from smsc.upstream.ids import Ids
from smsc.upstream.line import Answer, Listener, Report, Terms
from smsc.upstream.pace import Pace
from smsc.upstream.receipts import Unended
from smsc.upstream.submit import submit_sm

log = structlog.get_logger()

MOST_UNREPLIED: Final = 1_000
"""Deliveries that wait for their reply before no more are read."""
MOST_OCTETS_UNREPLIED: Final = 1 << 20
"""How many octets those may have together."""

_SUBMIT_SM_RESP: Final = int(CommandId.submit_sm_resp)
_UNANSWERABLE: Final = frozenset({CommandId.alert_notification, CommandId.outbind})
_LONGEST_ID: Final = 65


class _Delivery:
    """A deliver_sm or data_sm that isn't replied to yet; called, it is."""

    __slots__ = ("_conversation", "_kind", "_number", "octets")

    def __init__(
        self, conversation: "Conversation", kind: type[Response], number: int, octets: int
    ) -> None:
        self._conversation: Conversation | None = conversation
        self._kind = kind
        self._number = number
        self.octets = octets

    def __call__(self, status: int) -> None:
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.replied(self, self._kind(self._number, status))


class Conversation:
    """One connection, from its bind to its end."""

    def __init__(
        self,
        terms: Terms,
        listener: Listener,
        clock: Clock,
        ids: Ids,
        next_number: Callable[[], int],
        write: Callable[[bytes], None],
    ) -> None:
        """Begin on a connection that was just bound."""
        self.over = ""
        """Why there is nothing more to say; "" as long as there is."""
        self.heard = clock.monotonic()
        """When the last PDU came."""
        self.on_room: Callable[[], None] = lambda: None
        """Called when deliveries may be read again."""
        self._link = terms.name
        self._window = terms.window
        # What waits here can't be sent elsewhere: no more than leaves within a second.
        self._most_held = max(1, int(terms.rate)) if terms.rate else terms.window
        self._seconds = terms.response_seconds
        self._listener = listener
        self._clock = clock
        self._ids = ids
        self._next_number = next_number
        self._write = write
        self._pace = Pace(terms.rate, self.heard)
        self._frames = Frames()
        self._held: deque[Message] = deque()
        self._asked: dict[int, tuple[Message, float]] = {}
        self._unsent: list[Answer] = []
        self._parting: Callable[[], None] | None = None
        self._timer: Timer | None = None
        self._due = 0.0
        self._out: list[bytes] = []
        self._flushing = False
        self._unreplied = 0
        self._octets_unreplied = 0
        self._oddities: dict[str, int] = {}

    # What goes out.

    @property
    def room(self) -> int:
        """How many more messages it takes at once now."""
        if self.over or self._parting is not None:
            return 0
        held = len(self._held)
        waiting = len(self._asked) + held + len(self._unsent)
        return max(0, min(self._window - waiting, self._most_held - held))

    @property
    def unanswered(self) -> int:
        """How many messages have no answer yet."""
        return len(self._asked) + len(self._held)

    @property
    def full(self) -> bool:
        """Whether so many deliveries wait for their reply that no more are to be read."""
        return self._unreplied >= MOST_UNREPLIED or self._octets_unreplied >= MOST_OCTETS_UNREPLIED

    def send(self, messages: Sequence[Message]) -> None:
        """Submit messages, now or as soon as the rate allows."""
        now = self._clock.monotonic()
        if self._held:
            self._held.extend(messages)
        else:
            due = self._pace.due(now, len(messages))
            self._submit(messages[:due], now)
            self._held.extend(messages[due:])
        self._watch(now)

    def leave(self, part: Callable[[], None]) -> None:
        """Send no more, and `part` once all that was sent is answered."""
        self._parting = part
        self._unsent += [Answer(message, None) for message in self._held]
        self._held.clear()
        self._watch(self._clock.monotonic())
        self._part_if_done()

    def _part_if_done(self) -> None:
        if self._parting is not None and not self._asked and not self.over:
            part, self._parting = self._parting, _nothing
            part()

    def _submit(self, messages: Sequence[Message], now: float) -> None:
        wall = self._clock.now()
        for message in messages:
            number = self._next_number()
            try:
                self._out.append(encode(submit_sm(message, number, wall)))
            except PduError as error:
                log.error("not_submittable", link=self._link, message=message.id, reason=str(error))
                self._unsent.append(Answer(message, error.status))
            else:
                self._asked[number] = (message, now)
        self._flush()

    def _flush(self) -> None:
        self._flushing = False
        if self._out:
            octets = b"".join(self._out)
            self._out.clear()
            self._write(octets)

    def _soon(self) -> None:
        """Flush when everything that happens at once has happened."""
        if not self._flushing:
            self._flushing = True
            self._clock.call_later(0.0, self._flush)

    def replied(self, delivery: _Delivery, response: Response) -> None:
        """Take the reply to a delivery."""
        was_full = self.full
        self._unreplied -= 1
        self._octets_unreplied -= delivery.octets
        if self.over:
            return
        self._out.append(encode(response))
        self._soon()
        if was_full and not self.full:
            self._resume()

    def _resume(self) -> None:
        """Go on reading: what came meanwhile didn't come late."""
        now = self.heard = self._clock.monotonic()
        for number, (message, _) in self._asked.items():
            self._asked[number] = (message, now)
        self.on_room()

    # What comes in.

    def receive(self, octets: bytes) -> None:
        """Take octets as they came from the wire."""
        lost: FrameLost | None = None
        try:
            pdus = self._frames.cut(octets)
        except FrameLost as error:
            lost, pdus = error, error.pdus
        answers: list[Answer] = []
        others: list[bytes] = []
        for pdu in pdus:
            _, command_id, status, number = HEADER.unpack_from(pdu)
            if command_id != _SUBMIT_SM_RESP:
                others.append(pdu)
            elif (asked := self._asked.pop(number, None)) is None:
                self._note("response nobody asked for")
            else:
                remote_id = "" if status else self._id_in(pdu)
                answers.append(Answer(asked[0], status, remote_id))
        if pdus:
            self.heard = self._clock.monotonic()
        self._take(others, answers)
        if lost is not None and not self.over:
            self._out.append(encode(GenericNack(0, CommandStatus.ESME_RINVCMDLEN)))
            self.over = str(lost)
        self._flush()
        self._part_if_done()

    def _id_in(self, pdu: bytes) -> str:
        """Return the id in a submit_sm_resp, which some end without a NUL."""
        text = pdu[HEADER.size : HEADER.size + _LONGEST_ID].partition(b"\0")[0]
        return self._ids.response(text.decode("latin-1")) if text else ""

    def _take(self, pdus: Sequence[bytes], answers: list[Answer]) -> None:
        """Tell the answers, those among `pdus` too, and then take the rest."""
        rest = []
        for pdu in pdus:
            _, command_id, status, number = HEADER.unpack_from(pdu)
            if command_id != CommandId.generic_nack:
                rest.append((command_id, number, pdu))
            elif (asked := self._asked.pop(number, None)) is not None:
                answers.append(Answer(asked[0], status or CommandStatus.ESME_RUNKNOWNERR))
            else:
                self._note("generic_nack to nothing")
        if answers:
            self._listener.answered(self._link, answers)
        for command_id, number, pdu in rest:
            if self.over:
                return
            self._take_other(command_id, number, pdu)

    def _take_other(self, command_id: int, number: int, pdu: bytes) -> None:
        if command_id in (CommandId.deliver_sm, CommandId.data_sm):
            self._take_delivery(command_id, number, pdu)
        elif command_id == CommandId.enquire_link:
            self._out.append(encode(EnquireLinkResp(number)))
        elif command_id == CommandId.unbind:
            self._out.append(encode(UnbindResp(number)))
            self.over = "it unbound"
        elif command_id == CommandId.unbind_resp and self._parting is not None:
            self.over = "unbound"
        elif command_id & RESPONSE_BIT:
            if command_id != CommandId.enquire_link_resp:
                self._note("response nobody asked for")
        elif command_id not in _UNANSWERABLE:
            self._note("request that an SMSC doesn't send")
            kind = response_class(command_id)
            self._out.append(encode(kind(number, CommandStatus.ESME_RINVCMDID)))

    def _take_delivery(self, command_id: int, number: int, octets: bytes) -> None:
        kind = response_class(command_id)
        try:
            pdu = leniency.read(octets)
        except PduError as error:
            self._note(f"delivery that can't be read: {error.reason}")
            self._out.append(encode(kind(number, error.status)))
            return
        assert isinstance(pdu, DeliverSm | DataSm)
        told = meaning(pdu, self._ids)
        if isinstance(told, Unended):
            if told.reason:
                self._note(f"receipt that can't be understood: {told.reason}")
            # Refused, it would come again, and mean no more.
            self._out.append(encode(kind(number)))
            return
        self._unreplied += 1
        self._octets_unreplied += len(octets)
        delivery = _Delivery(self, kind, number, len(octets))
        if isinstance(told, Report):
            self._listener.reported(self._link, told, delivery)
        else:
            self._listener.arrived(self._link, told, delivery)

    def _note(self, oddity: str, times: int = 1) -> None:
        """Count what a peer shouldn't do, and tell of it the first time."""
        kind = oddity.partition(":")[0]
        if kind not in self._oddities:
            log.warning("link_oddity", link=self._link, what=oddity)
        self._oddities[kind] = self._oddities.get(kind, 0) + times

    # What the time says.

    def _watch(self, now: float) -> None:
        """Come back when something is due, if that isn't sooner already."""
        wait = self._seconds_to_next(now)
        if wait is None or (self._timer is not None and self._due <= now + wait):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = now + wait
        self._timer = self._clock.call_later(wait, self._look)

    def _seconds_to_next(self, now: float) -> float | None:
        waits = []
        if self._unsent:
            waits.append(0.0)
        if self._held:
            waits.append(self._pace.seconds_to_next(len(self._held)))
        if self._asked:
            _, at = next(iter(self._asked.values()))
            waits.append(max(0.0, at + self._seconds - now))
        return min(waits) if waits else None

    def _look(self) -> None:
        self._timer = None
        if self.over:
            return
        now = self._clock.monotonic()
        answers, self._unsent = self._unsent, []
        if self.full:
            # Its answers may be among what isn't read.
            self._asked = {number: (message, now) for number, (message, _) in self._asked.items()}
        answers += self._overdue(now)
        if self._held:
            due = self._pace.due(now, len(self._held))
            self._submit([self._held.popleft() for _ in range(due)], now)
        self._watch(now)
        if answers:
            self._listener.answered(self._link, answers)
        self._part_if_done()

    def _overdue(self, now: float) -> list[Answer]:
        """Give up on submits that weren't answered in time."""
        overdue = []
        for number, (message, at) in self._asked.items():
            if at + self._seconds > now:
                break
            overdue.append((number, message))
        for number, _ in overdue:
            del self._asked[number]
        if overdue:
            self._note("submit without an answer", len(overdue))
        return [Answer(message, None) for _, message in overdue]

    def end(self, reason: str) -> None:
        """Say no more; what is unanswered is answered by that."""
        self.over = self.over or reason
        if self._timer is not None:
            self._timer.cancel()
        answers = [*self._unsent]
        answers += [Answer(message, None) for message, _ in self._asked.values()]
        answers += [Answer(message, None) for message in self._held]
        self._unsent, self._asked = [], {}
        self._held.clear()
        self._out.clear()
        oddities = {kind: count for kind, count in self._oddities.items() if count > 1}
        if oddities:
            log.warning("link_oddities", link=self._link, **_counted(oddities))
        if answers:
            self._listener.answered(self._link, answers)


def _nothing() -> None:
    """Has been done."""


def _counted(oddities: dict[str, int]) -> dict[str, int]:
    return {kind.replace(" ", "_").replace("'", ""): count for kind, count in oddities.items()}
