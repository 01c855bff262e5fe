"""What the road asks of SQLite has an index: nothing costs more because more is stored."""

import re

import apsw
import pytest

from smsc.store import counting, forwarding, schema
from smsc.store.schema import Reading
from smsc.store.statement import Statement

LARGE = ("messages", "queue", "forwarded", "counts", "subscribers")
ROAD = {
    schema: (
        "INSERT_MESSAGES",
        "KEEP_PLACES",
        "CHANGE_PLACES",
        "END_MESSAGES",
        "REWRITE_MESSAGES",
        "NOTE_ATTEMPTS",
        "DELETE_PLACES",
        "LOOK_AGAIN",
        "READ_IN_ORDER",
        "READ_READY",
        "READ_DUE",
        "READ_RECORD",
        "NEXT_DUE",
        "NEXT_QUEUES",
        "READ_OWNED",
        "TRAYS",
        "HOLDING",
        "FIRST_LEFT",
        "OLDEST_PLACES",
        "IN_HAND",
        "LAST_ID",
        "READ_HISTORY",
        "READ_GROUP",
        "READ_PLACE",
        "READ_LINE",
    ),
    forwarding: ("_FORWARD", "_ANSWERED", "_READ_KNOWN", "_READ_OVERDUE", "NEXT_DEADLINE"),
    counting: ("_COUNT", "_READ"),
}
SORTED = frozenset({"_READ_KNOWN", "NEXT_QUEUES"})
"""What sorts the few rows that it has found."""


QUERIES = [
    pytest.param(name, getattr(room, name), id=name)
    for room, names in ROAD.items()
    for name in names
]


@pytest.fixture(scope="module")
def db() -> apsw.Connection:
    made = apsw.Connection(":memory:")
    for step in schema.STEPS:
        made.execute(step)
    return made


def texts(query: str | Statement | Reading) -> list[str]:
    if isinstance(query, Statement):
        return [query.sql(2)]
    found = [query.short, query.tray] if isinstance(query, Reading) else [query]
    return [each.replace("{trays}", "(0),(1)") for each in found]


def plan(db: apsw.Connection, query: str) -> list[str]:
    numbered = set(re.findall(r"\?\d+", query))
    bindings = len(numbered) + len(re.findall(r"\?(?!\d)", query))
    return [str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {query}", (0,) * bindings)]


def tables(query: str) -> dict[str, str]:
    """Return the large tables by the names that a query gives them."""
    found = {table: table for table in LARGE}
    for table, alias in re.findall(r"(?:FROM|JOIN) (\w+) (\w)\b", query):
        found[alias] = table
    return found


@pytest.mark.parametrize(("name", "query"), QUERIES)
def test_no_query_of_the_road_goes_through_a_whole_table(
    db: apsw.Connection, name: str, query: str | Statement | Reading
) -> None:
    for text in texts(query):
        names, steps = tables(text), plan(db, text)
        assert steps
        for step in steps:
            verb, _, rest = step.partition(" ")
            assert verb != "SCAN" or names.get(rest.split()[0]) not in LARGE, step
            assert "TEMP B-TREE" not in step or name in SORTED, step


def test_a_query_that_goes_through_a_table_is_seen(db: apsw.Connection) -> None:
    for query in (
        "SELECT state FROM messages WHERE error = ?",
        "SELECT 1 FROM queue q WHERE q.attempts = ?",
    ):
        (step,) = plan(db, query)
        verb, name = step.split()[:2]
        assert (verb, tables(query)[name] in LARGE) == ("SCAN", True)


def test_what_is_due_is_found_by_the_time_alone(db: apsw.Connection) -> None:
    (when,) = (step for step in plan(db, schema.READ_DUE) if "queue_next_at" in step)
    assert when.endswith("USING INDEX queue_next_at (next_at<?)")
    assert plan(db, schema.NEXT_DUE) == ["SEARCH queue USING COVERING INDEX queue_next_at"]
