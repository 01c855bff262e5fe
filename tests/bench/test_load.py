"""Whole runs against the floor and against servers that misbehave in one way each."""

import asyncio
import json
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from typing import cast

import pytest

from bench.address import HostPort
from bench.load import LoadError, Plan, run

BIND, SUBMIT, DELIVER, UNBIND, ENQUIRE = 0x09, 0x04, 0x05, 0x06, 0x15
BINDS = (0x02, 0x09)
RESPONSE = 0x80000000
THROTTLED, BAD_PASSWORD = 0x58, 0x0E

Respond = Callable[[int, bytes], bytes | None]
"""From sequence number and PDU of a submit_sm to the octets that answer it; None hangs up."""


def pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    return struct.pack(">4I", 16 + len(body), command, status, sequence) + body


def accepted(sequence: int, message_id: int) -> bytes:
    return pdu(RESPONSE | SUBMIT, sequence, b"%d\0" % message_id)


def deliver(text: bytes, esm_class: int = 0x04, sequence: int = 1) -> bytes:
    head = b"\0\x01\x01447100000001\0\x03\x001234\0" + bytes([esm_class])
    return pdu(DELIVER, sequence, head + bytes(8) + bytes([len(text)]) + text)


def receipt(message_id: int, stat: bytes = b"DELIVRD") -> bytes:
    return deliver(b"id:%d sub:001 dlvrd:001 stat:%b err:000 text:" % (message_id, stat))


class PretendSmsc(asyncio.Protocol):
    """Binds anybody, answers submits as a test likes, remembers what it got."""

    def __init__(self, respond: Respond, received: list[tuple[int, bytes]]) -> None:
        self.respond = respond
        self.received = received
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.rest += data
        replies: list[bytes] = []
        while len(self.rest) >= 16:
            size, command, _, sequence = struct.unpack_from(">4I", self.rest)
            if len(self.rest) < size:
                break
            whole, self.rest = self.rest[:size], self.rest[size:]
            self.received.append((command, whole))
            reply = self.reply(command, sequence, whole)
            if reply is None:
                self.transport.write(b"".join(replies))
                self.transport.close()
                return
            replies.append(reply)
        self.transport.write(b"".join(replies))

    def reply(self, command: int, sequence: int, whole: bytes) -> bytes | None:
        if command in BINDS:
            return pdu(RESPONSE | command, sequence, b"pretend\0")
        if command == SUBMIT:
            return self.respond(sequence, whole)
        if command == UNBIND:
            return pdu(RESPONSE | UNBIND, sequence)
        return b""


