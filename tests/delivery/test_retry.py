"""The ladder of delays between attempts."""

import msgspec
import pytest

from smsc.cause import PERMANENT, Cause
from smsc.delivery.agent import Attempt, Outcome, Result
from smsc.delivery.retry import Again, Course, Retries, RetryLadder
from smsc.message import Address, Message, to_account, to_device, to_webhook

USUAL = RetryLadder([1000])
BUSY = Cause.SUBSCRIBER_BUSY_FOR_MT_SMS


def failed(error: int, attempts: int = 0, number: int = 1, device: bool = True) -> Outcome:
    destination = to_device("491700000001") if device else to_account("fleet")
    anybody = Address(1, 1, "491700000001")
    message = Message(number, "fleet", destination, anybody, anybody, b"hello", 0, 3_600_000)
    return Outcome(Attempt(message, attempts), Result.FAILED, error)


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


@pytest.mark.parametrize("cause", sorted(PERMANENT))
def test_a_permanent_cause_ends_the_message(cause: Cause) -> None:
    assert Retries(USUAL, USUAL).after(failed(cause)) is None


def test_a_cause_follows_the_usual_ladder_unless_it_has_its_own() -> None:
    retries = Retries(USUAL, USUAL, {BUSY: Course(ladder=RetryLadder([50, 70]))})
    assert retries.after(failed(Cause.SYSTEM_FAILURE)) == Again(1, 1000)
    assert retries.after(failed(BUSY)) == Again(1, 50)
    assert retries.after(failed(BUSY, attempts=1)) == Again(2, 70)


def test_an_operator_may_call_a_cause_permanent_or_temporary() -> None:
    courses: dict[int, Course] = {
        Cause.CALL_BARRED: Course(permanent=True),
        Cause.ILLEGAL_SUBSCRIBER: Course(),
    }
    retries = Retries(USUAL, USUAL, courses)
    assert retries.after(failed(Cause.CALL_BARRED)) is None
    assert retries.after(failed(Cause.ILLEGAL_SUBSCRIBER)) == Again(1, 1000)


def test_the_status_of_an_esme_is_no_cause_of_the_network() -> None:
    retries = Retries(USUAL, USUAL, {BUSY: Course(permanent=True)})
    assert retries.after(failed(BUSY, device=False)) == Again(1, 1000)
    assert retries.after(failed(Cause.UNKNOWN_SUBSCRIBER, device=False)) == Again(1, 1000)


def test_delays_are_spread_within_the_jitter_and_the_same_whenever_asked() -> None:
    retries = Retries(USUAL, USUAL, jitter=0.2)
    delays = [retries.after(failed(BUSY, number=number)) for number in range(1, 1001)]
    assert delays == [retries.after(failed(BUSY, number=number)) for number in range(1, 1001)]
    waits = sorted(each.delay_ms for each in delays if each is not None)
    assert 800 <= waits[0] < 810 and 1190 < waits[-1] <= 1200
    assert 990 < waits[500] < 1010


def called(result: Result, attempts: int = 0, retry_after_ms: int = 0) -> Outcome:
    anybody = Address(1, 1, "491700000001")
    message = Message(1, "", to_webhook("orders"), anybody, anybody, b"hello", 0, 3_600_000)
    return Outcome(Attempt(message, attempts), result, 503, retry_after_ms=retry_after_ms)


def test_a_webhook_is_called_ten_times_over_a_day() -> None:
    retries, at = Retries(USUAL, USUAL), [0]
    while (again := retries.after(called(Result.FAILED, len(at) - 1))) is not None:
        assert again.attempts == len(at)
        at.append(at[-1] + again.delay_ms)
    assert [ms // 1000 for ms in at] == [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]


def test_a_webhook_that_says_when_to_come_again_is_not_called_before() -> None:
    retries = Retries(USUAL, USUAL)
    assert retries.after(called(Result.FAILED, 0, 60_000)) == Again(1, 60_000)
    assert retries.after(called(Result.FAILED, 1, 60_000)) == Again(2, 295_000)


def test_what_is_held_back_from_a_webhook_was_not_tried() -> None:
    assert Retries(USUAL, USUAL).after(called(Result.BUSY, 3, 6000)) == Again(3, 6000)


def test_the_delays_of_webhooks_are_spread() -> None:
    delays = set()
    for number in range(20):
        outcome = called(Result.FAILED)
        message = msgspec.structs.replace(outcome.attempt.message, id=number)
        failed_once = Outcome(Attempt(message), Result.FAILED, 503)
        again = Retries(USUAL, USUAL, jitter=0.1).after(failed_once)
        assert again is not None and 4500 <= again.delay_ms <= 5500
        delays.add(again.delay_ms)
    assert len(delays) > 10
