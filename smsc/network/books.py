"""What becomes of devices, written on the ledger's page: and who is told when it is durable."""

import msgspec

from smsc.delivery.ledger import Ledger
from smsc.delivery.page import Page
from smsc.network.hlr import Hlr
from smsc.subscriber import Device


class Books:
    """Keeps the register's books."""

    def __init__(self, hlr: Hlr, ledger: Ledger) -> None:
        """Write what this register tells, and tell it what is written."""
        self._hlr = hlr
        self._ledger = ledger
        self._page: Page | None = None
        self._numbers: list[str] = []
        hlr.moved = self._moved
        hlr.changed = self._changed
        hlr.outage = self._outage

    def _moved(self, number: str, attached: bool) -> None:
        page = self._note(number)
        device = page.devices.get(number)
        if device is not None:
            page.devices[number] = msgspec.structs.replace(device, attached=attached)
        else:
            page.moves[number] = attached

    def _changed(self, number: str, device: Device | None) -> None:
        page = self._note(number)
        page.moves.pop(number, None)
        page.devices[number] = device

    def _outage(self, pattern: str, begun: bool) -> None:
        self._ledger.page.outages[pattern] = begun
        self._ledger.want()

    def _note(self, number: str) -> Page:
        """Return the current page; when it is durable, the register is told of this number."""
        page = self._ledger.page
        if page is not self._page:
            self._page, self._numbers = page, []
            numbers = self._numbers
            page.once_durable.append(lambda: self._hlr.written(numbers))
        self._numbers.append(number)
        self._ledger.want()
        return page
