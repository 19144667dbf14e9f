"""Personal text is sealed from the first append and can be made unreadable for ever (E-14)."""

import json
import sqlite3
from base64 import b64decode, b64encode
from contextlib import closing
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.codec import SealedParts
from adapters.keyring import Keyring, SealBroken, SubjectKey
from adapters.wiring import Ledger
from domain.contacts import ContactErased
from domain.receipts import Outcome
from tests.examples import CONTACT, OTHER_TICKET, TICKET, command, history, ledger_at, opening, send
from tests.whole import assert_caught_up, assert_whole

STREAM = f"ticket:{TICKET}"
CARLA = f"contact:{CONTACT}"
SECRET = "xylophone under the bed"
ERASE = {"contact_id": CONTACT}


class Store:
    """Where keys are kept, in a dict."""

    def __init__(self) -> None:
        self.keys: dict[str, SubjectKey] = {}
        self.ring = Keyring(
            lambda key: self.keys[key].secret if key in self.keys else None,
            lambda subjects: {one.subject: one for one in self.keys.values() if one.subject in subjects},
        )

    def sealed(self, text: str = SECRET, place: tuple[str, int, str] = (STREAM, 1, "subject")) -> SealedParts:
        """A text sealed in a batch that is committed."""
        self.ring.prepare([CARLA])
        sealed = self.ring.seal(CARLA, *place, text).sealed
        self.keys.update((made.key, made) for made in self.ring.made())
        self.ring.keep_new()
        return sealed


@pytest.fixture
def store() -> Store:
    return Store()


class TestASealedText:
    def test_opens_in_its_place(self, store):
        sealed = store.sealed()
        assert store.ring.open(sealed, STREAM, 1, "subject") == SECRET
        assert sealed.subject == CARLA

    def test_opens_for_whoever_has_the_key_by_the_book(self, store):
        """AES-GCM, the nonce before the cipher text, the place as associated data."""
        sealed = store.sealed()
        raw = b64decode(sealed.ct)
        cipher = AESGCM(store.keys[sealed.key].secret)
        assert cipher.decrypt(raw[:12], raw[12:], f"{STREAM}\n1\nsubject".encode()).decode() == SECRET

    @pytest.mark.parametrize(
        "place",
        [("ticket:T-2", 1, "subject"), (STREAM, 2, "subject"), (STREAM, 11, "subject"), (STREAM, 1, "description")],
    )
    def test_does_not_open_in_another_place(self, store, place):
        with pytest.raises(SealBroken):
            store.ring.open(store.sealed(), *place)

    @pytest.mark.parametrize("at", [0, 11, 12, -17, -1])
    def test_does_not_open_with_a_bit_changed(self, store, at):
        sealed = store.sealed()
        raw = bytearray(b64decode(sealed.ct))
        raw[at] ^= 1
        altered = SealedParts(sealed.subject, sealed.key, b64encode(bytes(raw)).decode())
        with pytest.raises(SealBroken):
            store.ring.open(altered, STREAM, 1, "subject")

    @pytest.mark.parametrize("ct", ["", "AAAA", "not base64!"])
    def test_that_was_cut_does_not_open(self, store, ct):
        sealed = store.sealed()
        with pytest.raises(SealBroken):
            store.ring.open(SealedParts(sealed.subject, sealed.key, ct), STREAM, 1, "subject")

    def test_is_another_one_each_time(self, store):
        assert store.sealed().ct != store.sealed().ct

    def test_of_one_person_has_one_key_and_of_another_another(self, store):
        assert store.sealed().key == store.sealed().key
        store.ring.prepare([CARLA, "contact:dora"])
        assert store.ring.seal("contact:dora", STREAM, 1, "subject", SECRET).sealed.key != store.sealed().key

    def test_reads_erased_where_the_key_is_gone(self, store):
        sealed = store.sealed()
        store.keys.clear()
        store.ring.forget()
        assert store.ring.open(sealed, STREAM, 1, "subject") == "erased"

    def test_of_a_batch_that_failed_was_never_sealed_with_a_key(self, store):
        store.ring.prepare([CARLA])
        lost = store.ring.seal(CARLA, STREAM, 1, "subject", SECRET).sealed
        store.ring.drop_new()
        assert store.ring.open(lost, STREAM, 1, "subject") == "erased"
        assert store.sealed().key != lost.key

    def test_of_a_batch_under_way_keeps_its_key_when_the_others_are_forgotten(self, store):
        """Another process wrote beside while the batch was being written."""
        store.ring.prepare([CARLA])
        first = store.ring.seal(CARLA, STREAM, 1, "subject", SECRET).sealed
        store.ring.forget()
        store.keys.update((made.key, made) for made in store.ring.made())
        store.ring.keep_new()
        assert store.ring.open(store.sealed(), STREAM, 1, "subject") == SECRET
        assert store.sealed().key == first.key

    def test_of_any_length_and_script_comes_back(self, store):
        for text in ("", "\U0001f600 Gr\u00fc\u00dfe", "x" * 100_000):
            assert store.ring.open(store.sealed(text), STREAM, 1, "subject") == text


