"""The register: who is known, who is attached, and what must be read before that can be told."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.delivery.directory import Unread
from smsc.network import changes as room
from smsc.network.hlr import Hlr, Said, Subscription, UnknownDevice, visitors
from smsc.network.visitors import Visitors
from smsc.store.store import StoreError
from smsc.subscriber import Device, Identity
from tests.delivery.stage import turn
from tests.network import shelf
from tests.network.shelf import Shelf, device_of

OWN = Subscription("own")
SAME = Subscription("population")
NARROW = Subscription("narrow", attached=False)
ANNA = "491700000001"
BERT = "491700000002"
CROWD = "447100000002"
NOBODY = "33123456789"
KEPT = Device(number=BERT, policy="kept", identities={Identity.IMSI: "26201"}, link="north")
AWAY = Device(number=BERT, policy="kept", attached=False)
POPULATIONS = [("4471########", SAME), ("44712#######", NARROW)]


def register(*kept: Device, moves: Mapping[str, bool] = MappingProxyType({})) -> Hlr:
    """A config with two devices and two populations, and all of what the store has in memory."""
    stored: dict[str, shelf.Kept] = {device.number: device for device in kept}
    return over(Shelf({**stored, **moves}))


def over(store: Shelf, known: Visitors[Said] | None = None) -> Hlr:
    rows = {ANNA: OWN, "447100000001": OWN}
    known = visitors(store.opened()) if known is None else known
    return shelf.register(rows, POPULATIONS, store, known)


def unread(store: Shelf, most: int = 100) -> Hlr:
    """The same, but nothing of what the store has is in memory."""
    return over(store, visitors(store.opened(all_devices=False), most))


async def numbers(hlr: Hlr, after: str = "", limit: int = 100) -> list[str]:
    return [device.number for device in (await hlr.listing(after, limit)).devices]


def heard(hlr: Hlr) -> list[object]:
    """Everything that a register tells."""
    told: list[object] = []
    hlr.moved = lambda number, attached: told.append(("moved", number, attached))
    hlr.changed = lambda number, device: told.append(("changed", number, device))
    hlr.on_named = lambda number: told.append(("named", number))
    hlr.on_attach = lambda number: told.append(("attached", number))
    hlr.on_read = lambda numbers: told.append(("read", *numbers))
    return told


# Who is behind a number.


def test_a_device_of_the_config_is_found_before_any_population() -> None:
    assert register().find("447100000001") == OWN


def test_a_device_of_the_store_is_found_before_any_population() -> None:
    device = Device(number=CROWD, policy="kept", link="north")
    assert register(device).find(CROWD) == Subscription("kept", link="north")


def test_a_device_of_the_config_is_found_before_one_of_the_store() -> None:
    hlr = register(Device(number=ANNA, policy="kept", attached=False))
    assert hlr.find(ANNA) == OWN
    assert not hlr.attached(ANNA)


def test_a_number_under_a_pattern_is_found_without_a_row() -> None:
    assert register().find(CROWD) is SAME


def test_the_most_specific_population_counts() -> None:
    assert register().find("447120000002") is NARROW


def test_a_number_that_nobody_has_is_not_found_and_not_attached() -> None:
    hlr = register()
    assert hlr.find(NOBODY) is None
    assert not hlr.attached(NOBODY)


def test_a_row_in_a_population_is_still_one_of_its_numbers() -> None:
    hlr = register()
    assert hlr.member("447100000001") is SAME
    assert hlr.member(ANNA) is None


def test_devices_that_differ_in_their_numbers_alone_share_what_is_known_of_them() -> None:
    hlr = register(Device(number="331", policy="kept"), Device(number="332", policy="kept"))
    assert hlr.find("331") is hlr.find("332")


def test_populations_are_listed_as_their_patterns() -> None:
    assert register().populations == (("4471########", SAME), ("44712#######", NARROW))


def test_a_population_whose_pattern_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'4471x'"):
        shelf.register({}, [("4471x", SAME)])


# Where it is.


def test_a_device_is_attached_as_it_is_written_until_it_moves() -> None:
    hlr = register(AWAY)
    assert hlr.attached(CROWD)
    assert not hlr.attached("447120000002")
    assert not hlr.attached(BERT)


def test_a_device_is_named_if_it_has_a_row_or_has_moved() -> None:
    hlr = register(KEPT)
    assert hlr.named(ANNA) and hlr.named(BERT)
    assert not hlr.named(CROWD)
    hlr.detach(CROWD)
    assert hlr.named(CROWD)


def test_a_device_that_moves_for_the_first_time_tells_before_it_does() -> None:
    hlr = register(KEPT)
    told: list[tuple[str, bool]] = []
    hlr.on_named = lambda number: told.append((number, hlr.attached(number)))
    for _ in range(2):
        hlr.detach(CROWD)
        hlr.attach(CROWD)
    hlr.detach(ANNA)
    hlr.detach(BERT)
    assert told == [(CROWD, True)]


@pytest.mark.parametrize("number", [ANNA, BERT])
def test_a_device_that_moves_tells_who_keeps_the_books_and_then_who_waits(number: str) -> None:
    hlr = register(KEPT)
    told = heard(hlr)
    assert hlr.detach(number)
    assert not hlr.attached(number)
    assert hlr.attach(number)
    assert hlr.attached(number)
    assert told == [("moved", number, False), ("moved", number, True), ("attached", number)]


def test_a_device_that_is_there_already_does_not_move_and_nobody_is_told() -> None:
    hlr = register()
    told = heard(hlr)
    assert not hlr.attach(ANNA)
    assert hlr.detach(ANNA)
    assert not hlr.detach(ANNA)
    assert told == [("moved", ANNA, False)]


def test_a_device_of_the_store_that_moves_keeps_all_else() -> None:
    hlr = register(KEPT)
    hlr.detach(BERT)
    assert hlr.find(BERT) == Subscription("kept", attached=False, link="north")


def test_an_unknown_device_cannot_move_and_the_words_name_it_and_the_cure() -> None:
    hlr = register()
    for move in (hlr.attach, hlr.detach):
        with pytest.raises(UnknownDevice, match=rf"{NOBODY}.*\[\[devices\]\]") as caught:
            move(NOBODY)
        assert caught.value.number == NOBODY


async def test_what_was_moved_before_a_restart_is_where_it_was() -> None:
    hlr = register(moves={ANNA: False, CROWD: False})
    assert not hlr.attached(ANNA)
    assert not hlr.attached(CROWD)
    assert CROWD in await numbers(hlr)


async def test_a_move_of_a_number_that_is_gone_is_left_out() -> None:
    hlr = register(moves={NOBODY: True})
    assert not hlr.attached(NOBODY)
    assert NOBODY not in await numbers(hlr)


def test_no_more_is_moved_than_can_be_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CHANGES", 1)
    hlr = register()
    hlr.detach(ANNA)
    hlr.attach(ANNA)
    with pytest.raises(StoreError, match="try again"):
        hlr.detach(CROWD)
    hlr.written([ANNA, ANNA])
    assert hlr.detach(CROWD)


# What is made and changed.


def test_a_device_that_is_made_counts_at_once() -> None:
    hlr = register()
    told = heard(hlr)
    hlr.put(KEPT)
    assert hlr.find(BERT) == Subscription("kept", link="north")
    assert told == [("named", BERT), ("changed", BERT, KEPT), ("attached", BERT)]


def test_a_device_that_is_changed_to_be_attached_comes_within_reach() -> None:
    hlr = register(AWAY)
    told = heard(hlr)
    hlr.put(KEPT)
    assert told == [("changed", BERT, KEPT), ("attached", BERT)]


def test_a_device_that_is_removed_is_one_of_its_population_again() -> None:
    hlr = register(Device(number=CROWD, policy="kept", attached=False))
    told = heard(hlr)
    hlr.remove(CROWD)
    assert hlr.find(CROWD) is SAME
    assert told == [("changed", CROWD, None), ("attached", CROWD)]


# What must be read.


def test_a_number_of_which_nothing_is_in_memory_is_unread() -> None:
    hlr = unread(Shelf({BERT: KEPT}))
    for number in (ANNA, BERT, CROWD, NOBODY):
        with pytest.raises(Unread) as caught:
            hlr.look_up(number)
        assert caught.value.need == number


def test_what_is_no_number_is_nobody_without_a_read() -> None:
    assert unread(Shelf()).find("FLEET") is None


async def test_what_was_read_can_be_told() -> None:
    hlr = unread(Shelf({BERT: KEPT, CROWD: False}))
    await hlr.read([ANNA, BERT, CROWD, NOBODY])
    assert hlr.look_up(ANNA) == (OWN, True)
    assert hlr.find(BERT) == Subscription("kept", link="north")
    assert hlr.look_up(CROWD) == (SAME, False)
    assert hlr.find(NOBODY) is None


async def test_while_the_store_has_no_more_than_memory_nothing_is_read() -> None:
    store = Shelf({BERT: KEPT})
    hlr = over(store)
    await hlr.read([ANNA, BERT, CROWD, NOBODY])
    assert hlr.find(BERT) is not None
    assert not store.reads


async def test_what_is_known_is_not_read_again_not_even_that_there_is_nothing() -> None:
    store = Shelf({BERT: KEPT})
    hlr = unread(store)
    await hlr.read([BERT, NOBODY])
    await hlr.read([NOBODY, BERT, CROWD])
    assert store.reads == [(BERT, NOBODY), (CROWD,)]


async def test_those_who_read_at_the_same_time_read_together() -> None:
    store = Shelf()
    hlr = unread(store, most=10_000)
    await asyncio.gather(*[hlr.read([f"44{count:04d}"]) for count in range(1200)])
    assert len(store.reads) <= 5


async def test_whoever_waits_for_numbers_is_told_when_they_are_known() -> None:
    hlr = unread(Shelf({BERT: AWAY}))
    told: list[object] = []
    hlr.on_read = lambda numbers: told.append([hlr.attached(number) for number in numbers])
    await hlr.read([ANNA, BERT])
    await hlr.read([ANNA])
    assert told == [[True, False]]


async def test_a_store_that_cannot_be_read_leaves_numbers_unread() -> None:
    store = Shelf({BERT: KEPT})
    hlr = unread(store)
    store.fails = True
    with pytest.raises(StoreError):
        await hlr.read([BERT])
    store.fails = False
    with pytest.raises(Unread):
        hlr.find(BERT)
    await hlr.read([BERT])
    assert hlr.find(BERT) is not None


async def test_what_was_long_not_asked_for_is_forgotten() -> None:
    hlr = unread(Shelf(), most=100)
    for count in range(1000):
        await hlr.read([f"44{count:04d}", ANNA])
        assert hlr.attached(ANNA)
    with pytest.raises(Unread):
        hlr.find("440000")
    assert hlr.known <= 200


async def test_what_is_not_durable_yet_is_not_forgotten_nor_read_as_it_was() -> None:
    store = Shelf({BERT: KEPT})
    hlr = unread(store, most=2)
    await hlr.read([BERT])
    hlr.detach(BERT)
    for count in range(10):
        await hlr.read([f"44{count:04d}"])
        assert not hlr.attached(BERT)
    hlr.written([BERT])
    for count in range(10):
        await hlr.read([f"44{count:04d}"])
    with pytest.raises(Unread):
        hlr.find(BERT)


async def test_a_read_that_was_under_way_does_not_bring_back_what_was_before() -> None:
    store = Shelf({BERT: KEPT})
    hlr = over(store)
    store.hold()
    reading = asyncio.create_task(hlr.device(BERT))
    await turn()
    hlr.detach(BERT)
    store.move(BERT, False)
    hlr.written([BERT])
    store.release()
    assert not (await reading).attached
    assert not (await hlr.device(BERT)).attached


async def test_when_the_store_has_others_than_it_had_all_is_read_again() -> None:
    store = Shelf({BERT: KEPT})
    hlr = over(store)
    told: list[str] = []
    hlr.on_renewed = lambda: told.append("renewed")
    hlr.detach(ANNA)
    store.kept[BERT] = AWAY
    hlr.renew()
    assert told == ["renewed"]
    assert not hlr.attached(ANNA)
    with pytest.raises(Unread):
        hlr.find(BERT)
    await hlr.read([BERT])
    assert not hlr.attached(BERT)


async def test_a_read_that_the_store_has_overtaken_is_made_again() -> None:
    store = Shelf({BERT: KEPT})
    hlr = unread(store)
    store.hold()
    reading = asyncio.create_task(hlr.read([BERT]))
    await turn()
    store.release()
    store.kept[BERT] = AWAY
    hlr.renew()
    await reading
    assert not hlr.attached(BERT)


# What there is to see.


async def test_a_device_is_described_as_it_is_now() -> None:
    hlr = unread(Shelf({BERT: KEPT, CROWD: False}))
    assert await hlr.device(BERT) == KEPT
    assert await hlr.device(CROWD) == Device(number=CROWD, policy="population", attached=False)
    assert await hlr.device(ANNA) == Device(number=ANNA, policy="own")
    with pytest.raises(UnknownDevice, match=NOBODY):
        await hlr.device(NOBODY)


async def test_a_listing_shows_all_of_whom_something_is_known_in_their_order() -> None:
    hlr = register(KEPT)
    hlr.detach("447100000000")
    hlr.detach(ANNA)
    hlr.detach(BERT)
    assert (await hlr.listing()).devices == [
        Device(number="447100000000", policy="population", attached=False),
        device_of("447100000001", OWN),
        Device(number=ANNA, policy="own", attached=False),
        Device(
            number=BERT,
            policy="kept",
            attached=False,
            identities={Identity.IMSI: "26201"},
            link="north",
        ),
    ]


async def test_a_device_that_was_removed_is_shown_no_more() -> None:
    hlr = register(KEPT)
    hlr.remove(BERT)
    assert BERT not in await numbers(hlr)
    with pytest.raises(UnknownDevice):
        await hlr.device(BERT)


async def test_a_number_is_listed_once_however_often_it_moves() -> None:
    hlr = register()
    for _ in range(3):
        hlr.detach(CROWD)
        hlr.attach(CROWD)
    assert (await numbers(hlr)).count(CROWD) == 1


NUMBERS = st.sets(st.integers(0, 999), max_size=60)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.integers(1, 50))
def test_pages_joined_are_all_devices_once_in_order(
    own: set[int], kept: set[int], moved: set[int], gone: set[int], limit: int
) -> None:
    stored: dict[str, shelf.Kept] = {f"44{n:03d}": device_of(f"44{n:03d}", OWN) for n in kept}
    orphans: dict[str, shelf.Kept] = {f"55{n:03d}": True for n in gone}
    store = Shelf(stored | orphans)
    rows = {f"44{n:03d}": OWN for n in own}
    hlr = shelf.register(rows, [("44###", SAME)], store, visitors(store.opened()))
    for n in moved:
        hlr.detach(f"44{n:03d}")

    async def walk() -> list[str]:
        seen: list[str] = []
        after: str | None = ""
        while after is not None:
            page = await hlr.listing(after, limit)
            assert len(page.devices) <= limit
            seen += [device.number for device in page.devices]
            after = page.next
        return seen

    assert asyncio.run(walk()) == sorted(f"44{n:03d}" for n in own | kept | moved)
