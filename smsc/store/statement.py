"""Statements for many rows at once: the thread that runs one needs the interpreter but once.

Many rows are asked for and answered in JSON, for the same reason.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any, Final, NamedTuple, TypeVar

import apsw
import msgspec

T = TypeVar("T")

Row = tuple[Any, ...]
Rows = Sequence[tuple["Statement", Sequence[Row]]]

ROWS_AT_ONCE: Final = (256, 64, 16, 4, 1)


class Statement(NamedTuple):
    """A statement for many rows at once: what comes before them, one row, what comes after."""

    head: str
    row: str
    tail: str = ""

    def sql(self, rows: int) -> str:
        """Return the statement for so many rows."""
        return self.head + ",".join([self.row] * rows) + self.tail


def run(db: apsw.Connection, statement: Statement, rows: Sequence[Row]) -> None:
    """Run a statement for all rows, as many at once as there is a prepared form for."""
    at = 0
    for size in ROWS_AT_ONCE:
        while len(rows) - at >= size:
            db.execute(_sql(statement, size), tuple(chain.from_iterable(rows[at : at + size])))
            at += size


@cache
def _sql(statement: Statement, rows: int) -> str:
    return statement.sql(rows)


def number(db: apsw.Connection, query: str, bindings: Row = ()) -> int | None:
    """Return the one number that a query asks for, None if it finds none."""
    for (found,) in db.execute(query, bindings):
        return None if found is None else int(str(found))
    return None


def in_json(values: Sequence[Any]) -> str:
    """Return values as a statement takes them by `json_each`."""
    return msgspec.json.encode(values).decode()


def ask(db: apsw.Connection, query: str, bindings: Row, kind: type[T]) -> T:
    """Return what a query answers in one piece of JSON."""
    ((answer,),) = db.execute(query, bindings)
    return msgspec.json.decode(str(answer), type=kind)
