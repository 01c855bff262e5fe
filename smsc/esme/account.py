"""Accounts: who may bind, with which password, from where.

A hashed password costs tens of milliseconds to verify, by design, so that is done on a thread of
its own and no more than a few are let wait; a password that was right once is remembered by a
keyed digest, so that a storm of re-binds costs nothing.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from msgspec import Struct

from smsc.esme.dialect import Profile
from smsc.smpp.commands import CommandStatus
from smsc_routing.quota import Rate

VERIFICATIONS_AT_ONCE: Final = 64
VERIFICATIONS_A_HOST: Final = 16
"""So that one host with wrong passwords doesn't keep the others out."""


class Account(Struct, frozen=True, kw_only=True):
    """An application that may bind; `password_hash` is an argon2 hash, and wins over `password`."""

    system_id: str
    password: str = ""
    password_hash: str = ""
    addresses: tuple[str, ...] = ()
    allow_from: tuple[IPv4Network | IPv6Network, ...] = ()
    max_binds: int = 8
    window: int = 100
    rates: tuple[Rate, ...] = ()
    broadcast: bool = False
    """Whether it may send to whole areas."""
    profile: Profile = Profile()
    lists: Mapping[str, tuple[str, ...]] = {}
    """Its distribution lists: the numbers on each, by its name."""

    def allows(self, host: str) -> bool:
        """Whether it may bind from this address."""
        if not self.allow_from:
            return True
        address = ip_address(host)
        return any(address in network for network in self.allow_from)


class Refusal(Exception):
    """Credentials that don't open the door, with the status that says so."""

    def __init__(self, status: CommandStatus, reason: str) -> None:
        """Name the status for the ESME, and the reason for the operator's log."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Accounts:
    """All accounts, by system_id."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        """Take the accounts; two of one name can't be."""
        self._accounts = {account.system_id: account for account in accounts}
        self._hasher = PasswordHasher()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="password")
        self._verifying: Counter[str] = Counter()
        self._key = secrets.token_bytes(32)
        self._known: dict[str, bytes] = {}

    def find(self, system_id: str) -> Account | None:
        """Return the account of this name."""
        return self._accounts.get(system_id)

    async def authenticate(self, system_id: str, password: str, host: str) -> Account:
        """Return the account these credentials open from this address; raises `Refusal`."""
        account = self._accounts.get(system_id)
        if account is None:
            raise Refusal(CommandStatus.ESME_RINVSYSID, "unknown_system_id")
        if not account.allows(host):
            raise Refusal(CommandStatus.ESME_RBINDFAIL, "address_not_allowed")
        if not await self._right(account, password, host):
            raise Refusal(CommandStatus.ESME_RINVPASWD, "wrong_password")
        return account

    async def _right(self, account: Account, password: str, host: str) -> bool:
        # The codec reads C-octet strings as Latin-1; a password is the octets the peer sent.
        octets = password.encode("latin-1", "replace")
        if not account.password_hash:
            return hmac.compare_digest(account.password.encode(), octets)
        digest = hmac.digest(self._key, octets, hashlib.sha256)
        known = self._known.get(account.system_id)
        if known is not None and hmac.compare_digest(known, digest):
            return True
        right = await self._verified(account.password_hash, octets, host)
        if right:
            self._known[account.system_id] = digest
        return right

    async def _verified(self, password_hash: str, password: bytes, host: str) -> bool:
        mine = self._verifying[host]
        if mine >= VERIFICATIONS_A_HOST or self._verifying.total() >= VERIFICATIONS_AT_ONCE:
            raise Refusal(CommandStatus.ESME_RBINDFAIL, "too_many_binds_at_once")
        self._verifying[host] += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                self._thread, self._hasher.verify, password_hash, password
            )
        except (Argon2Error, InvalidHashError):
            return False
        finally:
            self._verifying[host] -= 1
            if not self._verifying[host]:
                del self._verifying[host]

    def close(self) -> None:
        """End the thread that verifies."""
        self._thread.shutdown(wait=False)
