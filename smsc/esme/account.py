"""Accounts: who may bind, with which password and certificate, from where.

A hashed password costs tens of milliseconds to verify, by design, so that is done on a thread of
its own, in turns; a password that was right once is remembered by a keyed digest, and those who
come with the same one at the same time wait for one verification. So a storm of re-binds costs
next to nothing. A system_id that nobody has takes as long to refuse as a wrong password.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network, IPv6Network, ip_address

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from msgspec import Struct

from smsc.clock import Clock
from smsc.esme.dialect import Profile
from smsc.esme.lockout import Lockout
from smsc.esme.turns import TooMany, Turns
from smsc.esme.whence import NO_NAMES, household, unmapped
from smsc.journal import Journal
from smsc.numbering import Numbering
from smsc.smpp.commands import CommandStatus
from smsc_routing.calendar_quota import Quota
from smsc_routing.quota import Rate

log = structlog.get_logger()


class Account(Struct, frozen=True, kw_only=True):
    """An application that may bind; `password_hash` is an argon2 hash, and wins over `password`.

    With `certificate` it binds over TLS alone, by a certificate of that name. A limit on binds of
    one kind that is None leaves them to `max_binds`. `outbind` is where it waits to be called.
    """

    system_id: str
    password: str = ""
    password_hash: str = ""
    certificate: str = ""
    addresses: tuple[str, ...] = ()
    allow_from: tuple[IPv4Network | IPv6Network, ...] = ()
    max_binds: int = 8
    max_transmitters: int | None = None
    max_receivers: int | None = None
    max_transceivers: int | None = None
    window: int = 100
    submit_window: int = 1000
    rates: tuple[Rate, ...] = ()
    quotas: tuple[Quota, ...] = ()
    broadcast: bool = False
    """Whether it may send to whole areas."""
    external: bool = False
    """Whether it may send to numbers elsewhere."""
    profile: Profile = Profile()
    lists: Mapping[str, tuple[str, ...]] = {}
    """Its distribution lists: the numbers on each, by its name."""
    counts_messages: bool = False
    outbind: tuple[str, int] | None = None
    outbind_password: str = ""
    numbering: Numbering = Numbering()

    def allows(self, host: str) -> bool:
        """Whether it may bind from this address."""
        if not self.allow_from:
            return True
        if not host:
            return False
        address = ip_address(unmapped(host))
        return any(address in network for network in self.allow_from)

    def is_named(self, names: frozenset[str]) -> bool:
        """Whether a certificate with these names is the one it needs, if it needs one."""
        return not self.certificate or not names.isdisjoint(
            (self.certificate, self.certificate.lower())
        )


class Refusal(Exception):
    """Credentials that don't open the door, with the status that says so."""

    def __init__(self, status: CommandStatus, reason: str) -> None:
        """Name the status for the ESME, and the reason for the operator's log."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Accounts:
    """All accounts, by system_id."""

    def __init__(
        self, accounts: Iterable[Account], clock: Clock, journal: Journal, lockout: Lockout
    ) -> None:
        """Take the accounts; two of one name can't be."""
        self._accounts = {account.system_id: account for account in accounts}
        self._clock = clock
        self._journal = journal
        self._lockout = lockout
        self._hasher = PasswordHasher()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="password")
        self._turns = Turns()
        self._verifying: dict[tuple[str, bytes], asyncio.Future[bool]] = {}
        self._key = secrets.token_bytes(32)
        self._known: dict[str, bytes] = {}
        hashes = (account.password_hash for account in self._accounts.values())
        self._decoy = next(filter(None, hashes), "")

    def find(self, system_id: str) -> Account | None:
        """Return the account of this name."""
        return self._accounts.get(system_id)

    async def authenticate(
        self, system_id: str, password: str, host: str, names: frozenset[str] = NO_NAMES
    ) -> Account:
        """Return the account that these credentials open to a peer from this address.

        `names` are those of its certificate. Raises `Refusal`.
        """
        address = household(host)
        self._check_lockout(address, system_id)
        account = self._accounts.get(system_id)
        if account is not None and not account.allows(host):
            raise Refusal(CommandStatus.ESME_RBINDFAIL, "address_not_allowed")
        if account is not None and not account.is_named(names):
            raise Refusal(CommandStatus.ESME_RBINDFAIL, "wrong_certificate")
        # The codec reads C-octet strings as Latin-1; a password is the octets the peer sent.
        right = await self._right(system_id, password.encode("latin-1", "replace"), address)
        if account is None:
            raise Refusal(CommandStatus.ESME_RINVSYSID, "unknown_system_id")
        if not right:
            raise Refusal(CommandStatus.ESME_RINVPASWD, "wrong_password")
        self._lockout.succeeded(address, system_id)
        return account

    def _check_lockout(self, address: str, system_id: str) -> None:
        if self._lockout.locked(address, system_id, self._clock.monotonic()):
            raise Refusal(CommandStatus.ESME_RBINDFAIL, "locked_out")

    def _failed(self, address: str, system_id: str) -> None:
        for scope in self._lockout.failed(address, system_id, self._clock.monotonic()):
            self._journal.lockouts[scope] += 1
            known = scope == "account" and system_id in self._accounts
            log.warning("locked_out", host=address, scope=scope, account=system_id if known else "")

    async def _right(self, system_id: str, password: bytes, address: str) -> bool:
        account = self._accounts.get(system_id)
        password_hash = account.password_hash if account is not None else self._decoy
        if not password_hash:
            expected = account.password.encode() if account is not None else self._key
            right = hmac.compare_digest(expected, password)
            if not right:
                self._failed(address, system_id)
            return right
        digest = hmac.digest(self._key, password, hashlib.sha256)
        known = self._known.get(system_id)
        if known is not None and hmac.compare_digest(known, digest):
            return True
        return await self._verified_once(system_id, password_hash, password, digest, address)

    async def _verified_once(
        self, system_id: str, password_hash: str, password: bytes, digest: bytes, address: str
    ) -> bool:
        """Verify a password, or wait for one who is verifying the same."""
        guess = (system_id, digest)
        while (first := self._verifying.get(guess)) is not None:
            await asyncio.wait([first])
            if not first.cancelled():
                return first.result()
        answer = self._verifying[guess] = asyncio.get_running_loop().create_future()
        try:
            right = await self._in_turn(system_id, password_hash, password, address)
            if right and system_id in self._accounts:
                self._known[system_id] = digest
            answer.set_result(right)
        finally:
            answer.cancel()
            del self._verifying[guess]
        return right

    async def _in_turn(
        self, system_id: str, password_hash: str, password: bytes, address: str
    ) -> bool:
        try:
            await self._turns.wait(address)
        except TooMany as error:
            raise Refusal(CommandStatus.ESME_RBINDFAIL, "too_many_binds_at_once") from error
        try:
            # Others may have failed since this one joined the line.
            self._check_lockout(address, system_id)
            right = await self._verified(password_hash, password)
        finally:
            self._turns.leave()
        if not right or system_id not in self._accounts:
            self._failed(address, system_id)
            return False
        return True

    async def _verified(self, password_hash: str, password: bytes) -> bool:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._thread, self._hasher.verify, password_hash, password
            )
        except (Argon2Error, InvalidHashError):
            return False

    def close(self) -> None:
        """End the thread that verifies."""
        self._thread.shutdown(wait=False)
