"""Messages over HTTP, measured in small."""

import pytest

from bench import http
from bench.drive import LoadError
from bench.http import ACCOUNT, Beside, batch, noop, run, single
from bench.http_load import Orders
from bench.servers import server, smsc


async def test_everything_is_measured_in_every_round_beside_the_floor() -> None:
    figures = await http.measure(rounds=2, seconds=0.3)
    for row in (figures.floor, figures.aiohttp, figures.single, figures.batch):
        assert len(row.rates) == 2 and min(row.rates) > 0
        assert figures.ratio(row) > 0 and row.p99 > 0
    for beside in (figures.beside_single, figures.beside_batch):
        assert min(beside.alone, beside.meanwhile, beside.rate) > 0


@pytest.mark.parametrize("framework", ["ours", "aiohttp"])
async def test_no_more_is_asked_for_than_is_ordered(framework: str) -> None:
    async with server("-m", "bench.noop", "--framework", framework) as running:
        ran = await run(running, Orders(kind="get", rate=20, seconds=0.5))
    assert 0 < ran.load.rate <= 20


async def test_a_refusal_ends_the_run_and_is_told() -> None:
    async with smsc(ACCOUNT) as running:
        nowhere = Orders(kind="get", path="/nowhere", seconds=0.1)
        with pytest.raises(LoadError, match="404"):
            await run(running, nowhere)


def test_the_kinds_of_requests_differ_in_what_they_ask_for() -> None:
    kinds = [noop(1.0), single(1.0), batch(1.0)]
    assert [orders.kind for orders in kinds] == ["get", "send", "send_all"]
    assert [orders.messages for orders in kinds] == [1, 1, http.MESSAGES_A_BATCH]


def test_how_many_times_as_long_an_answer_takes_is_told() -> None:
    assert Beside(alone=2.0, meanwhile=3.0, rate=1.0, asked=1.0).ratio == 1.5
