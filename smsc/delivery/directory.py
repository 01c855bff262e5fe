"""What the road asks about numbers and accounts: the protocol the centre keeps."""

from typing import NamedTuple, Protocol

from smsc_routing.policy import Policy
from smsc_routing.quota import Rate


class Terms(NamedTuple):
    """What an account may do: its rates, and the address it sends from if it names none.

    `server_rates` are those of all accounts together. All of them count the parts of a long
    message, or with `counts_messages` the message once.
    """

    rates: tuple[Rate, ...] = ()
    default_source: str = ""
    server_rates: tuple[Rate, ...] = ()
    counts_messages: bool = False


class Directory(Protocol):
    """Who is behind a number; asked for every message, so it answers from memory."""

    def device(self, number: str) -> Policy | None:
        """Return the policy of the device with this number, None if it isn't on this platform."""

    def owner(self, address: str) -> str | None:
        """Return the system_id of the account that owns this address."""

    def terms(self, account: str) -> Terms:
        """Return the terms of an account."""
