"""Devices in the store: kept whole with their identities, moved, listed, and handed over."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from smsc.store import schema
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch, Conflict, StoreError
from smsc.subscriber import MSISDN, Device, Identity, PolicyText, WebhookText
from tests.store.samples import NOW, Shelf, a_device, batch, keeping, message, subscriber

ID, IMSI, ICCID, NAME = Identity.ID, Identity.IMSI, Identity.ICCID, Identity.NAME


async def test_a_device_is_read_as_it_was_written(shelf: Shelf) -> None:
    device = Device(
        number="491",
        policy="meters",
        attached=False,
        identities={kind: f"{number}7" for number, kind in enumerate(Identity, 1)},
        overrides=b'{"mo": false}',
        link="world",
        latency_ms=20,
        error=27,
        permanent=True,
        memory=20,
        nb_iot=True,
    )
    await shelf.write(keeping(device))
    assert await shelf.store.devices(["491", "492"]) == {"491": device}
    await shelf.reopen()
    assert await shelf.store.devices(["491"]) == {"491": device}


@pytest.mark.parametrize(
    "value",
    [
        "89490200001234567890",
        "8949020000123456789",
        "9223372036854775807",
        "9223372036854775808",
        "262020000000001",
        "012345678901234",
        "0",
        "A0000012345678",
        "meter 7",
        "²",
        "-5",
        "1e3",
        "'",
    ],
)
async def test_an_identity_comes_back_as_it_was(shelf: Shelf, value: str) -> None:
    await shelf.write(keeping(subscriber("491", name=value)))
    found = await shelf.store.identified(NAME, value)
    assert found is not None
    assert found.identities[NAME] == value


async def test_a_device_is_found_by_each_identity_of_its_kind_alone(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", imsi="262", iccid="8949")))
    await shelf.write(keeping(subscriber("492", imsi="8949", iccid="262")))
    for kind, value, number in ((IMSI, "262", "491"), (ICCID, "262", "492"), (ID, "2", "492")):
        found = await shelf.store.identified(kind, value)
        assert found is not None
        assert found.number == number
    assert await shelf.store.identified(IMSI, "26") is None
    assert await shelf.store.identified(Identity.ESN, "262") is None


async def test_every_device_is_given_an_id_that_none_ever_had(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491"), subscriber("492")))
    assert await shelf.ids("491", "492") == ["1", "2"]
    await shelf.write(keeping(gone=["492"]))
    await shelf.reopen()
    await shelf.write(keeping(subscriber("492"), subscriber("493", id="40"), subscriber("494")))
    assert await shelf.ids("492", "493", "494") == ["3", "40", "41"]


async def test_a_device_that_is_changed_keeps_its_id(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1"), subscriber("492")))
    await shelf.write(keeping(subscriber("491", imsi="2")))
    assert await shelf.device("491") == subscriber("491", imsi="2", id="1")
    assert await shelf.store.identified(IMSI, "1") is None


async def test_a_device_that_is_gone_leaves_nothing_behind(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1")))
    await shelf.write(batch(moves={"491": False}))
    await shelf.write(keeping(gone=["491"]))
    assert await shelf.store.devices(["491"]) == {}
    assert await shelf.store.identified(IMSI, "1") is None
    assert await shelf.store.listed("", 9) == []
    await shelf.write(keeping(subscriber("492", imsi="1")))
    assert (await shelf.device("492")).identities[IMSI] == "1"


async def test_a_move_of_a_device_that_is_kept_is_part_of_it(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1")))
    await shelf.write(batch(moves={"491": False, "492": False, "493": True}))
    kept = subscriber("491", imsi="1", id="1", attached=False)
    assert await shelf.store.devices(["491", "492", "493", "494"]) == {
        "491": kept,
        "492": False,
        "493": True,
    }
    opened = await shelf.reopen()
    assert (opened.devices, opened.moves) == ({"491": kept}, {"492": False, "493": True})


async def test_a_device_that_is_kept_from_now_on_has_no_move_any_more(shelf: Shelf) -> None:
    await shelf.write(batch(moves={"491": False}))
    await shelf.write(keeping(subscriber("491")))
    assert (await shelf.device("491")).attached
    await shelf.write(keeping(gone=["491"]))
    assert await shelf.store.devices(["491"]) == {}


async def test_moves_come_behind_devices_of_the_same_batch(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491")))
    both = keeping(subscriber("492"), gone=["491"])
    both.moves.update({"491": False, "492": False})
    await shelf.write(both)
    assert await shelf.store.devices(["491", "492"]) == {
        "492": subscriber("492", id="2", attached=False)
    }


async def test_identities_may_be_exchanged_in_one_batch(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1"), subscriber("492", imsi="2")))
    swapped = [subscriber("491", imsi="2", id="2"), subscriber("492", imsi="1", id="1")]
    assert await shelf.store.conflicts(swapped) == []
    await shelf.write(keeping(*swapped))
    assert [await shelf.device("491"), await shelf.device("492")] == swapped


async def test_what_another_device_has_is_left_out_when_nobody_asked(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1", iccid="5")))
    await shelf.write(keeping(subscriber("492", imsi="1", iccid="6", id="1")))
    assert await shelf.device("492") == subscriber("492", iccid="6", id="2")
    found = await shelf.store.identified(IMSI, "1")
    assert found is not None
    assert found.number == "491"


CONFLICTS: Mapping[str, tuple[list[Device], list[Conflict]]] = {
    "nothing": ([subscriber("492", imsi="2"), subscriber("493")], []),
    "of its own": ([subscriber("491", imsi="1", iccid="5", id="1")], []),
    "of another": ([subscriber("492", imsi="1")], [Conflict("492", IMSI, "1", "491")]),
    "the first of two": (
        [subscriber("492", iccid="5", imsi="1")],
        [Conflict("492", ICCID, "5", "491")],
    ),
    "beside each other": (
        [subscriber("492", imsi="7"), subscriber("493", imsi="7")],
        [Conflict("493", IMSI, "7", "492")],
    ),
    "one that is let go": ([subscriber("491", imsi="9"), subscriber("492", imsi="1")], []),
    "a number twice": (
        [subscriber("492"), subscriber("492")],
        [Conflict("492", MSISDN, "492", "492")],
    ),
    "an id": ([subscriber("492", id="1")], [Conflict("492", ID, "1", "491")]),
    "no id": (
        [subscriber(f"5{number}", id=text) for number, text in enumerate(("0", "x", "01", "-1"))],
        [
            Conflict(f"5{number}", ID, text, "")
            for number, text in enumerate(("0", "x", "01", "-1"))
        ],
    ),
    "too high an id": (
        [subscriber("492", id=str(2**53)), subscriber("493", id=str(2**53 - 1))],
        [Conflict("492", ID, str(2**53), "")],
    ),
}


@pytest.mark.parametrize("case", CONFLICTS)
async def test_conflicts_are_told(shelf: Shelf, case: str) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1", iccid="5")))
    devices, conflicts = CONFLICTS[case]
    assert await shelf.store.conflicts(devices) == conflicts


async def test_an_id_behind_the_highest_is_still_its_devices_own(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", id=str(2**53 - 1)), subscriber("492")))
    await shelf.write(keeping(await shelf.device("492")))
    assert await shelf.ids("492") == [str(2**53)]


async def test_devices_and_moves_are_listed_in_the_order_of_numbers_as_text(shelf: Shelf) -> None:
    numbers = ["5", "491", "49", "4911", "492"]
    await shelf.write(keeping(*(subscriber(number, id=number) for number in numbers)))
    await shelf.write(batch(moves={"4912": False, "6": True}))
    listed = await shelf.store.listed("", 9)
    assert [number for number, _ in listed] == ["49", "491", "4911", "4912", "492", "5", "6"]
    assert dict(listed) == await shelf.store.devices([*numbers, "4912", "6"])
    for limit in (1, 2, 3):
        pages: list[tuple[str, Device | bool]] = []
        while page := await shelf.store.listed(pages[-1][0] if pages else "", limit):
            assert len(page) <= limit
            pages += page
        assert pages == listed
    assert await shelf.store.listed("", 0) == []


async def test_as_many_are_handed_over_as_are_asked_for(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("3"), subscriber("1")))
    await shelf.write(batch(moves={"2": False, "4": True}))
    for limit, devices, moves in ((0, "", ""), (1, "1", ""), (2, "1", "2"), (3, "13", "2")):
        opened = await shelf.reopen(devices=limit)
        assert ["".join(opened.devices), "".join(opened.moves)] == [devices, moves]
        assert not opened.all_devices
    assert (await shelf.reopen(devices=4)).all_devices


async def test_with_nothing_to_hand_over_it_is_all(shelf: Shelf) -> None:
    assert (await shelf.reopen(devices=0)).all_devices


async def test_policies_are_handed_over_by_name(shelf: Shelf) -> None:
    changed = Batch()
    for name in ("trucks", "meters", "spare"):
        changed.policies[name] = PolicyText(name, b'{"mo": true}')
    assert changed
    await shelf.write(changed)
    again = Batch()
    again.policies.update(trucks=PolicyText("trucks", b"{}"), spare=None)
    await shelf.write(again)
    assert (await shelf.reopen()).policies == (
        PolicyText("meters", b'{"mo": true}'),
        PolicyText("trucks", b"{}"),
    )


async def test_webhooks_are_handed_over_by_name(shelf: Shelf) -> None:
    changed = Batch()
    for name in ("trucks", "meters", "spare"):
        changed.webhooks[name] = WebhookText(name, b'{"url": "https://a.example/"}')
    assert changed
    await shelf.write(changed)
    again = Batch()
    again.webhooks.update(trucks=WebhookText("trucks", b"", True), spare=None)
    await shelf.write(again)
    assert (await shelf.reopen()).webhooks == (
        WebhookText("meters", b'{"url": "https://a.example/"}'),
        WebhookText("trucks", b"", True),
    )


async def test_a_batch_that_fails_changes_no_device(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1")))
    await shelf.write(batch([message(1)]))
    doomed = keeping(subscriber("492", policy="new", imsi="2"), gone=["491"])
    doomed.arrivals.append(message(1))
    with pytest.raises(StoreError):
        await shelf.write(doomed)
    assert list(await shelf.store.devices(["491", "492"])) == ["491"]
    await shelf.write(keeping(subscriber("492", policy="new")))
    assert await shelf.device("492") == subscriber("492", policy="new", id="2")


async def test_a_file_from_before_there_were_devices_keeps_its_moves(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    with closing(sqlite3.connect(path)) as old, old:
        for step in schema.STEPS[:2]:
            old.executescript(step)
        old.execute("INSERT INTO devices VALUES ('491', 0), ('492', 1)")
        old.execute("PRAGMA user_version = 2")
    shelf = Shelf(lambda: SqliteStore(path))
    opened = await shelf.open()
    assert (opened.moves, opened.devices) == ({"491": False, "492": True}, {})
    await shelf.write(keeping(subscriber("491")))
    opened = await shelf.reopen(NOW)
    assert (opened.moves, opened.devices) == ({"492": True}, {"491": subscriber("491", id="1")})
    await shelf.store.close()


async def test_devices_from_before_they_had_a_memory_have_no_end_of_it(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    before = next(at for at, step in enumerate(schema.STEPS) if "COLUMN memory" in step)
    with closing(sqlite3.connect(path)) as old, old:
        for step in schema.STEPS[:before]:
            old.executescript(step)
        old.execute(
            "INSERT INTO subscribers (number, import, attached, policy, link, latency_ms, error,"
            " permanent, id) VALUES ('491', 0, 1, 1, 0, 0, 0, 0, 7)"
        )
        old.execute(f"PRAGMA user_version = {before}")
    shelf = Shelf(lambda: SqliteStore(path))
    await shelf.open()
    assert await shelf.device("491") == subscriber("491", id="7")
    await shelf.store.close()


async def test_as_many_devices_as_are_scanned_at_once_and_more_are_listed(shelf: Shelf) -> None:
    await shelf.write(keeping(*(a_device(number) for number in range(2500))))
    listed = await shelf.store.listed("", 2400)
    assert [number for number, _ in listed] == [a_device(number).number for number in range(2400)]
