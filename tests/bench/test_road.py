"""The road, measured in small."""

from bench import road
from bench.road import DATAGRAM, Row, delivered
from bench.servers import loaded, smsc


async def test_every_load_is_measured_in_every_round_and_at_half_of_its_rate() -> None:
    figures = await road.measure(rounds=2, count=300, seconds=0.2)
    for row in (figures.floor, figures.accept, figures.datagram, figures.end_to_end):
        assert len(row.rates) == 2 and min(row.rates) > 0
        assert figures.ratio(row) > 0
    for row in (figures.accept, figures.datagram, figures.end_to_end):
        assert row.p99_at_half is not None and row.p99_at_half > 0
        assert sum(times for _, times in row.latency_at_half) > 0


async def test_datagrams_are_delivered_as_the_server_counts_them() -> None:
    async with smsc() as running:
        run = await loaded(running, road._counting(DATAGRAM, 200))
        assert await delivered(running, run.report.submitted) == 200


async def test_the_rate_of_each_load_is_told_over_time() -> None:
    over_time = await road.watch(0.3)
    assert over_time.keys() == {"accept, durable", "datagrams", "end to end"}
    assert all(sum(each.counts) > 0 for each in over_time.values())


def test_a_rate_is_the_median_of_its_rounds() -> None:
    row = Row(rates=[9.0, 1.0, 5.0], server_cpu=1, loop_cpu=1, loop_waited=0, generator_cpu=0)
    assert row.rate == 5.0
