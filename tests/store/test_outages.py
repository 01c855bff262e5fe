"""What a store remembers of outages: those that have begun and haven't ended."""

from smsc.store.store import Batch
from tests.store.samples import Shelf


def changes(**outages: bool) -> Batch:
    """Make the batch in which outages of these digits begin or end."""
    filled = Batch()
    filled.outages.update({f"{name[1:]}##": begun for name, begun in outages.items()})
    return filled


async def test_an_outage_is_there_until_it_ends(shelf: Shelf) -> None:
    await shelf.write(changes(_49=True, _44=True))
    assert (await shelf.reopen()).outages == ("44##", "49##")
    await shelf.write(changes(_49=False, _33=True))
    assert (await shelf.reopen()).outages == ("33##", "44##")


async def test_one_that_begins_or_ends_twice_does_so_once(shelf: Shelf) -> None:
    for _ in range(2):
        await shelf.write(changes(_49=True, _44=False))
    assert (await shelf.reopen()).outages == ("49##",)


async def test_a_batch_with_an_outage_only_is_worth_writing(shelf: Shelf) -> None:
    assert changes(_49=False)
    assert not Batch()
