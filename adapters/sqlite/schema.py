"""The tables of the log in SQLite, and the guards that make them append-only (design section 3).

Repeated texts are integers in `log` and texts in `streams` and `texts`; `v_log` is the readable whole. The insert
guards are needed because `INSERT OR REPLACE` deletes without firing a delete trigger.
"""

from typing import Final

FORMAT: Final = "1"
"""Version of this layout; a file of another version is refused, not guessed at."""

TABLES: Final = (
    """CREATE TABLE ledger (
        name TEXT PRIMARY KEY NOT NULL,
        value TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE streams (
        id INTEGER PRIMARY KEY,
        text TEXT NOT NULL UNIQUE
    )""",
    """CREATE TABLE texts (
        id INTEGER PRIMARY KEY,
        text TEXT NOT NULL UNIQUE
    )""",
    """CREATE TABLE log (
        position INTEGER PRIMARY KEY,
        stream INTEGER NOT NULL REFERENCES streams (id),
        version INTEGER NOT NULL,
        name INTEGER NOT NULL REFERENCES texts (id),
        schema INTEGER NOT NULL,
        data BLOB NOT NULL,
        occurred_at TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        actor INTEGER NOT NULL REFERENCES texts (id),
        via INTEGER NOT NULL REFERENCES texts (id),
        judged_by INTEGER NOT NULL REFERENCES texts (id),
        command_id TEXT NOT NULL,
        correlation_id TEXT NOT NULL,
        cause TEXT NOT NULL,
        rule INTEGER NOT NULL REFERENCES texts (id),
        leaf BLOB NOT NULL
    )""",
    "CREATE UNIQUE INDEX log_stream_version ON log (stream, version)",
    """CREATE TABLE receipts (
        number INTEGER PRIMARY KEY,
        command_id TEXT NOT NULL UNIQUE,
        command TEXT NOT NULL,
        stream TEXT NOT NULL,
        digest BLOB NOT NULL,
        outcome TEXT NOT NULL,
        answer BLOB NOT NULL,
        principal TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        leaf BLOB NOT NULL
    )""",
    """CREATE TABLE claims (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        stream TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (kind, key)
    ) WITHOUT ROWID""",
    """CREATE TABLE sequences (
        name TEXT PRIMARY KEY NOT NULL,
        value INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE subject_keys (
        key TEXT PRIMARY KEY NOT NULL,
        subject TEXT NOT NULL,
        secret BLOB NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX subject_keys_subject ON subject_keys (subject)",
    """CREATE TABLE tracking (
        application TEXT NOT NULL,
        notification_id INTEGER NOT NULL,
        PRIMARY KEY (application, notification_id)
    ) WITHOUT ROWID""",
    """CREATE VIEW v_log AS
        SELECT l.position, s.text AS stream, l.version, n.text AS name, l.schema, l.data, l.occurred_at, l.recorded_at,
               a.text AS actor, v.text AS via, j.text AS judged_by, l.command_id, l.correlation_id, l.cause,
               r.text AS rule, l.leaf
        FROM log l
        JOIN streams s ON s.id = l.stream
        JOIN texts n ON n.id = l.name
        JOIN texts a ON a.id = l.actor
        JOIN texts v ON v.id = l.via
        JOIN texts j ON j.id = l.judged_by
        JOIN texts r ON r.id = l.rule""",
)

COMMENTS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "log": (
        "Every event, append-only; repeated texts as ids of streams and texts.",
        {
            "position": "gapless global order from 1; commit order equals position order",
            "stream": "the aggregate: id of a row of streams",
            "version": "gapless place in the stream, from 1",
            "name": "permanent event name: id of a row of texts",
            "schema": "schema version of the event's data",
            "data": "JSON bytes of the event, personal fields sealed; these exact bytes are hashed",
            "occurred_at": "when it happened, UTC",
            "recorded_at": "when the log took it, UTC; never decreases with position",
            "actor": "who: id of a row of texts",
            "via": "the door and the principal it authenticated: id of a row of texts",
            "judged_by": "the profile version or right that allowed it: id of a row of texts",
            "command_id": "the command that led to it",
            "correlation_id": "the conversation; the command's own id where none was given",
            "cause": "stream@version of the event that caused it; empty: the command itself",
            "rule": "the definition version that produced it: id of a row of texts",
            "leaf": "RFC 6962 leaf hash over the frame of the row",
        },
    ),
    "streams": ("Texts of the streams.", {"id": "the integer that stands for it", "text": "the stream, ticket:ID"}),
    "texts": ("All other repeated texts.", {"id": "the integer that stands for it", "text": "the text"}),
    "receipts": (
        "The lasting answer to every command, refused ones too; append-only.",
        {
            "number": "gapless order from 1",
            "command_id": "the command's id, once for ever",
            "command": "the command's name",
            "stream": "the stream it was decided on",
            "digest": "SHA-256 over the canonical command",
            "outcome": "accepted or refused",
            "answer": "JSON: positions of its events, versions of its streams, reasons of a refusal",
            "principal": "the door and the principal that sent it",
            "recorded_at": "when the answer was recorded, UTC",
            "leaf": "RFC 6962 leaf hash over the frame of the receipt",
        },
    ),
    "claims": (
        "Unique keys in use; rebuildable from events.",
        {
            "kind": "what kind of key",
            "key": "the key",
            "stream": "the stream that holds it",
            "version": "the event that took it",
        },
    ),
    "sequences": ("Dense number sequences; rebuildable from events.", {"name": "the sequence", "value": "last number"}),
    "subject_keys": (
        "Keys of sealed personal text; the only rows that may be destroyed.",
        {"key": "id: hash of the secret", "subject": "whose text it seals", "secret": "the AES-256 key"},
    ),
    "tracking": (
        "Positions of upstream applications, for the eventsourcing library's process recorder.",
        {"application": "upstream application", "notification_id": "position that was processed"},
    ),
    "ledger": ("What this file is.", {"name": "property", "value": "its value"}),
    "v_log": (
        "The log in readable form; the columns of log with the texts in place of ids.",
        {},
    ),
}
"""Meaning of every table and column of the log; docs/log.md lists them (SQLite keeps no comments)."""


def _fixed(table: str, *, delete: bool = True) -> list[str]:
    events = ["UPDATE", "DELETE"] if delete else ["UPDATE"]
    return [
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {event} is refused'); END"
        for event in events
    ]


def _guarded(table: str, unless: str, message: str) -> str:
    return (
        f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} WHEN {unless} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: {message}'); END"
    )


def _texts_guard(table: str) -> str:
    return _guarded(
        table,
        f"NEW.id IS NOT 1 + (SELECT coalesce(max(id), 0) FROM {table}) "
        f"OR EXISTS (SELECT 1 FROM {table} WHERE text = NEW.text)",
        "a text is added once, with the next id",
    )


GUARDS: Final = (
    *_fixed("ledger"),
    *_fixed("streams"),
    *_fixed("texts"),
    *_fixed("log"),
    *_fixed("receipts"),
    *_fixed("claims"),
    *_fixed("subject_keys", delete=False),
    *_fixed("tracking"),
    _guarded("ledger", "EXISTS (SELECT 1 FROM ledger WHERE name = NEW.name)", "a property is set once"),
    _texts_guard("streams"),
    _texts_guard("texts"),
    _guarded(
        "log",
        "NEW.position IS NOT 1 + (SELECT coalesce(max(position), 0) FROM log) "
        "OR NEW.version <= (SELECT max(version) FROM log WHERE stream = NEW.stream)",
        "the position is the next one and the version is above the last of its stream",
    ),
    _guarded(
        "receipts",
        "NEW.number IS NOT 1 + (SELECT coalesce(max(number), 0) FROM receipts) "
        "OR EXISTS (SELECT 1 FROM receipts WHERE command_id = NEW.command_id)",
        "a command is answered once, with the next number",
    ),
    _guarded(
        "claims",
        "EXISTS (SELECT 1 FROM claims WHERE kind = NEW.kind AND key = NEW.key)",
        "the key is taken",
    ),
    _guarded("subject_keys", "EXISTS (SELECT 1 FROM subject_keys WHERE key = NEW.key)", "a key is added once"),
    _guarded(
        "tracking",
        "EXISTS (SELECT 1 FROM tracking WHERE application = NEW.application "
        "AND notification_id >= NEW.notification_id)",
        "a position is tracked once, in order",
    ),
    _guarded("sequences", "EXISTS (SELECT 1 FROM sequences WHERE name = NEW.name)", "a sequence begins once"),
    """CREATE TRIGGER sequences_no_delete BEFORE DELETE ON sequences
        BEGIN SELECT RAISE(ABORT, 'sequences: a sequence is never deleted'); END""",
    """CREATE TRIGGER sequences_rise BEFORE UPDATE ON sequences WHEN NEW.name <> OLD.name OR NEW.value <= OLD.value
        BEGIN SELECT RAISE(ABORT, 'sequences: a sequence only rises'); END""",
)
