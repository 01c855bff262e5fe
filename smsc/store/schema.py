"""The schema of the SQLite store as steps forward: step n brings version n to n + 1."""

from typing import Final

from smsc.store.statement import Statement

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
    """
    -- A device has a row for each import it came with, until those before the last are swept away;
    -- that of import 0 was written alone. Identities of digits only are numbers. AUTOINCREMENT, for
    -- the rows of an import are those from its first one on, whatever is deleted meanwhile.
    CREATE TABLE subscribers (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        number TEXT NOT NULL,
        import INTEGER NOT NULL,
        attached INTEGER NOT NULL,
        policy INTEGER NOT NULL,
        link INTEGER NOT NULL,
        latency_ms INTEGER NOT NULL,
        error INTEGER NOT NULL,
        permanent INTEGER NOT NULL,
        overrides BLOB,
        iccid, imsi, imei, esn, meid, name, thing_key, id
    );
    CREATE INDEX subscribers_number ON subscribers (number, import);
    CREATE INDEX subscribers_iccid ON subscribers (iccid) WHERE iccid IS NOT NULL;
    CREATE INDEX subscribers_imsi ON subscribers (imsi) WHERE imsi IS NOT NULL;
    CREATE INDEX subscribers_imei ON subscribers (imei) WHERE imei IS NOT NULL;
    CREATE INDEX subscribers_esn ON subscribers (esn) WHERE esn IS NOT NULL;
    CREATE INDEX subscribers_meid ON subscribers (meid) WHERE meid IS NOT NULL;
    CREATE INDEX subscribers_name ON subscribers (name) WHERE name IS NOT NULL;
    CREATE INDEX subscribers_thing_key ON subscribers (thing_key) WHERE thing_key IS NOT NULL;
    CREATE INDEX subscribers_id ON subscribers (id) WHERE id IS NOT NULL;
    -- Names of policies and links, so that a device needs an octet for one and none for the usual.
    CREATE TABLE names (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    INSERT INTO names VALUES (0, ''), (1, 'default');
    -- Imports whose rows need a look: 0 is under way, 1 has ended, 2 was given up. The rows of 0
    -- and 2 aren't seen. AUTOINCREMENT, for rows bear the number of an import long forgotten.
    CREATE TABLE imports (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        state INTEGER NOT NULL,
        first_row INTEGER NOT NULL
    );
    INSERT INTO marks VALUES ('last_device_id', 0);
    CREATE TABLE policies (name TEXT PRIMARY KEY, text BLOB NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE counts (
        subject TEXT NOT NULL,
        window TEXT NOT NULL,
        total INTEGER NOT NULL,
        ends INTEGER NOT NULL,
        PRIMARY KEY (subject, window)
    ) WITHOUT ROWID;
    CREATE INDEX counts_ends ON counts (ends);
    """,
    """
    -- The higher the row, the later it was forwarded.
    CREATE TABLE forwarded (
        row INTEGER PRIMARY KEY,
        id INTEGER NOT NULL UNIQUE,
        link TEXT NOT NULL,
        remote_id TEXT NOT NULL,
        deadline INTEGER NOT NULL,
        attempts INTEGER NOT NULL
    );
    CREATE INDEX forwarded_remote_id ON forwarded (remote_id, link);
    CREATE INDEX forwarded_deadline ON forwarded (deadline);
    """,
    """
    INSERT OR IGNORE INTO marks VALUES ('instance', abs(random()) % 16777216);
    """,
    """
    ALTER TABLE subscribers ADD COLUMN memory INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE subscribers ADD COLUMN nb_iot INTEGER NOT NULL DEFAULT 0;
    """,
    """
    -- The id of its receipt; and whether its text was erased.
    ALTER TABLE messages ADD COLUMN receipt INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE messages ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
    -- Those that ended otherwise than delivered: few, so that the others pay nothing for it.
    CREATE INDEX messages_failed ON messages (state, id) WHERE state > 2;
    CREATE TABLE attempts (
        id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        at INTEGER NOT NULL,
        error INTEGER NOT NULL,
        PRIMARY KEY (id, number)
    ) WITHOUT ROWID;
    -- A segment is 16,384 ids in a row; a party is a device's number, or the name of its queue.
    CREATE TABLE segments (
        number INTEGER PRIMARY KEY,
        first_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL
    );
    CREATE TABLE parties (
        segment INTEGER NOT NULL,
        party,
        ids BLOB NOT NULL,
        PRIMARY KEY (segment, party)
    ) WITHOUT ROWID;
    INSERT INTO marks VALUES ('indexed', 0);
    -- What is to be looked at again and forgotten: 0 a record, 1 a text, 2 a segment of the index.
    CREATE TABLE leftovers (
        kind INTEGER NOT NULL,
        at INTEGER NOT NULL,
        id INTEGER NOT NULL,
        PRIMARY KEY (kind, at, id)
    ) WITHOUT ROWID;
    INSERT INTO marks VALUES ('forgotten_records', 0), ('forgotten_texts', 0);
    """,
    """
    CREATE TABLE outages (pattern TEXT PRIMARY KEY) WITHOUT ROWID;
    """,
)

