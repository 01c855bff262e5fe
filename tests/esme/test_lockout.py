"""Lockouts: who must wait after failed binds, how long, and who needn't."""

from hypothesis import given
from hypothesis import strategies as st

from smsc.esme.lockout import ADDRESS_FACTOR, Lockout, Terms

TERMS = Terms(after=3, first=10.0, longest=60.0)
HOME, AWAY = "192.0.2.1", "192.0.2.2"


def failed(lockout: Lockout, times: int, now: float = 0.0, account: str = "fleet") -> list[str]:
    """Fail so often; return who was locked out by the last time."""
    last: list[str] = []
    for _ in range(times):
        last = lockout.failed(HOME, account, now)
    return last


def free_after(lockout: Lockout, now: float, account: str = "fleet") -> float:
    """Return for how many whole seconds from now one is locked out."""
    return next(
        seconds for seconds in range(10_000) if not lockout.locked(HOME, account, now + seconds)
    )


def test_a_few_failures_lock_out_nobody() -> None:
    lockout = Lockout(TERMS)
    assert failed(lockout, 2) == []
    assert not lockout.locked(HOME, "fleet", 0.0)


def test_one_more_does_and_says_so() -> None:
    lockout = Lockout(TERMS)
    assert failed(lockout, 3) == ["account"]
    assert lockout.locked(HOME, "fleet", 9.9)
    assert not lockout.locked(HOME, "fleet", 10.0)


def test_the_account_is_open_to_other_addresses_and_the_address_to_other_accounts() -> None:
    lockout = Lockout(TERMS)
    failed(lockout, 3)
    assert not lockout.locked(AWAY, "fleet", 0.0)
    assert not lockout.locked(HOME, "other", 0.0)


def test_each_failure_doubles_the_time_up_to_the_longest() -> None:
    lockout, now, times = Lockout(TERMS), 0.0, []
    failed(lockout, 2)
    for _ in range(6):
        failed(lockout, 1, now)
        times.append(free_after(lockout, now))
        now += times[-1]
    assert times == [10, 20, 40, 60, 60, 60]


def test_a_bind_that_succeeds_begins_the_account_anew() -> None:
    lockout = Lockout(TERMS)
    failed(lockout, 2)
    lockout.succeeded(HOME, "fleet")
    assert failed(lockout, 2) == []


def test_failures_are_forgotten_when_the_longest_time_has_passed_since_the_lockout() -> None:
    lockout = Lockout(TERMS)
    failed(lockout, 3)
    assert failed(lockout, 1, now=69.9) == ["account"]
    lockout = Lockout(TERMS)
    failed(lockout, 3)
    assert failed(lockout, 1, now=70.0) == []


def test_an_address_that_tries_many_accounts_is_locked_out_of_all() -> None:
    lockout = Lockout(TERMS)
    for number in range(TERMS.after * ADDRESS_FACTOR - 1):
        assert failed(lockout, 1, account=f"name{number}") == []
    assert failed(lockout, 1, account="another") == ["address"]
    assert lockout.locked(HOME, "fleet", 0.0)
    assert not lockout.locked(AWAY, "fleet", 0.0)


def test_a_success_does_not_clear_the_address() -> None:
    lockout = Lockout(TERMS)
    for number in range(TERMS.after * ADDRESS_FACTOR - 1):
        failed(lockout, 1, account=f"name{number}")
        lockout.succeeded(HOME, "fleet")
    assert failed(lockout, 1, account="another") == ["address"]


def test_an_account_without_a_name_is_not_taken_for_the_address() -> None:
    lockout = Lockout(TERMS)
    failed(lockout, 3, account="")
    assert not lockout.locked(HOME, "fleet", 0.0)


def test_no_time_means_no_lockout() -> None:
    lockout = Lockout(Terms(first=0.0, longest=0.0))
    assert failed(lockout, 1000) == []
    assert len(lockout) == 0


def test_the_oldest_failures_are_forgotten_first() -> None:
    lockout = Lockout(TERMS, records=4)
    failed(lockout, 3, account="old")
    failed(lockout, 3, account="middle")
    failed(lockout, 3, account="new")
    failed(lockout, 1, account="newest")
    assert not lockout.locked(HOME, "old", 0.0)
    assert lockout.locked(HOME, "new", 0.0)


STEPS = st.lists(
    st.tuples(
        st.sampled_from([HOME, AWAY, "2001:db8::"]),
        st.sampled_from(["fleet", "other", ""]),
        st.floats(0, 100),
        st.booleans(),
    )
)


@given(STEPS, st.integers(1, 6))
def test_nobody_waits_longer_than_the_longest_and_the_table_stays_small(
    steps: list[tuple[str, str, float, bool]], records: int
) -> None:
    lockout, now = Lockout(TERMS, records), 0.0
    for address, account, seconds, right in steps:
        now += seconds
        if right:
            lockout.succeeded(address, account)
        else:
            lockout.failed(address, account, now)
        assert len(lockout) <= records
        assert not lockout.locked(address, account, now + TERMS.longest)
