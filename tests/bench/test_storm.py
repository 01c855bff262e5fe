"""A storm, and what expires at once, in small."""

from bench import expiry, storm


async def test_all_come_through_the_storm_and_who_submits_meanwhile_is_measured() -> None:
    figures = await storm.measure(devices=300, rate=100.0)
    assert figures.accounts["many"].messages == 270
    assert figures.accounts["few"].messages == 30
    assert 0 < figures.accounts["many"].half <= figures.accounts["many"].all
    assert figures.duplicates == 0
    assert figures.storm.answer_p99 > 0 and figures.storm.receipt_p99 > 0
    assert figures.delivered > 0 and figures.of_the_pipeline > 0
    assert figures.rss_peak >= figures.rss_before > 0


async def test_all_expire_at_once_and_after_a_restart_none_is_delivered() -> None:
    figures = await expiry.measure(messages=200, rate=100.0)
    assert figures.expiry.answer_p99 > 0
    assert (figures.restart_expired, figures.restart_delivered) == (200, 0)
