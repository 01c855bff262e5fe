"""An application on aiosmpplib, which keeps what its hook is told."""

import asyncio
import codecs
from datetime import datetime
from types import TracebackType
from typing import Any

from aiosmpplib import (
    ESME,
    NPI,
    TON,
    AbstractHook,
    BindMode,
    BindReceiverResp,
    BindTransceiverResp,
    BindTransmitterResp,
    DeliverSm,
    PhoneNumber,
    SubmitSm,
    SubmitSmResp,
)

SECONDS_AT_MOST = 30.0
OCTETS = "octet_unspecified_II"  # data_coding 4, under the library's name
_ANY_OCTET = codecs.CodecInfo(codecs.latin_1_encode, codecs.latin_1_decode, name=OCTETS)
_BOUND = (BindReceiverResp, BindTransceiverResp, BindTransmitterResp)


class Application:
    """Bound between `async with` and its end."""

    def __init__(self, address: tuple[str, int]) -> None:
        host, port = address
        self.answers: asyncio.Queue[Any] = asyncio.Queue()
        self.receipts: asyncio.Queue[Any] = asyncio.Queue()
        self.messages: asyncio.Queue[Any] = asyncio.Queue()
        self._bound = asyncio.Event()
        self._esme = ESME(
            host,
            port,
            "demo",
            "demo",
            bind_mode=BindMode.TRANSCEIVER,
            hook=self,
            custom_codecs={OCTETS: _ANY_OCTET},
            log_level="CRITICAL",
        )
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Application":
        self._running = asyncio.get_running_loop().create_task(self._esme.start())
        async with asyncio.timeout(SECONDS_AT_MOST):
            await self._bound.wait()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._running is not None
        writer = self._esme._writer
        await self._esme.stop()
        await self._running
        # The library leaves its socket to the collector.
        writer.close()
        await writer.wait_closed()

    # What the library tells its hook.

    async def sending(self, message: Any, pdu: bytes, client_id: str) -> None:
        return

    async def received(self, message: Any, pdu: bytes, client_id: str) -> None:
        if isinstance(message, _BOUND):
            self._bound.set()
        elif isinstance(message, SubmitSmResp):
            self.answers.put_nowait(message)
        elif isinstance(message, DeliverSm):
            (self.receipts if message.is_receipt() else self.messages).put_nowait(message)

    async def send_error(self, message: Any, error: Exception, client_id: str) -> None:
        self.answers.put_nowait(error)

    # What a test has it do.

    async def send(self, to: str, text: str, **fields: Any) -> str:
        """Submit a text, and return the id of the submit_sm_resp."""
        await self._esme.broker.enqueue(
            SubmitSm(
                short_message=text,
                source=PhoneNumber("1234"),
                destination=PhoneNumber(to, TON.INTERNATIONAL, NPI.ISDN),
                log_id=text[:30],
                **fields,
            )
        )
        answer = await _next(self.answers)
        assert isinstance(answer, SubmitSmResp), answer
        assert answer.command_status == 0, answer
        return str(answer.message_id)

    async def receipt(self) -> Any:
        """Return the next receipt."""
        return await _next(self.receipts)

    async def message(self) -> Any:
        """Return the next message that is no receipt."""
        return await _next(self.messages)


AbstractHook.register(Application)


async def _next(queue: "asyncio.Queue[Any]") -> Any:
    async with asyncio.timeout(SECONDS_AT_MOST):
        return await queue.get()


def facts(receipt: Any) -> dict[str, str | int | datetime]:
    """Return what the library reads in a receipt."""
    parsed: dict[str, str | int | datetime] = receipt.parse_receipt()
    return parsed
