"""The schema of the SQLite store as steps forward: step n brings version n to n + 1."""

from typing import Final, NamedTuple

from smsc.store import repeats
from smsc.store.statement import Statement

ID_BITS: Final = 56
"""More than an id ever takes."""

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
    -- Queues lie in trays (see `trays`); the mark `waiting` is how many places there are.
    CREATE TABLE places (
        tray INTEGER NOT NULL,
        destination TEXT NOT NULL,
        rank INTEGER NOT NULL,
        id INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        PRIMARY KEY (tray, destination, rank, id)
    ) WITHOUT ROWID;
    INSERT INTO places
        SELECT id >> 18, destination, rank, id, not_before, attempts, next_at FROM queue
        ORDER BY id >> 18, destination, rank, id;
    DROP TABLE queue;
    ALTER TABLE places RENAME TO queue;
    CREATE INDEX queue_next_at ON queue (next_at);
    INSERT OR REPLACE INTO marks VALUES ('emptied', -1), ('waiting', (SELECT count(*) FROM queue));
    """,
    """
    CREATE TABLE outages (pattern TEXT PRIMARY KEY) WITHOUT ROWID;
    """,
    """
    CREATE TABLE webhooks (
        name TEXT PRIMARY KEY, text BLOB NOT NULL, disabled INTEGER NOT NULL
    ) WITHOUT ROWID;
    """,
    repeats.STEP,
    """
    CREATE TABLE notes (
        kind TEXT NOT NULL, key TEXT NOT NULL, text BLOB NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    """,
    """
    -- Tokens by their hash: `current` stands in the place of `original`, one of the configuration.
    CREATE TABLE renewed_tokens (
        original TEXT PRIMARY KEY,
        current TEXT NOT NULL,
        renewed_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE applications (
        thing_key TEXT PRIMARY KEY,
        application TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
)

INSERT_MESSAGES: Final = Statement("INSERT INTO messages (id, state, record) VALUES ", "(?,?,?)")
# What concerns a place begins with its key: tray, destination, rank, id.
KEEP_PLACES: Final = Statement("INSERT OR IGNORE INTO queue VALUES ", "(?,?,?,?,?,?,?)")
CHANGE_PLACES: Final = Statement(
    "UPDATE queue SET not_before = c.column5, attempts = c.column6, next_at = c.column7"
    " FROM (VALUES ",
    "(?,?,?,?,?,?,?)",
    ") AS c WHERE tray = c.column1 AND destination = c.column2 AND rank = c.column3"
    " AND queue.id = c.column4",
)
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
    "DELETE FROM queue WHERE (tray, destination, rank, id) IN (VALUES ", "(?,?,?,?)", ")"
)
LOOK_AGAIN: Final = Statement(
    "UPDATE queue SET next_at = l.column5,"
    " not_before = iif(not_before > l.column6, not_before, 0) FROM (VALUES ",
    "(?,?,?,?,?,?)",
    ") AS l WHERE tray = l.column1 AND destination = l.column2 AND rank = l.column3"
    " AND queue.id = l.column4",
)
SAVE_BROADCASTS: Final = Statement("INSERT OR REPLACE INTO broadcasts VALUES ", "(?,?)")
FORGET_BROADCASTS: Final = Statement("DELETE FROM broadcasts WHERE id IN (VALUES ", "(?)", ")")
MARK: Final = Statement(
    "INSERT OR REPLACE INTO marks VALUES ", "('oldest_in_hand', ?), ('waiting', ?)"
)
MARK_WAITING: Final = Statement("INSERT OR REPLACE INTO marks VALUES ", "('waiting', ?)")
MARK_EMPTIED: Final = Statement("INSERT OR REPLACE INTO marks VALUES ", "('emptied', ?)")
WAITING: Final = "SELECT value FROM marks WHERE name = 'waiting'"
EMPTIED: Final = "SELECT value FROM marks WHERE name = 'emptied'"

LONGEST_IN_ONE: Final = 4096
"""Octets of a record beyond which it is read alone."""
_TOLD: Final = (
    "json_group_array(json_array("
    f"iif(length(m.record) <= {LONGEST_IN_ONE}, hex(m.record), m.id),"
    " p.not_before, p.attempts, m.error))"
)
"""All places of a query as one piece of JSON, records in hexadecimal: the thread needs one step."""
_READY: Final = "q.not_before <= ?2"
_IN_ORDER: Final = "(q.not_before <= ?2 OR q.attempts > 0)"
_BEHIND: Final = "(q.rank, q.id) > (?2, ?3)"


class Reading(NamedTuple):
    """How queues are read: `short` ones from all trays at once, else what one of them has.

    Short queues are named in JSON and told in JSON, in no order.
    """

    short: str
    tray: str


def _reading(condition: str, bindings: int) -> Reading:
    """Return how to read queues: destinations come first, and a limit behind so many others.

    A short queue is read whole, if it has fewer places than the limit.
    """
    limit, tray = bindings + 2, bindings + 3
    return Reading(
        f"WITH t(tray) AS (VALUES {{trays}}) SELECT json_group_array(json((SELECT {_TOLD} FROM"
        " (SELECT q.id, q.not_before, q.attempts FROM t CROSS JOIN queue q ON q.tray = t.tray"
        f" WHERE q.destination = d.value AND {condition} LIMIT ?{limit}) p"
        " CROSS JOIN messages m ON m.id = p.id))) FROM json_each(?1) d",
        "SELECT m.record, q.not_before, q.attempts, m.error"
        " FROM queue q JOIN messages m ON m.id = q.id"
        f" WHERE q.tray = ?{tray} AND q.destination = ?1 AND {condition}"
        f" ORDER BY q.rank, q.id LIMIT ?{limit}",
    )


READ_IN_ORDER: Final = _reading(_IN_ORDER, 1)
READ_READY: Final = _reading(_READY, 1)
READ_LINE: Final = _reading(_BEHIND, 2)
READ_DUE: Final = (
    f"SELECT {_TOLD} FROM (SELECT id, not_before, attempts FROM queue"
    " WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2) p CROSS JOIN messages m ON m.id = p.id"
)
READ_RECORD: Final = "SELECT record FROM messages WHERE id = ?"
NEXT_DUE: Final = "SELECT min(next_at) FROM queue"
# One seek for each tray: DISTINCT would walk through all places.
TRAYS: Final = (
    "WITH RECURSIVE t(tray) AS ("
    " SELECT min(tray) FROM queue"
    " UNION ALL"
    " SELECT (SELECT min(tray) FROM queue WHERE tray > t.tray) FROM t WHERE t.tray IS NOT NULL"
    ") SELECT tray FROM t WHERE tray IS NOT NULL"
)
HOLDING: Final = (
    "WITH t(tray) AS (VALUES {trays}) SELECT tray FROM t"
    " WHERE EXISTS (SELECT 1 FROM queue q WHERE q.tray = t.tray AND q.destination = ?)"
)
# So many places of a tray, and whose they are: each destination with its first place, whose rank
# and id are one number. A long queue is left behind by the next look.
NEXT_QUEUES: Final = (
    "SELECT json_array(coalesce(sum(places), 0), json_group_array(json_array(destination, first)))"
    f" FROM (SELECT destination, count(*) AS places, min(rank * {1 << ID_BITS} + id) AS first FROM"
    " (SELECT destination, rank, id FROM queue WHERE tray = ? AND destination > ?"
    " ORDER BY destination LIMIT ?) GROUP BY destination)"
)
READ_OWNED: Final = (
    f"SELECT json_group_array(iif(length(m.record) <= {LONGEST_IN_ONE}, hex(m.record), ''))"
    " FROM json_each(?1) i LEFT JOIN messages m ON m.id = i.value"
)
FIRST_LEFT: Final = (
    "SELECT destination, rank, id FROM queue WHERE tray = ? ORDER BY destination, rank, id LIMIT 1"
)
OLDEST_PLACES: Final = (
    "SELECT tray, destination, rank, id, not_before, attempts, next_at FROM queue"
    " WHERE tray = ? ORDER BY destination, rank, id LIMIT ?"
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
    "SELECT not_before, attempts FROM queue"
    " WHERE tray = ? AND destination = ? AND rank = ? AND id = ?"
)
