"""What a lane takes of memory: there is one for each destination that something is in hand for."""

import tracemalloc

from smsc.delivery.agent import Attempt
from smsc.delivery.lane import Lane
from smsc.message import DEVICE, to_device
from tests.delivery.stage import Carrier
from tests.store.samples import message

LANES = 1000
OCTETS_EACH = 1000


def test_a_device_with_a_message_in_hand_takes_less_than_a_kilobyte() -> None:
    carrier = Carrier(DEVICE, in_order=True)
    lanes: dict[str, Lane] = {}
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(LANES):
            each = message(1000 + number, to_device(f"4917{number:08d}"), payload=b"x" * 40)
            lane = lanes[each.destination] = Lane(each.destination, carrier)
            lane.add(Attempt(each))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(lanes) == LANES
    assert after - before < LANES * OCTETS_EACH
