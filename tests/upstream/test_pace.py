"""How many submits a second leave over a link."""

from hypothesis import given
from hypothesis import strategies as st

from smsc.upstream.pace import Pace

RATES = st.floats(0.1, 5000)


def test_without_a_rate_all_leave_at_once() -> None:
    assert Pace(0, 0.0).due(0.0, 1000) == 1000


@given(RATES, st.lists(st.tuples(st.floats(0, 1.0), st.integers(0, 5000)), max_size=40))
def test_no_second_has_more_than_the_rate_and_one_burst(
    rate: float, steps: list[tuple[float, int]]
) -> None:
    pace, now, left = Pace(rate, 0.0), 0.0, list[tuple[float, int]]()
    for seconds, wanted in steps:
        now += seconds
        left.append((now, pace.due(now, wanted)))
    burst = max(1.0, rate * 0.02)
    for start, _ in left:
        within = sum(count for at, count in left if start <= at <= start + 1)
        assert within <= rate + burst + 1e-3


@given(RATES, st.integers(1, 500))
def test_who_comes_when_told_sends_at_the_rate(rate: float, waiting: int) -> None:
    pace, now, sent, comings = Pace(rate, 0.0), 0.0, 0, 0
    while sent < waiting:
        sent += pace.due(now, waiting - sent)
        if sent < waiting:
            now += pace.seconds_to_next(waiting - sent)
            comings += 1
    assert now <= waiting / rate + 1e-3
    assert comings <= waiting, "and doesn't come in vain"
