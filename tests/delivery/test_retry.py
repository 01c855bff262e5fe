"""The ladder of delays between attempts."""

import pytest

from smsc.delivery.retry import RetryLadder


def test_each_failure_waits_for_the_next_rung() -> None:
    ladder = RetryLadder([10, 30, 60])
    assert [ladder.delay(attempts) for attempts in (1, 2, 3)] == [10, 30, 60]


def test_the_last_rung_is_repeated() -> None:
    ladder = RetryLadder([10, 30])
    assert [ladder.delay(attempts) for attempts in (3, 4, 1000)] == [30, 30, 30]


def test_a_ladder_may_have_one_rung() -> None:
    assert RetryLadder([5]).delay(1) == 5


@pytest.mark.parametrize("delays", [[], [0], [10, 0], [10, -1]])
def test_a_ladder_that_would_not_wait_is_refused(delays: list[int]) -> None:
    with pytest.raises(ValueError, match="at least one delay"):
        RetryLadder(delays)


def test_a_ladder_is_over_when_the_last_rung_has_failed_too() -> None:
    ladder = RetryLadder([10, 30])
    assert [ladder.over(attempts) for attempts in range(5)] == [False, False, False, True, True]
