"""What one run has seen so far: answers, receipts, and whether anything is still owed."""

from collections import Counter
from collections.abc import Sequence

from bench.latency import Histogram
from bench.pdu import Receipt, status_name
from bench.timeline import Timeline


class Tally:
    """The counts of one run, shared by its sessions.

    With receipts, an accepted message waits in `_awaiting` until its receipt comes. A receipt may
    overtake the submit_sm_resp that names its message: it waits in `_early` for it.
    """

    def __init__(self, receipts: bool) -> None:
        """Start with nothing seen; ids are kept only if receipts are wanted."""
        self.receipts = receipts
        self.submitted = 0
        self.accepted = 0
        self.rejected: Counter[str] = Counter()
        self.answered = 0
        self.unexpected = 0
        self.mobile_originated = 0
        self.latency = Histogram()
        self.receipt_latency = Histogram()
        self.timeline = Timeline()
        """Of answers that accept, or of receipts if they are wanted."""
        self.stats: Counter[str] = Counter()
        self.duplicate_receipts = 0
        self.repeated_ids = 0
        self.first_submit = 0.0
        self.last_response = 0.0
        self.last_receipt = 0.0
        self.last_activity = 0.0
        self._awaiting: dict[bytes, float] = {}
        self._receipted: set[bytes] = set()
        self._early: dict[bytes, tuple[str, float]] = {}

    @property
    def unanswered(self) -> int:
        """Count submits without a response."""
        return self.submitted - self.answered

    @property
    def missing_receipts(self) -> int:
        """Count accepted messages without a receipt."""
        return len(self._awaiting)

    @property
    def unknown_receipts(self) -> int:
        """Count receipts for messages this run didn't submit."""
        return len(self._early)

    @property
    def unknown_stats(self) -> Counter[str]:
        """Count the receipts for messages this run didn't submit, by their stat."""
        return Counter(stat for stat, _ in self._early.values())

    @property
    def received_receipts(self) -> int:
        """Count messages of this run whose receipt came."""
        return len(self._receipted)

    @property
    def settled(self) -> bool:
        """Tell whether every submit is answered and every receipt is in."""
        return self.answered == self.submitted and not self._awaiting

    def submit(self, count: int, now: float) -> None:
        """Note that messages went out."""
        if not self.submitted:
            self.first_submit = self.timeline.start = now
        self.submitted += count
        self.last_activity = now

    def accept(self, starts: Sequence[float], ids: Sequence[bytes], now: float) -> None:
        """Note that messages submitted at these moments were accepted under these ids."""
        count = len(starts)
        self.accepted += count
        self.answered += count
        self.latency.record_since(starts, now)
        self.last_response = self.last_activity = now
        if self.receipts:
            self._await(starts, ids)
        else:
            self.timeline.record(count, now)

    def reject(self, start: float, status: int, now: float) -> None:
        """Note that a message submitted at this moment was refused."""
        self.answered += 1
        self.rejected[status_name(status)] += 1
        self.latency.record(now - start)
        self.last_response = self.last_activity = now

    def receipt(self, receipt: Receipt, now: float) -> None:
        """Note a delivery receipt."""
        self.last_activity = now
        message_id = receipt.message_id
        if message_id in self._receipted or message_id in self._early:
            self.duplicate_receipts += 1
            return
        start = self._awaiting.pop(message_id, None)
        if start is None:
            self._early[message_id] = (receipt.stat, now)
        else:
            self._settle(receipt, start, now)

    def _await(self, starts: Sequence[float], ids: Sequence[bytes]) -> None:
        before = len(self._awaiting)
        self._awaiting.update(zip(ids, starts, strict=True))
        self.repeated_ids += before + len(starts) - len(self._awaiting)
        if self._early:
            for message_id in self._early.keys() & set(ids):
                stat, moment = self._early.pop(message_id)
                self._settle(Receipt(message_id, stat), self._awaiting.pop(message_id), moment)

    def _settle(self, receipt: Receipt, start: float, now: float) -> None:
        self._receipted.add(receipt.message_id)
        self.stats[receipt.stat] += 1
        self.receipt_latency.record(now - start)
        self.timeline.record(1, now)
        self.last_receipt = max(self.last_receipt, now)
