"""sms.history: the messages of an organisation, or of one thing of it, as far as they are kept."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from smsc.message import LINK, State, kind_and_key, links_and_account
from smsc.store.record import FOREVER, Criteria
from smsc.store.store import History
from smsc.web.record import concerns, shown
from smsc.web.tr50.envelope import Code, Failure
from smsc.web.tr50.ids import message_of, moment, record_id, uuid
from smsc.web.tr50.parameters import Params, invalid
from smsc.web.tr50.room import Caller, Room
from smsc.web.tr50.things import SENDING, counted, number_of
from smsc_encodings.dcs import Alphabet, alphabet_of

LONGEST_LIST: Final = 500
DEFAULT_LIST: Final = 50
FURTHEST: Final = 10_000
"""So far into the list anybody may ask."""
MOST_IDS: Final = 100
MOST_LOOKS: Final = 50
"""So many bounded looks at the store are taken for one answer."""
MESSAGES_A_LOOK: Final = 500

MOBILE_ORIGINATED, MOBILE_TERMINATED = "mo", "mt"
_DIRECTIONS: Final = (MOBILE_ORIGINATED, MOBILE_TERMINATED)
_SORTS: Final = {"-dateSent": True, "dateSent": False}
_TEXTS: Final = ("body", "text")

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_LAST: Final = re.compile(r"([0-9]{1,6})([smhdw])", re.ASCII)
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
_CODINGS: Final = {Alphabet.OCTET: "EIGHT_BIT", Alphabet.UCS2: "UCS2"}

_Filter = Callable[[History], bool]


class _Wanted(NamedTuple):
    """What is asked for: of those that match, newest first or not, so many after so many."""

    criteria: Criteria
    matches: _Filter
    newest_first: bool
    offset: int
    limit: int
    records: int | None


async def history(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """List messages that the organisation sent or was sent."""
    account = caller.session.account
    wanted = await _wanted(room, account, params)
    ids = params.texts("ids")
    if ids is not None:
        found = await _of_ids(room, account, ids, wanted)
    elif wanted.records is not None:
        found = await _searched(room, wanted, wanted.records, newest_first=True)
        if not wanted.newest_first:
            found.reverse()
    else:
        enough = wanted.offset + wanted.limit + 1
        found = await _searched(room, wanted, enough, wanted.newest_first)
    rows = [_row(room, account, each) for each in found[wanted.offset :][: wanted.limit + 1]]
    return counted(wanted.offset, rows, wanted.limit)


async def _wanted(room: Room, account: str, params: Params) -> _Wanted:
    """Read what is asked for; raises Failure."""
    sort = params.text("sort") or "-dateSent"
    if sort not in _SORTS:
        raise invalid("sort", f"write {' or '.join(_SORTS)}.")
    since, until = _times(params, room.services.clock.now())
    return _Wanted(
        Criteria(
            account=account,
            device=await number_of(room, params, SENDING),
            since=since,
            until=until,
        ),
        _filter(params),
        _SORTS[sort],
        params.within("offset", 0, 0, FURTHEST),
        params.within("limit", DEFAULT_LIST, 1, LONGEST_LIST),
        params.within("records", 1, 1, FURTHEST) if "records" in params else None,
    )


def _times(params: Params, now: int) -> tuple[int, int]:
    """Read the earliest time, and the first one too late; raises Failure."""
    last = params.text("last")
    if last is None:
        since, until = _time(params, "start"), _time(params, "end")
        return since or 0, FOREVER if until is None else until + 1
    match = _LAST.fullmatch(last)
    if match is None:
        raise invalid("last", "write a number and one of s, m, h, d and w, such as 24h.")
    return max(now - 1000 * int(match[1]) * _UNITS[match[2]], 0), FOREVER


def _time(params: Params, name: str) -> int | None:
    text = params.text(name)
    if text is None:
        return None
    try:
        at = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        raise invalid(name, "write a time of RFC 3339, such as 2026-11-21T08:00:00Z.") from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _filter(params: Params) -> _Filter:
    """Read what else must hold of a message; raises Failure."""
    direction = params.text("direction")
    if direction is not None and direction not in _DIRECTIONS:
        raise invalid("direction", f"write {' or '.join(_DIRECTIONS)}.")
    texts = [text for name in _TEXTS if (text := params.text(name))]
    tagged = bool(params.texts("tags"))

    def matches(history: History) -> bool:
        # Messages have no tags here, so none has the one that is asked for.
        if tagged or (direction is not None and direction != _direction(history)):
            return False
        return not texts or _says(history, texts)

    return matches


def _says(history: History, texts: Sequence[str]) -> bool:
    body = (shown(history, "").text or "").casefold()
    return all(text.casefold() in body for text in texts)


async def _of_ids(room: Room, account: str, ids: Sequence[str], wanted: _Wanted) -> list[History]:
    """Return the messages with these ids that the organisation has; raises Failure."""
    if len(ids) > MOST_IDS:
        raise invalid("ids", f"ask for up to {MOST_IDS} at once.")
    numbers = {number for each in ids if (number := message_of(each, account)) is not None}
    found = [await room.services.store.history(number) for number in sorted(numbers)]
    kept = [each for each in found if each is not None and concerns(each, account)]
    kept = [each for each in kept if wanted.matches(each)]
    return kept[::-1] if wanted.newest_first else kept


async def _searched(room: Room, wanted: _Wanted, enough: int, newest_first: bool) -> list[History]:
    """Look for so many messages; raises Failure if too much would have to be looked through."""
    found: list[History] = []
    after: int | None = None
    for _ in range(MOST_LOOKS):
        listing = await room.services.store.search(
            wanted.criteria, after, min(enough - len(found), MESSAGES_A_LOOK), newest_first
        )
        found += filter(wanted.matches, listing.found)
        after = listing.after
        if after is None or len(found) >= enough:
            return found
    raise Failure(
        Code.TOO_MANY, "Too many messages to look through: narrow it by start and end, or last."
    )


def _direction(history: History) -> str:
    return MOBILE_TERMINATED if history.message.account else MOBILE_ORIGINATED


def _row(room: Room, account: str, history: History) -> dict[str, Any]:
    message, status = history.message, shown(history, account)
    direction = _direction(history)
    row: dict[str, Any] = {
        "id": record_id(message.id, account),
        "uuid": uuid(message.id),
        "direction": direction,
        "type": direction,
        "from": status.sender,
        "to": status.to,
        "encoding": _CODINGS.get(alphabet_of(message.data_coding), "SEVEN_BIT"),
        "status": history.state.name.lower(),
        "dateSent": moment(message.accepted_at),
        "preferredSmsc": _smsc(room, history),
    }
    body = status.text if row["encoding"] != "EIGHT_BIT" else status.hex
    if body is not None or status.hex is not None:
        row["body"] = body if body is not None else status.hex
    if history.state is State.DELIVERED:
        row["deliveredTime"] = moment(history.done_at)
    return row


def _smsc(room: Room, history: History) -> str:
    """Return the SMSC that serves whoever a message is for."""
    message = history.message
    if message.link or kind_and_key(message.destination)[0] != LINK:
        return message.link or room.own_smsc
    return links_and_account(message.destination)[0][0]
