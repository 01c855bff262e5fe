"""Send a message to a device that is out of reach, and wait until somebody brings it back.

Start the demo world in one terminal with `smsc serve`, then run this in another:

    python examples/attach_later.py [HOST] [PORT]

It needs `pip install aiosmpplib`. The message waits on the SMSC's disk: you may even stop the SMSC
and start it again before you attach the device. The library binds again by itself.
"""

import asyncio
import sys
from typing import Any

from aiosmpplib import ESME, NPI, TON, AbstractHook, DeliverSm, PhoneNumber, SubmitSm, SubmitSmResp

HOST = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 2775
DEVICE = "491700000002"


class Listener:
    """Is told of everything that goes to the SMSC and comes from it."""

    def __init__(self) -> None:
        """Wait for the receipt of one message."""
        self.message_id = ""
        self.receipt: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def sending(self, message: Any, pdu: bytes, client_id: str) -> None:
        """Let it go."""

    async def received(self, message: Any, pdu: bytes, client_id: str) -> None:
        """Tell what to do once the message is accepted, and keep the receipt."""
        if isinstance(message, SubmitSmResp):
            self.message_id = message.message_id
            print(f"accepted as {self.message_id}: it waits for its device")
            print(f"now run: smsc devices attach {DEVICE}", flush=True)
        elif isinstance(message, DeliverSm) and message.is_receipt():
            receipt = message.parse_receipt()
            # A receipt may come twice, if the SMSC died before it knew that it had arrived.
            if receipt["id"] == self.message_id and not self.receipt.done():
                self.receipt.set_result(receipt)

    async def send_error(self, message: Any, error: Exception, client_id: str) -> None:
        """Give up: the message could not be sent."""
        self.receipt.set_exception(error)


# A base class would do as well, but the library has no types for a checker to see.
AbstractHook.register(Listener)


async def main() -> None:
    """Bind, submit, and wait for the receipt."""
    listener = Listener()
    esme = ESME(HOST, PORT, "demo", "demo", hook=listener, log_level="ERROR")
    running = asyncio.create_task(esme.start())
    await esme.broker.enqueue(
        SubmitSm(
            short_message="Welcome back",
            source=PhoneNumber("1234"),
            destination=PhoneNumber(DEVICE, TON.INTERNATIONAL, NPI.ISDN),
        )
    )
    receipt = await listener.receipt
    print(f"{receipt['id']}: {receipt['stat']}")
    await esme.stop()
    await running


asyncio.run(main())
