"""What happened to each message, as plain tallies: counted beside the road, read on a scrape.

Every table here is keyed by values of a closed set, so none grows with the traffic. Counting is
an addition on a dictionary of integers; the metrics door gives the tallies their names and help.
"""

from bisect import bisect_left
from collections import Counter

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
MESSAGES = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0)
WAITS = (0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3600.0, 21600.0, 86400.0)


class Histogram:
    """Counts of observations by upper bound, the last bucket being everything above."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        """Make empty buckets with these upper bounds, ascending."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Count a value, or the same value several times over."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.total += value * times


class Journal:
    """The tallies of one service centre since it started."""

    def __init__(self) -> None:
        """Start with everything at nought."""
        self.submits: Counter[tuple[str, str]] = Counter()
        self.deliveries: Counter[tuple[str, str]] = Counter()
        self.amendments: Counter[tuple[str, str]] = Counter()
        """By what was asked (query, cancel, replace) and what came of it."""
        self.finals: Counter[int] = Counter()
        """By the value of `smsc.message.State`."""
        self.broadcasts: Counter[str] = Counter()
        """By what happened: accepted, refused, sent and the like."""
        self.refused_binds: Counter[str] = Counter()
        self.lockouts: Counter[str] = Counter()
        """By who was locked out: an `account` at an address, or the `address`."""
        self.transients: Counter[tuple[str, str]] = Counter()
        """By mode, and how they ended."""
        self.link_answers: Counter[tuple[str, str]] = Counter()
        """By link, and what the other SMSC's answer to a submit meant."""
        self.receipts: Counter[tuple[str, str]] = Counter()
        """By link, and what came of a receipt from it, or of one that didn't come."""
        self.webhook_calls: Counter[tuple[str, str]] = Counter()
        """By webhook, and what its answer meant."""
        self.webhook_seconds: dict[str, Histogram] = {}
        """By webhook."""
        self.dead_letters = 0
        self.redeliveries = 0
        self.store_failures = 0
        self.fold_failures = 0
        """How often the log of the store couldn't be folded into its file."""
        self.forgotten_records = 0
        self.forgotten_texts = 0
        """Messages whose record, or whose text, was kept for long enough."""
        self.batch_size = Histogram(MESSAGES)
        self.write_seconds = Histogram(SECONDS)
        self.sync_seconds = Histogram(SECONDS)
        self.accept_seconds = Histogram(SECONDS)
        self.delivery_seconds = Histogram(WAITS)

    def called(self, webhook: str, meaning: str, seconds: float) -> None:
        """Count a call of a webhook."""
        self.webhook_calls[webhook, meaning] += 1
        took = self.webhook_seconds.get(webhook)
        if took is None:
            took = self.webhook_seconds[webhook] = Histogram(SECONDS)
        took.observe(seconds)

    def forget_webhook(self, name: str) -> None:
        """Forget one that is there no more: names come and go, and nobody bounds them."""
        self.webhook_seconds.pop(name, None)
        for key in [key for key in self.webhook_calls if key[0] == name]:
            del self.webhook_calls[key]
