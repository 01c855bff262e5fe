"""What a link is to those who use it: values and protocols, without a word of aiosmpplib."""

from collections.abc import Callable, Sequence
from ssl import SSLContext
from typing import Protocol

from msgspec import Struct

from smsc.message import Address, Message, State


class Terms(Struct, frozen=True, kw_only=True):
    """How another SMSC is called: as a transceiver, at `host` and `port`, under these names.

    At most `window` submits are unanswered, and at most `rate` a second are sent, if it isn't 0;
    there is room for no more than leave within a second then.
    Times are in seconds. `ssl` is there if it is called over TLS, `server_hostname` then the name
    that its certificate must have.
    """

    name: str
    host: str
    port: int
    system_id: str
    password: str = ""
    system_type: str = ""
    window: int = 100
    rate: float = 0
    enquire_link_seconds: float = 30
    response_seconds: float = 10
    reconnect_seconds: float = 1
    longest_reconnect_seconds: float = 60
    ssl: SSLContext | None = None
    server_hostname: str = ""


class Answer(Struct, frozen=True, gc=False):
    """How the other SMSC answered a submit: its command_status, and its id for the message.

    A `status` of None says that no answer came: the link was lost, or was silent for too long. A
    message that can't be put into a submit_sm is answered with the status that says why. The id
    is written as `smsc.upstream.ids` has it, and "" if the answer had none.
    """

    message: Message
    status: int | None
    remote_id: str = ""


class Report(Struct, frozen=True, gc=False):
    """A receipt of the other SMSC: what became, in the end, of the message it knows by this id.

    An id in the text of a receipt may be written otherwise than it was in the submit_sm_resp: if
    no message is known by `remote_id`, it is the first of `other_ids` that one is known by.
    """

    remote_id: str
    state: State
    error: int = 0
    other_ids: tuple[str, ...] = ()


class Arrival(Struct, frozen=True, gc=False):
    """A message that the other SMSC delivers to us."""

    source: Address
    dest: Address
    payload: bytes
    data_coding: int = 0
    esm_class: int = 0
    protocol_id: int = 0
    priority: int = 0
    service_type: str = ""
    trail: str = ""


Reply = Callable[[int], None]
"""Answers a deliver_sm or data_sm with this command_status; once, and on its connection alone.

Whoever was told has to: with many unanswered, no more are read, and in the end nothing else is.
"""


class Line(Protocol):
    """One link, as its users see it."""

    name: str

    @property
    def room(self) -> int:
        """Return how many more messages it takes at once now; 0 while it isn't bound."""

    def send(self, messages: Sequence[Message]) -> None:
        """Submit messages, no more than there is room for; each is answered once."""


class Listener(Protocol):
    """Who is told what happens on a link; nothing of this happens within a call of `send`."""

    def up(self, link: str) -> None:
        """Take note that a link is bound."""

    def down(self, link: str) -> None:
        """Take note that a link is no longer bound; what it owed was `answered` before."""

    def answered(self, link: str, answers: Sequence[Answer]) -> None:
        """Take note of answers; there may be room again.

        What came together comes in one call, and before the receipts that came with it.
        """

    def reported(self, link: str, report: Report, reply: Reply) -> None:
        """Take a receipt, and reply once it is safe."""

    def arrived(self, link: str, arrival: Arrival, reply: Reply) -> None:
        """Take a message, and reply once it is safe."""
