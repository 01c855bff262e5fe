"""Mutants of PDUs, a modest number each time; `python -m tests.fuzz` throws a million."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from smsc.smpp.pdu import REQUESTS, RESPONSES
from tests.fuzz.__main__ import CORPUS, HONEST, fuzz_codec, keep
from tests.fuzz.mutations import MUTATIONS, Mutator, read, seeds
from tests.fuzz.targets import Sessions, codec, doors

ROOT = Path(__file__).parents[2]
MUTANTS = 20_000
MUTANTS_OF_SESSIONS = 5_000
MUTANTS_A_CONNECTION = 50
CONNECTIONS = 10
BLOCKS = 2_000

kept = pytest.mark.parametrize("path", sorted(CORPUS.glob("*.hex")), ids=lambda path: path.stem)


def test_the_codec_reads_or_refuses_every_mutant() -> None:
    mutator = Mutator(1)
    read = [codec(mutator.mutant()) for _ in range(MUTANTS)]
    assert {*read} == {True, False}


def test_a_session_survives_every_mutant_and_says_nothing_but_pdus() -> None:
    mutator, sessions = Mutator(2, HONEST), Sessions(2)
    for _ in range(MUTANTS_OF_SESSIONS):
        sessions.take(mutator.mutant())
    assert sessions.begun > 1


def test_no_memory_is_left_behind() -> None:
    mutator, sessions = Mutator(3, HONEST), Sessions(3)
    in_use = 0
    for _ in range(2):
        # What is made once is made in the first round.
        gc.collect()
        in_use = sys.getallocatedblocks()
        for _ in range(MUTANTS_OF_SESSIONS):
            sessions.take(mutator.mutant())
    gc.collect()
    assert sys.getallocatedblocks() - in_use < BLOCKS


async def test_a_server_serves_its_neighbours_while_mutants_come_in(tmp_path: Path) -> None:
    mutator = Mutator(4, HONEST)
    async with doors(tmp_path) as target:
        for _ in range(CONNECTIONS):
            await target.take([mutator.mutant() for _ in range(MUTANTS_A_CONNECTION)])


@kept
def test_what_once_broke_something_breaks_the_codec_no_more(path: Path) -> None:
    codec(read(path))


@kept
def test_what_once_broke_something_breaks_no_session_any_more(path: Path) -> None:
    for seed in range(10):
        Sessions(seed).take(read(path))


async def test_what_once_broke_something_breaks_no_server_any_more(tmp_path: Path) -> None:
    async with doors(tmp_path) as target:
        for path in sorted(CORPUS.glob("*.hex")):
            await target.take([read(path)])


def test_what_breaks_something_is_kept_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fuzz.__main__.CORPUS", tmp_path)
    octets = bytes(range(256))
    keep("codec", octets, AssertionError("of two\nlines"))
    (path,) = tmp_path.iterdir()
    assert path.read_text().startswith("# AssertionError: of two lines\n0001")
    assert read(path) == octets


def test_the_command_keeps_what_breaks_something_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(octets: bytes) -> bool:
        raise LookupError(len(octets))

    monkeypatch.setattr("tests.fuzz.__main__.CORPUS", tmp_path)
    monkeypatch.setattr("tests.fuzz.__main__.codec", breaks)
    assert fuzz_codec(10, seed=1) == 10
    assert len([*tmp_path.iterdir()]) == 10


def test_the_command_runs_and_says_that_nothing_broke() -> None:
    numbers = ["--codec", "100", "--session", "100", "--socket", "100", "--seed", "8"]
    command = [sys.executable, "-m", "tests.fuzz", *numbers]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("nothing broke\n")


def test_mutants_are_made_of_every_pdu() -> None:
    commands = {int.from_bytes(octets[4:8], "big") for octets in seeds()}
    assert commands == {kind.command_id for kind in REQUESTS + RESPONSES}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_every_mutation_changes_something(mutation: object) -> None:
    assert callable(mutation)
    mutator = Mutator(5)
    assert any(mutation(mutator, bytearray(octets)) != octets for octets in mutator.seeds)


def test_the_same_seed_makes_the_same_mutants() -> None:
    first, second, other = Mutator(6), Mutator(6), Mutator(7)
    mutants = [first.mutant() for _ in range(100)]
    assert [second.mutant() for _ in range(100)] == mutants
    assert [other.mutant() for _ in range(100)] != mutants