@asynccontextmanager
async def pretend(respond: Respond) -> AsyncIterator[tuple[int, list[tuple[int, bytes]]]]:
    """Give the port of a pretended SMSC and the list of what it receives."""
    received: list[tuple[int, bytes]] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: PretendSmsc(respond, received), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], received
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture(scope="module")
def floor() -> Iterator[HostPort]:
    command = [sys.executable, "-m", "bench.floor", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on ")
        yield HostPort.parse(line.removeprefix("listening on ").strip())
        process.terminate()


def load(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.load", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def test_every_message_to_the_floor_is_accounted_for(floor: HostPort) -> None:
    report = await run(Plan(host=floor.host, port=floor.port, count=2000, sessions=4, window=16))
    assert (report.submitted, report.accepted, report.unanswered) == (2000, 2000, 0)
    assert (report.rejected, report.unexpected, report.mo) == ({}, 0, 0)
    assert report.failure is None
    assert report.throughput == pytest.approx(2000 / report.seconds, rel=0.01)
    assert 0 < report.latency_ms["p50"] <= report.latency_ms["p99"] <= report.latency_ms["max"]


async def test_answers_are_counted_by_when_they_came_and_how_long_they_took(
    floor: HostPort,
) -> None:
    plan = Plan(host=floor.host, port=floor.port, count=600, rate=2000, sessions=2)
    report = await run(plan)
    assert sum(report.over_time.counts) == sum(times for _, times in report.latency_counts) == 600
    assert len(report.over_time.counts) >= 3
    assert report.elapsed == report.seconds


async def test_a_rate_is_kept_to(floor: HostPort) -> None:
    report = await run(Plan(host=floor.host, port=floor.port, count=400, rate=2000, sessions=3))
    assert report.accepted == 400
    assert report.seconds >= 0.19


async def test_a_run_of_so_many_seconds_ends_with_everything_answered(floor: HostPort) -> None:
    report = await run(Plan(host=floor.host, port=floor.port, seconds=0.2, sessions=2))
    assert report.submitted == report.accepted > 0
    assert report.failure is None


async def test_each_submit_is_sent_once_with_a_number_of_its_own() -> None:
    async with pretend(lambda sequence, _: accepted(sequence, sequence)) as (port, received):
        await run(Plan(port=port, count=300, sessions=1, window=7, destinations=300))
    submits = [whole for command, whole in received if command == SUBMIT]
    assert len({whole[12:16] for whole in submits}) == 300
    assert len({whole[16:] for whole in submits}) == 300
    assert received[-1][0] == UNBIND


async def test_the_window_is_filled_and_never_exceeded() -> None:
    held: list[int] = []
    most = 0

    def respond(sequence: int, whole: bytes) -> bytes:
        nonlocal most
        held.append(sequence)
        most = max(most, len(held))
        if len(held) < 8:
            return b""
        answers = b"".join(accepted(number, number) for number in held)
        held.clear()
        return answers

    async with pretend(respond) as (port, _):
        report = await run(Plan(port=port, count=80, sessions=1, window=8))
    assert (most, report.accepted) == (8, 80)


async def test_answers_in_any_order_and_of_any_size_are_counted() -> None:
    held: list[int] = []

    def respond(sequence: int, whole: bytes) -> bytes:
        held.append(sequence)
        if len(held) < 5:
            return b""
        answers = b"".join(accepted(number, 10**number) for number in reversed(held))
        held.clear()
        return answers

    async with pretend(respond) as (port, _):
        report = await run(Plan(port=port, count=15, sessions=1, window=5))
    assert (report.accepted, report.unexpected, report.failure) == (15, 0, None)


async def test_rejected_submits_are_counted_by_status() -> None:
    answered = count(1)

    def respond(sequence: int, whole: bytes) -> bytes:
        if next(answered) % 4:
            return accepted(sequence, sequence)
        return pdu(RESPONSE | SUBMIT, sequence, status=THROTTLED)

    async with pretend(respond) as (port, _):
        report = await run(Plan(port=port, count=100, sessions=2, window=10))
    assert report.rejected == {"ESME_RTHROTTLED": 25}
    assert (report.accepted, report.unanswered) == (75, 0)


async def test_a_generic_nack_rejects_the_submit_it_names() -> None:
    async with pretend(lambda n, _: pdu(RESPONSE, n, status=3)) as (port, _):
        report = await run(Plan(port=port, count=10, sessions=1))
    assert report.rejected == {"ESME_RINVCMDID": 10}


async def test_answers_to_nothing_are_counted_as_such() -> None:
    def respond(sequence: int, whole: bytes) -> bytes:
        return accepted(sequence, 1) * 2

    async with pretend(respond) as (port, _):
        report = await run(Plan(port=port, count=20, sessions=1, window=5))
    assert report.accepted == 20
    assert report.unexpected >= 15  # the last few may come after the run is over


async def test_receipts_are_counted_by_how_they_end() -> None:
    ids = count(100)

    def respond(sequence: int, whole: bytes) -> bytes:
        message_id = next(ids)
        stat = b"UNDELIV" if message_id % 10 == 0 else b"DELIVRD"
        return accepted(sequence, message_id) + receipt(message_id, stat)

    async with pretend(respond) as (port, received):
        report = await run(Plan(port=port, count=200, sessions=2, window=10, receipts=True))
    assert report.receipts is not None
    assert report.receipts.by_stat == {"DELIVRD": 180, "UNDELIV": 20}
    assert (report.receipts.received, report.receipts.missing) == (200, 0)
    assert report.receipts.latency_ms["p50"] > 0
    assert report.end_to_end is not None
    assert report.end_to_end > 0
    assert sum(report.over_time.counts) == 200
    answers = [command for command, _ in received if command == RESPONSE | DELIVER]
    assert len(answers) >= 190  # the run may end before the last batch is answered


async def test_a_receipt_may_overtake_the_response_that_names_its_message() -> None:
    ids = count(1)

    def respond(sequence: int, whole: bytes) -> bytes:
        message_id = next(ids)
        return receipt(message_id) + accepted(sequence, message_id)

    async with pretend(respond) as (port, _):
        report = await run(Plan(port=port, count=50, sessions=1, receipts=True))
    assert report.receipts is not None
    assert (report.receipts.received, report.receipts.unknown) == (50, 0)


async def test_duplicate_and_unknown_receipts_and_mo_messages_are_told_apart() -> None:
    def respond(sequence: int, whole: bytes) -> bytes:
        extra = deliver(b"hello from a device", esm_class=0) + receipt(999_999)
        return extra + accepted(sequence, sequence) + receipt(sequence) * 2

    async with pretend(respond) as (port, _):
        report = await run(Plan(port=port, count=10, sessions=1, window=1, receipts=True))
    assert report.receipts is not None
    assert report.mo == 10
    assert (report.receipts.received, report.receipts.unknown) == (10, 1)
    assert report.receipts.duplicate == 10 + 9


async def test_missing_receipts_are_waited_for_and_then_named() -> None:
    def respond(sequence: int, whole: bytes) -> bytes:
        answer = accepted(sequence, sequence)
        return answer if sequence % 5 == 0 else answer + receipt(sequence)

    async with pretend(respond) as (port, _):
        plan = Plan(port=port, count=20, sessions=1, receipts=True, timeout=0.2)
        report = await run(plan)
    assert report.receipts is not None
    assert report.receipts.missing == 4
    assert "still owes 0 responses and 4 receipts" in str(report.failure)


async def test_a_server_that_gives_one_id_twice_is_found_out() -> None:
    async with pretend(lambda n, _: accepted(n, 7)) as (port, _):
        plan = Plan(port=port, count=5, sessions=1, receipts=True, timeout=0.2)
        report = await run(plan)
    assert report.repeated_ids == 4


async def test_silence_is_reported_with_what_is_owed() -> None:
    async with pretend(lambda n, _: b"") as (port, _):
        report = await run(Plan(port=port, count=5, sessions=1, timeout=0.2))
    assert report.unanswered == 5
    assert "still owes 5 responses" in str(report.failure)


async def test_a_probe_from_the_server_is_answered() -> None:
    def respond(sequence: int, whole: bytes) -> bytes:
        return pdu(ENQUIRE, 77) + accepted(sequence, sequence)

    async with pretend(respond) as (port, received):
        await run(Plan(port=port, count=5, sessions=1, window=1))
    assert (RESPONSE | ENQUIRE, pdu(RESPONSE | ENQUIRE, 77)) in received


async def test_a_lost_connection_is_reported_with_what_was_counted() -> None:
    left = count(30, -1)

    def respond(sequence: int, whole: bytes) -> bytes | None:
        return accepted(sequence, sequence) if next(left) else None

    async with pretend(respond) as (port, _):
        report = await run(Plan(port=port, count=1000, sessions=1, window=10))
    assert report.accepted == 30
    assert report.unanswered == report.submitted - 30
    assert "Session 1 of 1 lost its connection to 127.0.0.1" in str(report.failure)
    assert "the server closed it" in str(report.failure)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not SMPP"),
        (pdu(DELIVER, 1, b"\1\1"), "can't be read"),
    ],
)
async def test_octets_that_are_not_smpp_end_the_run_with_a_reason(
    octets: bytes, reason: str
) -> None:
    async with pretend(lambda n, _: octets) as (port, _):
        report = await run(Plan(port=port, count=5, sessions=1))
    assert reason in str(report.failure)


