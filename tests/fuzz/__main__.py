"""Throws mutants at the codec, at sessions and at the sockets of an SMSC, and says what broke.

    python -m tests.fuzz [--codec 1000000] [--session 100000] [--socket 10000] [--seed 1]

Whatever broke something is kept in tests/fuzz/corpus, where a test replays it for ever.
"""

import argparse
import asyncio
import gc
import hashlib
import logging
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import structlog

from tests.fuzz.mutations import Mutator
from tests.fuzz.targets import Sessions, codec, doors

HONEST = 0.98
"""How many of the mutants in a stream say their own length."""
CORPUS = Path(__file__).parent / "corpus"
MUTANTS_A_CONNECTION = 50


def keep(target: str, octets: bytes, error: BaseException) -> None:
    """Write what broke something to the corpus."""
    name = f"{target}_{hashlib.sha256(octets).hexdigest()[:12]}.hex"
    lines = [octets[at : at + 32].hex() for at in range(0, len(octets), 32)]
    words = " ".join(f"{type(error).__name__}: {error}".split())
    (CORPUS / name).write_text(f"# {words}\n" + "\n".join(lines) + "\n", "utf-8")
    print(f"{target}: kept as {name}: {words}", file=sys.stderr)


def fuzz_codec(count: int, seed: int) -> int:
    """Throw mutants at the codec; return how many broke it."""
    mutator, broken, read, slowest, begun = Mutator(seed), 0, 0, 0.0, perf_counter()
    for _ in range(count):
        octets = mutator.mutant()
        started = perf_counter()
        try:
            read += codec(octets)
        except Exception as error:
            broken += 1
            keep("codec", octets, error)
        slowest = max(slowest, perf_counter() - started)
    told("codec", count, begun)
    print(f"  {read} could be read, {count - read} not; the slowest took {slowest * 1000:.1f} ms")
    return broken


def fuzz_sessions(count: int, seed: int) -> int:
    """Throw mutants at sessions; return how many broke one."""
    mutator, sessions, broken = Mutator(seed, HONEST), Sessions(seed), 0
    begun, slowest = perf_counter(), 0.0
    gc.collect()
    blocks = sys.getallocatedblocks()
    for _ in range(count):
        octets = mutator.mutant()
        started = perf_counter()
        try:
            sessions.take(octets)
        except Exception as error:
            broken += 1
            keep("session", bytes(sessions.stream), error)
            sessions = Sessions(seed + broken)
        slowest = max(slowest, perf_counter() - started)
    told("session", count, begun)
    gc.collect()
    grown = sys.getallocatedblocks() - blocks
    print(f"  {sessions.begun} sessions; the slowest step took {slowest * 1000:.1f} ms;")
    print(f"  {grown} more blocks of memory are in use than before")
    return broken


async def fuzz_sockets(count: int, seed: int) -> int:
    """Throw mutants at a running SMSC; return how many connections broke it."""
    mutator, broken, begun = Mutator(seed, HONEST), 0, perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        async with doors(Path(folder)) as target:
            for _ in range(0, count, MUTANTS_A_CONNECTION):
                mutants = [mutator.mutant() for _ in range(MUTANTS_A_CONNECTION)]
                try:
                    await target.take(mutants)
                except Exception as error:
                    broken += 1
                    keep("socket", b"".join(mutants), error)
                    target.failures.clear()
    told("socket", count, begun)
    return broken


def told(target: str, count: int, begun: float) -> None:
    """Print how long a target took."""
    seconds = perf_counter() - begun
    print(f"{target}: {count} mutants in {seconds:.1f} s")


def main() -> int:
    """Fuzz as the command line says; 1 if anything broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--codec", type=int, default=1_000_000, metavar="MUTANTS")
    parser.add_argument("--session", type=int, default=100_000, metavar="MUTANTS")
    parser.add_argument("--socket", type=int, default=10_000, metavar="MUTANTS")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    broken = fuzz_codec(asked.codec, asked.seed) + fuzz_sessions(asked.session, asked.seed)
    broken += asyncio.run(fuzz_sockets(asked.socket, asked.seed))
    print(f"{broken} broke something" if broken else "nothing broke")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
