"""Message data records: what an account sent and received, and what its webhook said to it."""

from collections.abc import Mapping
from typing import Any, Final

from smsc.message import WEBHOOK, State, kind_and_key
from smsc.store.record import Criteria
from smsc.store.store import History
from smsc.web.data_record import mdr_id, message_of
from smsc.web.record import MessageStatus, concerns, shown
from smsc.web.services import Services
from smsc.web.voipnumber.answers import ErrorCode, Refused
from smsc.web.voipnumber.sending import created
from smsc.web.webhooks.event import content
from smsc.web.webhooks.voipnumber import announces_mms, location, plus

LONGEST_LIST: Final = 500
DEFAULT_LIST: Final = 50

_QUEUED: Final = frozenset({State.SCHEDULED, State.ENROUTE, State.ACCEPTED})
_OK: Final = 200
_LOWEST: Final = 100


async def listing(services: Services, account: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """List records, the newest first; `next` says where to go on. Raises Refused."""
    criteria = Criteria(account=account)
    limit, after = _limit(asked.get("limit")), _after(asked.get("after"))
    found, last = await services.store.search(criteria, after, limit, newest_first=True)
    return {
        "records": [described(history, account) for history in found],
        "next": None if last is None else str(mdr_id(last)),
    }


async def find(services: Services, account: str, record_id: str) -> dict[str, Any]:
    """Return the record with this id; raises Refused."""
    message_id = message_of(record_id)
    history = None if message_id is None else await services.store.history(message_id)
    if history is None or not concerns(history, account):
        raise Refused(ErrorCode.RECORD_NOT_FOUND)
    return described(history, account)


def described(history: History, account: str) -> dict[str, Any]:
    """Describe a message as an account has it."""
    message, told = history.message, shown(history, account)
    sent = message.account == account
    return {
        "id": str(mdr_id(message.id)),
        "timestamp_s": message.accepted_at // 1000,
        "created": created(message.accepted_at),
        "direction": "outbound" if sent else "inbound",
        "from": plus(message.source),
        "to": plus(message.dest),
        **_content(history, told),
        "status": _status(history) if sent else "received",
        **_webhook(history),
    }


def _content(history: History, told: MessageStatus) -> dict[str, Any]:
    """Tell what a message carries: an MMS is told by where it can be fetched."""
    found = content(history.message)
    if not history.erased and announces_mms(found):
        return {"type": "mms", "body": location(found)}
    return {"type": "sms", "body": told.text if told.text is not None else told.hex}


def _status(history: History) -> str:
    return "queued" if history.state in _QUEUED else history.state.name.lower()


def _webhook(history: History) -> dict[str, Any]:
    """Tell whether a webhook was called, and with which status it answered; null if it didn't."""
    if kind_and_key(history.message.destination)[0] != WEBHOOK or not history.attempts:
        return {"webhook_called": False, "webhook_status": None}
    status = _OK if history.state is State.DELIVERED else history.error
    # Below are the reasons for which there was none.
    return {"webhook_called": True, "webhook_status": status if status >= _LOWEST else None}


def _limit(written: str | None) -> int:
    if written is None:
        return DEFAULT_LIST
    if not (written.isascii() and written.isdigit() and len(written) < 10 and int(written)):
        raise Refused(ErrorCode.MESSAGE_INVALID, f"limit isn't a number from 1 to {LONGEST_LIST}")
    return min(int(written), LONGEST_LIST)


def _after(written: str | None) -> int | None:
    if written is None:
        return None
    message_id = message_of(written)
    if message_id is None:
        raise Refused(ErrorCode.MESSAGE_INVALID, "after isn't the next of a list before")
    return message_id
