"""Accounts: who may bind, with which password, from where."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import pytest
from argon2 import PasswordHasher

from smsc.clock import SimulatedClock
from smsc.esme.account import Account, Accounts, Refusal
from smsc.esme.lockout import Lockout
from smsc.esme.turns import IN_LINE
from smsc.journal import Journal
from smsc.smpp.commands import CommandStatus

HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")
CLEAR = Account(system_id="clear", password="secret")
HASHED = Account(system_id="hashed", password_hash=HASH)

Make = Callable[..., Accounts]


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def make(clock: SimulatedClock, journal: Journal) -> Iterator[Make]:
    """Make accounts, and let go of their threads afterwards."""
    made: list[Accounts] = []

    def make(*accounts: Account) -> Accounts:
        made.append(Accounts(accounts, clock, journal, Lockout()))
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
        self.passwords: list[bytes] = []
        self.thread = ""
        self.may_go = threading.Event()
        self.may_go.set()

    @property
    def calls(self) -> int:
        return len(self.passwords)

    def verify(self, password_hash: str, password: bytes) -> bool:
        self.passwords.append(password)
        self.thread = threading.current_thread().name
        assert self.may_go.wait(30)
        return PasswordHasher().verify(password_hash, password)


@pytest.fixture
async def hasher(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hasher]:
    hasher = Hasher()
    monkeypatch.setattr("smsc.esme.account.PasswordHasher", lambda: hasher)
    yield hasher
    hasher.may_go.set()


async def started(*binds: Coroutine[Any, Any, Account]) -> list[asyncio.Task[Account]]:
    """Start binds, and let each go as far as it comes without the thread."""
    tasks = [asyncio.create_task(bind) for bind in binds]
    await asyncio.wait(tasks, timeout=0)
    return tasks


async def ended(*tasks: asyncio.Task[Account]) -> list[str]:
    """Return how binds ended: `right`, or the reason of the refusal."""
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return [each.reason if isinstance(each, Refusal) else "right" for each in results]


def bind(accounts: Accounts, password: str, host: str) -> Coroutine[Any, Any, Account]:
    return accounts.authenticate("hashed", password, host)


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


async def test_an_unknown_system_id_takes_as_long_as_a_wrong_password(
    make: Make, hasher: Hasher
) -> None:
    accounts = make(HASHED)
    assert (await refusal(accounts, "nobody", "wrong"))[1] == "unknown_system_id"
    assert hasher.passwords == [b"wrong"]


async def test_the_password_of_another_account_does_not_open_an_unknown_one(make: Make) -> None:
    accounts = make(HASHED)
    for _ in range(2):
        assert (await refusal(accounts, "nobody", "secret"))[1] == "unknown_system_id"


async def test_a_storm_of_the_same_password_is_verified_once(make: Make, hasher: Hasher) -> None:
    accounts = make(HASHED)
    hasher.may_go.clear()
    storm = [bind(accounts, "secret", f"10.0.0.{number % 200}") for number in range(1000)]
    tasks = await started(*storm)
    hasher.may_go.set()
    assert set(await ended(*tasks)) == {"right"}
    assert hasher.calls == 1


async def test_one_who_hangs_up_while_others_wait_for_his_password_holds_up_nobody(
    make: Make, hasher: Hasher
) -> None:
    accounts = make(HASHED)
    hasher.may_go.clear()
    first, *others = await started(*(bind(accounts, "secret", "10.0.0.1") for _ in range(3)))
    first.cancel()
    await asyncio.wait([first])
    hasher.may_go.set()
    assert await ended(*others) == ["right", "right"]


async def test_a_storm_of_wrong_passwords_from_one_host_keeps_no_other_waiting(
    make: Make, hasher: Hasher
) -> None:
    accounts = make(HASHED)
    hasher.may_go.clear()
    storm = await started(*(bind(accounts, f"wrong{n}", "10.0.0.1") for n in range(IN_LINE + 1)))
    (good,) = await started(bind(accounts, "secret", "10.0.0.2"))
    hasher.may_go.set()
    assert await ended(good) == ["right"]
    # The one who was having his turn, and one more of the storm at most, came before.
    assert hasher.passwords.index(b"secret") <= 2
    assert await ended(storm[-1]) == ["too_many_binds_at_once"]
    await ended(*storm)


async def test_no_more_than_a_few_wait_for_the_thread(make: Make, hasher: Hasher) -> None:
    accounts = make(HASHED, CLEAR)
    hasher.may_go.clear()
    hosts = [f"10.0.0.{number}" for number in range(IN_LINE + 1)]
    binds = await started(*(bind(accounts, f"wrong {host}", host) for host in hosts))
    expected = CommandStatus.ESME_RBINDFAIL, "too_many_binds_at_once"
    assert await refusal(accounts, "hashed", "secret", "192.0.2.1") == expected
    assert await accounts.authenticate("clear", "secret", "127.0.0.1") is CLEAR
    hasher.may_go.set()
    assert set(await ended(*binds)) == {"wrong_password"}
    assert await accounts.authenticate("hashed", "secret", "127.0.0.1") is HASHED


async def test_one_who_gives_up_waiting_makes_room(make: Make, hasher: Hasher) -> None:
    accounts = make(HASHED)
    hasher.may_go.clear()
    hosts = [f"10.0.0.{number}" for number in range(IN_LINE + 1)]
    binds = await started(*(bind(accounts, f"wrong {host}", host) for host in hosts))
    binds[-1].cancel()
    await asyncio.wait(binds[-1:])
    (latest,) = await started(bind(accounts, "secret", "192.0.2.1"))
    hasher.may_go.set()
    assert await ended(latest) == ["right"]
    await ended(*binds[:-1])


# Lockouts.


async def test_after_some_wrong_passwords_not_even_the_right_one_is_looked_at(
    make: Make, hasher: Hasher
) -> None:
    accounts = make(HASHED)
    for number in range(5):
        await refusal(accounts, "hashed", f"wrong{number}", "10.0.0.1")
    expected = CommandStatus.ESME_RBINDFAIL, "locked_out"
    assert await refusal(accounts, "hashed", "secret", "10.0.0.1") == expected
    assert hasher.calls == 5
    assert await accounts.authenticate("hashed", "secret", "10.0.0.2") is HASHED


async def test_a_lockout_is_counted_and_ends(
    make: Make, clock: SimulatedClock, journal: Journal
) -> None:
    accounts = make(CLEAR)
    for number in range(5):
        await refusal(accounts, "clear", f"wrong{number}")
    assert journal.lockouts == {"account": 1}
    clock.advance(10)
    assert await accounts.authenticate("clear", "secret", "127.0.0.1") is CLEAR


async def test_guesses_made_at_the_same_time_are_no_more_than_those_made_in_a_row(
    make: Make, hasher: Hasher
) -> None:
    accounts = make(HASHED)
    hasher.may_go.clear()
    guesses = await started(*(bind(accounts, f"wrong{n}", "10.0.0.1") for n in range(30)))
    hasher.may_go.set()
    assert Counter(await ended(*guesses)) == {"wrong_password": 5, "locked_out": 25}
    assert hasher.calls == 5


async def test_unknown_system_ids_lock_out_the_address_in_the_end(
    make: Make, journal: Journal
) -> None:
    accounts = make(CLEAR)
    for number in range(50):
        assert (await refusal(accounts, f"name{number}", "x"))[1] == "unknown_system_id"
    assert (await refusal(accounts, "clear", "secret"))[1] == "locked_out"
    assert journal.lockouts == {"address": 1}


# Certificates.


@pytest.mark.parametrize("names", [{"fleet.example"}, {"other", "fleet.example"}])
async def test_an_account_with_a_certificate_is_opened_by_that_and_the_password(
    make: Make, names: set[str]
) -> None:
    account = Account(system_id="tls", password="secret", certificate="Fleet.Example")
    accounts = make(account)
    given = frozenset(names)
    assert await accounts.authenticate("tls", "secret", "127.0.0.1", given) is account
    with pytest.raises(Refusal, match="wrong_password"):
        await accounts.authenticate("tls", "wrong", "127.0.0.1", given)


@pytest.mark.parametrize("names", [(), ("other",), ("fleet.example.org",), ("",)])
async def test_without_that_certificate_the_password_is_of_no_use(
    make: Make, names: tuple[str, ...]
) -> None:
    accounts = make(Account(system_id="tls", password="secret", certificate="fleet.example"))
    with pytest.raises(Refusal, match="wrong_certificate") as caught:
        await accounts.authenticate("tls", "secret", "127.0.0.1", frozenset(names))
    assert caught.value.status == CommandStatus.ESME_RBINDFAIL


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
        ("::ffff:10.0.0.1", True),
        ("::ffff:11.0.0.1", False),
        ("", False),
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
