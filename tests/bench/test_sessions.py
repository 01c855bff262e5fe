"""Few binds and many, in small."""

from bench import sessions


async def test_the_same_load_goes_over_few_binds_and_over_many() -> None:
    figures = await sessions.measure(rounds=1, count=500, many=20)
    for pair in (figures.accept, figures.end_to_end):
        assert pair.few.rate > 0 and pair.many.rate > 0
        assert pair.ratio == pair.many.rate / pair.few.rate
