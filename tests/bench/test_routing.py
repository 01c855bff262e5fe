"""The measurement of decisions measures what it says, on a world small enough for a test."""

import random

import msgspec
import pytest

from bench.routing import Figures, main, measure, plan_of_prefixes, population
from smsc_routing.number import is_number


def test_every_figure_is_measured() -> None:
    figures = measure(devices=300, prefixes=40, decisions=50)
    assert (figures.devices, figures.prefixes) == (300, 40)
    assert len(figures.microseconds) == 11
    assert all(microseconds > 0 for microseconds in figures.microseconds.values())
    assert min(figures.octets_a_device, figures.octets_a_bucket, figures.build_seconds) > 0


def test_one_device_in_a_hundred_has_a_policy_of_its_own() -> None:
    names = [policy.name for policy in population(1000).values()]
    assert (names.count("group"), names.count("own")) == (990, 10)


def test_prefixes_are_different_and_have_1_to_8_digits() -> None:
    prefixes = plan_of_prefixes(500, random.Random(1))
    assert len(set(prefixes)) == 500
    assert all(is_number(prefix) and len(prefix) <= 8 for prefix in prefixes)


@pytest.mark.parametrize("json", [False, True])
def test_the_figures_are_told_to_people_and_programs(
    json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(devices=200, prefixes=20, decisions=50, json=json) == 0
    told = capsys.readouterr().out
    if json:
        assert msgspec.json.decode(told, type=Figures).devices == 200
    else:
        assert "application to device" in told
        assert "200 devices" in told
