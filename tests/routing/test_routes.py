"""Which links a message is tried over, and in what order."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.explanation import Steps
from smsc_routing.failover import draw_of
from smsc_routing.hours import parse_hours
from smsc_routing.routes import Departure, Route, RouteTable
from smsc_routing.traffic import Traffic

TO_GERMANY = Departure("491700000001", source="15550001")


def over(*routes: Route, **departure: Any) -> tuple[str, ...]:
    return RouteTable(routes).candidates(TO_GERMANY._replace(**departure))


# --- prefix -----------------------------------------------------------------------------------


def test_the_longest_prefix_counts() -> None:
    routes = [Route("", ("any",)), Route("49170", ("mobile",)), Route("49", ("germany",))]
    assert over(*routes) == ("mobile",)
    assert over(*routes, destination="4930123456") == ("germany",)
    assert over(*routes, destination="15550001") == ("any",)


def test_a_number_that_no_prefix_fits_has_no_route() -> None:
    assert over(Route("44", ("uk",))) == ()
    assert over() == ()
    assert over(Route("491700000001234", ("longer",))) == ()


def test_a_route_without_a_prefix_takes_names_too() -> None:
    assert over(Route("", ("any",)), Route("49", ("germany",)), destination="FLEET-EU") == ("any",)


def test_a_shorter_prefix_is_asked_if_no_route_of_the_longer_one_fits() -> None:
    routes = [Route("49", ("germany",)), Route("491", ("fleet-only",), account="fleet")]
    assert over(*routes, account="fleet") == ("fleet-only",)
    assert over(*routes, account="bank") == ("germany",)


def test_a_shorter_prefix_is_no_failover_for_the_longer_one() -> None:
    table = RouteTable([Route("49", ("germany",)), Route("", ("any",))])
    assert table.candidates(TO_GERMANY, barred={"germany"}) == ()


# --- other conditions -------------------------------------------------------------------------

CONDITIONS = [
    (Route("49", ("a",), account="fleet"), {"account": "fleet"}, {"account": "bank"}),
    (
        Route("49", ("a",), traffic=Traffic.EXTERNAL),
        {"traffic": Traffic.EXTERNAL},
        {"traffic": Traffic.P2P_EXTERNAL_MO},
    ),
    (Route("49", ("a",), source="1555"), {"source": "15550001"}, {"source": "15540001"}),
    (Route("49", ("a",), source="FLE"), {"source": "FLEET"}, {"source": "BANK"}),
    (
        Route("49", ("a",), hours=parse_hours("mon 08:00-18:00")),
        {"minute_of_week": 8 * 60},
        {"minute_of_week": 18 * 60},
    ),
]


@pytest.mark.parametrize(("route", "fitting", "other"), CONDITIONS)
def test_a_route_is_for_those_who_meet_its_conditions(
    route: Route, fitting: dict[str, Any], other: dict[str, Any]
) -> None:
    assert over(route, **fitting) == ("a",)
    assert over(route, **other) == ()


# --- order ------------------------------------------------------------------------------------


def test_priority_comes_first_the_lowest_before_the_others() -> None:
    cheap_last = [Route("49", ("b",), priority=2, cost=1), Route("49", ("a",), priority=1, cost=9)]
    assert over(*cheap_last) == ("a", "b")


def test_of_equal_priority_the_cheapest_comes_first() -> None:
    assert over(Route("49", ("b",), cost=0.05), Route("49", ("a",), cost=0.045)) == ("a", "b")


def test_the_links_of_a_route_come_as_they_are_written() -> None:
    assert over(Route("49", ("b", "a"))) == ("b", "a")


def test_a_link_is_tried_once() -> None:
    assert over(Route("49", ("a", "a", "b"))) == ("a", "b")
    assert over(Route("49", ("a", "b")), Route("49", ("b", "c"), priority=1)) == ("a", "b", "c")


def test_equal_routes_share_out_by_weight() -> None:
    table = RouteTable([Route("49", ("a",), weight=3), Route("49", ("b",), weight=1)])
    orders = [table.candidates(TO_GERMANY, draw / 1000) for draw in range(1000)]
    assert orders.count(("a", "b")) == 750
    assert orders.count(("b", "a")) == 250


def test_the_second_choice_is_shared_out_by_weight_too() -> None:
    weights = {"a": 1, "b": 2, "c": 5}
    table = RouteTable([Route("49", (link,), weight=weights[link]) for link in weights])
    orders = [table.candidates(TO_GERMANY, (draw + 0.5) / 8000) for draw in range(8000)]
    for first in weights:
        after = [order[1] for order in orders if order[0] == first]
        others = sum(weights.values()) - weights[first]
        assert len(after) == 1000 * weights[first]
        for second in set(weights) - {first}:
            assert abs(after.count(second) - len(after) * weights[second] / others) <= 1


def test_messages_in_sequence_share_out_by_weight() -> None:
    table = RouteTable([Route("49", ("a",), weight=9), Route("49", ("b",), weight=1)])
    first = [table.candidates(TO_GERMANY, draw_of(message_id))[0] for message_id in range(1000)]
    assert 895 <= first.count("a") <= 905


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.floats(0, 1, exclude_max=True))
def test_whatever_is_drawn_every_equal_route_is_in_the_order(
    weights: list[int], draw: float
) -> None:
    routes = [Route("49", (f"link {n}",), weight=weight) for n, weight in enumerate(weights)]
    order = RouteTable(routes).candidates(TO_GERMANY, draw)
    assert sorted(order) == [f"link {n}" for n in range(len(weights))]


# --- links that can't be had ------------------------------------------------------------------

TABLE = RouteTable([Route("49", ("a", "b", "c"))])


def test_a_link_that_is_down_is_left_out() -> None:
    assert TABLE.candidates(TO_GERMANY, barred={"a", "elsewhere"}) == ("b", "c")
    assert TABLE.candidates(TO_GERMANY, barred={"a", "b", "c"}) == ()


def test_a_link_that_is_down_can_be_a_last_resort() -> None:
    assert TABLE.candidates(TO_GERMANY, barred={"a", "b"}, last_resort=True) == ("c", "a", "b")


def test_a_message_never_goes_back_over_the_link_it_came_in_from() -> None:
    arrived = TO_GERMANY._replace(arrived_over="a")
    assert TABLE.candidates(arrived) == ("b", "c")
    assert TABLE.candidates(arrived, barred={"a", "b"}, last_resort=True) == ("c", "b")
    assert TABLE.candidates(arrived._replace(asked_link="a")) == ()


# --- links asked for --------------------------------------------------------------------------


def test_a_link_asked_for_by_name_is_the_only_candidate() -> None:
    asked = TO_GERMANY._replace(asked_link="elsewhere")
    assert TABLE.candidates(asked) == ("elsewhere",)
    assert TABLE.candidates(asked, barred={"elsewhere"}) == ()
    assert TABLE.candidates(asked, barred={"elsewhere"}, last_resort=True) == ("elsewhere",)


def test_the_link_of_the_device_overrides_the_one_asked_for() -> None:
    both = TO_GERMANY._replace(asked_link="asked", device_link="own")
    assert TABLE.candidates(both) == ("own",)


# --- the table --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (Route("+49", ("a",)), r"route to '\+49' over a: a prefix is up to 15 digits"),
        (Route("4" * 16, ("a",)), "a prefix is up to 15 digits"),
        (Route("49", ()), "it leads nowhere: name at least one link"),
        (Route("49", ("",)), "it leads nowhere: name at least one link"),
        (Route("49", ("a",), weight=0), "its weight is 0: weights start at 1"),
        (Route("49", ("a",), cost=float("nan")), "its cost is no number"),
    ],
)
def test_a_route_that_cannot_be_meant_is_refused(route: Route, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        RouteTable([route])


def test_a_table_knows_its_prefixes_and_links() -> None:
    table = RouteTable([Route("49", ("a", "b")), Route("49", ("c",)), Route("", ("a",))])
    assert len(table) == 2
    assert table.links == {"a", "b", "c"}


def test_a_table_has_nothing_that_can_be_changed() -> None:
    with pytest.raises((AttributeError, FrozenInstanceError)):
        RouteTable().more = Route("49", ("a",))  # type: ignore[attr-defined]


# --- why --------------------------------------------------------------------------------------


def why(table: RouteTable, departure: Departure, **asked: Any) -> list[tuple[str, bool, str]]:
    steps: Steps = []
    silent = table.candidates(departure, **asked)
    assert table.candidates(departure, steps=steps, **asked) == silent
    return [tuple(step) for step in steps]  # type: ignore[misc]


def test_the_steps_tell_which_routes_were_asked_and_what_became_of_the_links() -> None:
    table = RouteTable(
        [
            Route("491", ("a",), account="fleet"),
            Route("49", ("a",), hours=parse_hours("sat-sun")),
            Route("49", ("b", "c", "d"), priority=1),
        ]
    )
    arrived = TO_GERMANY._replace(arrived_over="c")
    assert why(table, arrived, barred={"b"}) == [
        ("route to '491' over a", False, "only for account fleet"),
        ("route to '49' over a", False, "only for the hours sat-sun"),
        ("route to '49' over b, c, d", True, "the number begins with '49'"),
        ("link b", False, "it takes nothing at present"),
        ("link c", False, "the message came in from it"),
        ("link d", True, "it takes messages"),
    ]


@pytest.mark.parametrize(
    ("departure", "steps"),
    [
        (
            TO_GERMANY._replace(asked_link="x"),
            [
                ("named link", True, "x is the link asked for, and no route is asked"),
                ("link x", True, "it takes messages"),
            ],
        ),
        (
            TO_GERMANY._replace(device_link="y"),
            [
                ("named link", True, "y is the device's own link, and no route is asked"),
                ("link y", True, "it takes messages"),
            ],
        ),
        (TO_GERMANY, [("routes", False, "no route leads to 491700000001")]),
    ],
)
def test_the_steps_tell_of_links_asked_for_and_of_no_route(
    departure: Departure, steps: list[tuple[str, bool, str]]
) -> None:
    assert why(RouteTable(), departure) == steps


@pytest.mark.parametrize(("route", "_", "other"), CONDITIONS)
def test_the_steps_name_the_condition_that_was_not_met(
    route: Route, _: object, other: dict[str, Any]
) -> None:
    steps = why(RouteTable([route]), TO_GERMANY._replace(**other))
    assert steps[0][1:] == (
        False,
        {
            "fleet": "only for account fleet",
            Traffic.EXTERNAL: "only for traffic external",
            "1555": "only for sources that begin with 1555",
            "FLE": "only for sources that begin with FLE",
            None: "only for the hours mon 08:00-18:00",
        }[route.account or route.traffic or route.source or None],
    )


# --- the naive model --------------------------------------------------------------------------


def naive_candidates(routes: list[Route], departure: Departure, draw: Fraction) -> list[str]:
    """Read all routes, keep the best prefix that has any, sort, and draw from a hat."""
    fitting = [
        route
        for route in routes
        if departure.destination.startswith(route.prefix)
        and route.account in (None, departure.account)
        and route.traffic in (None, departure.traffic)
        and departure.source.startswith(route.source)
        and (route.hours is None or route.hours.cover(departure.minute_of_week))
    ]
    longest = max((len(route.prefix) for route in fitting), default=0)
    links: list[str] = []
    for rank in sorted({(route.priority, route.cost) for route in fitting}):
        equal = [
            route
            for route in fitting
            if (len(route.prefix), route.priority, route.cost) == (longest, *rank)
        ]
        for route in naive_drawn(equal, draw):
            links += route.links
    return list(dict.fromkeys(links))


def naive_drawn(routes: list[Route], draw: Fraction) -> Iterator[Route]:
    left = list(enumerate(routes))
    while left:
        hat = [ticket for ticket in left for _ in range(ticket[1].weight)]
        ticket = hat[int(draw * len(hat))]
        draw = (draw * len(hat) - hat.index(ticket)) / ticket[1].weight
        left.remove(ticket)
        yield ticket[1]


# Few digits, accounts and links, so that routes and messages meet.
DIGITS = st.text("12", max_size=5)
ROUTES = st.builds(
    Route,
    prefix=DIGITS,
    links=st.lists(st.sampled_from("abc"), min_size=1, max_size=2).map(tuple),
    account=st.none() | st.sampled_from(["fleet", "bank"]),
    traffic=st.none() | st.sampled_from([Traffic.EXTERNAL, Traffic.P2P_EXTERNAL_MO]),
    source=st.text("12", max_size=1),
    hours=st.none() | st.sampled_from([parse_hours("mon"), parse_hours("tue-sun")]),
    priority=st.integers(0, 1),
    cost=st.integers(0, 1),
    weight=st.sampled_from([1, 2, 4]),
)
DEPARTURES = st.builds(
    Departure,
    destination=DIGITS | st.just("FLEET"),
    source=DIGITS,
    account=st.sampled_from(["", "fleet", "bank"]),
    traffic=st.sampled_from([Traffic.EXTERNAL, Traffic.P2P_EXTERNAL_MO]),
    minute_of_week=st.sampled_from([0, 5000]),
    arrived_over=st.just(""),
    asked_link=st.just(""),
    device_link=st.just(""),
)
# With these, few routes, and weights that are powers of two, floats are exact.
DRAWS = st.integers(0, 4095).map(lambda part: part / 4096)


@given(st.lists(ROUTES, max_size=6), DEPARTURES, DRAWS)
def test_a_table_answers_as_reading_all_routes_would(
    routes: list[Route], departure: Departure, draw: float
) -> None:
    expected = naive_candidates(routes, departure, Fraction(draw))
    assert list(RouteTable(routes).candidates(departure, draw)) == expected


@given(
    st.lists(ROUTES, max_size=8),
    DEPARTURES,
    DRAWS,
    st.sets(st.sampled_from("abc")),
    st.booleans(),
    st.sampled_from(["", "a", "b"]),
)
def test_what_is_barred_moves_and_nothing_else_does(
    routes: list[Route],
    departure: Departure,
    draw: float,
    barred: set[str],
    last_resort: bool,
    arrived_over: str,
) -> None:
    table = RouteTable(routes)
    order = [link for link in table.candidates(departure, draw) if link != arrived_over]
    departure = departure._replace(arrived_over=arrived_over)
    usable = table.candidates(departure, draw, barred, last_resort)
    free = [link for link in order if link not in barred]
    assert list(usable[: len(free)]) == free
    left = [link for link in order if link in barred] if last_resort else []
    assert list(usable[len(free) :]) == left


@given(st.lists(ROUTES, max_size=8), DEPARTURES, DRAWS, st.sets(st.sampled_from("abc")))
def test_taking_notes_changes_nothing(
    routes: list[Route], departure: Departure, draw: float, barred: set[str]
) -> None:
    table, steps = RouteTable(routes), Steps()
    order = table.candidates(departure, draw, barred)
    assert table.candidates(departure, draw, barred, steps=steps) == order
    passed = [step.rule for step in steps if step.passed and step.rule.startswith("link ")]
    assert passed == [f"link {link}" for link in order]
