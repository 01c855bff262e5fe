"""Cell broadcast: all devices of an area hear it, and it costs no more for a million of them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from smsc.clock import SimulatedClock
from smsc.message import Address, Broadcast, BroadcastArea
from smsc.network import cell as room
from smsc.network.cell import Cell, Group
from smsc.network.device import Devices
from smsc.network.hlr import Subscription, visitors
from smsc.subscriber import Device
from smsc_encodings.segmentation import Part
from tests.delivery.stage import turn
from tests.network.parts import take
from tests.network.shelf import Shelf, register

ANNA = "491700000001"
BERT = "491700000002"
CARL = "491700000003"
CROWD = "447100000007"
ABSENT = "447200000007"
DEFAULT = Subscription("default")
AWAY = Subscription("default", attached=False)
METER = Subscription("meters")
PATIENCE = 100_000


class Net:
    """A cell over a register, and what its broadcasts have reached."""

    def __init__(
        self,
        groups: Sequence[Group],
        rows: Mapping[str, Subscription] | None = None,
        populations: Sequence[tuple[str, Subscription]] = (),
        shelf: Shelf | None = None,
    ) -> None:
        self.shelf = shelf or Shelf()
        self.clock = SimulatedClock()
        known = {ANNA: DEFAULT, BERT: AWAY, CARL: METER} if rows is None else rows
        self.hlr = register(known, populations, self.shelf)
        self.devices = Devices()
        self.cell = Cell(groups, self.hlr, self.devices, self.clock)
        self.reached: list[Sequence[int]] = []
        self.walking = asyncio.get_running_loop().create_task(self.cell.run())

    def transmit(self, *names: str, text: bytes = b"storm", **fields: Any) -> None:
        now = self.clock.now()
        areas = tuple(BroadcastArea(b"\0" + name.encode(), name) for name in names)
        source = Address(0, 1, "1234")
        made = Broadcast(
            1, "fleet", source, text, 0, "", b"\0\0\x33", areas, 1, 8, 1, now, now, **fields
        )
        self.cell.transmit(made, self.reached.append)

    async def send(self, *names: str, text: bytes = b"storm") -> Sequence[int]:
        """Send, wait until it is over, and return what was reached; a second goes by."""
        count = len(self.reached)
        self.transmit(*names, text=text)
        await until(lambda: len(self.reached) > count)
        self.clock.advance(1)
        return self.reached[-1]

    def heard(self, number: str) -> list[bytes]:
        return [each.octets for each in self.cell.inbox(number).messages]


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(PATIENCE):
        if condition():
            return
        await turn()
    raise AssertionError("it never came to that")


def by_number(*patterns: str, name: str = "berlin") -> Group:
    return Group(name, patterns)


def by_policy(*policies: str, name: str = "berlin") -> Group:
    return Group(name, policies=frozenset(policies))


# Who is there.


async def test_the_devices_of_a_pattern_hear_it_and_nobody_else() -> None:
    net = Net([by_number("49170000000#")], {ANNA: DEFAULT, "33123": DEFAULT})
    assert await net.send("berlin") == [100]
    assert (net.heard(ANNA), net.heard("33123")) == ([b"storm"], [])


async def test_the_devices_of_a_policy_hear_it_and_nobody_else() -> None:
    net = Net([by_policy("meters")])
    assert await net.send("berlin") == [100]
    assert (net.heard(CARL), net.heard(ANNA)) == ([b"storm"], [])


async def test_an_area_may_have_both() -> None:
    net = Net([Group("berlin", (ANNA,), frozenset({"meters"}))])
    await net.send("berlin")
    assert (net.heard(ANNA), net.heard(CARL)) == ([b"storm"], [b"storm"])


async def test_a_device_out_of_reach_hears_nothing_now_or_later() -> None:
    net = Net([by_policy("default")])
    assert await net.send("berlin") == [50]
    net.hlr.attach(BERT)
    assert net.heard(BERT) == []
    assert await net.send("berlin", text=b"calm") == [100]
    assert net.heard(BERT) == [b"calm"]


async def test_devices_in_an_outage_hear_nothing_whether_listed_or_not() -> None:
    group = Group("berlin", ("4471########",), frozenset({"default"}))
    net = Net([group], {ANNA: DEFAULT, BERT: DEFAULT}, [("4471########", DEFAULT)])
    net.hlr.begin_outage("44710#######")
    net.hlr.begin_outage(ANNA)
    assert await net.send("berlin") == [90 - 1]
    net.hlr.end_outage("44710#######")
    net.hlr.end_outage(ANNA)
    assert net.heard(ANNA) == net.heard(CROWD) == []
    assert net.heard(BERT) == net.heard("447110000000") == [b"storm"]
    assert await net.send("berlin", text=b"calm") == [100]
    assert net.heard(ANNA) == net.heard(CROWD) == [b"calm"]


async def test_a_listed_device_of_a_population_in_an_outage_is_counted_once() -> None:
    net = Net([by_number("447100000##7")], {}, [("447100000##7", DEFAULT)])
    net.hlr.detach(CROWD)
    net.hlr.begin_outage("4471000000#7")
    assert await net.send("berlin") == [90]
    net.hlr.attach(CROWD)
    assert await net.send("berlin") == [90]
    net.hlr.end_outage("4471000000#7")
    assert await net.send("berlin") == [100]


async def test_each_area_has_a_figure_of_its_own_and_a_device_hears_it_once() -> None:
    net = Net([by_policy("default"), by_number(ANNA, CARL, name="home"), by_number("1", name="no")])
    assert await net.send("home", "berlin", "no", "nowhere") == [100, 50, 0, 0]
    assert net.heard(ANNA) == [b"storm"]


async def test_a_broadcast_is_marked_as_one_among_other_messages() -> None:
    net = Net([by_policy("default")])
    take(net.devices.touch(ANNA), [Part(b"", b"hello")], now=net.clock.now() - 1)
    await net.send("berlin")
    inbox = net.cell.inbox(ANNA)
    assert [(each.text, each.source, each.broadcast) for each in inbox.messages] == [
        ("hello", "1234", False),
        ("storm", "1234", True),
    ]
    assert inbox.received == 2


# Populations.


async def test_a_device_of_a_population_sees_it_when_somebody_looks() -> None:
    net = Net([by_number("4471########")], {}, [("44##########", DEFAULT)])
    assert await net.send("berlin") == [100]
    assert len(net.devices) == 0
    assert (net.heard(CROWD), net.heard(ABSENT)) == ([b"storm"], [])


async def test_a_population_out_of_reach_sees_nothing_and_counts() -> None:
    populations = [("4471########", DEFAULT), ("4472########", AWAY)]
    net = Net([by_number("44##########")], {}, populations)
    assert await net.send("berlin") == [50]
    assert (net.heard(CROWD), net.heard(ABSENT)) == ([b"storm"], [])


async def test_messages_and_broadcasts_of_a_population_stand_in_their_order() -> None:
    net = Net([by_number("4471########")], {}, [("4471########", DEFAULT)])
    for text in (b"one", b"two"):
        await net.send("berlin", text=text)
        take(net.devices.touch(CROWD), [Part(b"", text + b"!")], now=net.clock.now())
        net.clock.advance(1)
    assert net.heard(CROWD) == [b"one", b"one!", b"two", b"two!"]
    assert net.cell.inbox(CROWD).received == 4


async def test_only_the_latest_are_kept() -> None:
    net = Net([by_number("4471########")], {}, [("4471########", DEFAULT)])
    for count in range(room.KEPT + 5):
        await net.send("berlin", text=b"%d" % count)
    assert net.heard(CROWD) == [b"%d" % count for count in range(5, room.KEPT + 5)]


async def test_one_that_moves_keeps_what_it_has_heard_and_hears_for_itself() -> None:
    net = Net([by_number("4471########")], {}, [("4471########", DEFAULT)])
    await net.send("berlin", text=b"one")
    net.hlr.detach(CROWD)
    assert net.heard(CROWD) == [b"one"]
    await net.send("berlin", text=b"two")
    net.hlr.attach(CROWD)
    await net.send("berlin", text=b"three")
    assert net.heard(CROWD) == [b"one", b"three"]


async def test_one_that_has_moved_is_counted_for_what_it_is() -> None:
    net = Net([by_number("447100000###")], {}, [("4471000000##", DEFAULT)])
    for last in range(25):
        net.hlr.detach(f"4471000000{last:02d}")
    assert await net.send("berlin") == [75]


async def test_a_row_is_not_counted_as_one_of_the_population_it_stands_in() -> None:
    net = Net([by_number("447100000###")], {CROWD: AWAY}, [("44710000000#", DEFAULT)])
    assert await net.send("berlin") == [90]


async def test_a_row_may_be_elsewhere_than_the_population_it_stands_in() -> None:
    net = Net([by_policy("meters")], {CROWD: AWAY}, [("44710000000#", METER)])
    assert await net.send("berlin") == [100]
    assert net.heard(CROWD) == []


async def test_a_number_that_nobody_has_heard_nothing() -> None:
    net = Net([by_number("############")], {})
    assert await net.send("berlin") == [0]
    assert net.heard("999999999999") == []


# Devices of the store.


def stored(*devices: Device) -> Net:
    """A register with nothing of what the store has in memory, and an area for all."""
    shelf = Shelf({device.number: device for device in devices})
    net = Net([by_policy("meters")], {}, shelf=shelf)
    net.hlr = register({}, (), shelf, visitors(shelf.opened(all_devices=False), 1))
    net.cell = Cell([by_policy("meters")], net.hlr, net.devices, net.clock)
    net.walking.cancel()
    net.walking = asyncio.get_running_loop().create_task(net.cell.run())
    return net


async def test_devices_of_the_store_hear_it_if_they_are_within_reach() -> None:
    net = stored(
        Device(number=ANNA, policy="meters"),
        Device(number=BERT, policy="meters", attached=False),
        Device(number=CARL),
    )
    assert await net.send("berlin") == [50]
    await net.hlr.read([ANNA, BERT, CARL])
    assert [net.heard(number) for number in (ANNA, BERT, CARL)] == [[b"storm"], [], []]


async def test_more_devices_than_fit_into_memory_hear_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "DEVICES_A_TURN", 10)
    numbers = [f"4917000{count:05d}" for count in range(95)]
    net = stored(*[Device(number=number, policy="meters") for number in numbers])
    assert await net.send("berlin") == [100]
    assert len(net.devices) == 95
    assert net.hlr.known <= 1


async def test_a_walk_goes_on_when_the_store_can_be_read_again() -> None:
    net = stored(Device(number=ANNA, policy="meters"))
    net.shelf.fails = True
    net.transmit("berlin")
    for _ in range(10):
        await turn()
    assert net.reached == []
    net.shelf.fails = False
    net.clock.advance(room.SECONDS_BETWEEN_TRIES)
    await until(lambda: bool(net.reached))
    assert net.reached == [[100]]


# By slices.


async def test_many_devices_are_walked_through_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "DEVICES_A_TURN", 10)
    numbers = [f"4917000{count:05d}" for count in range(95)]
    net = Net([by_policy("default")], dict.fromkeys(numbers, DEFAULT))
    net.transmit("berlin")
    seen = []
    while not net.reached:
        await turn()
        seen.append(len(net.devices))
    # The loop goes round twice until a turn has been waited for.
    assert max(after - before for before, after in zip([0, *seen], seen, strict=False)) <= 20
    assert seen[-1] == 95
    assert all(net.heard(number) == [b"storm"] for number in numbers)


async def test_broadcasts_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "DEVICES_A_TURN", 2)
    net = Net([by_policy("default", "meters")])
    for text in (b"one", b"two", b"three"):
        net.transmit("berlin", text=text)
    await until(lambda: len(net.reached) == 3)
    assert net.heard(ANNA) == [b"one", b"two", b"three"]
    assert net.reached == [[66]] * 3


@pytest.mark.parametrize("mover", ["447100000001", "447199999999"])
async def test_one_that_moves_while_a_broadcast_is_under_way_hears_it_once(
    monkeypatch: pytest.MonkeyPatch, mover: str
) -> None:
    monkeypatch.setattr(room, "DEVICES_A_TURN", 2)
    rows = dict.fromkeys([f"44710000005{count}" for count in range(9)], DEFAULT)
    net = Net([by_number("4471########")], rows, [("4471########", DEFAULT)])
    net.transmit("berlin")
    for _ in range(3):
        await turn()
    net.hlr.detach(mover)
    net.hlr.attach(mover)
    await until(lambda: bool(net.reached))
    assert net.heard(mover) == [b"storm"]
