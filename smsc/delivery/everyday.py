"""The everyday submission: an application's short text to a device, which nothing limits.

Nearly all traffic is that, so it is let in without the question being put: what `decide` would
look at is looked at here, and whatever needs a closer look is left to it. Nobody is refused here.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from smsc.delivery.admission import rewritten, sender
from smsc.delivery.directory import Directory, Terms
from smsc.delivery.submission import Submission
from smsc.message import Address, Message, to_device
from smsc_encodings.interworking import ONE_PART
from smsc_routing.decision import beyond_question
from smsc_routing.number import MalformedNumber
from smsc_routing.traffic import Party

SOURCES: Final = 10_000
"""Senders' addresses of an account that are remembered."""


class _Source(NamedTuple):
    """A sender's address as messages keep it, None if its account may not send from it."""

    address: Address | None


class Everyday:
    """Makes the messages of everyday submissions."""

    def __init__(self, directory: Directory, number: Callable[[], int], validity: int) -> None:
        """Number messages by `number`, and keep them for so many milliseconds."""
        self._directory = directory
        self._number = number
        self._validity = validity
        self._sources: dict[tuple[str, Address], _Source] = {}

    @property
    def remembered(self) -> int:
        """How many senders' addresses are remembered."""
        return len(self._sources)

    def message(self, asked: Submission, now: int) -> Message | None:
        """Return the message, if it is let in beyond question.

        Raises `Unread` for a device that must be read first.
        """
        if (
            asked.esm_class
            or asked.not_before
            or asked.expires_at
            or asked.replace
            or asked.watch
            or asked.link
            or asked.trail
            or asked.party is not Party.APPLICATION
            or len(asked.payload) > ONE_PART
        ):
            return None
        account, directory = asked.account, self._directory
        terms = directory.terms(account)
        if terms.rates or terms.server_rates or terms.restrictions is not None:
            return None
        source = self._sources.get((account, asked.source)) or self._look_at(terms, asked)
        dest = self._dialled(terms, asked.dest)
        if source.address is None or dest is None or directory.owner(dest) is not None:
            return None
        policy = directory.device(dest)
        if policy is None or not beyond_question(policy):
            return None
        return Message(
            self._number(),
            account,
            to_device(dest),
            source.address,
            rewritten(asked.dest, dest),
            asked.payload,
            now,
            now + self._validity,
            0,
            asked.data_coding,
            0,
            asked.protocol_id,
            asked.priority,
            asked.registered_delivery,
            asked.service_type,
            user_reference=asked.user_reference,
            receipts_to=asked.receipts_to,
        )

    def _dialled(self, terms: Terms, dest: Address) -> str | None:
        try:
            return terms.numbering.canonical(dest.ton, dest.npi, dest.digits)
        except MalformedNumber:
            return None

    def _look_at(self, terms: Terms, asked: Submission) -> _Source:
        """Find out about a sender's address, and remember it."""
        account, address = asked.account, None
        try:
            canonical = sender(terms, account, asked.source)
        except MalformedNumber:
            pass
        else:
            if self._directory.owner(canonical) in (None, account):
                address = rewritten(asked.source, canonical)
        if len(self._sources) >= SOURCES:
            self._sources.clear()
        found = self._sources[account, asked.source] = _Source(address)
        return found
