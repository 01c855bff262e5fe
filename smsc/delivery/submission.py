"""What every door hands to intake, and how intake answers: the same for SMPP, HTTP and devices."""

from typing import Protocol

from msgspec import Struct

from smsc.message import Address
from smsc_routing.decision import Verdict
from smsc_routing.traffic import Party


class Submission(Struct, frozen=True, gc=False):
    """A message as a sender asked for it, before anything is decided.

    `account` is the submitting application's, empty for a device. Times are milliseconds since
    the epoch, 0 where the sender left them open. `replace` asks to put it in the place of one
    that waits, from the same account and source to the same destination, with the same
    service_type (SMPP 3.4, 5.2.18). `watch` asks to be told when a device that can't be reached
    comes back (SMPP 3.4, 5.3.2.28). `link` is the link that the submitter asked for, or for what
    came from another SMSC the one it came in over. The rest is as in `smsc.message.Message`.
    """

    party: Party
    account: str
    source: Address
    dest: Address
    payload: bytes
    data_coding: int = 0
    esm_class: int = 0
    protocol_id: int = 0
    priority: int = 0
    registered_delivery: int = 0
    service_type: str = ""
    not_before: int = 0
    expires_at: int = 0
    user_reference: int = -1
    replace: bool = False
    watch: bool = False
    link: str = ""
    trail: str = ""
    receipts_to: str = ""


class Submitter(Protocol):
    """Whoever waits for an answer; told in batches, then flushed once."""

    def accepted(self, token: int, message_id: int) -> None:
        """Take note that this submission is durable, under this id."""

    def refused(self, token: int, verdict: Verdict) -> None:
        """Take note that this submission was not accepted, and why."""

    def flush(self) -> None:
        """Send what was noted: called once after a batch of answers."""
