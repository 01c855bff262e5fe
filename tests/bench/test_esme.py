"""One session fed by hand, however the network chops its octets."""

import asyncio
import struct

import pytest

from bench.esme import Esme
from bench.pace import Supply
from bench.pdu import Submits, submit
from bench.tally import Tally

RESPONSE, SUBMIT, DELIVER, BIND = 0x80000000, 0x04, 0x05, 0x09


class Wire(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.octets = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.octets += bytes(data)

    def is_closing(self) -> bool:
        return False


def response(sequence: int, message_id: bytes, status: int = 0) -> bytes:
    body = message_id + b"\0"
    return struct.pack(">4I", 16 + len(body), RESPONSE | SUBMIT, status, sequence) + body


def receipt(message_id: bytes) -> bytes:
    text = b"id:%b stat:DELIVRD" % message_id
    body = b"\0\x01\x01447100000001\0\x03\x001234\0\x04" + bytes(8) + bytes([len(text)]) + text
    return struct.pack(">4I", 16 + len(body), DELIVER, 0, 1) + body


def session(count: int, receipts: bool = True) -> tuple[Esme, Tally, Wire]:
    tally = Tally(receipts)
    ring = Submits([submit("1234", "447100000001", b"hello", 0, receipt=receipts)])
    esme, wire = Esme(Supply(count), tally, ring, window=count, position=0), Wire()
    esme.connection_made(wire)
    esme.data_received(struct.pack(">4I", 16, RESPONSE | BIND, 0, 1))
    esme.begin()
    return esme, tally, wire


def sequences(octets: bytes) -> list[int]:
    found = []
    while octets:
        size, _, _, sequence = struct.unpack_from(">4I", octets)
        found.append(sequence)
        octets = octets[size:]
    return found


@pytest.mark.parametrize("piece", [1, 7, 26, 27, 28, 100, 10_000])
async def test_every_pdu_counts_once_however_the_octets_are_chopped(piece: int) -> None:
    esme, tally, wire = session(40)
    sent = sequences(wire.octets)
    stream = b"".join(response(number, b"%010d" % number) for number in sent[:20])
    stream += b"".join(
        response(number, b"%d" % number) + receipt(b"%d" % number) for number in sent[20:30]
    )
    stream += b"".join(response(number, b"", status=0x58) for number in sent[30:])
    stream += b"".join(receipt(b"%010d" % number) for number in sent[:20])
    for start in range(0, len(stream), piece):
        esme.data_received(stream[start : start + piece])
    assert (tally.accepted, tally.rejected) == (30, {"ESME_RTHROTTLED": 10})
    assert (tally.received_receipts, tally.unknown_receipts, tally.unexpected) == (30, 0, 0)
    assert tally.settled


async def test_a_run_with_one_answer_to_nothing_counts_the_others() -> None:
    esme, tally, wire = session(10)
    sent = sequences(wire.octets)
    esme.data_received(b"".join(response(number, b"%010d" % number) for number in [*sent, 9999]))
    assert (tally.accepted, tally.unexpected, tally.unanswered) == (10, 1, 0)
    assert tally.missing_receipts == 10


async def test_a_run_with_a_rejection_in_it_is_read_one_by_one() -> None:
    esme, tally, wire = session(3, receipts=False)
    first, second, third = sequences(wire.octets)
    stream = response(first, b"a") + response(second, b"b", status=0x14) + response(third, b"c")
    esme.data_received(stream)
    assert (tally.accepted, tally.rejected) == (2, {"ESME_RMSGQFUL": 1})


async def test_deliveries_are_answered_with_their_own_numbers() -> None:
    esme, _, wire = session(1)
    wire.octets = b""
    esme.data_received(receipt(b"1") + receipt(b"2"))
    answer = struct.pack(">4I", 17, RESPONSE | DELIVER, 0, 1) + b"\0"
    assert wire.octets == answer * 2


async def test_freed_slots_are_filled_in_one_write() -> None:
    tally = Tally(receipts=False)
    ring = Submits([submit("1234", "447100000001", b"hello", 0, receipt=False)])
    esme, wire = Esme(Supply(100), tally, ring, window=10, position=0), Wire()
    esme.connection_made(wire)
    esme.begin()
    sent = sequences(wire.octets)
    wire.octets = b""
    esme.data_received(b"".join(response(number, b"1") for number in sent[:6]))
    assert sequences(wire.octets) == list(range(sent[-1] + 1, sent[-1] + 7))
    assert esme.unanswered == 10
