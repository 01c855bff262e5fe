"""Accounts: who may bind, with which password, from where."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from argon2 import PasswordHasher

from smsc.esme.account import (
    VERIFICATIONS_A_HOST,
    VERIFICATIONS_AT_ONCE,
    Account,
    Accounts,
    Refusal,
)
from smsc.smpp.commands import CommandStatus

HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")
CLEAR = Account(system_id="clear", password="secret")
HASHED = Account(system_id="hashed", password_hash=HASH)

Make = Callable[..., Accounts]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make accounts, and let go of their threads afterwards."""
    made: list[Accounts] = []

    def make(*accounts: Account) -> Accounts:
        made.append(Accounts(accounts))
        return made[-1]

    yield make
    for accounts in made:
        accounts.close()


async def refusal(
    accounts: Accounts, system_id: str, password: str, host: str = "127.0.0.1"
) -> tuple[CommandStatus, str]:
    with pytest.raises(Refusal) as caught:
        await accounts.authenticate(system_id, password, host)
    return caught.value.status, caught.value.reason


# Passwords.


@pytest.mark.parametrize("account", [CLEAR, HASHED], ids=lambda account: account.system_id)
async def test_the_right_password_opens_the_account(make: Make, account: Account) -> None:
    accounts = make(CLEAR, HASHED)
    assert await accounts.authenticate(account.system_id, "secret", "127.0.0.1") is account


@pytest.mark.parametrize("account", [CLEAR, HASHED], ids=lambda account: account.system_id)
@pytest.mark.parametrize("password", ["", "Secret", "secret ", "sécret", "x" * 64])
async def test_a_wrong_password_is_refused(make: Make, account: Account, password: str) -> None:
    expected = CommandStatus.ESME_RINVPASWD, "wrong_password"
    assert await refusal(make(account), account.system_id, password) == expected


@pytest.mark.parametrize("system_id", ["", "nobody", "CLEAR", "clear "])
async def test_an_unknown_system_id_is_refused(make: Make, system_id: str) -> None:
    expected = CommandStatus.ESME_RINVSYSID, "unknown_system_id"
    assert await refusal(make(CLEAR), system_id, "secret") == expected


async def test_the_hash_wins_over_the_password_in_clear(make: Make) -> None:
    both = Account(system_id="both", password="other", password_hash=HASH)
    accounts = make(both)
    assert await accounts.authenticate("both", "secret", "127.0.0.1") is both
    assert (await refusal(accounts, "both", "other"))[1] == "wrong_password"


async def test_a_hash_that_is_none_opens_to_nobody(make: Make) -> None:
    broken = Account(system_id="broken", password_hash="$argon2id$nonsense")
    assert (await refusal(make(broken), "broken", "secret"))[1] == "wrong_password"


def test_an_account_is_found_by_its_name(make: Make) -> None:
    accounts = make(CLEAR)
    assert accounts.find("clear") is CLEAR
    assert accounts.find("nobody") is None


# Hashes cost time.


class Hasher:
    """Stands in for argon2: counts, and takes as long as it is held up."""

    def __init__(self) -> None:
        self.calls = 0
        self.thread = ""
        self.may_go = threading.Event()
        self.may_go.set()

    def verify(self, password_hash: str, password: str) -> bool:
        self.calls += 1
        self.thread = threading.current_thread().name
        assert self.may_go.wait(30)
        return PasswordHasher().verify(password_hash, password)


@pytest.fixture
async def hasher(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hasher]:
    hasher = Hasher()
    monkeypatch.setattr("smsc.esme.account.PasswordHasher", lambda: hasher)
    yield hasher
    hasher.may_go.set()


async def test_a_hash_is_verified_on_a_thread_while_the_loop_goes_on(
    make: Make, hasher: Hasher
) -> None:
    hasher.may_go.clear()
    bind = asyncio.create_task(make(HASHED).authenticate("hashed", "secret", "127.0.0.1"))
    # This turn of the loop comes while the thread is held up.
    asyncio.get_running_loop().call_soon(hasher.may_go.set)
    assert await bind is HASHED
    assert hasher.thread.startswith("password")


async def test_a_password_that_was_right_once_is_not_verified_again(
    make: Make, hasher: Hasher
) -> None:
    accounts = make(HASHED)
    for _ in range(3):
        await accounts.authenticate("hashed", "secret", "127.0.0.1")
    assert hasher.calls == 1


