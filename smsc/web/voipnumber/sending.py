"""An SMS from a number of the account's."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from smsc.delivery.submission import Submission
from smsc.web.data_record import mdr_id
from smsc.web.services import Services
from smsc.web.submitting import NotAnswered, submit
from smsc.web.voipnumber.answers import ErrorCode, Refused
from smsc_encodings.dcs import data_coding_for, encode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.segmentation import smallest
from smsc_routing.decision import Reason, Verdict
from smsc_routing.traffic import Party

BODIES: Final = ("body", "text", "message")
_CREATED: Final = "%d %b %Y %H:%M:%S"

_CODES: Final = {
    Reason.UNKNOWN_DESTINATION: ErrorCode.NUMBER_NOT_FOUND,
    Reason.SOURCE_NOT_ALLOWED: ErrorCode.NUMBER_OWNERSHIP,
    Reason.SWITCHED_OFF: ErrorCode.NOT_ALLOWED,
    Reason.QUOTA: ErrorCode.TOO_MANY_MESSAGES,
    Reason.RATE_LIMIT: ErrorCode.TOO_MANY_MESSAGES,
    Reason.STORE_BEHIND: ErrorCode.TOO_MANY_MESSAGES,
    Reason.STORE_FAILED: ErrorCode.UNAVAILABLE,
    Reason.NOT_DELIVERED: ErrorCode.UNAVAILABLE,
}


async def send(services: Services, account: str, members: Mapping[str, object]) -> dict[str, Any]:
    """Send an SMS; return its data as it is queued. Raises Refused."""
    source = own_number(services, account, _text(members, "from"))
    to, body = _text(members, "to"), _body(members)
    if not to:
        raise Refused(ErrorCode.MESSAGE_INVALID, "to is empty")
    try:
        alphabet = smallest(body)
        octets = encode_text(body, alphabet)
    except EncodingError as error:
        raise Refused(ErrorCode.MESSAGE_INVALID, str(error)) from error
    now = services.clock.now()
    submission = Submission(
        Party.APPLICATION,
        account,
        services.origin.address_of(source),
        services.origin.address_of(to),
        octets,
        data_coding_for(alphabet),
    )
    try:
        answer = await submit(services, submission)
    except NotAnswered as error:
        raise Refused(ErrorCode.UNAVAILABLE, str(error)) from error
    if isinstance(answer, Verdict):
        raise refusal(answer)
    return {
        "status": "queued",
        "body": body,
        "timestamp_s": now // 1000,
        "created": created(now),
        "id": str(mdr_id(answer)),
    }


def own_number(services: Services, account: str, written: str) -> str:
    """Return a number as it is compared, if it is the account's; raises Refused."""
    if not written:
        raise Refused(ErrorCode.MESSAGE_INVALID, "from is empty")
    number = written.removeprefix("+")
    if number in numbers_of(services, account):
        return number
    taken = any(number in numbers_of(services, name) for name in services.accounts)
    raise Refused(ErrorCode.NUMBER_OWNERSHIP if taken else ErrorCode.NUMBER_NOT_FOUND)


def numbers_of(services: Services, account: str) -> tuple[str, ...]:
    """Return the numbers and names that an account owns."""
    found = services.users.find(account)
    return found.addresses if found is not None else ()


def created(ms: int) -> str:
    """Write a time as records have it: UTC, to the second."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime(_CREATED)


def refusal(verdict: Verdict) -> Refused:
    """Turn a verdict that isn't `accepted` into an error."""
    code = _CODES.get(verdict.reason, ErrorCode.MESSAGE_INVALID)
    seconds = -(-verdict.retry_after_ms // 1000)
    again = f"; try again in {seconds} s" if seconds else ""
    return Refused(code, f"{verdict.detail}{again}")


def _text(members: Mapping[str, object], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise Refused(ErrorCode.MESSAGE_INVALID, f"{name} isn't a string")
    return value.strip()


def _body(members: Mapping[str, object]) -> str:
    for name in BODIES:
        value = members.get(name)
        if isinstance(value, str):
            return value
        if value is not None:
            raise Refused(ErrorCode.MESSAGE_INVALID, f"{name} isn't a string")
    raise Refused(ErrorCode.MESSAGE_INVALID, "there is no body")