def sealed_in(path: Path) -> list[dict[str, str]]:
    """Every sealed value of the log with its place."""
    found = []
    with closing(sqlite3.connect(path)) as connection:
        for stream, version, data in connection.execute("SELECT stream, version, data FROM v_log ORDER BY position"):
            for field, value in json.loads(data).items():
                if isinstance(value, dict) and "$sealed" in value:
                    found.append({**value["$sealed"], "place": f"{stream}\n{version}\n{field}"})
    return found


def clear_texts(path: Path) -> set[str]:
    """Every text that any key of the file opens."""
    with closing(sqlite3.connect(path)) as connection:
        keys = dict(connection.execute("SELECT key, secret FROM subject_keys"))
    assert all(key == sha256(b"deskledger.key.1" + secret).hexdigest()[:32] for key, secret in keys.items())
    texts = set()
    for sealed in sealed_in(path):
        raw = b64decode(sealed["ct"])
        for secret in keys.values():
            try:
                texts.add(AESGCM(secret).decrypt(raw[:12], raw[12:], sealed["place"].encode()).decode())
            except InvalidTag:
                continue
    return texts


def told_everything(ledger: Ledger) -> None:
    """The secret in every field that can hold one."""
    send(
        ledger,
        command("RegisterContact", contact_id=CONTACT, name=SECRET, address=SECRET),
        opening(contact_id=CONTACT, subject=SECRET, description=SECRET),
        command("ReceiveReply", body=SECRET, actor=CARLA),
        command("SendReply", body=SECRET, recipients=[SECRET]),
        command("AddComment", body=SECRET),
        command("ForwardTicket", body=SECRET, recipients=[SECRET]),
        command("ChangeTicket", subject=f"{SECRET} too", description=None),
    )


