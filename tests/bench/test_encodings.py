"""The comparison of encodings: everybody does the same job, and the report tells it."""

import msgspec
import pytest

from bench.encodings import OURS, TEXTS, Figure, compare, jobs, measured, slowest_lead
from smsc_encodings import gsm7

FLOOR_READS_AS_LATIN_1 = "floor"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_fills_a_short_message(text: str) -> None:
    assert gsm7.count_septets(text) == 160


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_everybody_writes_and_reads_the_same(text: str) -> None:
    results: dict[str, set[object]] = {}
    for job, who, work in jobs(text):
        if who != FLOOR_READS_AS_LATIN_1:
            result = work()
            told = result.hex().upper() if isinstance(result, bytes) else result
            results.setdefault(job, set()).add(told)
    assert {job: len(told) for job, told in results.items()} == dict.fromkeys(results, 1)


def test_every_package_is_measured() -> None:
    who = {figure.who for figure in measured("a", rounds=1, calls=1)}
    assert who == {"floor", OURS, "gsm0338", "gsmcodecs", "smsutil", "smspdudecoder"}


def test_the_lead_is_the_smallest_over_what_is_python_per_character() -> None:
    figures = [
        Figure("encode", OURS, 2.0),
        Figure("encode", "smsutil", 3.0),
        Figure("encode", "gsm0338", 40.0),
        Figure("encode", "gsmcodecs", 30.0),
    ]
    assert slowest_lead(figures) == 15.0
    assert slowest_lead(figures[:2]) is None


def test_the_figures_are_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    compare(rounds=1, calls=1, json=True)
    told = msgspec.json.decode(capsys.readouterr().out, type=dict[str, list[Figure]])
    assert list(told) == list(TEXTS)


def test_the_figures_are_told_as_tables(capsys: pytest.CaptureFixture[str]) -> None:
    compare(rounds=1, calls=1)
    told = capsys.readouterr().out
    assert all(name in told for name in TEXTS)
    assert "times as long" in told
