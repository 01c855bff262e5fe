"""The air: every attempt arrives once, when it is due, in batches and on one timer."""

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from smsc.clock import SimulatedClock, Timer
from smsc.delivery.agent import Attempt
from smsc.message import Address, Message, to_device
from smsc.network.radio import Radio

NOBODY = Address(1, 1, "1")


def attempt(number: int = 1) -> Attempt:
    return Attempt(Message(number, "", to_device("491"), NOBODY, NOBODY, b"", 0, 0))


class CountingClock(SimulatedClock):
    """Counts the timers that stand, and can fire them too early by a hair."""

    def __init__(self, early: float = 0.0) -> None:
        super().__init__()
        self.asked = 0
        self._early = early

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        self.asked += 1
        return super().call_later(seconds - self._early, callback)


class Arrivals:
    """Notes what arrived and when, batch by batch."""

    def __init__(self, clock: SimulatedClock | None = None) -> None:
        self.clock = clock or SimulatedClock()
        self.batches: list[tuple[float, list[int]]] = []
        self.radio = Radio(self.clock, self.note)

    def note(self, batch: Sequence[Attempt]) -> None:
        seconds = round(self.clock.monotonic(), 6)
        self.batches.append((seconds, [attempt.message.id for attempt in batch]))

    def carry(self, *latencies: int) -> None:
        self.radio.carry((ms, attempt(n)) for n, ms in enumerate(latencies))


def test_nothing_sent_nothing_arrives() -> None:
    arrivals = Arrivals()
    arrivals.carry()
    arrivals.clock.advance(10)
    assert arrivals.batches == []


def test_latency_is_waited_for_while_the_others_go_ahead() -> None:
    arrivals = Arrivals()
    arrivals.carry(200, 100)
    assert len(arrivals.radio) == 2
    arrivals.clock.advance(0.099)
    assert arrivals.batches == []
    arrivals.clock.advance(1)
    assert arrivals.batches == [(0.1, [1]), (0.2, [0])]


def test_what_is_due_together_arrives_together_in_the_order_sent() -> None:
    arrivals = Arrivals()
    arrivals.carry(100, 50, 100, 50)
    arrivals.clock.advance(1)
    assert arrivals.batches == [(0.05, [1, 3]), (0.1, [0, 2])]


def test_an_earlier_arrival_moves_the_timer_forward() -> None:
    arrivals = Arrivals()
    arrivals.carry(1000)
    arrivals.carry(10)
    arrivals.clock.advance(0.01)
    assert arrivals.batches == [(0.01, [0])]
    arrivals.clock.advance(1)
    assert arrivals.batches[1:] == [(1.0, [0])]


def test_a_thousand_attempts_of_one_latency_stand_on_one_timer() -> None:
    clock = CountingClock()
    arrivals = Arrivals(clock)
    arrivals.carry(*[100] * 1000)
    assert clock.asked == 1
    clock.advance(0.1)
    assert arrivals.batches == [(0.1, list(range(1000)))]


def test_a_timer_that_fires_a_hair_too_early_counts_as_on_time() -> None:
    clock = CountingClock(early=1e-6)
    arrivals = Arrivals(clock)
    arrivals.carry(100)
    clock.advance(1)
    assert clock.asked == 1
    assert [batch for _, batch in arrivals.batches] == [[0]]


def test_after_close_nothing_in_the_air_arrives() -> None:
    arrivals = Arrivals()
    arrivals.carry(100, 200)
    arrivals.radio.close()
    arrivals.clock.advance(1)
    assert arrivals.batches == []
    assert len(arrivals.radio) == 0


def test_a_radio_with_nothing_in_the_air_closes_too() -> None:
    arrivals = Arrivals()
    arrivals.radio.close()
    assert len(arrivals.radio) == 0


def test_what_arrives_may_send_again_at_once() -> None:
    clock = SimulatedClock()
    seen: list[float] = []

    def again(batch: Sequence[Attempt]) -> None:
        seen.append(round(clock.monotonic(), 6))
        if len(seen) < 3:
            radio.carry((100, attempt) for attempt in batch)

    radio = Radio(clock, again)
    radio.carry([(100, attempt())])
    clock.advance(1)
    assert seen == [0.1, 0.2, 0.3]


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from([1, 2, 5, 10, 50]) | st.integers(1, 500), max_size=8),
            st.integers(0, 200),
        ),
        max_size=12,
    )
)
def test_every_attempt_arrives_exactly_once_in_due_order(
    calls: list[tuple[list[int], int]],
) -> None:
    clock = SimulatedClock()
    due: dict[int, float] = {}
    arrived: list[tuple[float, int]] = []

    def note(batch: Sequence[Attempt]) -> None:
        arrived.extend((clock.monotonic(), attempt.message.id) for attempt in batch)

    radio = Radio(clock, note)
    for latencies, pause in calls:
        sent = [(ms, attempt(len(due) + n)) for n, ms in enumerate(latencies)]
        due.update({a.message.id: clock.monotonic() + ms / 1000 for ms, a in sent})
        radio.carry(sent)
        clock.advance(pause / 1000)
    clock.advance(1)
    assert sorted(number for _, number in arrived) == sorted(due)
    assert [at for at, _ in arrived] == sorted(at for at, _ in arrived)
    for at, number in arrived:
        assert abs(at - due[number]) < 1e-6
