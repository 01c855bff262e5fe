"""Messages over HTTP: submit one for an account, and ask what became of it."""

from http import HTTPStatus
from typing import Annotated, Any, Final, NamedTuple

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter
from msgspec import Meta, Struct, field

from smsc.delivery.submission import Submission
from smsc.message import Address
from smsc.web.answers import TOKEN, Answers
from smsc.web.export import export
from smsc.web.problems import EVERYWHERE, problem, refusal, spec
from smsc.web.record import MessageRecord, concerns, told
from smsc.web.search import criteria, listing
from smsc.web.services import Services
from smsc_encodings.dcs import Alphabet, alphabet_of, data_coding_for, encode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.interworking import carried
from smsc_encodings.segmentation import smallest, split_octets
from smsc_routing.decision import Reason, Verdict
from smsc_routing.traffic import Party

FINAL_RECEIPT: Final = 1
"""registered_delivery: a receipt for the final state, good or bad (SMPP 5.0, 4.7.21)."""

_LONGEST_ID: Final = 18
_NO_SOURCE: Final = Address(0, 0, "")


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


class Accepted(Struct, frozen=True):
    """A message that is on the disk and on its way."""

    id: Annotated[str, Meta(examples=["0000000001"])]
    data_coding: Annotated[int, Meta(description="How the text was written.")]
    parts: Annotated[int, Meta(description="How many short messages the device is sent.")]


class _Payload(NamedTuple):
    octets: bytes
    data_coding: int
    parts: int


@post(
    "/",
    operation_id="send_message",
    summary="Send a message",
    responses=EVERYWHERE
    | {
        403: spec("The account may not send this; `reason` says why."),
        404: spec("Nobody has the number in `to`."),
        422: spec("The message can't be sent as it is; `reason` and `detail` say why."),
        429: spec("Too much at once; try again after Retry-After seconds."),
        503: spec("The store can't write: nothing was accepted."),
    },
)
async def send(
    request: Request[str, None, Any],
    data: JSONBody[NewMessage],
    services: NamedDependency[Services],
) -> Response[Accepted]:
    """Answer when the message is on the disk: from then on it is delivered, or its end known.

    A text that doesn't fit in one short message goes to the device in parts, under one id.
    """
    payload = _payload(data)
    submission = Submission(
        Party.APPLICATION,
        request.user,
        services.origin.address_of(data.sender) if data.sender else _NO_SOURCE,
        services.origin.address_of(data.to),
        payload.octets,
        payload.data_coding,
        registered_delivery=FINAL_RECEIPT if data.receipt else 0,
        link=data.link,
        receipts_to=services.webhooks.receipts_to(request.user, data.sender or ""),
    )
    answers = Answers()
    services.intake.submit(submission, answers, TOKEN)
    (message_id,) = await answers.ids(1, services.clock)
    return Response(
        Accepted(message_id, payload.data_coding, payload.parts),
        headers={"Location": f"/v1/messages/{message_id}"},
    )


@get(
    "/{message_id:str}",
    operation_id="show_message",
    summary="Show what became of a message",
    responses=EVERYWHERE | {404: spec("The account knows no such message.")},
)
async def show(
    request: Request[str, None, Any],
    message_id: Annotated[str, PathParameter(description="The id it was accepted under.")],
    services: NamedDependency[Services],
) -> MessageRecord:
    """Show a message that the account sent, or one that a device sent to the account.

    An operator's account sees every message.
    """
    viewer = None if request.user in services.operators else request.user
    record = None
    if message_id.isascii() and message_id.isdigit() and len(message_id) <= _LONGEST_ID:
        record = await services.store.record(int(message_id))
    if record is None or not concerns(record.history, viewer):
        raise problem(
            HTTPStatus.NOT_FOUND,
            f"account {request.user} knows no message {message_id[:40]!r};"
            " ids are as they were answered to the one who sent it",
            title="Unknown message",
        )
    return told(record, viewer)


def _payload(data: NewMessage) -> _Payload:
    """Write the octets of a message; raises a problem."""
    try:
        octets, data_coding = written(data.text, data.hex, data.data_coding)
    except EncodingError as error:
        raise refusal(Verdict(Reason.BAD_DATA_CODING, detail=str(error))) from error
    try:
        text = carried(octets, data_coding)
        parts = split_octets(text.octets, text.alphabet, reference=0)
    except EncodingError as error:
        raise refusal(Verdict(Reason.TOO_LONG, detail=str(error))) from error
    return _Payload(octets, data_coding, len(parts))


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


def router() -> Router:
    """Make the routes under /messages."""
    return Router(
        "/messages",
        route_handlers=[send, listing, export, show],
        dependencies={"criteria": Provide(criteria)},
        tags=["Messages"],
    )
