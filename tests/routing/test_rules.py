"""The rules of an operator: who may send under which name, what, and when."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.hours import parse_hours
from smsc_routing.local_time import UNIVERSAL, LocalTime
from smsc_routing.rules import (
    LONGEST_EXPRESSION,
    MOST_EXPRESSIONS,
    AllowedNames,
    Asked,
    BlockedSources,
    Content,
    DarkHours,
    ForbiddenText,
    Kind,
    MostSegments,
    NoBinary,
    Objection,
    Rule,
    Sources,
    check_expressions,
    look_at_text,
)
from tests.routing.zones import BERLIN, milliseconds

NOON = milliseconds("2026-11-20T11:00")
HELLO = Asked("FLEET", "491700000001", Content(1, False, "hello"))
LINKS = ForbiddenText("no-links", (re.compile(r"https?://").search,))
NIGHT = DarkHours("quiet-nights", parse_hours("22:00-06:00"), LocalTime(BERLIN))


def objection(rule: Rule, now: int = NOON, **asked: object) -> Objection | None:
    return rule.objection(HELLO._replace(**asked), now)  # type: ignore[arg-type]


# --- senders ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patterns", "address", "among"),
    [
        (["FLEET"], "FLEET", True),
        (["FLEET"], "Fleet", True),
        (["FLEET"], "FLEETS", False),
        (["FLEET*"], "FLEET", True),
        (["FLEET*"], "fleets", True),
        (["FLEET*"], "FLEE", False),
        (["4917*", "49*"], "4930", True),
        (["4917*", "4417*"], "4416", False),
        (["491700000001"], "491700000001", True),
        (["*"], "anything", True),
        ([], "anything", False),
    ],
)
def test_a_pattern_is_a_whole_address_or_a_beginning_and_a_star(
    patterns: list[str], address: str, among: bool
) -> None:
    assert (address in Sources(patterns)) is among


@pytest.mark.parametrize("pattern", ["", "A*B", "**", "*A"])
def test_a_pattern_has_no_star_but_at_its_end(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"write a whole address, or its beginning and one '\*'"):
        Sources(["FLEET", pattern])


@given(st.lists(st.text("ab*", min_size=1, max_size=3)), st.text("abAB", max_size=4))
def test_sources_answer_as_reading_all_patterns_would(patterns: list[str], address: str) -> None:
    patterns = [pattern for pattern in patterns if "*" not in pattern[:-1]]
    naive = any(
        address.lower().startswith(pattern[:-1])
        if pattern.endswith("*")
        else address.lower() == pattern
        for pattern in patterns
    )
    assert (address in Sources(patterns)) is naive


def test_a_name_must_be_among_those_allowed_and_a_number_is_no_name() -> None:
    rule = AllowedNames("own-names", Sources(["FLEET", "TRACK*"]))
    assert objection(rule) is None
    assert objection(rule, source="TRACK-7") is None
    assert objection(rule, source="491700000001") is None
    assert objection(rule, source="BANK") == Objection(
        Kind.SENDER, "'BANK' is not among the names allowed"
    )


def test_a_blocked_source_is_refused_be_it_a_name_or_a_number() -> None:
    rule = BlockedSources("spammers", Sources(["WINNER*", "4490*"]))
    assert objection(rule) is None
    for source in ("Winner24", "44900001"):
        assert objection(rule, source=source) == Objection(
            Kind.SENDER, f"messages from {source} are blocked"
        )


# --- content ----------------------------------------------------------------------------------


def test_a_message_has_at_most_so_many_segments() -> None:
    rule = MostSegments("short", 3)
    assert objection(rule, content=Content(3)) is None
    assert objection(rule, content=Content(4)) == Objection(
        Kind.LENGTH, "4 segments are more than 3"
    )


def test_binary_messages_can_be_refused() -> None:
    rule = NoBinary("text-only")
    assert objection(rule) is None
    assert objection(rule, content=Content(1, True)) == Objection(
        Kind.CONTENT, "binary messages are not allowed"
    )


def test_text_with_a_forbidden_expression_in_it_is_refused() -> None:
    assert objection(LINKS) is None
    assert objection(LINKS, content=Content(1, False, "see http://x")) == Objection(
        Kind.CONTENT, "the text has something in it that is forbidden by expression 1"
    )


def test_every_expression_is_looked_for() -> None:
    either = LINKS._replace(searches=(*LINKS.searches, re.compile("prize").search))
    assert objection(either, content=Content(1, False, "a prize")) is not None


def test_what_is_binary_has_no_text_to_be_searched() -> None:
    def search(text: str) -> object:
        raise AssertionError("searched")

    assert objection(ForbiddenText("any", (search,)), content=Content(1, True)) is None


def test_only_rules_on_text_need_the_text() -> None:
    others = (NoBinary("text-only"), MostSegments("short", 3), NIGHT)
    assert not look_at_text(others)
    assert look_at_text((*others, LINKS))


def test_expressions_are_bounded_in_length_and_number() -> None:
    check_expressions(["x" * LONGEST_EXPRESSION] * MOST_EXPRESSIONS)
    with pytest.raises(ValueError, match=r"'xxx.*' has 257 characters: write 1 to 256") as refusal:
        check_expressions(["x" * 257])
    assert len(str(refusal.value)) < 150
    with pytest.raises(ValueError, match="expression '' has 0 characters"):
        check_expressions([""])
    with pytest.raises(ValueError, match="more than 64 expressions: join some"):
        check_expressions("x" * (MOST_EXPRESSIONS + 1))


# --- hours ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "over"),
    [
        ("2026-11-20T21:00", "2026-11-21T05:00"),
        ("2026-11-21T04:59", "2026-11-21T05:00"),
        ("2026-11-22T23:00", "2026-11-23T05:00"),
        ("2026-03-28T23:00", "2026-03-29T04:00"),
        ("2026-10-24T22:00", "2026-10-25T05:00"),
    ],
)
def test_nothing_passes_in_dark_hours_and_it_is_told_when_they_are_over(
    now: str, over: str
) -> None:
    wait = milliseconds(over) - milliseconds(now)
    refusal = objection(NIGHT, milliseconds(now))
    assert refusal == Objection(Kind.HOURS, "nothing is sent at 22:00-06:00", wait)
    assert objection(NIGHT, milliseconds(over)) is None


@pytest.mark.parametrize("now", ["2026-11-20T20:59", "2026-11-20T05:00"])
def test_what_is_not_dark_passes(now: str) -> None:
    assert objection(NIGHT, milliseconds(now)) is None


def test_hours_that_never_end_give_nothing_to_wait_for() -> None:
    always = DarkHours("closed", parse_hours("mon-sun"), UNIVERSAL)
    assert objection(always) == Objection(Kind.HOURS, "nothing is sent at mon-sun", 0)


@given(st.integers(0, 40_000), st.integers(0, 59_999))
def test_a_message_that_waits_as_long_as_it_is_told_comes_at_the_first_light(
    minutes: int, more: int
) -> None:
    now = milliseconds("2026-10-20T00:00") + minutes * 60_000 + more
    refusal = objection(NIGHT, now)
    if refusal is not None:
        assert refusal.retry_after_ms > 0
        assert objection(NIGHT, now + refusal.retry_after_ms) is None
        assert objection(NIGHT, now + refusal.retry_after_ms - 1) is not None
