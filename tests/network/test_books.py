"""The register's books: what becomes of devices is on the page, and held until that is durable."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smsc.delivery.page import Page
from smsc.subscriber import Device
from tests.network.town import CROWD, PROMPT, Town

THERE = Device(number=PROMPT)
GONE = Device(number=PROMPT, attached=False)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path / "smsc.db", most=1)
    await town.open()
    yield town
    town.store.clear_up()
    await town.close()


async def test_a_move_is_in_the_store_when_its_page_is_durable(town: Town) -> None:
    await town.move(PROMPT, attached=False)
    await town.move(CROWD, attached=False)
    await town.ledger.written()
    kept = await town.store.devices([PROMPT, CROWD])
    device = kept[PROMPT]
    assert isinstance(device, Device) and not device.attached
    assert kept[CROWD] is False


async def test_a_device_that_moves_while_it_is_being_written_is_written_once_more(
    town: Town,
) -> None:
    await town.hlr.read([PROMPT])
    town.hlr.put(Device(number=PROMPT, policy="meters"))
    town.hlr.detach(PROMPT)
    await town.ledger.written()
    (kept,) = (await town.store.devices([PROMPT])).values()
    assert isinstance(kept, Device)
    assert (kept.policy, kept.attached) == ("meters", False)


async def test_what_the_store_cannot_write_is_known_all_the_same_and_written_later(
    town: Town,
) -> None:
    town.store.fails_to_write = True
    await town.move(PROMPT, attached=False)
    await town.calm()
    await town.crowd_out()
    assert not town.hlr.attached(PROMPT)
    town.hlr.put(THERE)
    town.hlr.detach(PROMPT)
    town.store.fails_to_write = False
    await town.wait(1)
    (kept,) = (await town.store.devices([PROMPT])).values()
    assert isinstance(kept, Device) and not kept.attached


@pytest.mark.parametrize(
    ("failed", "later", "devices", "moves"),
    [
        ({"moves": {PROMPT: True}}, {"moves": {PROMPT: False}}, {}, {PROMPT: False}),
        ({"moves": {PROMPT: True}}, {"devices": {PROMPT: GONE}}, {PROMPT: GONE}, {}),
        ({"devices": {PROMPT: THERE}}, {"moves": {PROMPT: False}}, {PROMPT: GONE}, {}),
        ({"devices": {PROMPT: THERE}}, {"devices": {PROMPT: None}}, {PROMPT: None}, {}),
        (
            {"devices": {PROMPT: None}},
            {"moves": {PROMPT: True}},
            {PROMPT: None},
            {PROMPT: True},
        ),
    ],
)
def test_of_what_could_not_be_written_and_what_came_later_the_later_counts(
    failed: dict[str, dict[str, object]],
    later: dict[str, dict[str, object]],
    devices: dict[str, Device | None],
    moves: dict[str, bool],
) -> None:
    pages = []
    for lines in (failed, later):
        page = Page()
        for name, values in lines.items():
            getattr(page, name).update(values)
        pages.append(page)
    pages[1].take_over(pages[0], set())
    assert (pages[1].devices, pages[1].moves) == (devices, moves)
