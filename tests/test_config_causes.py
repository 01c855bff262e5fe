"""What follows on causes of failure, as the configuration says it: mistakes name place and cure."""

import pytest

from smsc.config import ConfigError, parse

MISTAKES = {
    "[delivery]\njitter = 0.6\n": (
        "smsc.toml:2: delivery.jitter = 0.6: write a share from 0 to 0.5, such as 0.1"
    ),
    "[[delivery.causes]]\nerror = 0\n": (
        "smsc.toml:2: delivery.causes[0].error = 0: a cause is a number from 1 to 999"
    ),
    "[[delivery.causes]]\nerror = 6\n[[delivery.causes]]\nerror = 6\n": (
        "smsc.toml:4: delivery.causes[1].error = 6: stands in delivery.causes[0] too;"
        " keep one of them"
    ),
    '[[delivery.causes]]\nerror = 6\npermanent = true\nretry = ["1m"]\n': (
        "smsc.toml:4: delivery.causes[0].retry: nothing is tried again if permanent;"
        " drop one of them"
    ),
    '[[devices]]\nmsisdn = "491"\nmemory = -1\n': (
        "smsc.toml:3: devices[0].memory = -1: write 1 to 1000000, or 0 for no end"
    ),
    '[[delivery.causes]]\nerror = 6\nretry = ["0s"]\n': (
        'smsc.toml:3: delivery.causes[0].retry: no delay at all; write delays such as ["1m"]'
    ),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_its_cure(text: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse(text, "smsc.toml")
    assert str(told.value) == MISTAKES[text]


def test_causes_that_nobody_mentions_have_no_course_of_their_own() -> None:
    assert parse("", "smsc.toml").delivery.causes == ()
