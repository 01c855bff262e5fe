"""Cuts the power under stores at work, with new work again and again, and says how often.

python -m tests.store [--cuts 100000] [--seed 1]
"""

import argparse
import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import pytest

from tests.store.power import STORIES, cut_everywhere, often

BATCHES = 30
BETWEEN = 0.2


def main() -> None:
    """Go through the stories until the power was cut so often."""
    arguments = argparse.ArgumentParser(prog="python -m tests.store")
    arguments.add_argument("--cuts", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=1)
    wanted = arguments.parse_args()
    cuts, seed, begun = 0, wanted.seed, perf_counter()
    with pytest.MonkeyPatch.context() as patch:
        often(patch)
        while cuts < wanted.cuts:
            for name, story in STORIES.items():
                with TemporaryDirectory() as folder:
                    cuts += asyncio.run(cut_everywhere(story, Path(folder), seed, BATCHES, BETWEEN))
                print(f"seed {seed}, {name}: {cuts} cuts, {perf_counter() - begun:.0f} s")
            seed += 1


if __name__ == "__main__":
    main()
