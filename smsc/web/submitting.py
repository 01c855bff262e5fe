"""One message handed to intake, for doors that have words of their own for what becomes of it."""

import asyncio
from typing import Final

from msgspec.structs import replace

from smsc.delivery.submission import Submission
from smsc.web.composing import FINAL_RECEIPT
from smsc.web.services import Services
from smsc_routing.decision import Verdict

SECONDS_TO_WAIT: Final = 10.0
_TOKEN: Final = 0


class NotAnswered(Exception):
    """The store took too long to write: whether the message was accepted isn't known."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(
            f"the store took longer than {SECONDS_TO_WAIT:.0f} s to write, so whether the message"
            " was accepted isn't known"
        )


class _Answer:
    """A submitter for one submission."""

    def __init__(self) -> None:
        self.given: asyncio.Future[int | Verdict] = asyncio.get_running_loop().create_future()

    def accepted(self, token: int, message_id: int) -> None:
        """Take note that it is durable."""
        self._give(message_id)

    def refused(self, token: int, verdict: Verdict) -> None:
        """Take note that it was refused."""
        self._give(verdict)

    def flush(self) -> None:
        """Nothing to do: whoever waits was told already."""

    def give_up(self) -> None:
        """Have whoever waits wait no longer."""
        if not self.given.done():
            self.given.set_exception(NotAnswered())

    def _give(self, answer: int | Verdict) -> None:
        # The one who waited may be gone.
        if not self.given.done():
            self.given.set_result(answer)


async def submit(services: Services, submission: Submission) -> int | Verdict:
    """Return the id under which a message is durable, or why it was refused.

    If its account has a webhook for receipts, there is one to tell. Raises NotAnswered.
    """
    queue = services.webhooks.receipts_to(submission.account, submission.source.digits)
    if queue:
        submission = replace(submission, receipts_to=queue, registered_delivery=FINAL_RECEIPT)
    answer = _Answer()
    timer = services.clock.call_later(SECONDS_TO_WAIT, answer.give_up)
    try:
        services.intake.submit(submission, answer, _TOKEN)
        return await answer.given
    finally:
        timer.cancel()
