"""When to look next: by one timer, whatever becomes of the wall's clock."""

import pytest

from smsc.clock import SimulatedClock
from smsc.delivery.alarm import LONGEST_SLEEP_MS, SECONDS_BETWEEN_LOOKS, Alarm

MINUTE, HOUR = 60, 3600


class Bell:
    """An alarm that was looked at once, and how often it has rung since."""

    def __init__(self) -> None:
        self.clock = SimulatedClock()
        self.rung = 0
        self.alarm = Alarm(self.clock, self.ring)

    def ring(self) -> None:
        self.rung += 1

    def set(self, seconds: float) -> None:
        self.alarm.set(self.clock.now() + round(seconds * 1000))


@pytest.fixture
def bell() -> Bell:
    bell = Bell()
    assert bell.alarm.due
    bell.alarm.looking()
    return bell


def test_nothing_is_due_that_was_looked_at(bell: Bell) -> None:
    bell.clock.advance(HOUR)
    assert not bell.alarm.due and not bell.rung


@pytest.mark.parametrize("seconds", [1, MINUTE, HOUR])
def test_it_rings_when_something_is_due_and_not_before(bell: Bell, seconds: int) -> None:
    bell.set(seconds)
    bell.clock.advance(seconds - 0.5)
    assert not bell.alarm.due and not bell.rung
    bell.clock.advance(0.5)
    assert bell.alarm.due and bell.rung == 1


def test_the_earliest_counts(bell: Bell) -> None:
    bell.set(HOUR)
    bell.set(MINUTE)
    bell.set(2 * MINUTE)
    bell.clock.advance(MINUTE)
    assert bell.rung == 1


def test_looks_follow_each_other_with_a_pause(bell: Bell) -> None:
    bell.set(-HOUR)
    bell.clock.advance(SECONDS_BETWEEN_LOOKS / 2)
    rung_early = bell.rung
    bell.clock.advance(SECONDS_BETWEEN_LOOKS / 2)
    assert (rung_early, bell.rung) == (0, 1)


def test_a_look_that_failed_is_still_due(bell: Bell) -> None:
    bell.alarm.failed()
    assert bell.alarm.due


def test_a_clock_set_ahead_is_noticed_within_the_longest_sleep(bell: Bell) -> None:
    bell.set(HOUR)
    bell.clock.jump(HOUR)
    bell.clock.advance(LONGEST_SLEEP_MS / 1000)
    assert bell.rung == 1


def test_a_clock_set_back_after_it_rang_keeps_nobody_from_looking(bell: Bell) -> None:
    bell.set(MINUTE)
    bell.clock.advance(MINUTE)
    bell.clock.jump(-HOUR)
    assert bell.rung == 1 and bell.alarm.due
