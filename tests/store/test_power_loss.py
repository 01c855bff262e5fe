"""The power is cut at any moment: what was acknowledged is there, and nothing is half there.

`python -m tests.store` cuts much more often, each time with other work.
"""

from pathlib import Path

import pytest

from tests.store.power import STORIES, cut_everywhere, often

BATCHES = 12
BETWEEN = 0.05
CUTS = 150


@pytest.mark.parametrize("story", STORIES)
async def test_nothing_that_was_acknowledged_is_lost(
    story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    often(monkeypatch)
    assert await cut_everywhere(STORIES[story], tmp_path, 1, BATCHES, BETWEEN) > CUTS
