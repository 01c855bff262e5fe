"""The measurement of devices measures what it says, with few enough for a test."""

from pathlib import Path

import msgspec
import pytest

from bench.devices import Figures, Population, main, measured
from smsc.subscriber import Identity


async def test_every_figure_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.devices.SECONDS_ALONE", 0.01)
    figures = await measured(tmp_path, 300, 20, False)
    assert figures.devices == 300
    assert len(figures.writes) == 4
    assert all(0 < each.median <= each.longest for each in figures.writes.values())
    assert len(figures.microseconds) == 5
    assert all(microseconds > 0 for microseconds in figures.microseconds.values())
    assert min(figures.import_seconds, figures.replace_seconds, figures.octets_a_device) > 0


@pytest.mark.parametrize("shuffled", [False, True])
def test_devices_are_ever_the_same_and_each_has_identities_of_its_own(shuffled: bool) -> None:
    devices = Population(500, shuffled)
    assert devices[:] == Population(500, shuffled)[:]
    numbers = [each.number for each in devices]
    assert (numbers == sorted(numbers)) is not shuffled
    for kind in (Identity.IMSI, Identity.ICCID, Identity.IMEI):
        assert len({each.identities[kind] for each in devices}) == 500


@pytest.mark.parametrize("json", [False, True])
def test_the_figures_are_told_to_people_and_programs(
    json: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bench.devices.SECONDS_ALONE", 0.01)
    assert main(devices=120, lookups=9, folder=tmp_path, json=json) == 0
    told = capsys.readouterr().out
    if json:
        assert msgspec.json.decode(told, type=Figures).devices == 120
    else:
        assert "beside an import" in told
        assert "120 devices" in told
    assert not list(tmp_path.iterdir())
