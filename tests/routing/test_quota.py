"""What a rate means to the one who sends: bursts, waits, and the clock's bad days."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.quota import Buckets, Rate, parse_rate

TEN_A_MINUTE = (Rate(10, 60_000),)
SMALL_RATES = st.builds(Rate, st.integers(1, 5), st.integers(1, 50))
STEPS = st.lists(st.integers(0, 30), max_size=60)


def drain(buckets: Buckets, key: str, rates: tuple[Rate, ...], now: int) -> int:
    taken = 0
    while buckets.take(key, rates, now) == 0:
        taken += 1
    return taken


# --- writing a rate ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count", "period_ms"),
    [
        ("500/s", 500, 1_000),
        ("10/min", 10, 60_000),
        ("100/hour", 100, 3_600_000),
        ("999999999/s", 999_999_999, 1_000),
    ],
)
def test_a_rate_is_written_as_a_count_and_a_period(text: str, count: int, period_ms: int) -> None:
    assert parse_rate(text) == Rate(count, period_ms)
    assert str(Rate(count, period_ms)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "10", "10/", "/s", "0/s", "-1/s", "1.5/s", "1_0/s", "\u0661/s", " 10/s", "10 /s"),
        *("10/sec", "10/m", "10/S", "10/s/s", "10/day", "10/month"),
        *("1000000000/s", "9" * 5000 + "/s"),
    ],
)
def test_anything_else_is_refused_with_its_text_and_the_cure(text: str) -> None:
    with pytest.raises(ValueError, match=r"500/s, 10/min or 100/hour") as refusal:
        parse_rate(text)
    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize(("count", "period_ms"), [(0, 1_000), (10, 0), (-1, 1_000)])
def test_a_rate_that_lets_nothing_through_is_no_rate(count: int, period_ms: int) -> None:
    with pytest.raises(ValueError, match="lets nothing through"):
        Rate(count, period_ms)


def test_a_rate_of_an_odd_period_names_its_milliseconds() -> None:
    assert str(Rate(3, 1_500)) == "3/1500ms"


# --- taking -----------------------------------------------------------------------------------


def test_a_burst_of_the_whole_count_passes_at_once() -> None:
    assert drain(Buckets(), "a", TEN_A_MINUTE, now=0) == 10


def test_after_the_burst_one_passes_per_tenth_of_the_period() -> None:
    buckets = Buckets()
    drain(buckets, "a", TEN_A_MINUTE, now=0)
    assert buckets.take("a", TEN_A_MINUTE, now=0) == 6_000
    assert buckets.take("a", TEN_A_MINUTE, now=5_999) == 1
    assert buckets.take("a", TEN_A_MINUTE, now=6_000) == 0
    assert buckets.take("a", TEN_A_MINUTE, now=6_000) == 6_000


def test_after_a_quiet_period_the_whole_burst_is_back_and_no_more() -> None:
    buckets = Buckets()
    drain(buckets, "a", TEN_A_MINUTE, now=0)
    assert drain(buckets, "a", TEN_A_MINUTE, now=60_000) == 10
    assert drain(buckets, "a", TEN_A_MINUTE, now=10_000_000) == 10


def test_keys_do_not_share_their_tokens() -> None:
    buckets = Buckets()
    drain(buckets, "a", TEN_A_MINUTE, now=0)
    assert drain(buckets, "b", TEN_A_MINUTE, now=0) == 10


def test_no_rate_is_no_limit() -> None:
    buckets = Buckets()
    assert [buckets.take("a", (), now=0) for _ in range(1000)] == [0] * 1000
    assert len(buckets) == 0


def test_of_two_rates_the_emptier_one_decides() -> None:
    rates = (Rate(2, 1_000), Rate(3, 60_000))
    buckets = Buckets()
    assert drain(buckets, "a", rates, now=0) == 2
    assert buckets.take("a", rates, now=0) == 500
    assert drain(buckets, "a", rates, now=1_000) == 1
    assert buckets.take("a", rates, now=1_000) == 19_000


def test_a_rate_that_would_agree_is_not_charged_when_another_refuses() -> None:
    loose, tight = Rate(2, 60_000), Rate(1, 1_000)
    buckets = Buckets()
    assert buckets.take("a", (loose, tight), now=0) == 0
    assert buckets.take("a", (loose, tight), now=0) > 0
    assert buckets.take("a", (loose,), now=0) == 0


def test_a_rate_named_twice_counts_once() -> None:
    assert drain(Buckets(), "a", TEN_A_MINUTE * 2, now=0) == 10


def test_a_changed_rate_starts_with_a_full_bucket() -> None:
    buckets = Buckets()
    drain(buckets, "a", TEN_A_MINUTE, now=0)
    assert drain(buckets, "a", (Rate(5, 60_000),), now=0) == 5


def test_thirds_of_a_millisecond_are_not_lost() -> None:
    rates = (Rate(3, 1),)
    buckets = Buckets()
    assert sum(drain(buckets, "a", rates, now) for now in range(1000)) == 3 * 1000


def test_the_slowest_rate_is_the_one_to_wait_for() -> None:
    second, day = Rate(1, 1_000), Rate(2, 86_400_000)
    buckets = Buckets()
    buckets.take("a", (second, day), now=0)
    assert buckets.slowest("a", (second, day), now=0) == second
    buckets.take("a", (second, day), now=1_000)
    assert buckets.slowest("a", (second, day), now=1_000) == day


def test_what_is_given_back_can_be_taken_again() -> None:
    rates = (Rate(2, 1_000), Rate(3, 60_000))
    buckets = Buckets()
    for _ in range(100):
        assert buckets.take("a", rates, now=0) == 0
        buckets.give_back("a", rates)
    assert drain(buckets, "a", rates, now=0) == 2


def test_a_rate_named_twice_is_given_back_once() -> None:
    buckets = Buckets()
    drain(buckets, "a", TEN_A_MINUTE, now=0)
    buckets.give_back("a", TEN_A_MINUTE * 2)
    assert drain(buckets, "a", TEN_A_MINUTE, now=0) == 1


def test_to_give_back_what_is_forgotten_changes_nothing() -> None:
    buckets = Buckets()
    buckets.give_back("a", TEN_A_MINUTE)
    assert drain(buckets, "a", TEN_A_MINUTE, now=0) == 10


def test_what_costs_more_takes_more() -> None:
    buckets = Buckets()
    assert buckets.take("a", TEN_A_MINUTE, now=0, cost=7) == 0
    assert buckets.take("a", TEN_A_MINUTE, now=0, cost=4) == 6_000
    assert buckets.take("a", TEN_A_MINUTE, now=0, cost=3) == 0
    assert buckets.take("a", TEN_A_MINUTE, now=0) == 6_000


def test_what_costs_more_than_the_bucket_holds_waits_until_it_is_full_and_empties_it() -> None:
    buckets = Buckets()
    assert buckets.take("a", TEN_A_MINUTE, now=0) == 0
    assert buckets.take("a", TEN_A_MINUTE, now=0, cost=255) == 6_000
    assert buckets.take("a", TEN_A_MINUTE, now=6_000, cost=255) == 0
    assert buckets.take("a", TEN_A_MINUTE, now=6_000) == 6_000


def test_what_was_given_at_a_cost_is_given_back_at_it() -> None:
    buckets = Buckets()
    for cost in (1, 4, 10, 255):
        assert buckets.take("a", TEN_A_MINUTE, now=0, cost=cost) == 0
        buckets.give_back("a", TEN_A_MINUTE, cost)
    assert drain(buckets, "a", TEN_A_MINUTE, now=0) == 10


def test_for_a_cost_the_slowest_rate_is_the_one_that_would_take_longest_to_give_it() -> None:
    second, minute = Rate(100, 1_000), Rate(10, 60_000)
    buckets = Buckets()
    buckets.take("a", (second, minute), now=0, cost=5)
    assert buckets.slowest("a", (second, minute), now=0, cost=6) == minute


@given(SMALL_RATES, st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=60))
def test_a_bucket_gives_a_cost_exactly_when_a_counter_of_tokens_would(
    rate: Rate, steps: list[tuple[int, int]]
) -> None:
    full = rate.count * rate.period_ms
    buckets, now, tokens = Buckets(), 0, full
    for step, cost in steps:
        now += step
        tokens = min(full, tokens + step * rate.count)
        price = min(cost, rate.count) * rate.period_ms
        assert (buckets.take("a", (rate,), now, cost) == 0) == (tokens >= price)
        tokens -= price if tokens >= price else 0


@given(SMALL_RATES, STEPS)
def test_no_window_sees_more_than_the_count_and_what_grows_back_in_it(
    rate: Rate, steps: list[int]
) -> None:
    buckets, now, passed = Buckets(), 0, list[int]()
    for step in steps:
        now += step
        if buckets.take("a", (rate,), now) == 0:
            passed.append(now)
    for first, start in enumerate(passed):
        for last, end in enumerate(passed[first:], 1):
            assert last * rate.period_ms <= rate.count * (rate.period_ms + end - start)


@given(SMALL_RATES, st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30)), max_size=60))
def test_a_bucket_gives_exactly_when_a_counter_of_tokens_would(
    rate: Rate, steps: list[tuple[str, int]]
) -> None:
    # The naive model counts in tokens * period_ms, which is whole.
    full = rate.count * rate.period_ms
    buckets, now, model = Buckets(), 0, {"a": full, "b": full}
    for key, step in steps:
        now += step
        model = {k: min(full, tokens + step * rate.count) for k, tokens in model.items()}
        given_one = buckets.take(key, (rate,), now) == 0
        assert given_one == (model[key] >= rate.period_ms)
        model[key] -= rate.period_ms if given_one else 0


@given(st.lists(SMALL_RATES, min_size=1, max_size=3), STEPS)
def test_the_wait_is_exact_to_the_millisecond(rates: list[Rate], steps: list[int]) -> None:
    buckets, now, limit = Buckets(), 0, tuple(rates)
    for step in steps:
        now += step
        wait = buckets.take("a", limit, now)
        if wait > 1:
            assert buckets.take("a", limit, now + wait - 1) == 1
        if wait:
            now += wait
            assert buckets.take("a", limit, now) == 0


# --- bursts -----------------------------------------------------------------------------------


def test_a_burst_passes_at_once_and_then_what_grows_back() -> None:
    buckets, rates = Buckets(), (Rate(10, 60_000, 20),)
    assert drain(buckets, "a", rates, now=0) == 20
    assert buckets.take("a", rates, now=0) == 6_000
    assert drain(buckets, "a", rates, now=60_000) == 10
    assert drain(buckets, "a", rates, now=180_000) == 20


def test_a_burst_of_one_spaces_messages_evenly() -> None:
    buckets, rates = Buckets(), (Rate(10, 60_000, 1),)
    assert [buckets.take("a", rates, now) for now in (0, 5_999, 6_000)] == [0, 1, 0]


def test_a_burst_is_written_behind_its_rate() -> None:
    assert str(Rate(10, 60_000, 20)) == "10/min burst 20"
    with pytest.raises(ValueError, match="lets nothing through"):
        Rate(10, 60_000, -1)


@given(st.integers(1, 5), st.integers(1, 50), st.integers(1, 9), STEPS)
def test_a_bucket_with_a_burst_gives_as_one_that_counts_its_tokens_would(
    count: int, period: int, burst: int, steps: list[int]
) -> None:
    buckets, rates, now, tokens = Buckets(), (Rate(count, period, burst),), 0, burst * period
    for step in steps:
        now, tokens = now + step, min(burst * period, tokens + step * count)
        passes = tokens >= period
        assert (buckets.take("a", rates, now) == 0) is passes
        tokens -= period * passes


# --- a clock that jumps -----------------------------------------------------------------------


def test_a_clock_set_back_by_a_year_blocks_nobody() -> None:
    buckets, year = Buckets(), 365 * 86_400_000
    drain(buckets, "a", TEN_A_MINUTE, now=year)
    assert buckets.take("a", TEN_A_MINUTE, now=0) == 6_000
    assert buckets.take("a", TEN_A_MINUTE, now=6_000) == 0


def test_a_clock_set_back_gives_nothing_away() -> None:
    buckets = Buckets()
    drain(buckets, "a", TEN_A_MINUTE, now=1_000_000)
    assert buckets.take("a", TEN_A_MINUTE, now=500_000) > 0
    assert drain(buckets, "a", TEN_A_MINUTE, now=560_000) == 10


@given(SMALL_RATES, st.lists(st.integers(-1_000, 1_000), max_size=60))
def test_no_clock_makes_anyone_wait_longer_than_the_period(rate: Rate, clock: list[int]) -> None:
    buckets = Buckets()
    for now in clock:
        assert 0 <= buckets.take("a", (rate,), now) <= rate.period_ms


# --- memory -----------------------------------------------------------------------------------


def test_passers_by_are_forgotten_once_their_buckets_are_full_again() -> None:
    buckets, largest = Buckets(), 0
    for now in range(20_000):
        buckets.take(f"passer-by {now}", (Rate(1, 100),), now)
        largest = max(largest, len(buckets))
    assert largest < 300


def test_the_memory_of_a_crowd_shrinks_as_others_come() -> None:
    buckets = Buckets()
    for number in range(1_000):
        buckets.take(f"crowd {number}", (Rate(1, 100),), now=0)
    for now in range(1_000, 2_100):
        buckets.take(f"passer-by {now}", (Rate(1, 1),), now)
    assert len(buckets) < 10


def test_a_busy_bucket_is_not_forgotten_while_passers_by_come_and_go() -> None:
    buckets = Buckets()
    drain(buckets, "busy", TEN_A_MINUTE, now=0)
    for number in range(5_000):
        buckets.take(f"passer-by {number}", (Rate(1, 1),), now=number)
    assert buckets.take("busy", TEN_A_MINUTE, now=5_000) == 1_000


@given(st.integers(1, 5), st.lists(st.tuples(st.text("abcdef", max_size=1), st.integers(0, 9))))
def test_the_table_never_outgrows_its_capacity(capacity: int, steps: list[tuple[str, int]]) -> None:
    buckets, now = Buckets(capacity), 0
    for key, step in steps:
        now += step
        buckets.take(key, (Rate(2, 10), Rate(3, 40)), now)
        assert len(buckets) <= capacity


def test_a_table_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity 0 holds no bucket"):
        Buckets(0)


# --- what is left -----------------------------------------------------------------------------


def test_what_is_left_grows_back_and_is_the_burst_at_most() -> None:
    buckets, rate = Buckets(), Rate(10, 60_000, 20)
    assert buckets.left("a", rate, 0) == 20
    buckets.take("a", (rate,), 0, 20)
    assert [buckets.left("a", rate, now) for now in (0, 5_999, 6_000, 60_000, 600_000)] == [
        *(0, 0, 1, 10, 20)
    ]


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 4)), max_size=30))
def test_what_is_left_can_be_taken_and_no_more(steps: list[tuple[int, int]]) -> None:
    buckets, rate, now = Buckets(), Rate(3, 4_000, 5), 0
    for step, cost in steps:
        now += step
        left = buckets.left("a", rate, now)
        assert (not buckets.take("a", (rate,), now, cost)) == (cost <= left)
