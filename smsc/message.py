"""What a message is: the values every room above speaks of, and nothing about where they go."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from msgspec import Struct

DEVICE: Final = "device"
ACCOUNT: Final = "account"
LINK: Final = "link"
WEBHOOK: Final = "webhook"


class State(IntEnum):
    """Where a message stands (SMPP 5.0, 4.7.15); a final state is written once."""

    SCHEDULED = 0
    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8
    SKIPPED = 9

    @property
    def final(self) -> bool:
        """Whether nothing follows this state."""
        return self > State.ENROUTE


class Purpose(IntEnum):
    """What a message is sent for."""

    SHORT_MESSAGE = 0
    WATCH = 1
    """Waits for a device to come within reach, on behalf of its account; carries nothing."""
    ALERT = 2
    """Tells an account that the source, a device, came within reach (SMPP 3.4, 4.12)."""


class Address(Struct, frozen=True, array_like=True, gc=False):
    """An SME address: type of number, numbering plan, and digits or letters (SMPP 3.4, 5.2.5)."""

    ton: int
    npi: int
    digits: str


class Receipt(Struct, frozen=True, array_like=True, gc=False):
    """What a receipt tells of the message it is about; each door has its own words for it."""

    about: int
    state: State
    error: int
    submitted_at: int
    done_at: int
    text: str


class Message(Struct, frozen=True, array_like=True, gc=False):
    """One accepted short message on its way to one destination.

    Times are milliseconds since the epoch, UTC. `payload` is as the sender's door got it:
    user data with its UDH, if `esm_class` says so, in the alphabet of `data_coding`.
    `told_id` is the id its submitter knows it by, if several messages share one; 0 if that is `id`.
    `user_reference` is the submitter's own number for it (SMPP 3.4, 5.3.2.17), -1 if it gave none.
    `follows` is the id of the message that this one tells of or waits for, 0 if it stands alone.
    `watch` asks to be told when a device that can't be reached comes back (SMPP 3.4, 5.3.2.29).
    `link` is the one link over which it may leave, "" if routes say. `trail` tells which SMSCs it
    has passed, as `smsc_routing.loops` writes it. `receipts_to` is the queue that what tells of it
    joins, "" for that of its account.
    """

    id: int
    account: str
    destination: str
    source: Address
    dest: Address
    payload: bytes
    accepted_at: int
    expires_at: int
    not_before: int = 0
    data_coding: int = 0
    esm_class: int = 0
    protocol_id: int = 0
    priority: int = 0
    registered_delivery: int = 0
    service_type: str = ""
    receipt: Receipt | None = None
    told_id: int = 0
    user_reference: int = -1
    purpose: Purpose = Purpose.SHORT_MESSAGE
    watch: bool = False
    follows: int = 0
    link: str = ""
    trail: str = ""
    receipts_to: str = ""


REACH_UNKNOWN: Final = 255


class BroadcastArea(Struct, frozen=True, array_like=True, gc=False):
    """One of the areas that a broadcast was asked for (SMPP 5.0, 4.8.4.4).

    `name` is the area of ours that `identifier` stands for, empty if there is none. `success` is
    the share of its devices that were within reach, 0 to 100 (SMPP 5.0, 4.8.4.5).
    """

    identifier: bytes
    name: str
    success: int = REACH_UNKNOWN


class Broadcast(Struct, frozen=True, array_like=True, gc=False):
    """One accepted broadcast: what is sent to whom, and how far that has come.

    Times are milliseconds since the epoch, UTC; `next_at` is when the next repetition is due, and
    `expires_at` and `ended_at` are 0 where there is no such time. The interval between
    repetitions is `interval_number` of `interval_unit` (SMPP 5.0, 4.8.4.11).
    """

    id: int
    account: str
    source: Address
    payload: bytes
    data_coding: int
    service_type: str
    content_type: bytes
    areas: tuple[BroadcastArea, ...]
    repetitions: int
    interval_unit: int
    interval_number: int
    accepted_at: int
    next_at: int
    expires_at: int = 0
    priority: int = 0
    user_reference: int = -1
    sent: int = 0
    state: State = State.SCHEDULED
    ended_at: int = 0


def to_device(number: str) -> str:
    """Name the queue of the device with this number."""
    return f"{DEVICE}:{number}"


def to_account(system_id: str) -> str:
    """Name the queue of the account with this system_id."""
    return f"{ACCOUNT}:{system_id}"


def to_webhook(name: str, account: str = "") -> str:
    """Name the queue of the webhook with this name, and of the account that it belongs to."""
    return f"{WEBHOOK}:{name}/{account}" if account else f"{WEBHOOK}:{name}"


def webhook_and_account(destination: str) -> tuple[str, str]:
    """Split the name of a queue for a webhook into that and its account, "" if it has none."""
    name, _, account = destination.partition(":")[2].partition("/")
    return name, account


def to_links(order: Sequence[str], account: str) -> str:
    """Name the queue of what an account sends over the first of these links that takes it.

    Each account has a queue of its own, so that none stands behind another's flood.
    """
    return f"{LINK}:{','.join(order)}/{account}"


def links_and_account(destination: str) -> tuple[tuple[str, ...], str]:
    """Split the name of a queue for links into the links, best first, and the account."""
    links, _, account = destination.partition(":")[2].partition("/")
    return tuple(links.split(",")), account


def kind_and_key(destination: str) -> tuple[str, str]:
    """Split a destination into its kind (`DEVICE` and the like) and the name within it."""
    kind, _, key = destination.partition(":")
    return kind, key


def owner_of(destination: str) -> str:
    """Return the account whose messages alone stand in this queue, "" where anybody's may."""
    if destination.startswith(f"{LINK}:"):
        return links_and_account(destination)[1]
    return addressee_of(destination)


def addressee_of(destination: str) -> str:
    """Return the account that what stands in this queue is for, "" if it is for none."""
    kind, _, key = destination.partition(":")
    if kind == WEBHOOK:
        return webhook_and_account(destination)[1]
    return key if kind == ACCOUNT else ""


def wire_id(message_id: int) -> str:
    """Write a message's id as its submitter sees it: ten decimal digits or more."""
    return f"{message_id:010d}"
