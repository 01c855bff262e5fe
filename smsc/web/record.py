"""A message as answers show it: how far it has come, what it carries, and its history."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from smsc import cause
from smsc.message import (
    ACCOUNT,
    DEVICE,
    LINK,
    WEBHOOK,
    Message,
    Purpose,
    State,
    addressee_of,
    kind_and_key,
    wire_id,
)
from smsc.smpp.commands import ESM_UDHI
from smsc.smpp.meanings import status
from smsc.store.record import Record
from smsc.store.store import History
from smsc.web.webhooks.caller import in_words
from smsc_encodings import gsm7
from smsc_encodings.dcs import Alphabet, alphabet_of, decode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.national import shifts_in

STATES: Final = [state.name for state in State]


class MessageStatus(Struct, frozen=True):
    """What became of a message, and what it carries."""

    id: str
    state: Annotated[
        str,
        Meta(
            description="Where it stands (SMPP 5.0, 4.7.15).",
            extra_json_schema={"enum": STATES},
        ),
    ]
    error: Annotated[int, Meta(description="The network's cause, if it failed; else 0.")]
    attempts: Annotated[int, Meta(description="How many attempts to deliver it were made.")]
    sender: str = field(name="from")
    to: str
    accepted_at: datetime
    done_at: Annotated[
        datetime | None, Meta(description="When it reached its final state; null before.")
    ]
    account: Annotated[
        str,
        Meta(
            description="The account of the token; for an operator's, the one that sent the message"
            " or that a device sent it to. Empty if there is none."
        ),
    ]
    text: Annotated[
        str | None, Meta(description="Null if the octets are no text, or have been erased.")
    ]
    data_coding: Annotated[int, Meta(description="How the text was written; SMPP 3.4, 5.2.19")]
    udh: Annotated[
        str | None, Meta(description="The user data header, in hexadecimal; empty if it has none.")
    ]
    hex: Annotated[
        str | None, Meta(description="The octets behind the user data header, in hexadecimal.")
    ]
    erased: Annotated[
        bool, Meta(description="Whether text and octets were kept for long enough, and are gone.")
    ]


class Event(Struct, frozen=True):
    """Something that happened to a message."""

    event: Annotated[
        Literal["accepted", "attempt_failed", "ended", "receipt_made", "receipt_ended"],
        Meta(description="A receipt has ended when it was answered, or given up."),
    ]
    at: datetime
    state: Annotated[
        str,
        Meta(
            description="Where the message stood from then on, or its receipt: a receipt that was"
            " taken is DELIVERED.",
            extra_json_schema={"enum": STATES},
        ),
    ]
    error: Annotated[int, Meta(description="The network's cause, or 0.")]
    cause: Annotated[str, Meta(description="The same in words; empty if there are none.")]


class MessageRecord(MessageStatus, frozen=True):
    """All that is kept of a message."""

    history: Annotated[list[Event], Meta(description="What happened to it, in order.")]


class _Body(Struct, frozen=True):
    """What a message carries, as it is shown."""

    text: str | None
    udh: str | None
    hex: str | None


_ERASED: Final = _Body(None, None, None)


def concerns(history: History, account: str | None) -> bool:
    """Whether a message may be seen: one that the account sent, or was sent; no notice of ours.

    None sees those of all accounts.
    """
    message = history.message
    sent = message.receipt is None and message.purpose is Purpose.SHORT_MESSAGE
    return sent and (
        account is None or account in (message.account, addressee_of(message.destination))
    )


def shown(history: History, viewer: str | None) -> MessageStatus:
    """Describe a message for an account; for None, who sees all, with the one it concerns."""
    message = history.message
    body = _ERASED if history.erased else _body(message)
    return MessageStatus(
        id=wire_id(message.id),
        state=history.state.name,
        error=history.error,
        attempts=history.attempts,
        sender=message.source.digits,
        to=message.dest.digits,
        accepted_at=moment(message.accepted_at),
        done_at=moment(history.done_at) if history.state.final else None,
        account=viewer or _account(message),
        text=body.text,
        data_coding=message.data_coding,
        udh=body.udh,
        hex=body.hex,
        erased=history.erased,
    )


def told(record: Record, viewer: str | None) -> MessageRecord:
    """Describe all that is kept of a message."""
    members = msgspec.structs.asdict(shown(record.history, viewer))
    return MessageRecord(**members, history=_events(record))


def _events(record: Record) -> list[Event]:
    history, receipt = record.history, record.receipt
    message = history.message
    kind, _ = kind_and_key(message.destination)
    first = State.SCHEDULED if message.not_before else State.ENROUTE
    events = [_event("accepted", message.accepted_at, first)]
    events += [
        _event("attempt_failed", each.at, State.ENROUTE, each.error, _cause(kind, each.error))
        for each in record.failures
    ]
    if history.state.final:
        words = _cause(kind, history.error, by_receipt=True)
        events.append(_event("ended", history.done_at, history.state, history.error, words))
    if receipt is None:
        return events
    events.append(_event("receipt_made", receipt.message.accepted_at, State.ENROUTE))
    if receipt.state.final:
        words = _cause(kind_and_key(receipt.message.destination)[0], receipt.error)
        ended = _event("receipt_ended", receipt.done_at, receipt.state, receipt.error, words)
        events.append(ended)
    return events


def _event(
    event: Literal["accepted", "attempt_failed", "ended", "receipt_made", "receipt_ended"],
    at: int,
    state: State,
    error: int = 0,
    words: str = "",
) -> Event:
    return Event(event, moment(at), state.name, error, words)


def _cause(kind: str, error: int, *, by_receipt: bool = False) -> str:
    """Say what an error means: the network's of a device, else what somebody answered.

    What the receipt of another SMSC tells is its own, and has no name here.
    """
    if not error:
        return ""
    if kind == DEVICE:
        return cause.in_words(error)
    if kind == WEBHOOK:
        return in_words(error)
    answered = kind == ACCOUNT or (kind == LINK and not by_receipt)
    return status(error) if answered else ""


def _account(message: Message) -> str:
    return message.account or addressee_of(message.destination)


def _body(message: Message) -> _Body:
    header, octets = b"", message.payload
    if message.esm_class & ESM_UDHI and octets:
        end = octets[0] + 1
        header, octets = octets[:end], octets[end:]
    return _Body(_text(header, octets, message.data_coding), header.hex(), octets.hex())


def _text(header: bytes, octets: bytes, data_coding: int) -> str | None:
    try:
        if header and alphabet_of(data_coding) is Alphabet.GSM7:
            return gsm7.decode(octets, *shifts_in(header))
        return decode_text(octets, data_coding)
    except EncodingError:
        return None


def moment(ms: int) -> datetime:
    """Return milliseconds since the epoch as JSON shows them: RFC 3339, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)
