"""One SMPP session on the side of the message centre, with no I/O (3.4 chapter 2, 5.0 chapter 2).

Octets that came go into `receive`, events come out; what is to be said goes in by `accept`,
`refuse`, `request`, `tell` and `respond`, and the octets to send come out of `octets_to_send`. Time
is an argument, in seconds on any steady scale: `deadline` says when `advance` is to be called next.

Two rules keep it simple. Whether a request may come is a table of states; a request that may not
is answered here, by its own response, and never seen outside. And a session that loses the
frame of the stream is over: there is no telling where the next PDU begins.

A request in a state that doesn't allow it is told ESME_RINVBNDSTS, a second bind ESME_RALYBND. What
only a message centre sends, and what it doesn't serve in any state, is told ESME_RINVCMDID; in a
generic_nack where the request has no response (alert_notification, outbind), or isn't known.
Responses that nobody asked for, that come twice, or are of another kind than what was asked, are
ignored: there is no answer to an answer. Sequence numbers of the peer are its own business, 0 and
those above 0x7FFFFFFF included: they are echoed.
"""

import struct
from enum import Enum
from math import inf
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct

from smsc.smpp.codec import decode, encode, submit_sm_resp
from smsc.smpp.commands import RESPONSE_BIT, CommandId, CommandStatus, PduError, Version
from smsc.smpp.congestion import CARRIERS, carried
from smsc.smpp.pdu import (
    AlertNotification,
    Bind,
    BindResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Request,
    Response,
    SubmitSmResp,
    Unbind,
    response_class,
)
from smsc.smpp.tlv import Tag, Tlv
from smsc.smpp.version import RULES, known_status, negotiated

SHORTEST_PDU: Final = 16
"""A header alone (3.4 clause 3.2, 5.0 clause 3.2.1)."""

LONGEST_PDU: Final = 70_000
"""A message_payload of 64K octets with everything around it (3.4 clause 5.3.2.32)."""

LAST_SEQUENCE_NUMBER: Final = 0x7FFFFFFF
"""After it comes 1 again (3.4 clause 5.1.4, 5.0 clause 4.7.24)."""

_LENGTH: Final = struct.Struct(">I")


class State(Enum):
    """Where a session stands (3.4 clause 2.2, 5.0 clause 2.3).

    OUTBOUND is a connection that we opened, where an ESME was asked to bind; BINDING, one whose
    bind is being decided; UNBOUND, one that has sent unbind and hasn't got its answer yet.
    """

    OPEN = "open"
    OUTBOUND = "outbound"
    BINDING = "binding"
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBOUND = "unbound"
    CLOSED = "closed"


_BOUND: Final = frozenset({State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX})
_SENDING: Final = frozenset({State.BOUND_TX, State.BOUND_TRX})

# Which requests an ESME may send when (3.4 clause 2.3, 5.0 clause 2.4). An outbind asks for a
# session that receives (3.4 clause 2.2.1, 5.0 clause 2.3.7).
_ALLOWED: Final[dict[int, frozenset[State]]] = {
    CommandId.bind_receiver: frozenset({State.OPEN, State.OUTBOUND}),
    CommandId.bind_transmitter: frozenset({State.OPEN}),
    CommandId.bind_transceiver: frozenset({State.OPEN, State.OUTBOUND}),
    CommandId.unbind: _BOUND,
    CommandId.submit_sm: _SENDING,
    CommandId.submit_multi: _SENDING,
    CommandId.data_sm: _SENDING,
    CommandId.query_sm: _SENDING,
    CommandId.cancel_sm: _SENDING,
    CommandId.replace_sm: _SENDING,
    CommandId.broadcast_sm: _SENDING,
    CommandId.query_broadcast_sm: _SENDING,
    CommandId.cancel_broadcast_sm: _SENDING,
}
_ALLOWED_IN: Final[dict[State, frozenset[int]]] = {
    state: frozenset(command for command, states in _ALLOWED.items() if state in states)
    for state in State
}
STATE_AFTER: Final[dict[int, State]] = {
    CommandId.bind_receiver: State.BOUND_RX,
    CommandId.bind_transmitter: State.BOUND_TX,
    CommandId.bind_transceiver: State.BOUND_TRX,
}
"""Where each bind leads."""


