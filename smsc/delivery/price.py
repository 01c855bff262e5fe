"""What a message counts for in the limits: its parts on the radio, or one however it comes."""

from typing import NamedTuple

from smsc.delivery.submission import Submission
from smsc.smpp.commands import ESM_UDHI
from smsc_encodings import udh
from smsc_encodings.errors import EncodingError
from smsc_encodings.interworking import Carried, carried
from smsc_encodings.segmentation import MAX_PARTS, split_octets
from smsc_routing.train import Train, Trains


class Price(NamedTuple):
    """What to charge; for a part of a message that is paid once, which part of which."""

    cost: int
    train: Train | None = None
    sequence: int = 0


def in_parts(submission: Submission) -> Price:
    """Charge for each part that a message is cut into; one with a header is a part itself."""
    if submission.esm_class & ESM_UDHI:
        return Price(1)
    return Price(parts(carried(submission.payload, submission.data_coding)))


def parts(text: Carried) -> int:
    """Return how many parts user data without a header is cut into; 255 if it is too much."""
    try:
        return len(split_octets(text.octets, text.alphabet, reference=0))
    except EncodingError:
        return MAX_PARTS


def once(submission: Submission, source: str, dest: str, trains: Trains, now: int) -> Price:
    """Charge for a message once; parts cut by the sender are free when one has been let in."""
    if not submission.esm_class & ESM_UDHI:
        return Price(1)
    try:
        part = udh.decode(submission.payload).concatenation
    except EncodingError:
        part = None
    if part is None or part.total == 1:
        return Price(1)
    train = Train(submission.account, source, dest, part.reference, part.wide, part.total)
    paid = trains.paid(train, part.sequence, now)
    return Price(0 if paid else 1, train, part.sequence)