async def test_a_refused_bind_names_the_account_the_status_and_the_cure() -> None:
    class Refusing(PretendSmsc):
        def reply(self, command: int, sequence: int, whole: bytes) -> bytes:
            return pdu(RESPONSE | command, sequence, status=BAD_PASSWORD)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Refusing(lambda n, w: b"", []), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(LoadError, match=r"'fleet' with ESME_RINVPASWD: check --password"):
            await run(Plan(port=port, system_id="fleet", count=1))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan(), "say --count or --seconds"),
        (Plan(count=1, window=0), "--window is 0: it must be more than 0"),
        (Plan(count=1, password="ninechars"), "--password has 9 characters and SMPP 3.4 allows 8"),
        (Plan(count=1, source="Caf\u00e9"), "--source has characters"),
        (Plan(count=1, esm_class=256), "--esm-class is 256: it must be 0 to 255"),
        (Plan(count=1, esm_class=1, receipts=True), "nothing makes receipts: leave out --receipts"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused_with_a_cure(plan: Plan, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        await run(plan)


def test_the_command_reports_as_json(floor: HostPort) -> None:
    done = load("--connect", str(floor), "--count", "500", "--sessions", "2", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["accepted"] == 500
    assert {"throughput", "end_to_end", "seconds", "rejected", "receipts"} <= report.keys()
    assert {"p50", "p90", "p95", "p99", "p99.9", "max", "mean"} == report["latency_ms"].keys()


def test_the_command_reports_as_tables(floor: HostPort) -> None:
    done = load("--connect", str(floor), "--count", "500", "--rate", "5000")
    assert (done.returncode, done.stderr) == (0, "")
    assert "accepted/s" in done.stdout
    assert "p99.9" in done.stdout


def test_the_command_says_when_nobody_listens_and_exits_with_1() -> None:
    address = f"127.0.0.1:{free_port()}"
    done = load("--connect", address)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"Can't connect to {address} (Connection refused): start the")


def test_the_command_says_how_an_address_is_written() -> None:
    done = load("--connect", "localhost")
    assert done.returncode == 1
    assert "'localhost' is not HOST:PORT: write it like 127.0.0.1:2775" in done.stderr
