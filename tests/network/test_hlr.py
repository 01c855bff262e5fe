"""The register: who is known, who is attached, and pages that cost what they show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.network.hlr import Hlr, Subscription, UnknownDevice
from smsc_routing.policy import Policy

OWN = Subscription(Policy("own"))
SAME = Subscription(Policy("population"))
NARROW = Subscription(Policy("narrow"), attached=False)
ANNA = "491700000001"
NOBODY = "33123456789"


def register(**overrides: bool) -> Hlr:
    populations = [("4471########", SAME), ("44712#######", NARROW)]
    return Hlr({ANNA: OWN, "447100000001": OWN}, populations, overrides)


def numbers(hlr: Hlr, after: str = "", limit: int = 100) -> list[str]:
    return [listed.number for listed in hlr.listing(after, limit)]


def test_a_device_with_a_row_of_its_own_is_found_before_any_population() -> None:
    assert register().find("447100000001") is OWN


def test_a_number_under_a_pattern_is_found_without_a_row() -> None:
    assert register().find("447100000002") is SAME


def test_the_most_specific_population_counts() -> None:
    assert register().find("447120000002") is NARROW


def test_a_number_that_nobody_has_is_not_found_and_not_attached() -> None:
    hlr = register()
    assert hlr.find(NOBODY) is None
    assert not hlr.attached(NOBODY)


def test_a_device_is_attached_as_its_subscription_says_until_it_moves() -> None:
    hlr = register()
    assert hlr.attached("447100000002")
    assert not hlr.attached("447120000002")


def test_a_device_is_named_if_it_has_a_row_or_has_moved() -> None:
    hlr = register()
    assert hlr.named(ANNA)
    assert not hlr.named("447100000002")
    hlr.detach("447100000002")
    assert hlr.named("447100000002")


def test_a_row_in_a_population_is_still_one_of_its_numbers() -> None:
    hlr = register()
    assert hlr.member("447100000001") is SAME
    assert hlr.member(ANNA) is None


def test_a_device_that_moves_for_the_first_time_tells_before_it_does() -> None:
    hlr = register()
    told: list[tuple[str, bool]] = []
    hlr.on_named = lambda number: told.append((number, hlr.attached(number)))
    for _ in range(2):
        hlr.detach("447100000002")
        hlr.attach("447100000002")
    hlr.detach(ANNA)
    assert told == [("447100000002", True)]


def test_a_device_that_moves_tells_who_keeps_the_books_and_then_who_waits() -> None:
    hlr = register()
    told: list[object] = []
    hlr.moved = lambda number, attached: told.append((number, attached))
    hlr.on_attach = told.append
    assert hlr.detach(ANNA)
    assert not hlr.attached(ANNA)
    assert hlr.attach(ANNA)
    assert hlr.attached(ANNA)
    assert told == [(ANNA, False), (ANNA, True), ANNA]


def test_a_device_that_is_there_already_does_not_move_and_nobody_is_told() -> None:
    hlr = register()
    told: list[object] = []
    hlr.moved = lambda number, attached: told.append(number)
    hlr.on_attach = told.append
    assert not hlr.attach(ANNA)
    assert hlr.detach(ANNA)
    assert not hlr.detach(ANNA)
    assert told == [ANNA]


def test_a_register_that_nobody_listens_to_moves_devices_all_the_same() -> None:
    hlr = register()
    assert hlr.detach(ANNA)
    assert hlr.attach(ANNA)


def test_an_unknown_device_cannot_move_and_the_words_name_it_and_the_cure() -> None:
    hlr = register()
    for move in (hlr.attach, hlr.detach):
        with pytest.raises(UnknownDevice, match=rf"{NOBODY}.*\[\[devices\]\]") as caught:
            move(NOBODY)
        assert caught.value.number == NOBODY


def test_what_was_moved_before_a_restart_is_where_it_was() -> None:
    hlr = register(**{ANNA: False, "447100000005": False})
    assert not hlr.attached(ANNA)
    assert not hlr.attached("447100000005")
    assert "447100000005" in numbers(hlr)


def test_an_override_of_a_number_that_is_gone_is_left_out() -> None:
    hlr = register(**{NOBODY: True})
    assert not hlr.attached(NOBODY)
    assert NOBODY not in numbers(hlr)


def test_a_listing_shows_own_rows_and_touched_numbers_in_their_order() -> None:
    hlr = register()
    hlr.detach("447100000000")
    hlr.detach(ANNA)
    assert hlr.listing() == [
        ("447100000000", SAME, False),
        ("447100000001", OWN, True),
        (ANNA, OWN, False),
    ]


def test_a_touched_number_is_listed_once_however_often_it_moves() -> None:
    hlr = register()
    for _ in range(3):
        hlr.detach("447100000000")
        hlr.attach("447100000000")
    assert numbers(hlr).count("447100000000") == 1


def test_populations_are_listed_as_their_patterns() -> None:
    assert register().populations == (("4471########", SAME), ("44712#######", NARROW))


def test_a_population_whose_pattern_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'4471x'"):
        Hlr({}, [("4471x", SAME)])


def test_a_page_of_no_size_is_empty() -> None:
    assert register().listing("", -1) == []


@given(st.sets(st.integers(0, 999)), st.sets(st.integers(0, 999)), st.integers(1, 50))
def test_pages_joined_are_all_devices_once_in_order(
    own: set[int], touched: set[int], limit: int
) -> None:
    hlr = Hlr({f"44{n:03d}": OWN for n in own}, [("44###", SAME)])
    for n in touched:
        hlr.detach(f"44{n:03d}")
    seen: list[str] = []
    while page := numbers(hlr, seen[-1] if seen else "", limit):
        assert len(page) <= limit
        seen += page
    assert seen == sorted(f"44{n:03d}" for n in own | touched)