def assert_in_no_file(path: Path, *parts: bytes) -> None:
    """The database, its write-ahead log and whatever else lies beside it hold none of these bytes."""
    files = [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
    assert path in files
    assert [(file.name, part) for file in files for part in parts if part in file.read_bytes()] == []


def rows(ledger: Ledger) -> str:
    """All that the read database shows."""
    ledger.runner.catch_up()
    tables = ("dim_tickets", "fct_messages", "fct_status_intervals", "fct_assignment_intervals")
    return repr([ledger.journal.connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables])


def test_no_event_holds_a_personal_text_in_clear(ledger, path):
    told_everything(ledger)
    assert not any(SECRET in repr(row) for row in ledger.journal.rows())
    assert len(sealed_in(path)) == 13
    assert SECRET in clear_texts(path)


class TestAfterAnErasure:
    def test_every_personal_field_reads_erased_and_all_else_stays(self, ledger, path):
        told_everything(ledger)
        before = [[*row] for row in ledger.journal.rows()]
        send(ledger, command("EraseContact", **ERASE))
        assert SECRET not in repr(ledger.journal.read())
        assert SECRET not in rows(ledger)
        assert [[*row] for row in ledger.journal.rows()][:-1] == before
        assert clear_texts(path) == set()
        opened: Any = history(ledger, STREAM)[0].event
        assert (opened.number, opened.subject, opened.description) == (1, "erased", "erased")
        assert_caught_up(path)
        assert_whole(path)

    def test_no_file_holds_the_text_or_the_key(self, path):
        with ledger_at(path) as one, ledger_at(path) as other:
            told_everything(one)
            history(other, STREAM)
            one.runner.rebuild()
            secrets = [row[0] for row in one.journal.connection.execute("SELECT secret FROM subject_keys")]
            send(one, command("EraseContact", **ERASE))
            send(other, opening(OTHER_TICKET, subject="Another matter"))
        assert len(secrets) == 1
        assert_in_no_file(path, SECRET.encode(), *secrets)

    def test_no_file_holds_them_when_the_eraser_is_done_and_others_go_on(self, path):
        with ledger_at(path) as other:
            with ledger_at(path) as one:
                told_everything(one)
                [secret] = one.journal.connection.execute("SELECT secret FROM subject_keys").fetchone()
                history(other, STREAM)
                send(one, command("EraseContact", **ERASE))
            assert_in_no_file(path, SECRET.encode(), secret)
            assert SECRET not in repr(history(other, STREAM))

    def test_the_write_ahead_log_is_emptied_as_soon_as_nobody_reads_older_pages(self, ledger, second):
        told_everything(ledger)
        second.journal.connection.execute("BEGIN")
        second.journal.connection.execute("SELECT count(*) FROM log").fetchone()
        ledger.journal.connection.execute("PRAGMA busy_timeout = 0")
        send(ledger, command("EraseContact", **ERASE))
        assert not ledger.scrub()
        second.journal.connection.execute("COMMIT")
        assert ledger.scrub()
        assert Path(f"{ledger.path}-wal").read_bytes() == b""

    def test_a_person_who_writes_again_gets_a_new_key(self, ledger, path):
        told_everything(ledger)
        [first] = ledger.journal.keys_of([CARLA])[CARLA]
        send(ledger, command("EraseContact", **ERASE), command("ReceiveReply", body="I am back", actor=CARLA))
        [new] = ledger.journal.keys_of([CARLA])[CARLA]
        assert new != first
        assert clear_texts(path) == {"I am back"}
        replies: list[Any] = [one.event for one in history(ledger, STREAM) if one.name == "ticket.customer_replied"]
        assert [reply.body for reply in replies] == ["erased", "I am back"]
        send(ledger, command("EraseContact", **ERASE))
        assert [one.event for one in history(ledger, CARLA)[1:]] == [ContactErased((first,)), ContactErased((new,))]
        assert clear_texts(path) == set()

    def test_nothing_is_left_to_erase(self, ledger):
        told_everything(ledger)
        send(ledger, command("EraseContact", **ERASE))
        [again] = send(ledger, command("EraseContact", **ERASE))
        assert (again.outcome, again.answer.positions) == (Outcome.ACCEPTED, ())

    def test_a_key_that_the_person_never_had_is_not_missed(self, ledger):
        [receipt] = send(ledger, command("EraseContact", contact_id="nobody"))
        assert (receipt.outcome, receipt.answer.positions, receipt.answer.versions) == (
            Outcome.ACCEPTED,
            (),
            (("contact:nobody", 0),),
        )


class TestATicketOfTwoPeople:
    def handed_on(self, ledger: Ledger) -> None:
        send(
            ledger,
            opening(contact_id=CONTACT, subject=SECRET, description=SECRET),
            command("ChangeTicket", subject=f"{SECRET} again"),
            command("ChangeTicket", contact_id="dora"),
            command("ChangeTicket", subject="Of Dora", description="Of Dora"),
            command("ReceiveReply", body="By Dora", actor="contact:dora"),
        )

    def test_loses_the_texts_of_the_one_who_is_erased_and_keeps_those_of_the_other(self, ledger, path):
        """Also where a text of the one stands as the old value in an event about the other."""
        self.handed_on(ledger)
        send(ledger, command("EraseContact", **ERASE))
        assert clear_texts(path) == {"Of Dora", "By Dora"}
        assert SECRET not in rows(ledger)
        assert SECRET not in repr(ledger.journal.read())

    def test_keeps_the_texts_of_the_first_when_the_second_is_erased(self, ledger, path):
        self.handed_on(ledger)
        send(ledger, command("EraseContact", contact_id="dora"))
        assert clear_texts(path) == {SECRET, f"{SECRET} again"}
        assert "Dora" not in rows(ledger)


def forget_carla(path: Path) -> None:
    with ledger_at(path) as ledger:
        send(ledger, command("EraseContact", **ERASE))


class TestAProcessThatStillHoldsTheKey:
    """The other process is a real one."""

    @pytest.fixture
    def warm(self, ledger: Ledger) -> Ledger:
        told_everything(ledger)
        assert SECRET in repr(ledger.journal.read())
        assert SECRET in repr(list(ledger.bus.cached))
        process = get_context("spawn").Process(target=forget_carla, args=(ledger.path,))
        process.start()
        process.join(timeout=60)
        assert process.exitcode == 0
        return ledger

    def test_reads_erased_at_its_next_look(self, warm):
        assert SECRET not in repr(warm.journal.load([STREAM, CARLA]))
        assert SECRET not in repr(warm.journal.read())
        assert SECRET not in rows(warm)

    @pytest.mark.parametrize(
        ("asked", "event"),
        [
            ({"subject": "New"}, {"old": "erased", "new": "New"}),
            ({"subject": f"{SECRET} too"}, {"old": "erased", "new": f"{SECRET} too"}),
        ],
        ids=["another text", "the same text"],
    )
    def test_never_writes_the_clear_text_back(self, warm, path, asked, event):
        send(warm, command("ChangeTicket", command_id="late", **asked))
        [changed] = [one.event for one in history(warm, STREAM) if one.command_id == "late"]
        assert {name: getattr(changed, name) for name in event} == event
        assert clear_texts(path) == {"erased", asked["subject"]}
        assert SECRET not in repr(list(warm.bus.cached)).replace(f"{SECRET} too", "")

    def test_seals_what_comes_next_under_a_new_key(self, warm, path):
        send(warm, command("ReceiveReply", body="I am back", actor=CARLA))
        assert clear_texts(path) == {"I am back"}
        assert warm.runner.compare() == []
        assert_whole(path)


def test_whoever_may_not_read_it_reads_sealed(ledger):
    told_everything(ledger)
    events: list[Any] = [one.event for one in ledger.journal.read(opened=False)]
    assert (events[0].name, events[1].subject, events[4].body) == ("sealed", "sealed", "sealed")
