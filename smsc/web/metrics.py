"""What Prometheus scrapes: the journal's tallies under their names, read when it asks.

No label grows with the traffic: each has the values of a closed set, or the accounts of the
config. Numbers, addresses and words of clients never become labels.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from smsc.journal import Histogram
from smsc.message import State
from smsc.web.services import Services

_HISTOGRAMS: Final = (
    (
        "batch_size",
        "smsc_store_batch_messages",
        "Messages written to the store together, accepted and ended ones alike."
        " Large batches mean that one fsync serves many.",
    ),
    ("write_seconds", "smsc_store_write_seconds", "How long the store took to write a batch."),
    (
        "sync_seconds",
        "smsc_store_fsync_seconds",
        "How much of a write was waiting for the disk: slow here is slow for everyone.",
    ),
    (
        "accept_seconds",
        "smsc_accept_seconds",
        "From a submission to its answer: what a sender waits for a message to be durable.",
    ),
    (
        "delivery_seconds",
        "smsc_delivery_seconds",
        "From acceptance to the final state, whichever it was; detached devices make it long.",
    ),
)


class JournalCollector(Collector):
    """Reads the journal and the rooms at each scrape; in between it costs nothing."""

    def __init__(self, services: Services) -> None:
        """Read these rooms."""
        self._services = services
        self._accounts: dict[str, int] = {}

    def collect(self) -> Iterator[Metric]:
        """Give every metric its name and its value."""
        yield from self._counters()
        yield from self._gauges()
        for attribute, name, text in _HISTOGRAMS:
            yield _histogram(name, text, getattr(self._services.journal, attribute))
        yield self._webhook_seconds()

    def _counters(self) -> Iterator[Metric]:
        journal = self._services.journal
        yield _counter(
            "smsc_submits",
            "Messages submitted at any door, by class of traffic and verdict;"
            " class none could not be told, for the verdict came first.",
            ("class", "reason"),
            journal.submits,
        )
        yield _counter(
            "smsc_amendments",
            "Requests to query, cancel or replace messages, by what came of them.",
            ("operation", "verdict"),
            journal.amendments,
        )
        yield _counter(
            "smsc_deliveries",
            "Attempts to deliver, by the kind of recipient and how they ended.",
            ("agent", "outcome"),
            journal.deliveries,
        )
        yield _counter(
            "smsc_link_answers",
            "Submits to other SMSCs, by link and what was answered.",
            ("link", "meaning"),
            journal.link_answers,
        )
        yield _counter(
            "smsc_link_receipts",
            "Receipts from other SMSCs, by link and what came of them; overdue ones never came.",
            ("link", "outcome"),
            journal.receipts,
        )
        yield _counter(
            "smsc_transients",
            "Messages in datagram or transaction mode, which aren't stored, by how they ended.",
            ("mode", "outcome"),
            journal.transients,
        )
        yield _counter(
            "smsc_webhook_calls",
            "Calls of webhooks, by what the answer meant; only what was taken isn't repeated.",
            ("webhook", "meaning"),
            journal.webhook_calls,
        )
        yield _counter(
            "smsc_dead_letters",
            "Receipts given up: refused once too often, or expired.",
            (),
            {(): journal.dead_letters},
        )
        yield _counter(
            "smsc_finals",
            "Messages that reached a final state, receipts included.",
            ("state",),
            {(State(state).name,): count for state, count in journal.finals.items()},
        )
        yield _counter(
            "smsc_broadcasts",
            "Broadcasts by what happened to them; each repetition counts as sent.",
            ("event",),
            {(event,): count for event, count in journal.broadcasts.items()},
        )
        yield _counter(
            "smsc_refused_binds",
            "Binds refused: wrong passwords and the like.",
            ("reason",),
            {(reason,): count for reason, count in journal.refused_binds.items()},
        )
        yield _counter(
            "smsc_lockouts",
            "Failed binds that locked somebody out: an account at an address, or the address.",
            ("scope",),
            {(scope,): count for scope, count in journal.lockouts.items()},
        )
        yield _counter(
            "smsc_store_failures",
            "Writes that failed: what they held was refused, or is tried again.",
            (),
            {(): journal.store_failures},
        )
        yield _counter(
            "smsc_store_fold_failures",
            "Times the write-ahead log couldn't be folded into the file: it grows meanwhile.",
            (),
            {(): journal.fold_failures},
        )
        yield _counter(
            "smsc_forgotten_records",
            "Messages whose record had been kept for long enough, and is gone.",
            (),
            {(): journal.forgotten_records},
        )
        yield _counter(
            "smsc_forgotten_texts",
            "Messages whose text had been kept for long enough, and was erased.",
            (),
            {(): journal.forgotten_texts},
        )
        yield _counter(
            "smsc_redeliveries",
            "Messages without a place in a queue when the last process died: some may come twice.",
            (),
            {(): journal.redeliveries},
        )

    def _gauges(self) -> Iterator[Metric]:
        services = self._services
        yield GaugeMetricFamily(
            "smsc_ready",
            "1 while /readyz answers that all is well, else 0.",
            0 if services.ready() else 1,
        )
        yield GaugeMetricFamily(
            "smsc_queue_depth",
            "Messages that wait in the store: for an attach, a receiver, a retry, their time.",
            services.scheduler.waiting,
        )
        yield GaugeMetricFamily(
            "smsc_in_hand", "Messages in memory on their way.", services.scheduler.in_hand
        )
        yield GaugeMetricFamily(
            "smsc_ledger_backlog",
            "Messages submitted but not durable yet; beyond 20,000 nobody is let in.",
            services.ledger.backlog,
        )
        yield GaugeMetricFamily(
            "smsc_broadcasts_live",
            "Broadcasts that haven't ended; beyond 10,000 no more is let in.",
            len(services.broadcasts),
        )
        yield self._binds()
        yield from self._links()
        yield self._webhooks()

    def _webhooks(self) -> Metric:
        agent, hooks = self._services.webhook_agent, self._services.webhooks
        up = GaugeMetricFamily(
            "smsc_webhook_up",
            "Whether a webhook is called: not disabled, and not resting because calls failed.",
            labels=("webhook",),
        )
        for hook in hooks:
            called = hooks.enabled(hook.name) and not agent.resting(hook.name)
            up.add_metric((hook.name,), int(called))
        return up

    def _webhook_seconds(self) -> Metric:
        family = HistogramMetricFamily(
            "smsc_webhook_seconds", "How long calls of a webhook took.", labels=("webhook",)
        )
        for name, observed in self._services.journal.webhook_seconds.items():
            family.add_metric((name,), _buckets(observed), observed.total)
        return family

    def _links(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "smsc_link_up",
            "Whether a link to another SMSC is bound, and not resting because it was throttled.",
            labels=("link",),
        )
        outstanding = GaugeMetricFamily(
            "smsc_link_outstanding", "Submits on a link that await an answer.", labels=("link",)
        )
        waiting = GaugeMetricFamily(
            "smsc_link_waiting", "Messages in memory that wait for room.", labels=("link",)
        )
        for outlet in self._services.links():
            label = (outlet.name,)
            up.add_metric(label, int(outlet.usable))
            outstanding.add_metric(label, outlet.outstanding)
            waiting.add_metric(label, len(outlet.shares))
        yield from (up, outstanding, waiting)

    def _binds(self) -> Metric:
        """Count binds; an account that has gone is shown as having none, so that it is noticed."""
        counts = self._services.bindings.counts()
        self._accounts = dict.fromkeys(self._accounts, 0) | counts
        binds = GaugeMetricFamily(
            "smsc_binds", "Sessions bound now, by account.", labels=("account",)
        )
        for account, count in self._accounts.items():
            binds.add_metric((account,), count)
        return binds


def _counter(
    name: str, text: str, labels: tuple[str, ...], counts: Mapping[Any, int]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=labels)
    for values, count in counts.items():
        family.add_metric([str(value) for value in values], count)
    return family


def _histogram(name: str, text: str, observed: Histogram) -> HistogramMetricFamily:
    return HistogramMetricFamily(name, text, _buckets(observed), observed.total)


def _buckets(observed: Histogram) -> list[tuple[str, float]]:
    bounds: Iterable[str] = (*map(floatToGoString, observed.bounds), "+Inf")
    return list(zip(bounds, map(float, accumulate(observed.counts)), strict=True))


def registry(services: Services) -> CollectorRegistry:
    """Make a registry of our metrics, the process's and Python's."""
    made = CollectorRegistry()
    made.register(JournalCollector(services))
    ProcessCollector(registry=made)
    PlatformCollector(registry=made)
    GCCollector(registry=made)
    return made


@get(
    "/metrics",
    tags=["Operation"],
    operation_id="metrics",
    summary="Metrics for Prometheus",
    media_type="text/plain; version=0.0.4",
)
async def metrics(
    request: Request[Any, Any, Any], registry: NamedDependency[CollectorRegistry]
) -> Response[bytes]:
    """Answer in the Prometheus text format, or in OpenMetrics for those who accept it."""
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), headers={"content-type": content_type})
