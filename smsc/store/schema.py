"""The schema of the SQLite store as steps forward: step n brings version n to n + 1."""

from typing import Final, NamedTuple

STEPS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY,
        state INTEGER NOT NULL,
        error INTEGER NOT NULL DEFAULT 0,
        done_at INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        record BLOB NOT NULL
    );
    -- Rank is the priority negated, so that the key's order is the order of delivery.
    CREATE TABLE queue (
        destination TEXT NOT NULL,
        rank INTEGER NOT NULL,
        id INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        PRIMARY KEY (destination, rank, id)
    ) WITHOUT ROWID;
    CREATE INDEX queue_next_at ON queue (next_at);
    CREATE TABLE devices (number TEXT PRIMARY KEY, attached INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO marks VALUES ('oldest_in_hand', 0);
    """,
    """
    -- AUTOINCREMENT, for the highest id must be known when its broadcast is long forgotten.
    CREATE TABLE broadcasts (id INTEGER PRIMARY KEY AUTOINCREMENT, record BLOB NOT NULL);
    """,
)


class Statement(NamedTuple):
    """A statement for many rows at once: what comes before them, one row, what comes after.

    The thread that runs it needs the interpreter once a statement, not once a row.
    """

    head: str
    row: str
    tail: str = ""

    def sql(self, rows: int) -> str:
        """Return the statement for so many rows."""
        return self.head + ",".join([self.row] * rows) + self.tail


INSERT_MESSAGES: Final = Statement("INSERT INTO messages (id, state, record) VALUES ", "(?,?,?)")
INSERT_PLACES: Final = Statement("INSERT OR REPLACE INTO queue VALUES ", "(?,?,?,?,?,?)")
KEEP_PLACES: Final = Statement("INSERT OR IGNORE INTO queue VALUES ", "(?,?,?,?,?,?)")
# A final state is written once: a row that has one stays as it is.
END_MESSAGES: Final = Statement(
    "UPDATE messages SET state = e.column2, error = e.column3, done_at = e.column4,"
    " attempts = e.column5 FROM (VALUES ",
    "(?,?,?,?,?)",
    ") AS e WHERE messages.id = e.column1 AND messages.state < 2",
)
REWRITE_MESSAGES: Final = Statement(
    "UPDATE messages SET state = r.column2, record = r.column3, error = 0, attempts = 0"
    " FROM (VALUES ",
    "(?,?,?)",
    ") AS r WHERE messages.id = r.column1 AND messages.state < 2",
)
NOTE_ATTEMPTS: Final = Statement(
    "UPDATE messages SET error = n.column2, attempts = n.column3 FROM (VALUES ",
    "(?,?,?)",
    ") AS n WHERE messages.id = n.column1 AND messages.state < 2",
)
DELETE_PLACES: Final = Statement(
    "DELETE FROM queue WHERE (destination, rank, id) IN (VALUES ", "(?,?,?)", ")"
)
LOOK_AGAIN: Final = Statement(
    "UPDATE queue SET next_at = l.column1 FROM (VALUES ",
    "(?,?,?,?)",
    ") AS l WHERE destination = l.column2 AND rank = l.column3 AND queue.id = l.column4",
)
MOVE_DEVICES: Final = Statement("INSERT OR REPLACE INTO devices VALUES ", "(?,?)")
SAVE_BROADCASTS: Final = Statement("INSERT OR REPLACE INTO broadcasts VALUES ", "(?,?)")
FORGET_BROADCASTS: Final = Statement("DELETE FROM broadcasts WHERE id IN (VALUES ", "(?)", ")")
MARK: Final = Statement("INSERT OR REPLACE INTO marks VALUES ('oldest_in_hand', ", "?", ")")

READ_IN_ORDER: Final = (
    "SELECT m.record, q.not_before, q.attempts, m.error FROM queue q JOIN messages m ON m.id = q.id"
    " WHERE q.destination = ?1 AND (q.not_before <= ?2 OR q.attempts > 0)"
    " ORDER BY q.rank, q.id LIMIT ?3"
)
READ_READY: Final = (
    "SELECT m.record, q.not_before, q.attempts, m.error FROM queue q JOIN messages m ON m.id = q.id"
    " WHERE q.destination = ?1 AND q.not_before <= ?2"
    " ORDER BY q.rank, q.id LIMIT ?3"
)
READ_DUE: Final = (
    "SELECT m.record, q.not_before, q.attempts, m.error FROM queue q JOIN messages m ON m.id = q.id"
    " WHERE q.next_at <= ? ORDER BY q.next_at LIMIT ?"
)
# One seek for each destination: DISTINCT would walk through every message that waits.
NEXT_DESTINATIONS: Final = (
    "WITH RECURSIVE d(name) AS ("
    " SELECT min(destination) FROM queue WHERE destination > ?1"
    " UNION ALL"
    " SELECT (SELECT min(destination) FROM queue WHERE destination > d.name) FROM d"
    " WHERE d.name IS NOT NULL"
    ") SELECT name FROM d WHERE name IS NOT NULL LIMIT ?2"
)
IN_HAND: Final = (
    "SELECT record FROM messages"
    " WHERE id >= (SELECT value FROM marks WHERE name = 'oldest_in_hand') AND state < 2"
)
READ_BROADCASTS: Final = "SELECT record FROM broadcasts ORDER BY id"
LAST_ID: Final = (
    "SELECT max(id) FROM (SELECT max(id) AS id FROM messages"
    " UNION ALL SELECT seq FROM sqlite_sequence WHERE name = 'broadcasts')"
)
READ_HISTORY: Final = "SELECT record, state, error, done_at, attempts FROM messages WHERE id = ?"
# Those that share an id follow the one whose id it is.
READ_GROUP: Final = (
    "SELECT record, state, error, done_at, attempts FROM messages WHERE id > ? ORDER BY id"
)
READ_PLACE: Final = (
    "SELECT not_before, attempts FROM queue WHERE destination = ? AND rank = ? AND id = ?"
)
READ_LINE: Final = (
    "SELECT m.record, q.not_before, q.attempts, m.error FROM queue q JOIN messages m ON m.id = q.id"
    " WHERE q.destination = ? AND (q.rank, q.id) > (?, ?) ORDER BY q.rank, q.id LIMIT ?"
)
