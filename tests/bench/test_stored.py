"""What stored messages cost is measured as it says, with few enough for a test."""

from pathlib import Path

import msgspec
import pytest

from bench import stored, waiting
from bench.stored import Figures, main, measure
from smsc.message import to_device
from smsc.store.sqlite import SqliteStore


async def test_every_figure_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "SECONDS_BEFORE_THE_KILL", 0.05)
    monkeypatch.setattr(stored, "SPREAD", 10)
    monkeypatch.setattr(waiting, "READS", 5)
    (figures,) = await measure([200], rounds=1, count=100, folder=tmp_path)
    assert figures.messages == 200
    measured = msgspec.structs.asdict(figures)
    assert all(value > 0 for name, value in measured.items() if name != "greeting_seconds")
    assert figures.read_us <= figures.read_p99_us
    assert figures.accept_ratio == figures.accept / figures.accept_empty


async def test_a_filled_store_has_so_many_messages_for_each_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "IN_A_BATCH", 30)
    await waiting.fill(tmp_path, 100)
    store = SqliteStore(tmp_path / waiting.FILE)
    opened = await store.open(0)
    names = [to_device(number) for number in waiting.devices(100)]
    queues = await store.waiting(names, 1000, 0, in_order=True)
    await store.close()
    assert (opened.waiting, opened.last_id, opened.requeued) == (100, 100, 0)
    assert [len(places) for places in queues.values()] == [waiting.MESSAGES_A_DEVICE] * 10


def test_the_devices_of_fewer_messages_are_among_those_of_more() -> None:
    assert waiting.devices(5000)[:10] == waiting.devices(100)


@pytest.mark.parametrize("as_json", [True, False])
def test_figures_are_told_of_each_point(
    as_json: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def measured(points: list[int], *_: object) -> list[Figures]:
        return [msgspec.structs.replace(FIGURES, messages=point) for point in points]

    monkeypatch.setattr(stored, "measure", measured)
    assert main(points=[1000, 20_000], json=as_json) == 0
    said = capsys.readouterr().out
    if as_json:
        found = msgspec.json.decode(said, type=list[Figures])
        assert [each.messages for each in found] == [1000, 20_000]
    else:
        assert "1,000" in said and "20,000" in said


FIGURES = Figures(
    messages=1,
    octets_a_message=1.0,
    fill_rate=1.0,
    start_seconds=1.0,
    start_empty_seconds=1.0,
    restart_seconds=1.0,
    accept=1.0,
    accept_empty=1.0,
    memory_mb=1.0,
    memory_loaded_mb=1.0,
    memory_loaded_empty_mb=1.0,
    greeting_seconds=1.0,
    read_first_us=1.0,
    read_us=1.0,
    read_p99_us=1.0,
    attach_ms=1.0,
)
