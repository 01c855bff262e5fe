"""Links measured, in small."""

from bench.links import WINDOWS, measure


async def test_every_near_end_is_measured_at_every_far_end() -> None:
    figures = await measure(rounds=1, count=50)
    nears = ["aiosmpplib", *(f"link, window {window}" for window in WINDOWS)]
    assert [(each.far, each.near) for each in figures] == [
        (far, near) for far in ("floor", "SMSC") for near in nears
    ]
    assert all(each.rate > 0 and each.ratio > 0 for each in figures)
