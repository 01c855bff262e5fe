"""A flood and a polite account, in small."""

from bench.fair import measure


async def test_the_polite_account_is_measured_alone_and_beside_a_flood() -> None:
    figures = await measure(seconds=0.5, rate=20.0, windows=[5], sessions=2)
    assert figures.alone.receipt_p99 >= figures.alone.receipt_p50 > 0
    (flood,) = figures.floods.values()
    assert figures.floods.keys() == {10}
    assert flood.answer_p99 > 0 and flood.flood_accepted > 0
