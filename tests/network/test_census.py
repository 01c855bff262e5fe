"""Numbers of populations are counted without being listed, and the count is right."""

from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.network.census import Census, count
from smsc.network.hlr import Subscription
from smsc_routing.number import matches
from tests.network.shelf import register

HERE = Subscription("crowd")
AWAY = Subscription("crowd", attached=False)
METERS = Subscription("meters")


def nobody(subscription: Subscription) -> bool:
    return False


def meters(subscription: Subscription) -> bool:
    return subscription.policy == "meters"


def test_a_pattern_inside_a_population_has_all_its_numbers() -> None:
    assert count([("4471########", HERE)], ["447100######"], nobody) == Census(10**6, 10**6)


def test_a_pattern_around_a_population_has_no_more_than_that() -> None:
    assert count([("447100######", HERE)], ["44##########"], nobody) == Census(10**6, 10**6)


def test_a_number_under_two_patterns_counts_once() -> None:
    found = count([("4471####", HERE)], ["44710###", "4471#0##", "4471####"], nobody)
    assert found == Census(10**4, 10**4)


def test_a_number_is_of_its_strictest_population() -> None:
    populations = [("4471####", HERE), ("44710###", AWAY)]
    assert count(populations, ["4471####"], nobody) == Census(10**4, 9 * 10**3)


def test_a_subscription_that_counts_has_all_its_numbers_whatever_they_are() -> None:
    populations = [("4471####", HERE), ("49######", METERS)]
    assert count(populations, [], meters) == Census(10**6, 10**6)
    assert count(populations, ["4471000#"], meters) == Census(10**6 + 10, 10**6 + 10)


def test_lengths_are_counted_apart() -> None:
    populations = [("#########", HERE), ("###############", HERE)]
    assert count(populations, ["#########"], nobody).devices == 10**9


def test_nobody_is_found_where_there_is_no_population() -> None:
    assert count([], ["4471####"], meters) == Census()
    assert count([("4471####", HERE)], ["4472####"], meters) == Census()


def test_where_there_is_an_outage_nobody_is_within_reach() -> None:
    populations = [("4471####", HERE), ("4472####", AWAY)]
    found = count(populations, ["447#####"], nobody, ["44710###", "4471#0##", "49######"])
    assert found == Census(2 * 10**4, 10**4 - 10**3 - 900)


def test_many_populations_are_counted_all_the_same() -> None:
    populations = [(f"49{row:04d}######", HERE if row % 4 else AWAY) for row in range(1000)]
    assert count(populations, ["49##########"], nobody).success == 75


def test_a_share_is_in_whole_percent_and_nobody_is_none() -> None:
    assert Census(3, 2).success == 66
    assert Census(3, 3).success == 100
    assert Census().success == 0


PATTERNS = st.text("01#", min_size=1, max_size=4)
SUBSCRIPTIONS = st.sampled_from([HERE, AWAY, METERS])


@settings(max_examples=60)
@given(
    st.dictionaries(PATTERNS, SUBSCRIPTIONS, max_size=5).map(lambda each: list(each.items())),
    st.lists(PATTERNS, max_size=3),
    st.sets(PATTERNS, max_size=3),
)
def test_the_count_is_that_of_a_list(
    populations: list[tuple[str, Subscription]], patterns: list[str], outages: set[str]
) -> None:
    hlr = register({}, populations)
    for pattern in outages:
        hlr.begin_outage(pattern)
    total = Census()
    for length in (1, 2, 3, 4):
        for value in range(10**length):
            number = f"{value:0{length}d}"
            subscription = hlr.find(number)
            if subscription is not None and (
                meters(subscription) or any(matches(pattern, number) for pattern in patterns)
            ):
                total += Census(1, int(hlr.attached(number)))
    assert count(populations, patterns, meters, outages) == total
