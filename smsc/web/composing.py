"""What a message looks like to who sends it over HTTP, and the submission it becomes."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final, NamedTuple

from msgspec import Meta, Struct, field

from smsc.delivery.submission import Submission
from smsc.message import Address
from smsc.notation import Duration
from smsc.smpp.commands import ESM_UDHI
from smsc.web.problems import problem, refusal
from smsc.web.services import Services
from smsc_encodings import gsm7
from smsc_encodings.dcs import Alphabet, alphabet_of, data_coding_for, encode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.interworking import ONE_PART, carried
from smsc_encodings.segmentation import capacity, smallest, split_octets
from smsc_routing.decision import Reason, Verdict
from smsc_routing.traffic import Party

FINAL_RECEIPT: Final = 1
"""registered_delivery: a receipt for the final state, good or bad (SMPP 5.0, 4.7.21)."""

_SINGLE: Final = capacity(Alphabet.GSM7)
_GSM7: Final = data_coding_for(Alphabet.GSM7)
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_NO_SOURCE: Final = Address(0, 0, "")


Moment = Annotated[datetime, Meta(tz=True)]


class NewMessage(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A message to send: `text`, or the octets of `hex`."""

    to: Annotated[str, Meta(description="The recipient's number.", examples=["491700000001"])]
    text: Annotated[
        str | None,
        Meta(
            description="The text. Without data_coding, it is written in the smallest alphabet.",
            examples=["Hello"],
        ),
    ] = None
    hex: Annotated[
        str | None,
        Meta(description="Octets in hexadecimal, instead of text; binary unless data_coding says."),
    ] = None
    sender: Annotated[
        str | None,
        Meta(description="A number or name of yours; without one, the account's first address."),
    ] = field(name="from", default=None)
    data_coding: (
        Annotated[
            int,
            Meta(ge=0, le=255, description="How text is written, or octets read; SMPP 3.4, 5.2.19"),
        ]
        | None
    ) = None
    receipt: Annotated[
        bool,
        Meta(description="Whether a delivery receipt goes to the account's webhook or receivers."),
    ] = False
    link: Annotated[
        str, Meta(description="The link to leave over, if nobody here has the number in `to`.")
    ] = ""
    not_before: Annotated[
        Moment | None,
        Meta(description="When it is due: RFC 3339 with an offset. At once, if none is given."),
    ] = None
    expires_at: Annotated[
        Moment | None,
        Meta(description="When it is given up: RFC 3339 with an offset, instead of `validity`."),
    ] = None
    validity: Annotated[
        str | None,
        Meta(
            description="For how long it is tried from when it is due, at most as long as the"
            " config grants, which is what it is without.",
            examples=["15m"],
        ),
    ] = None
    priority: Annotated[
        int,
        Meta(
            ge=0,
            le=3,
            description="The higher, the sooner it goes to a device that others wait"
            " for, too; SMPP 3.4, 5.2.14",
        ),
    ] = 0
    udh: Annotated[
        str,
        Meta(
            description="A user data header in hexadecimal, with its length, in front of the text,"
            " which must fit in one short message behind it.",
            examples=["", "060504000007d1"],
        ),
    ] = ""


class Accepted(Struct, frozen=True):
    """A message that is on the disk and on its way."""

    id: Annotated[str, Meta(examples=["0000000001"])]
    data_coding: Annotated[int, Meta(description="How the text was written.")]
    parts: Annotated[int, Meta(description="How many short messages the device is sent.")]


class Payload(NamedTuple):
    """User data as it was written, and how many short messages carry it."""

    octets: bytes
    data_coding: int
    parts: int


def composed(
    account: str, new: NewMessage, services: Services, now: int
) -> tuple[Submission, Payload]:
    """Make the submission of an account's message; raises a problem."""
    payload = _payload(new)
    if new.not_before is not None or new.expires_at is not None or new.validity is not None:
        not_before, expires_at = times(new.not_before, new.expires_at, new.validity, now)
    else:
        not_before = expires_at = 0
    submission = Submission(
        Party.APPLICATION,
        account,
        services.origin.address_of(new.sender) if new.sender else _NO_SOURCE,
        services.origin.address_of(new.to),
        payload.octets,
        payload.data_coding,
        esm_class=ESM_UDHI if new.udh else 0,
        priority=new.priority,
        registered_delivery=FINAL_RECEIPT if new.receipt else 0,
        not_before=not_before,
        expires_at=expires_at,
        link=new.link,
        receipts_to=services.webhooks.receipts_to(account, new.sender or ""),
    )
    return submission, payload


def _payload(new: NewMessage) -> Payload:
    """Write the octets of a message; raises a problem."""
    try:
        octets, data_coding = written(new.text, new.hex, new.data_coding)
    except EncodingError as error:
        raise refusal(Verdict(Reason.BAD_DATA_CODING, detail=str(error))) from error
    if new.udh:
        return Payload(from_hex("udh", new.udh) + octets, data_coding, 1)
    if len(octets) <= ONE_PART:
        return Payload(octets, data_coding, 1)
    try:
        text = carried(octets, data_coding)
        parts = split_octets(text.octets, text.alphabet, reference=0)
    except EncodingError as error:
        raise refusal(Verdict(Reason.TOO_LONG, detail=str(error))) from error
    return Payload(octets, data_coding, len(parts))


def times(
    not_before: datetime | None, expires_at: datetime | None, validity: str | None, now: int
) -> tuple[int, int]:
    """Return when a message is due and when it is given up, in ms, 0 where nobody says.

    Raises a problem.
    """
    due = 0 if not_before is None else _ms(not_before)
    if expires_at is not None and validity is not None:
        raise problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "give expires_at or validity, which say the same"
        )
    if validity is None:
        return due, 0 if expires_at is None else _ms(expires_at)
    try:
        return due, max(now, due) + Duration(validity).ms
    except ValueError as error:
        raise problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"validity: {error}") from error


def _ms(at: datetime) -> int:
    # What was before all time is over all the same: 0 would be no time at all.
    return max((at - _EPOCH) // timedelta(milliseconds=1), 1)


def written(
    text: str | None, digits: str | None, data_coding: int | None = None
) -> tuple[bytes, int]:
    """Write the octets of a text or of hexadecimal digits; raises EncodingError, or a problem."""
    if (text is None) is (digits is None):
        raise problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "a message is either text or hex: give one of them"
        )
    if text is None:
        octets = from_hex("hex", digits or "")
        return octets, data_coding_for(Alphabet.OCTET) if data_coding is None else data_coding
    if data_coding is not None:
        return encode_text(text, alphabet_of(data_coding)), data_coding
    if len(text) <= _SINGLE:
        # Nearly every text is this one, and none takes fewer parts.
        with suppress(EncodingError):
            octets = gsm7.encode(text)
            if len(octets) <= _SINGLE:
                return octets, _GSM7
    alphabet = smallest(text)
    return encode_text(text, alphabet), data_coding_for(alphabet)


def from_hex(member: str, digits: str) -> bytes:
    """Read the octets in a member of a body; raises a problem."""
    try:
        return bytes.fromhex(digits)
    except ValueError as error:
        raise problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{member} isn't pairs of hexadecimal digits: 68656c6c6f is",
        ) from error
