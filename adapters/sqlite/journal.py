"""The journal on one SQLite file: batches in, typed events out, and the check that nothing read has moved."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import IntegrityError
from typing import Any, Final

from adapters.codec import Encoded, Opener, decode, encode, withheld
from adapters.keyring import Keyring, SubjectKey
from adapters.sqlite.rows import Row, framed, leaf_of, read_receipt, stored_row, write_answer
from adapters.sqlite.store import among, connect, immediate
from adapters.sqlite.texts import Texts
from domain.definitions import DEFINITIONS
from domain.instant import EARLIEST, Instant
from domain.integrity import LEAF, LEAF_FORMAT, RECEIPT_FORMAT
from domain.journal import Appended, Draft, JournalMoved, Movement, OnAppend, Reads, Tip
from domain.receipts import Answer, Receipt
from domain.recorded import Recorded

_INSERT: Final = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_RECEIPT: Final = "INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_EVENT: Final = (
    "position, stream, version, name, schema, data, occurred_at, recorded_at, actor, via, judged_by, "
    "command_id, correlation_id, cause, rule"
)
_COLUMNS: Final = f"{_EVENT}, leaf"


class _Behind(Exception):
    """The log or the receipts reach further than the tip that was decided on, or a command was answered before."""


class SqliteJournal:
    """The log, its receipts, claims, sequences and keys in one SQLite file (design section 3)."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        self.connection = connect(path, create=create)
        self.streams = Texts(self.connection, "streams")
        self.texts = Texts(self.connection, "texts")
        self.keyring = Keyring(self._secret_of, self._keys_for)
        self.on_append: OnAppend | None = None
        self.has_written = False
        """Whether anything was recorded through this journal since it was opened."""
        self._exclusive = False
        self._data_version = 0

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    # Reading

    def tip(self) -> Tip:
        """How far the log reaches now."""
        position, receipt = self._reach()
        # After looking, so that no erasure that this tip covers leaves its key in memory.
        self._forget_keys_if_changed()
        recorded_at, answered_at = self.connection.execute(
            "SELECT (SELECT recorded_at FROM log WHERE position = ?), "
            "(SELECT recorded_at FROM receipts WHERE number = ?)",
            (position, receipt),
        ).fetchone()
        return Tip(position, receipt, max(recorded_at or EARLIEST, answered_at or EARLIEST))

    def _reach(self) -> tuple[int, int]:
        """The last position and the last receipt number."""
        position, receipt = self.connection.execute(
            "SELECT (SELECT max(position) FROM log), (SELECT max(number) FROM receipts)"
        ).fetchone()
        return position or 0, receipt or 0

    def movement(self, since: Tip) -> Movement:
        """What was appended after the tip given."""
        rows = self.connection.execute(
            "SELECT DISTINCT stream, name FROM log WHERE position > ?", (since.position,)
        ).fetchall()
        names = {self.texts.text(name) for _, name in rows}
        streams = frozenset(self.streams.text(stream) for stream, _ in rows)
        return Movement(self.tip(), streams, "contact.erased" in names)

    def receipts(self, command_ids: Sequence[str]) -> dict[str, Receipt]:
        """The receipts that exist for these command ids."""
        condition, values = among("command_id", command_ids)
        found = self.connection.execute(
            "SELECT number, command_id, command, stream, digest, outcome, answer, principal, recorded_at FROM receipts "
            f"WHERE {condition}",
            values,
        )
        return {row[1]: read_receipt(row) for row in found}

    def load(self, streams: Sequence[str]) -> dict[str, list[Recorded]]:
        """All events of these streams in order, personal text opened where its key exists."""
        self._forget_keys_if_changed()
        condition, values = among("text", streams)
        rows = self.connection.execute(
            f"SELECT {_EVENT} FROM log WHERE stream IN (SELECT id FROM streams WHERE {condition}) ORDER BY position",
            values,
        )
        loaded: dict[str, list[Recorded]] = {stream: [] for stream in streams}
        for recorded in self._recorded(rows, self.keyring.open):
            loaded[recorded.stream].append(recorded)
        return loaded

    def read(self, after: int = 0, limit: int = -1, *, opened: bool = True) -> list[Recorded]:
        """The events behind a position in order; where not `opened`, personal text reads `sealed`."""
        self._forget_keys_if_changed()
        rows = self.connection.execute(
            f"SELECT {_EVENT} FROM log WHERE position > ? ORDER BY position LIMIT ?", (after, limit)
        )
        return list(self._recorded(rows, self.keyring.open if opened else withheld))

    def rows(self, after: int = 0, limit: int = -1) -> Iterator[Row]:
        """The stored rows behind a position in readable form, not decoded; KeyError where an id has no text."""
        stream, text = self.streams.text, self.texts.text
        for row in self.connection.execute(
            f"SELECT {_COLUMNS} FROM log WHERE position > ? ORDER BY position LIMIT ?", (after, limit)
        ):
            yield Row._make(
                (
                    row[0],
                    stream(row[1]),
                    row[2],
                    text(row[3]),
                    *row[4:8],
                    text(row[8]),
                    text(row[9]),
                    text(row[10]),
                    *row[11:14],
                    text(row[14]),
                    row[15],
                )
            )

    def leaves(self, after: int = 0, limit: int = -1) -> list[bytes]:
        """The leaves behind a position in order."""
        found = self.connection.execute(
            "SELECT leaf FROM log WHERE position > ? ORDER BY position LIMIT ?", (after, limit)
        )
        return [row[0] for row in found]

    def streams_under(self, prefix: str) -> list[str]:
        """The streams whose name begins with the prefix, in the order of their first event."""
        # Bounded above, or it would look at every ticket behind the definitions: UTF-8 sorts as code points do.
        found = self.connection.execute(
            "SELECT text FROM streams WHERE text >= ?1 AND text < ?2 AND substr(text, 1, ?3) = ?1 ORDER BY id",
            (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1), len(prefix)),
        )
        return [row[0] for row in found]

    def sequence(self, name: str) -> int:
        """The last value drawn from a sequence."""
        row = self.connection.execute("SELECT value FROM sequences WHERE name = ?", (name,)).fetchone()
        return 0 if row is None else int(row[0])

    def claims(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Which of these unique keys are taken, and by which stream."""
        found = self.connection.execute(
            "SELECT kind, key, stream FROM claims WHERE (kind, key) IN "
            "(SELECT value ->> 0, value ->> 1 FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {(kind, key): stream for kind, key, stream in found}

    def keys_of(self, subjects: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the keys that exist for these subjects."""
        found: dict[str, list[str]] = {subject: [] for subject in subjects}
        condition, values = among("subject", subjects)
        for subject, key in self.connection.execute(
            f"SELECT subject, key FROM subject_keys WHERE {condition} ORDER BY key", values
        ):
            found[subject].append(key)
        return found

    def _forget_keys_if_changed(self) -> None:
        """Another process wrote: it may have destroyed a key that is remembered here."""
        version = self.connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._data_version:
            self._data_version = version
            self.keyring.forget()

    def _secret_of(self, key: str) -> bytes | None:
        row = self.connection.execute("SELECT secret FROM subject_keys WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def _keys_for(self, subjects: Sequence[str]) -> Mapping[str, SubjectKey]:
        condition, values = among("subject", subjects)
        found = self.connection.execute(
            f"SELECT key, subject, secret FROM subject_keys WHERE {condition} ORDER BY key", values
        )
        return {row[1]: SubjectKey(*row) for row in found}

    def _recorded(self, rows: Iterable[Sequence[Any]], opener: Opener) -> Iterator[Recorded]:
        streams, texts, made = self.streams.by_id, self.texts.by_id, tuple.__new__
        for row in rows:
            # fmt: off
            (position, stream_id, version, name, schema, data, occurred_at, recorded_at,
             actor, via, judged_by, command_id, correlation_id, cause, rule) = row
            stream = streams[stream_id]
            event, person = decode(texts[name], schema, data, stream, version, opener)
            yield made(Recorded, (
                position, stream, version, event, occurred_at, recorded_at, texts[actor], texts[via], texts[judged_by],
                command_id, correlation_id, cause, texts[rule], person,
            ))
            # fmt: on

    # Writing

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep every other writer out while reading, deciding and appending; one commit at the end."""
        try:
            with immediate(self.connection):
                self._exclusive = True
                try:
                    yield
                finally:
                    self._exclusive = False
        except BaseException:
            self._drop_new()
            raise
        self._keep_new()

    def append(self, drafts: Sequence[Draft], reads: Reads, now: Instant) -> Appended:
        """Record a batch in one transaction; JournalMoved, and nothing written, where what was read has moved."""
        facts = [fact for draft in drafts for fact in draft.facts]
        self.keyring.prepare(list({fact[4] for fact in facts}.union([fact[5] for fact in facts])), len(facts))
        seal = self.keyring.seal
        stored = [encode(fact, seal) for fact in facts]
        if self._exclusive:
            return self._write(drafts, stored, reads, now, trusting=False)
        try:
            try:
                with immediate(self.connection):
                    appended = self._write(drafts, stored, reads, now, trusting=bool(stored))
            except _Behind:
                self.streams.drop_new()
                self.texts.drop_new()
                with immediate(self.connection):
                    appended = self._write(drafts, stored, reads, now, trusting=False)
        except BaseException:
            self._drop_new()
            raise
        self._keep_new()
        return appended

    def write_rows(self, rows: Sequence[Row]) -> None:
        """Insert readable rows with their leaves; only inside a write transaction."""
        streams = self.streams.ids({row.stream for row in rows})
        ids = self.texts.ids({text for row in rows for text in (row.name, row.actor, row.via, row.judged_by, row.rule)})
        self.connection.executemany(_INSERT, [stored_row(row, leaf_of(row), streams, ids) for row in rows])

    def _write(
        self, drafts: Sequence[Draft], stored: Sequence[Encoded], reads: Reads, now: Instant, *, trusting: bool
    ) -> Appended:
        """Write the batch; `trusting` takes the tip for unmoved and is _Behind where a guard refuses its places.

        The guards take no position and no receipt number but the next one, so events and receipts that go in behind the
        tip prove that it did not move; asking first costs every command a statement.
        """
        tip, moved = reads.tip, None
        if not trusting and self._reach() != (tip.position, tip.receipt):
            tip, moved = self.tip(), self._moved_beside(drafts, reads)
        recorded_at = max(now, tip.recorded_at)
        rows: list[tuple[Any, ...]] = []
        events: list[Recorded] = []
        answers: list[tuple[Any, ...]] = []
        receipts: list[Receipt] = []
        self._place(drafts, stored, tip, recorded_at, (rows, events, answers, receipts))
        is_logged = False
        try:
            if rows:
                self.connection.executemany(_INSERT, rows)
            is_logged = True
            self.connection.executemany(_INSERT_RECEIPT, answers)
        except IntegrityError:
            if trusting:
                raise _Behind from None
            if not is_logged:
                raise
            # The only thing its guard can object to under the lock: the command was answered before.
            raise JournalMoved("a command of the batch has a receipt already") from None
        self._write_side_tables(drafts, reads)
        if self.on_append is not None and events:
            self.on_append(events)
        return Appended(events, receipts, Tip(tip.position + len(rows), tip.receipt + len(drafts), recorded_at), moved)

    def _place(
        self,
        drafts: Sequence[Draft],
        stored: Sequence[Encoded],
        tip: Tip,
        recorded_at: Instant,
        made: tuple[list[tuple[Any, ...]], list[Recorded], list[tuple[Any, ...]], list[Receipt]],
    ) -> None:
        """Give every fact and every answer its place: the rows of the log, the events, the rows of the receipts, those.

        One pass with nothing called that can be written here, because this is most of what a batch costs beside SQL.
        """
        rows, events, answers, receipts = made
        streams, texts = self._ids(drafts, stored)
        make, leaf, encoded, words = tuple.__new__, LEAF.copy, iter(stored), str.__str__
        position, number = tip.position, tip.receipt
        for draft in drafts:
            command_id, command, own, digest, outcome, actor, via, correlation_id, facts, versions, reasons, _ = draft
            first = position + 1
            for fact in facts:
                position += 1
                stream, version, event, occurred_at, _, _, judged_by, cause, rule, _, own_actor = fact
                form, data, person = next(encoded)
                name, schema, who = form.name, form.schema, own_actor or actor
                envelope = (occurred_at, recorded_at, who, via, judged_by, command_id, correlation_id, cause, rule)
                hashed = leaf()
                hashed.update(framed((LEAF_FORMAT, position, stream, version, name, schema, data, *envelope)))
                # fmt: off
                rows.append((
                    position, streams[stream], version, texts[name], schema, data, occurred_at, recorded_at,
                    texts[who], texts[via], texts[judged_by], command_id, correlation_id, cause, texts[rule],
                    hashed.digest(),
                ))
                # fmt: on
                events.append(make(Recorded, (position, stream, version, event, *envelope, person)))
            number += 1
            answer = make(Answer, (tuple(range(first, position + 1)), versions, reasons))
            row = (number, command_id, command, own, digest, words(outcome), write_answer(answer), via, recorded_at)
            hashed = leaf()
            hashed.update(framed((RECEIPT_FORMAT, *row)))
            answers.append((*row, hashed.digest()))
            told = (number, command_id, command, own, digest, outcome, answer, via, recorded_at)
            receipts.append(make(Receipt, told))

    def _ids(self, drafts: Sequence[Draft], stored: Sequence[Encoded]) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """The integers that stand for the streams and texts of a batch, new ones added."""
        telling = [draft for draft in drafts if draft.facts]
        facts = [fact for draft in telling for fact in draft.facts]
        texts = {form.name for form, _, _ in stored}
        texts.update([fact[6] for fact in facts], [fact[8] for fact in facts])
        texts.update([draft[5] for draft in telling], [draft[6] for draft in telling])
        texts.update([fact[10] for fact in facts if fact[10]])
        return self.streams.ids({fact[0] for fact in facts}), self.texts.ids(texts)

    def _write_side_tables(self, drafts: Sequence[Draft], reads: Reads) -> None:
        if made := self.keyring.made():
            self.connection.executemany(
                "INSERT INTO subject_keys VALUES (?, ?, ?)", [(key.key, key.subject, key.secret) for key in made]
            )
        taking = [fact for draft in drafts for fact in draft.facts if fact.claims]
        if claims := [(*claim, fact.stream, fact.version) for fact in taking for claim in fact.claims]:
            self.connection.executemany("INSERT INTO claims VALUES (?, ?, ?, ?)", claims)
        for name, value in reads.draws.items():
            self.connection.execute(
                "INSERT INTO sequences VALUES (?, ?)"
                if not reads.sequences[name]
                else "UPDATE sequences SET value = ?2 WHERE name = ?1",
                (name, value),
            )
        if erased := [key for draft in drafts for key in draft.erases]:
            self.connection.executemany("DELETE FROM subject_keys WHERE key = ?", [(key,) for key in erased])
            self.keyring.forget()

    def _moved_beside(self, drafts: Sequence[Draft], reads: Reads) -> frozenset[str]:
        """The log moved since it was read: the streams that did, or JournalMoved where what was read is among it."""
        current = dict.fromkeys(reads.streams, 0)
        condition, values = among("s.text", list(reads.streams))
        found = self.connection.execute(
            f"SELECT s.text, (SELECT max(version) FROM log l WHERE l.stream = s.id) FROM streams s WHERE {condition}",
            values,
        )
        current.update((stream, version or 0) for stream, version in found)
        if current != dict(reads.streams):
            raise JournalMoved("a stream that was read has moved")
        if any(self.sequence(name) != value for name, value in reads.sequences.items()):
            raise JournalMoved("a sequence was drawn from")
        if self.receipts([draft.command_id for draft in drafts]):
            raise JournalMoved("a command of the batch was answered meanwhile")
        if any(self.claims(claim for draft in drafts for fact in draft.facts for claim in fact.claims)):
            raise JournalMoved("a unique key was taken meanwhile")
        if self.claims(reads.claims) != {key: stream for key, stream in reads.claims.items() if stream is not None}:
            raise JournalMoved("a unique key that was looked up was taken meanwhile")
        movement = self.movement(reads.tip)
        if movement.erased or any(self._secret_of(key) is None for key in self.keyring.used):
            raise JournalMoved("a person was erased meanwhile, whose text may have been read")
        if any(stream.startswith(DEFINITIONS) for stream in movement.streams):
            raise JournalMoved("a definition changed, by which it was decided")
        return movement.streams

    def _keep_new(self) -> None:
        self.has_written = True
        self.streams.keep_new()
        self.texts.keep_new()
        self.keyring.keep_new()

    def _drop_new(self) -> None:
        self.streams.drop_new()
        self.texts.drop_new()
        self.keyring.drop_new()
