"""The account an application keeps of what it asked for and what it was told."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from smsc.smpp import receipt
from smsc.smpp.pdu import BindTransceiver, DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp
from tests.esme.peer import Peer


class Order(NamedTuple):
    """A message to submit, and the receipt that must come of it."""

    to: str
    text: str
    stat: str
    validity_period: str = ""

    def submit_sm(self, sequence_number: int) -> SubmitSm:
        return SubmitSm(
            sequence_number,
            source_addr="1234",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=self.to,
            validity_period=self.validity_period,
            registered_delivery=1,
            short_message=self.text.encode(),
        )


class Book:
    """Every message that was acknowledged is owed a receipt, and the right one."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, Order] = {}
        self.unanswered: dict[str, Order] = {}
        """Submitted when the server died, by text: it may have them or not."""
        self.receipts: defaultdict[str, list[receipt.Receipt]] = defaultdict(list)
        self.owed: set[str] = set()

    def acknowledge(self, message_id: str, order: Order) -> None:
        assert message_id not in self.acknowledged, f"{message_id} was given to two messages"
        self.acknowledged[message_id] = order
        if message_id not in self.receipts:
            self.owed.add(message_id)

    def take(self, told: receipt.Receipt) -> None:
        self.receipts[told.id].append(told)
        self.owed.discard(told.id)

    def wrong(self) -> list[str]:
        """Return what was told and can't be."""
        wrong = []
        for message_id, receipts in self.receipts.items():
            order = self.acknowledged.get(message_id) or self.unanswered.get(receipts[0].text)
            if order is None:
                wrong.append(f"{message_id} was never submitted")
            elif {(told.stat, told.text) for told in receipts} != {(order.stat, order.text)}:
                wrong.append(f"{message_id}, {order}: {receipts}")
        return wrong

    def stats(self) -> set[str]:
        """Return the ends that are expected of the acknowledged messages."""
        return {order.stat for order in self.acknowledged.values()}

    @property
    def duplicates(self) -> int:
        """How many receipts came again."""
        return sum(len(receipts) - 1 for receipts in self.receipts.values())


async def converse(
    address: tuple[str, int], book: Book, window: int, next_order: Callable[[], Order]
) -> None:
    """Submit as fast as it is answered, and take every receipt, until the server is gone."""
    asked: dict[int, Order] = {}
    try:
        peer = await Peer.connect(address)
    except ConnectionError:
        return

    def submit() -> None:
        number = peer.number()
        asked[number] = next_order()
        peer.send(asked[number].submit_sm(number))

    try:
        await peer.bind(BindTransceiver, "demo", "demo")
        for _ in range(window):
            submit()
        while True:
            pdu = await peer.read()
            if isinstance(pdu, SubmitSmResp):
                assert pdu.command_status == 0, pdu
                book.acknowledge(pdu.message_id, asked.pop(pdu.sequence_number))
                submit()
            else:
                _take(book, peer, pdu)
    except (asyncio.IncompleteReadError, ConnectionError):
        book.unanswered |= {order.text: order for order in asked.values()}
    finally:
        await peer.close()


async def collect(address: tuple[str, int], book: Book) -> None:
    """Take receipts until none is owed any more."""
    peer = await Peer.connect(address)
    await peer.bind(BindTransceiver, "demo", "demo")
    while book.owed:
        _take(book, peer, await peer.read())
    await peer.close()


def _take(book: Book, peer: Peer, pdu: object) -> None:
    assert isinstance(pdu, DeliverSm), pdu
    book.take(receipt.decode(pdu.short_message))
    peer.send(DeliverSmResp(pdu.sequence_number))
