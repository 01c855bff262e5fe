"""How long what has ended is kept, as the configuration says it."""

import pytest

from smsc import doors
from smsc.config import ConfigError, parse
from smsc.store.record import Keep

DAY = 24 * 3_600_000
MISTAKES = {
    '[history]\nrecords = "59m"\ntexts = "0s"\n': (
        "smsc.toml:2: history.records = '59m': senders ask for what has just ended;"
        " write 1h or more"
    ),
    '[history]\nrecords = "7d"\ntexts = "8d"\n': (
        "smsc.toml:3: history.texts = '8d': a text goes with its record; write no more than records"
    ),
    '[history]\nrecords = "366d"\n': (
        "smsc.toml:2: history.records = '366d': longer than a year; write \"365d\" or less"
    ),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_its_cure(text: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse(text, "smsc.toml")
    assert str(told.value) == MISTAKES[text]


def test_a_month_is_kept_where_nothing_is_said() -> None:
    assert doors.keep(parse("", "smsc.toml").history) == Keep(30 * DAY, 30 * DAY)


def test_texts_are_kept_as_long_as_records_where_nothing_else_is_said() -> None:
    text = '[history]\nrecords = "7d"\n'
    assert doors.keep(parse(text, "smsc.toml").history) == Keep(7 * DAY, 7 * DAY)


def test_texts_may_go_at_once() -> None:
    text = '[history]\nrecords = "7d"\ntexts = "0s"\n'
    assert doors.keep(parse(text, "smsc.toml").history) == Keep(7 * DAY, 0)
