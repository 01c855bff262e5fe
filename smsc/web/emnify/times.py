"""Times as this dialect writes them: to the millisecond, UTC, with an offset without a colon."""

from datetime import UTC, datetime

from smsc.web.emnify.errors import BAD_FORMAT, Wrong


def shown(ms: int) -> str | None:
    """Write milliseconds since the epoch, None for 0."""
    if not ms:
        return None
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}+0000"


def plain(ms: int) -> str:
    """Write them as quotas and webhooks do: to the second."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%d %H:%M:%S}"


def read(text: str, field: str) -> int:
    """Read a time of ISO 8601, UTC unless it says otherwise; raises Wrong."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        words = f"{field} {text[:40]!r}: write it in ISO 8601, as in 2026-11-22T08:00:00Z"
        raise Wrong(BAD_FORMAT, words) from error
