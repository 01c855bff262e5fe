"""The measurement of decisions measures what it says, on a world small enough for a test."""

import random
from pathlib import Path

import msgspec
import pytest

from bench.routing import Figures, main, measure, plan_of_prefixes
from bench.subscribers import device, fill, known, register_of
from smsc.delivery.directory import Unread
from smsc_routing.number import is_number


async def test_every_figure_is_measured(tmp_path: Path) -> None:
    figures = await measure(tmp_path, devices=300, prefixes=40, decisions=50)
    assert (figures.devices, figures.prefixes) == (300, 40)
    assert len(figures.microseconds) == 13
    assert all(microseconds > 0 for microseconds in figures.microseconds.values())
    assert min(figures.octets_a_device, figures.octets_a_bucket, figures.build_seconds) > 0
    assert figures.octets_a_stored_device > 0


def test_one_device_in_a_hundred_has_a_key_of_its_own() -> None:
    assert sum(bool(device(place).overrides) for place in range(1000)) == 10


async def test_devices_are_known_by_the_policy_given_once_they_are_read(tmp_path: Path) -> None:
    await fill(tmp_path, 200)
    numbers = [device(place).number for place in (99, 100)]
    async with register_of(tmp_path, '{"mt": false}') as register:
        with pytest.raises(Unread):
            register.device(numbers[0])
        await known(register, numbers)
        policies = [register.device(number) for number in numbers]
    assert [policy is not None and policy.mt for policy in policies] == [False, False]
    assert policies[0] != policies[1]


def test_prefixes_are_different_and_have_1_to_8_digits() -> None:
    prefixes = plan_of_prefixes(500, random.Random(1))
    assert len(set(prefixes)) == 500
    assert all(is_number(prefix) and len(prefix) <= 8 for prefix in prefixes)


@pytest.mark.parametrize("json", [False, True])
def test_the_figures_are_told_to_people_and_programs(
    json: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(devices=200, prefixes=20, decisions=50, folder=tmp_path, json=json) == 0
    told = capsys.readouterr().out
    if json:
        assert msgspec.json.decode(told, type=Figures).devices == 200
    else:
        assert "application to device" in told
        assert "200 devices" in told
