"""A line to another SMSC that a test holds both ends of."""

from collections.abc import Callable, Sequence
from itertools import count

from smsc.message import Message
from smsc.upstream.line import Answer, Arrival, Listener, Report

ROK = 0


class Wire:
    """A line that keeps what it is given until the test answers."""

    def __init__(self, name: str, listener: Listener, ids: "count[int] | None" = None) -> None:
        self.name = name
        self.window = 10
        self.sent: list[Message] = []
        """All that was ever submitted."""
        self.unanswered: list[Message] = []
        """Those of them that weren't answered."""
        self.bound = False
        self.replies: list[int] = []
        """How what it has brought was answered."""
        self._listener = listener
        self._ids = ids or count(1)

    # For the agent.

    @property
    def room(self) -> int:
        return max(self.window - len(self.unanswered), 0) if self.bound else 0

    def send(self, messages: Sequence[Message]) -> None:
        assert self.bound and 0 < len(messages) <= self.room
        self.sent += messages
        self.unanswered += messages

    # For the test.

    def up(self) -> None:
        self.bound = True
        self._listener.up(self.name)

    def down(self) -> None:
        """Lose the link: what it owes is never answered."""
        self.bound = False
        self.answer_all(None)
        self._listener.down(self.name)

    def answer(
        self, messages: Sequence[Message], status: int | None = ROK, remote_id: str = ""
    ) -> list[str]:
        """Answer some; return the ids that they have on the other side."""
        answers = []
        for message in messages:
            self.unanswered.remove(message)
            given = (remote_id or f"{self.name}-{next(self._ids)}") if status == ROK else ""
            answers.append(Answer(message, status, given))
        if answers:
            self._listener.answered(self.name, answers)
        return [each.remote_id for each in answers]

    def answer_all(self, status: int | None = ROK) -> list[str]:
        return self.answer(list(self.unanswered), status)

    def report(self, *reports: Report, replied: Callable[[int], None] | None = None) -> None:
        for report in reports:
            self._listener.reported(self.name, report, replied or self.replies.append)

    def bring(self, arrival: Arrival) -> None:
        self._listener.arrived(self.name, arrival, self.replies.append)

    @property
    def texts(self) -> list[str]:
        """What was submitted, in order."""
        return [message.payload.decode() for message in self.sent]
