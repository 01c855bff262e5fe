"""Messages that other SMSCs bring: each gets its verdict like any other, and then its answer."""

from collections.abc import Callable
from itertools import count
from typing import Final, TypeAlias

from smsc.delivery.submission import Submission, Submitter
from smsc.smpp.commands import ESM_MODE_MASK
from smsc.upstream.line import Arrival, Reply
from smsc.upstream.meanings import ANSWERS
from smsc_routing.decision import Reason, Verdict
from smsc_routing.traffic import Party

Submit: TypeAlias = Callable[[Submission, Submitter, int], None]
"""The way in: a submission, who waits for the answer, and the token to answer with."""

_ESM_KEPT: Final = 0xFF & ~ESM_MODE_MASK
"""A delivery has no mode: those bits say nothing (3.4 clause 5.2.12)."""


class Arrivals:
    """Hands in what arrives, and answers when it is durable."""

    def __init__(self, submit: Submit) -> None:
        """Submit to this intake, which bounds how many wait."""
        self._submit = submit
        self._tokens = count()
        self._replies: dict[int, Reply] = {}

    def take(self, link: str, arrival: Arrival, reply: Reply) -> None:
        """Submit what arrived over a link."""
        token = next(self._tokens)
        self._replies[token] = reply
        submission = Submission(
            Party.LINK,
            "",
            arrival.source,
            arrival.dest,
            arrival.payload,
            arrival.data_coding,
            arrival.esm_class & _ESM_KEPT,
            arrival.protocol_id,
            arrival.priority,
            service_type=arrival.service_type,
            link=link,
            trail=arrival.trail,
        )
        self._submit(submission, self, token)

    def accepted(self, token: int, message_id: int) -> None:
        """Answer that a message was taken: it is durable."""
        self._replies.pop(token)(ANSWERS[Reason.ACCEPTED])

    def refused(self, token: int, verdict: Verdict) -> None:
        """Answer that a message was not taken, for good or for now."""
        self._replies.pop(token)(ANSWERS[verdict.reason])

    def flush(self) -> None:
        """Do nothing: each answer is on its way already."""
