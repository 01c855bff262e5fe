"""What the road asks about numbers and accounts: the protocol the centre keeps."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

from smsc.numbering import Numbering
from smsc_routing.calendar_quota import Key
from smsc_routing.policy import Policy
from smsc_routing.quota import Rate
from smsc_routing.restrictions import Restrictions


class Terms(NamedTuple):
    """What an account may do: its rates, and the address it sends from if it names none.

    `server_rates` are those of all accounts together, and `restrictions` has its quotas. All of
    them count the parts of a long message, or with `counts_messages` the message once. With
    `external` it may send to numbers elsewhere. Its addresses are read by `numbering`.
    """

    rates: tuple[Rate, ...] = ()
    default_source: str = ""
    server_rates: tuple[Rate, ...] = ()
    counts_messages: bool = False
    restrictions: Restrictions | None = None
    external: bool = False
    numbering: Numbering = Numbering()


Need: TypeAlias = str | Key
"""What a decision may need from the store: the device with a number, or a count of a quota."""


class Unread(LookupError):
    """What is asked isn't in memory: it must be read from the store first."""

    def __init__(self, need: Need, *others: Need) -> None:
        """Name what must be read."""
        super().__init__(f"{need} must be read from the store first")
        self.need = need
        self.needs: tuple[Need, ...] = (need, *others)


class Directory(Protocol):
    """Who is behind a number; asked for every message, so it answers from memory or not at all."""

    def device(self, number: str) -> Policy | None:
        """Return the policy of the device with this number, None if it isn't on this platform.

        Raises `Unread` if it must be read first.
        """

    def link_of(self, number: str) -> str:
        """Return the link over which all that the device with this number sends leaves, or "".

        Raises `Unread` if it must be read first.
        """

    async def read(self, numbers: Sequence[str]) -> None:
        """Read the devices with these numbers, so that `device` answers; raises StoreError."""

    def owner(self, address: str) -> str | None:
        """Return the system_id of the account that owns this address."""

    def home(self, name: str, address: str) -> str:
        """Return the queue of whoever goes by this name: where messages to its address go."""

    def terms(self, account: str) -> Terms:
        """Return the terms of an account; of "" those of whatever comes from no account."""
