"""The storm of binds, in small."""

from bench.binds import Storm, measure


async def test_all_who_come_are_bound_and_nobody_who_submits_is_refused() -> None:
    storm = Storm(idle=20, busy=4, accounts=2, binds=200.0, submits=100.0, seconds=0.3)
    figures = await measure(storm)
    assert figures.bound == 20
    assert figures.refused == 0
    assert figures.bind_ms["p99"] > 0
    assert figures.p99_meanwhile_ms > 0
