"""Webhooks called as fast as they take it, in small."""

from bench.webhooks import measure


async def test_floor_and_webhook_are_measured_in_one_run() -> None:
    figures = await measure(count=50, concurrency=4, rounds=1)
    assert figures.floor > 0
    assert figures.webhook > 0