async def test_a_wrong_password_is_verified_whatever_is_remembered(
    make: Make, hasher: Hasher
) -> None:
    accounts = make(HASHED)
    await accounts.authenticate("hashed", "secret", "127.0.0.1")
    for calls in (2, 3):
        assert (await refusal(accounts, "hashed", "wrong"))[1] == "wrong_password"
        assert hasher.calls == calls
    await accounts.authenticate("hashed", "secret", "127.0.0.1")
    assert hasher.calls == 3


async def test_what_is_remembered_of_one_account_opens_no_other(make: Make, hasher: Hasher) -> None:
    other = Account(system_id="other", password_hash=PasswordHasher(1, 8, 1).hash("different"))
    accounts = make(HASHED, other)
    await accounts.authenticate("hashed", "secret", "127.0.0.1")
    assert (await refusal(accounts, "other", "secret"))[1] == "wrong_password"


def host(number: int) -> str:
    """Spread binds over hosts, as many from each as may wait."""
    return f"127.0.0.{number % VERIFICATIONS_AT_ONCE // VERIFICATIONS_A_HOST + 1}"


async def test_one_host_does_not_keep_the_others_waiting_outside(
    make: Make, hasher: Hasher
) -> None:
    accounts = make(HASHED)
    hasher.may_go.clear()
    binds = [
        asyncio.create_task(accounts.authenticate("hashed", "secret", "127.0.0.1"))
        for _ in range(VERIFICATIONS_A_HOST)
    ]
    await asyncio.wait(binds, timeout=0)
    expected = CommandStatus.ESME_RBINDFAIL, "too_many_binds_at_once"
    assert await refusal(accounts, "hashed", "secret") == expected
    other = asyncio.create_task(accounts.authenticate("hashed", "secret", "127.0.0.2"))
    await asyncio.wait([other], timeout=0)
    hasher.may_go.set()
    assert await asyncio.gather(other, *binds) == [HASHED] * (VERIFICATIONS_A_HOST + 1)


async def test_no_more_than_a_few_are_let_wait_for_the_thread(make: Make, hasher: Hasher) -> None:
    accounts = make(HASHED, CLEAR)
    hasher.may_go.clear()
    binds = [
        asyncio.create_task(accounts.authenticate("hashed", "secret", host(number)))
        for number in range(VERIFICATIONS_AT_ONCE)
    ]
    await asyncio.wait(binds, timeout=0)
    expected = CommandStatus.ESME_RBINDFAIL, "too_many_binds_at_once"
    assert await refusal(accounts, "hashed", "secret") == expected
    assert await accounts.authenticate("clear", "secret", "127.0.0.1") is CLEAR
    hasher.may_go.set()
    assert await asyncio.gather(*binds) == [HASHED] * VERIFICATIONS_AT_ONCE
    assert await accounts.authenticate("hashed", "secret", "127.0.0.1") is HASHED


async def test_one_who_gives_up_waiting_makes_room(make: Make, hasher: Hasher) -> None:
    accounts = make(HASHED)
    hasher.may_go.clear()
    binds = [
        asyncio.create_task(accounts.authenticate("hashed", "secret", host(number)))
        for number in range(VERIFICATIONS_AT_ONCE)
    ]
    await asyncio.wait(binds, timeout=0)
    binds[-1].cancel()
    await asyncio.wait(binds[-1:])
    latest = asyncio.create_task(accounts.authenticate("hashed", "secret", host(-1)))
    await asyncio.wait([latest], timeout=0)
    hasher.may_go.set()
    assert await latest is HASHED
    await asyncio.gather(*binds[:-1])


# Where from.


def from_networks(*networks: str) -> Account:
    allowed: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, networks))
    return Account(system_id="fleet", password="secret", allow_from=allowed)


@pytest.mark.parametrize("host", ["127.0.0.1", "203.0.113.9", "2001:db8::1", "fe80::1%eth0"])
def test_an_account_without_networks_may_bind_from_anywhere(host: str) -> None:
    assert from_networks().allows(host)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("10.0.0.1", True),
        ("10.255.255.255", True),
        ("11.0.0.0", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("::1", False),
    ],
)
def test_an_account_with_networks_may_bind_only_from_them(host: str, allowed: bool) -> None:
    account = from_networks("10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32")
    assert account.allows(host) is allowed


async def test_a_bind_from_elsewhere_is_refused_whatever_the_password(make: Make) -> None:
    accounts = make(from_networks("10.0.0.0/8"))
    expected = CommandStatus.ESME_RBINDFAIL, "address_not_allowed"
    for password in ("secret", "wrong"):
        assert await refusal(accounts, "fleet", password, "127.0.0.1") == expected
    assert await accounts.authenticate("fleet", "secret", "10.1.2.3")