INSERT_MESSAGES: Final = Statement("INSERT INTO messages (id, state, record) VALUES ", "(?,?,?)")
INSERT_PLACES: Final = Statement("INSERT OR REPLACE INTO queue VALUES ", "(?,?,?,?,?,?)")
KEEP_PLACES: Final = Statement("INSERT OR IGNORE INTO queue VALUES ", "(?,?,?,?,?,?)")
# A final state is written once: a row that has one stays as it is.
END_MESSAGES: Final = Statement(
    "UPDATE messages SET state = e.column2, error = e.column3, done_at = e.column4,"
    " attempts = e.column5, receipt = e.column6 FROM (VALUES ",
    "(?,?,?,?,?,?)",
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
    "UPDATE queue SET next_at = l.column1,"
    " not_before = iif(not_before > l.column5, not_before, 0) FROM (VALUES ",
    "(?,?,?,?,?)",
    ") AS l WHERE destination = l.column2 AND rank = l.column3 AND queue.id = l.column4",
)
SAVE_BROADCASTS: Final = Statement("INSERT OR REPLACE INTO broadcasts VALUES ", "(?,?)")
FORGET_BROADCASTS: Final = Statement("DELETE FROM broadcasts WHERE id IN (VALUES ", "(?)", ")")
MARK: Final = Statement("INSERT OR REPLACE INTO marks VALUES ('oldest_in_hand', ", "?", ")")

_PLACES: Final = (
    "SELECT m.id, m.record, q.not_before, q.attempts, m.error"
    " FROM queue q JOIN messages m ON m.id = q.id"
)
LONGEST_IN_ONE: Final = 4096
"""Octets of a record beyond which it is read alone."""


def _in_one(query: str) -> str:
    """Return all rows of a query of places as one: a piece of JSON, records in hexadecimal."""
    return (
        "SELECT json_group_array(json_array("
        f"iif(length(record) <= {LONGEST_IN_ONE}, hex(record), id), not_before, attempts, error"
        f")) FROM ({query})"
    )


def _heads(due: str) -> str:
    """Read the heads of queues whose names are in JSON (?1), at most ?3 places of each, by ?2."""
    head = _in_one(
        f"{_PLACES} WHERE q.destination = d.value AND {due} ORDER BY q.rank, q.id LIMIT ?3"
    )
    return f"SELECT json_group_array(json(({head}))) FROM json_each(?1) d"


READ_IN_ORDER: Final = _heads("(q.not_before <= ?2 OR q.attempts > 0)")
READ_READY: Final = _heads("q.not_before <= ?2")
READ_DUE: Final = _in_one(f"{_PLACES} WHERE q.next_at <= ?1 ORDER BY q.next_at LIMIT ?2")
READ_RECORD: Final = "SELECT record FROM messages WHERE id = ?"
NEXT_DUE: Final = "SELECT min(next_at) FROM queue"
# One seek for each destination: DISTINCT would walk through every message that waits.
NEXT_QUEUES: Final = (
    "WITH RECURSIVE d(name) AS ("
    " SELECT min(destination) FROM queue WHERE destination > ?1"
    " UNION ALL"
    " SELECT (SELECT min(destination) FROM queue WHERE destination > d.name) FROM d"
    " WHERE d.name IS NOT NULL LIMIT ?2"
    ") SELECT json_group_array(json_array(name, (SELECT"
    f" iif(length(record) <= {LONGEST_IN_ONE}, hex(record), '') FROM messages WHERE id ="
    " (SELECT id FROM queue WHERE destination = name ORDER BY rank, id LIMIT 1)"
    "))) FROM d WHERE name IS NOT NULL"
)
IN_HAND: Final = (
    "SELECT record FROM messages"
    " WHERE id >= (SELECT value FROM marks WHERE name = 'oldest_in_hand') AND state < 2"
    " AND NOT EXISTS (SELECT 1 FROM forwarded f WHERE f.id = messages.id)"
)
READ_BROADCASTS: Final = "SELECT record FROM broadcasts ORDER BY id"
INSTANCE: Final = "SELECT value FROM marks WHERE name = 'instance'"
LAST_ID: Final = (
    "SELECT max(id) FROM (SELECT max(id) AS id FROM messages"
    " UNION ALL SELECT seq FROM sqlite_sequence WHERE name = 'broadcasts')"
)
HISTORY: Final = "record, state, error, done_at, attempts, receipt, erased"
READ_HISTORY: Final = f"SELECT {HISTORY} FROM messages WHERE id = ?"
# Those that share an id follow the one whose id it is.
READ_GROUP: Final = f"SELECT {HISTORY} FROM messages WHERE id > ? ORDER BY id"
READ_PLACE: Final = (
    "SELECT not_before, attempts FROM queue WHERE destination = ? AND rank = ? AND id = ?"
)
READ_LINE: Final = (
    "SELECT m.record, q.not_before, q.attempts, m.error FROM queue q JOIN messages m ON m.id = q.id"
    " WHERE q.destination = ? AND (q.rank, q.id) > (?, ?) ORDER BY q.rank, q.id LIMIT ?"
)
