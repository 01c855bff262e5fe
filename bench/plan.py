"""What a run is asked to do, and what it reports."""

from typing import Self

from msgspec import Struct

from bench.address import HostPort
from bench.latency import Histogram
from bench.pdu import (
    ESM_MODE_MASK,
    UNSTORED_MODES,
    Submits,
    encode_text,
    numbers,
    submit,
)
from bench.tally import Tally
from bench.timeline import OverTime

_MOST_PLACES = 15


class Plan(Struct, frozen=True, kw_only=True):
    """What to submit, where, and how fast."""

    host: str = "127.0.0.1"
    port: int = 2775
    system_id: str = "demo"
    password: str = "demo"
    sessions: int = 10
    window: int = 50
    count: int | None = None
    seconds: float | None = None
    rate: float | None = None
    receipts: bool = False
    source: str = "1234"
    destination: str = "4471########"
    destinations: int = 10_000
    text: str = "Load test message."
    data_coding: int = 0
    esm_class: int = 0
    validity: str = ""
    """validity_period (SMPP 3.4, 7.1.1)."""
    timeout: float = 30.0

    @property
    def address(self) -> HostPort:
        """Where the SMSC listens."""
        return HostPort(self.host, self.port)

    def check(self) -> Self:
        """Raise ValueError with what is wrong and what to do, if something is."""
        for name, value in (
            ("--sessions", self.sessions),
            ("--window", self.window),
            ("--destinations", self.destinations),
            ("--count", self.count),
            ("--seconds", self.seconds),
            ("--rate", self.rate),
            ("--timeout", self.timeout),
        ):
            if value is not None and value <= 0:
                raise ValueError(f"{name} is {value}: it must be more than 0")
        if self.count is None and self.seconds is None:
            raise ValueError("The run has no end: say --count or --seconds")
        for name, octet in (("--data-coding", self.data_coding), ("--esm-class", self.esm_class)):
            if not 0 <= octet <= 255:
                raise ValueError(f"{name} is {octet}: it must be 0 to 255")
        if self.receipts and self.esm_class & ESM_MODE_MASK in UNSTORED_MODES:
            raise ValueError(
                f"--esm-class {self.esm_class} asks for datagram or transaction mode, in which "
                "nothing makes receipts: leave out --receipts"
            )
        if self.destination.count("#") > _MOST_PLACES:
            raise ValueError(f"--destination has more than {_MOST_PLACES} '#': no number is longer")
        for name, text, most in (
            ("--system-id", self.system_id, 15),
            ("--password", self.password, 8),
            ("--source", self.source, 20),
            ("--destination", self.destination, 20),
        ):
            if not text.isascii() or "\0" in text:
                raise ValueError(f"{name} has characters that SMPP can't carry: use ASCII")
            if len(text) > most:
                raise ValueError(f"{name} has {len(text)} characters and SMPP 3.4 allows {most}")
        return self

    def submits(self) -> Submits:
        """Encode the messages, a whole window of them at least."""
        text = encode_text(self.text, self.data_coding)
        chosen = numbers(self.destination, self.destinations)
        return Submits(
            [
                submit(
                    self.source,
                    to,
                    text,
                    self.data_coding,
                    self.receipts,
                    self.esm_class,
                    self.validity,
                )
                for to in chosen
            ]
        )


class Receipts(Struct, frozen=True, kw_only=True):
    """What became of the receipts: latency counts from the submit_sm to its receipt."""

    received: int
    by_stat: dict[str, int]
    missing: int
    duplicate: int
    unknown: int
    latency_ms: dict[str, float]
    latency_counts: list[tuple[float, int]]


class Report(Struct, frozen=True, kw_only=True):
    """What a run measured: rates in messages a second, latencies in milliseconds."""

    throughput: float
    end_to_end: float | None
    seconds: float
    submitted: int
    accepted: int
    rejected: dict[str, int]
    unanswered: int
    unexpected: int
    repeated_ids: int
    latency_ms: dict[str, float]
    latency_counts: list[tuple[float, int]]
    """How many stayed below so many milliseconds, and not below those before."""
    over_time: OverTime
    """Messages accepted, or with receipts those whose receipt came."""
    receipts: Receipts | None
    mo: int
    sessions: int
    window: int
    rate: float | None
    elapsed: float
    """Seconds from the first submit to the last answer or receipt."""
    generator_cpu: float
    failure: str | None


def report(plan: Plan, tally: Tally, cpu: float, failure: str | None) -> Report:
    """Sum up a run that used so many seconds of processor."""
    seconds = max(0.0, tally.last_response - tally.first_submit)
    to_receipt = tally.last_receipt - tally.first_submit
    busy = max(seconds, to_receipt)
    return Report(
        throughput=_per_second(tally.accepted, seconds),
        end_to_end=_per_second(tally.received_receipts, to_receipt) if plan.receipts else None,
        seconds=round(seconds, 6),
        submitted=tally.submitted,
        accepted=tally.accepted,
        rejected=dict(tally.rejected.most_common()),
        unanswered=tally.unanswered,
        unexpected=tally.unexpected,
        repeated_ids=tally.repeated_ids,
        latency_ms=tally.latency.summary(),
        latency_counts=tally.latency.counts(),
        over_time=tally.timeline.over_time(),
        receipts=_receipts(tally, tally.receipt_latency) if plan.receipts else None,
        mo=tally.mobile_originated,
        sessions=plan.sessions,
        window=plan.window,
        rate=plan.rate,
        elapsed=round(busy, 6),
        generator_cpu=round(min(1.0, cpu / busy), 3) if busy else 0.0,
        failure=failure,
    )


def _receipts(tally: Tally, latency: Histogram) -> Receipts:
    return Receipts(
        received=tally.received_receipts,
        by_stat=dict(tally.stats.most_common()),
        missing=tally.missing_receipts,
        duplicate=tally.duplicate_receipts,
        unknown=tally.unknown_receipts,
        latency_ms=latency.summary(),
        latency_counts=latency.counts(),
    )


def _per_second(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds > 0 else 0.0