class Timers(NamedTuple):
    """The timers of the specification, in seconds (3.4 clause 7.2, 5.0 clause 2.7)."""

    session_init: float = 5.0
    """How long a connection may take to bind, whoever opened it."""
    enquire_link: float = 30.0
    """How long a bound peer may be silent before it is asked whether it is there."""
    inactivity: float = 300.0
    """How long it may be silent before its session is over; any PDU of its ends the silence.

    The specification counts transactions, which an enquire_link and its answer are: a bind that
    waits for messages is not dropped for having none.
    """
    response: float = 10.0
    """How long an answer to a request of ours is waited for."""


class Answer(Struct, frozen=True, gc=False):
    """The peer's answer to a request of ours; no response if none came in time."""

    token: object
    response: Response | None


class Closed(NamedTuple):
    """The session is over, for this reason: send what is left, and hang up."""

    reason: str


Event: TypeAlias = Request | Answer | Closed


class _Asked(Struct, frozen=True, gc=False):
    """A request of ours that waits for its answer."""

    token: object
    response_id: int
    at: float


class Session:
    """The protocol state of one connection from an ESME."""

    def __init__(self, timers: Timers, now: float) -> None:
        """Begin with a connection that was just accepted."""
        self._enter(State.OPEN)
        self._unbound_state = State.OPEN
        self.version = Version.V34
        self.congestion: tuple[Tlv, ...] = ()
        """What responses to operations say of the load, if the peer's version has it."""
        self._timers = timers
        self._since = now
        self._heard = now
        self._held = bytearray()
        self._needed = SHORTEST_PDU
        self._out: list[bytes] = []
        self._asked: dict[int, _Asked] = {}
        self._enquiring = False
        self._unbinding = False
        self._sequence_number = 0

    def _enter(self, state: State) -> None:
        self.state = state
        self._allowed = _ALLOWED_IN[state]

    @property
    def closed(self) -> bool:
        """Whether the session is over."""
        return self.state is State.CLOSED

    @property
    def bound(self) -> bool:
        """Whether the ESME has bound, in any way, and isn't parted from yet."""
        return self.state in _BOUND or self.state is State.UNBOUND

    @property
    def receives(self) -> bool:
        """Whether messages may be sent to this ESME."""
        return self.state is State.BOUND_RX or self.state is State.BOUND_TRX

    @property
    def outstanding(self) -> int:
        """How many of our requests, but for enquire_link and unbind, have no answer yet."""
        return len(self._asked) - self._enquiring - self._unbinding

    # What comes in.

    def receive(self, octets: bytes, now: float) -> list[Event]:
        """Take octets as they came from the wire; return what they say that matters outside."""
        if self.closed:
            return []
        if self._held:
            self._held += octets
            if len(self._held) < self._needed:
                return []
            octets, self._held = bytes(self._held), bytearray()
        events: list[Event] = []
        at, end = 0, len(octets)
        while end - at >= SHORTEST_PDU:
            (length,) = _LENGTH.unpack_from(octets, at)
            if not SHORTEST_PDU <= length <= LONGEST_PDU:
                self._lose_frame(length, events)
                return events
            if end - at < length:
                self._needed = length
                break
            self._take(octets, at, length, events, now)
            at += length
            if self.closed:
                return events
        else:
            self._needed = SHORTEST_PDU
        if at < end:
            self._held += octets[at:] if at else octets
        return events

    def _take(self, octets: bytes, at: int, length: int, events: list[Event], now: float) -> None:
        self._heard = now
        try:
            pdu = decode(octets, at, length)
        except PduError as error:
            self._reject(error, events)
            return
        if isinstance(pdu, Response):
            self._match(pdu, pdu.command_id, events)
        elif pdu.command_id in self._allowed:
            if isinstance(pdu, Bind):
                self._enter(State.BINDING)
            elif isinstance(pdu, Unbind):
                self._enter(State.UNBOUND)
            events.append(pdu)
        else:
            self._answer_itself(pdu)

    def _answer_itself(self, pdu: Request) -> None:
        """Answer what needs nobody else, or isn't allowed now."""
        if isinstance(pdu, EnquireLink):
            self.respond(EnquireLinkResp(pdu.sequence_number))
            return
        status = CommandStatus.ESME_RINVBNDSTS
        if isinstance(pdu, Bind) and (self.state is State.BINDING or self.state in _BOUND):
            status = CommandStatus.ESME_RALYBND
        elif pdu.command_id not in _ALLOWED:
            status = CommandStatus.ESME_RINVCMDID
        self.respond(response_class(pdu.command_id)(pdu.sequence_number, status))

    def _match(self, response: Response, command_id: int, events: list[Event]) -> None:
        asked = self._asked.get(response.sequence_number)
        # A generic_nack answers anything; any other must be the response that was asked for.
        if asked is None or command_id not in (asked.response_id, CommandId.generic_nack):
            return
        self._forget(response.sequence_number)
        if asked.token is not None:
            events.append(Answer(asked.token, response))
        elif asked.response_id == CommandId.unbind_resp:
            self._end("unbound", events)

    def _forget(self, sequence_number: int) -> None:
        """Wait no longer for the answer to this request."""
        asked = self._asked.pop(sequence_number)
        if asked.token is None:
            self._enquiring &= asked.response_id != CommandId.enquire_link_resp
            self._unbinding &= asked.response_id != CommandId.unbind_resp

    def _reject(self, error: PduError, events: list[Event]) -> None:
        """Say what was wrong with a PDU; one that answers us counts as a refusal."""
        if error.command_id & RESPONSE_BIT:
            refusal = GenericNack(error.sequence_number, error.status)
            self._match(refusal, error.command_id, events)
        else:
            kind = response_class(error.command_id)
            self.respond(kind(error.sequence_number, known_status(error.status, self.version)))

    def _lose_frame(self, length: int, events: list[Event]) -> None:
        self.respond(GenericNack(0, CommandStatus.ESME_RINVCMDLEN))
        self._end(f"a PDU can't be {length} octets long", events)

    # What goes out.

    def outbind(self, system_id: str, password: str) -> None:
        """Ask an ESME that we have just connected to for its bind (3.4 2.2.1, 5.0 clause 2.3.7).

        It has to bind within session_init_timer, as a receiver or a transceiver.
        """
        self.tell(Outbind(self.next_sequence_number(), system_id, password))
        self._unbound_state = State.OUTBOUND
        self._enter(State.OUTBOUND)

    def accept(self, bind: Bind, system_id: str) -> None:
        """Bind the session as asked, in the version both sides know."""
        self.version = negotiated(bind.interface_version)
        self._enter(STATE_AFTER[bind.command_id])
        version = (Tlv(Tag.sc_interface_version, Version.V50),)
        tlvs = version if RULES[self.version].tlvs else ()
        self.respond(_bind_resp(bind, CommandStatus.ESME_ROK, system_id, tlvs))

    def refuse(self, bind: Bind, status: int) -> None:
        """Answer a bind with an error; the ESME may try again on the same connection."""
        self._enter(self._unbound_state)
        self.respond(_bind_resp(bind, status))

    def next_sequence_number(self) -> int:
        """Return the number for the next request of ours (3.4 clause 5.1.4)."""
        self._sequence_number = self._sequence_number % LAST_SEQUENCE_NUMBER + 1
        return self._sequence_number

    def request(self, request: Request, token: object, now: float) -> None:
        """Send a request; its answer comes as an event with this token.

        Raises PduError, and sends nothing, if the request can't be put into octets.
        """
        self._out.append(encode(request))
        response_id = request.command_id | RESPONSE_BIT
        self._asked[request.sequence_number] = _Asked(token, response_id, now)

    def tell(self, request: Outbind | AlertNotification) -> None:
        """Send a request that has no answer (3.4 clauses 4.1.7 and 4.12.1); else as `request`."""
        self._out.append(encode(request))

    def respond(self, response: Response) -> None:
        """Send the response to a request."""
        if self.congestion and type(response) in CARRIERS:
            response = carried(response, self.congestion)
        self._out.append(encode(response))

    def accepted(self, sequence_number: int, message_id: str) -> None:
        """Send the response to a submit_sm that was accepted."""
        if self.congestion:
            self.respond(SubmitSmResp(sequence_number, 0, message_id))
        else:
            self._out.append(submit_sm_resp(sequence_number, message_id))

    def unbind(self, now: float) -> None:
        """Ask the ESME to part; its answer closes the session."""
        if not self._unbinding:
            self._unbinding = True
            self.request(Unbind(self.next_sequence_number()), None, now)

    def part(self, unbind: Unbind) -> None:
        """Answer the ESME's unbind: nothing follows."""
        self.respond(response_class(unbind.command_id)(unbind.sequence_number))
        self._enter(State.CLOSED)

    def octets_to_send(self) -> bytes:
        """Return what is to be written to the wire, once."""
        octets = b"".join(self._out)
        self._out.clear()
        return octets

    def close(self) -> list[object]:
        """End the session; return the tokens of requests that will never be answered."""
        self._enter(State.CLOSED)
        tokens = [asked.token for asked in self._asked.values() if asked.token is not None]
        self._asked.clear()
        self._enquiring = self._unbinding = False
        return tokens

    # What the time says.

    def resume(self, now: float) -> None:
        """Take note that the peer is listened to again: its silence so far was none."""
        self._heard = now
        for number, asked in self._asked.items():
            self._asked[number] = _Asked(asked.token, asked.response_id, now)

    @property
    def deadline(self) -> float:
        """When `advance` has something to do, unless something is received before."""
        if self.closed:
            return inf
        if not self.bound:
            return self._since + self._timers.session_init
        deadline = self._heard + self._timers.inactivity
        if not self._enquiring:
            deadline = min(deadline, self._heard + self._timers.enquire_link)
        if self._asked:
            deadline = min(deadline, self._oldest().at + self._timers.response)
        return deadline

    def advance(self, now: float) -> list[Event]:
        """Do what the timers ask for at this time."""
        events: list[Event] = []
        if self.closed:
            return events
        if not self.bound:
            if now >= self._since + self._timers.session_init:
                self._end("no bind within session_init_timer", events)
            return events
        self._give_up(now, events)
        if self.closed:
            return events
        if now >= self._heard + self._timers.inactivity:
            self._end("nothing heard within inactivity_timer", events)
        elif now >= self._heard + self._timers.enquire_link and not self._enquiring:
            self._enquiring = True
            self.request(EnquireLink(self.next_sequence_number()), None, now)
        return events

    def _give_up(self, now: float, events: list[Event]) -> None:
        """Give up on requests that weren't answered within response_timer."""
        while self._asked and now >= self._oldest().at + self._timers.response:
            number, asked = next(iter(self._asked.items()))
            self._forget(number)
            if asked.response_id == CommandId.enquire_link_resp and self._heard > asked.at:
                # Any PDU will do for an answer (5.0 clause 4.1.2).
                continue
            if asked.token is None:
                name = CommandId(asked.response_id).name
                self._end(f"no {name} within response_timer", events)
                return
            events.append(Answer(asked.token, None))

    def _oldest(self) -> _Asked:
        return next(iter(self._asked.values()))

    def _end(self, reason: str, events: list[Event]) -> None:
        self._enter(State.CLOSED)
        self._held.clear()
        events.append(Closed(reason))


def _bind_resp(
    bind: Bind, status: int, system_id: str = "", tlvs: tuple[Tlv, ...] = ()
) -> BindResp:
    kind = response_class(bind.command_id)
    assert issubclass(kind, BindResp)
    return kind(bind.sequence_number, status, system_id, tlvs)
