"""Memory, in small."""

from bench import memory


async def test_memory_is_measured_at_the_start_and_of_all_that_could_take_some() -> None:
    figures = await memory.measure(devices=200, seconds_to_rest=0.01)
    assert figures.at_start > 1_000_000
    assert figures.warm > 1_000_000
    assert (figures.devices, figures.stored) == (200, 200 * memory.STORED_EACH)
