"""One bound session of the load generator: keeps its window full and reads what comes back.

Most of what comes back is alike: a run of submit_sm_resp, all accepted, all of one size. Such a
run is checked and counted as columns, without a step of Python per PDU. Anything else is read one
PDU at a time.
"""

import asyncio
import struct
from collections.abc import Callable
from functools import lru_cache
from itertools import repeat
from time import perf_counter
from typing import cast

from bench.pace import Supply
from bench.pdu import (
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    DELIVER_SM,
    ENQUIRE_LINK,
    GENERIC_NACK,
    HEADER,
    LARGEST_PDU,
    LAST_SEQUENCE,
    RESPONSE,
    SUBMIT_SM,
    UNBIND,
    Submits,
    bind,
    deliver_response,
    empty,
    receipt_in,
)
from bench.tally import Tally

_SUBMIT_RESPONSE = RESPONSE | SUBMIT_SM
_BIND_RESPONSES = {RESPONSE | BIND_TRANSMITTER, RESPONSE | BIND_TRANSCEIVER}
_HEADER_SIZE = HEADER.size
_LARGEST_ROW = _HEADER_SIZE + 66
_NEVER = 0.0


class Esme(asyncio.Protocol):
    """A session that submits from a supply shared with others."""

    def __init__(
        self, supply: Supply, tally: Tally, submits: Submits, window: int, position: int
    ) -> None:
        """Take from `supply`, begin at `position` of the ring, keep `window` submits unanswered."""
        loop = asyncio.get_running_loop()
        self.bound: asyncio.Future[int] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.lost: Callable[[str], None] = lambda reason: None
        self.progress: Callable[[], None] = lambda: None
        self.submitted = 0
        self._supply = supply
        self._tally = tally
        self._submits = submits
        self._window = window
        self._position = position
        self._sequence = 1
        self._pending: dict[int, float] = {}
        self._rest = b""
        self._replies: list[bytes] = []
        self._submitting = False
        self._leaving = False
        self._transport: asyncio.Transport | None = None

    @property
    def connected(self) -> bool:
        """Tell whether a connection was ever made."""
        return self._transport is not None

    @property
    def unanswered(self) -> int:
        """Count this session's submits without a response."""
        return len(self._pending)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so, unless it was asked for."""
        self._submitting = False
        reason = str(exc) if exc else "the server closed it"
        if not self.bound.done():
            self.bound.set_exception(ConnectionResetError(reason))
        elif not self._leaving:
            self.lost(reason)
        if not self.closed.done():
            self.closed.set_result(None)

    def bind(self, command: int, system_id: str, password: str) -> None:
        """Ask to be bound; `bound` gets the status."""
        self._write(bind(command, system_id, password, self._next_sequences(1)))

    def begin(self) -> None:
        """Start submitting."""
        self._submitting = True
        self.pump(perf_counter())

    def leave(self) -> None:
        """Unbind; the answer closes the connection."""
        self._leaving, self._submitting = True, False
        self._write(empty(UNBIND, self._next_sequences(1)))

    def abort(self) -> None:
        """Close the connection now."""
        self._leaving, self._submitting = True, False
        if self._transport:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read every whole PDU, then write answers and new submits at once."""
        now = perf_counter()
        octets = self._rest + data if self._rest else data
        taken = self._take_run(octets, now)
        if len(octets) - taken >= _HEADER_SIZE:
            taken = self._take_each(octets, taken, now)
        self._rest = octets[taken:]
        self.pump(now)
        self.progress()

    def pump(self, now: float, most: int = LAST_SEQUENCE) -> None:
        """Write the replies that wait and up to `most` new submits, as the window allows."""
        blocks: list[bytes | bytearray] = [*self._replies]
        self._replies.clear()
        if self._submitting:
            room = min(self._window - len(self._pending), most)
            for moment, size in self._supply.take(room, now) if room > 0 else ():
                blocks.append(self._submit(size, moment))
        if blocks:
            self._write(blocks[0] if len(blocks) == 1 else b"".join(blocks))

    def _write(self, octets: bytes | bytearray) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(octets)

    def _submit(self, size: int, moment: float) -> bytearray:
        first = self._next_sequences(size)
        self._pending.update(dict.fromkeys(range(first, first + size), moment))
        self._tally.submit(size, moment)
        self.submitted += size
        position, self._position = self._position, self._position + size
        return self._submits.cut(position, size, first)

    def _next_sequences(self, count: int) -> int:
        if self._sequence + count > LAST_SEQUENCE:
            self._sequence = 1
        first, self._sequence = self._sequence, self._sequence + count
        return first

    def _take_run(self, octets: bytes, now: float) -> int:
        """Count a buffer of equal, accepting submit_sm_resp; tell how many octets that took.

        The rows are PDUs if every row says it has the size of the first: the first begins where a
        PDU begins, so the second does, and so on.
        """
        size = int.from_bytes(octets[:4], "big")
        count = len(octets) // size if _HEADER_SIZE < size <= _LARGEST_ROW else 0
        if not count:
            return 0
        rows = _row(size).iter_unpack(memoryview(octets)[: count * size])
        sizes, commands, statuses, sequences, ids = zip(*rows, strict=True)
        if not (
            sizes.count(size) == count
            and commands.count(_SUBMIT_RESPONSE) == count
            and statuses.count(0) == count
        ):
            return 0
        starts = list(map(self._pending.pop, sequences, repeat(_NEVER)))
        if self._tally.receipts:
            ids = tuple(text.partition(b"\0")[0] for text in ids)
        if not all(starts):
            known = [(start, text) for start, text in zip(starts, ids, strict=True) if start]
            self._tally.unexpected += count - len(known)
            starts, ids = [start for start, _ in known], tuple(text for _, text in known)
        if starts:
            self._tally.accept(starts, ids, now)
        return count * size

    def _take_each(self, octets: bytes, place: int, now: float) -> int:
        end = len(octets)
        while end - place >= _HEADER_SIZE:
            size, command, status, sequence = HEADER.unpack_from(octets, place)
            if not _HEADER_SIZE <= size <= LARGEST_PDU:
                self._fail(f"it sent octets that are not SMPP (a command_length of {size})")
                return end
            if place + size > end:
                break
            self._take(octets, place, place + size, command, status, sequence, now)
            place += size
        return place

    def _take(
        self,
        octets: bytes,
        start: int,
        end: int,
        command: int,
        status: int,
        sequence: int,
        now: float,
    ) -> None:
        if command in (_SUBMIT_RESPONSE, GENERIC_NACK):
            self._take_response(octets[start + _HEADER_SIZE : end], status, sequence, now)
        elif command == DELIVER_SM:
            self._take_delivery(octets, start, end, now)
            self._replies.append(deliver_response(sequence))
        elif command in _BIND_RESPONSES:
            if not self.bound.done():
                self.bound.set_result(status)
        elif command == RESPONSE | UNBIND and self._transport:
            self._transport.close()
        elif not command & RESPONSE:
            known = command in (ENQUIRE_LINK, UNBIND)
            answer = RESPONSE | command if known else GENERIC_NACK
            self._replies.append(HEADER.pack(16, answer, 0 if known else 3, sequence))

    def _take_response(self, body: bytes, status: int, sequence: int, now: float) -> None:
        if not self.bound.done():
            self.bound.set_result(status)
            return
        start = self._pending.pop(sequence, None)
        if start is None:
            self._tally.unexpected += 1
        elif status:
            self._tally.reject(start, status, now)
        else:
            self._tally.accept((start,), (body.partition(b"\0")[0],), now)

    def _take_delivery(self, octets: bytes, start: int, end: int, now: float) -> None:
        try:
            receipt = receipt_in(octets, start, end)
        except (ValueError, IndexError):
            self._fail("it sent a deliver_sm that can't be read")
            return
        if receipt is None:
            self._tally.mobile_originated += 1
        else:
            self._tally.receipt(receipt, now)

    def _fail(self, reason: str) -> None:
        self.lost(reason)
        self.abort()


@lru_cache(maxsize=64)
def _row(size: int) -> struct.Struct:
    return struct.Struct(f">4I{size - _HEADER_SIZE}s")
