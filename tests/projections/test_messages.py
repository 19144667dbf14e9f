"""What was said (F-57, F-58), and what of it is left after an erasure (E-14)."""

from hashlib import sha256

import pytest

from domain.ticket import events as e
from domain.values import Visibility
from projections.base import Unfoldable, erased
from projections.messages import MESSAGES, fold
from tests.projections.histories import Log, at, opened

REPLY = e.TicketReplySent(1, "Try again", "mia@example.org", True)


def only_row(log):
    (row,) = fold({}, log.events)
    return row


@pytest.mark.parametrize(
    ("event", "kind", "visibility", "recipients"),
    [
        (REPLY, "reply", "public", "mia@example.org"),
        (e.TicketCustomerReplied(1, "Try again", "<1@mail>"), "customer_reply", "public", None),
        (e.TicketForwarded(1, "Try again", "lab@example.org"), "forward", "private", "lab@example.org"),
        (e.TicketCommentAdded(1, Visibility.PUBLIC, "Try again"), "comment", "public", None),
        (e.TicketCommentAdded(1, Visibility.PRIVATE, "Try again"), "comment", "private", None),
    ],
)
def test_a_message_keeps_author_recipients_time_and_digest_f57_f58(event, kind, visibility, recipients):
    log = Log()
    log.ticket("T-1", event, actor="agent:bob", person="contact:7")
    row = only_row(log)
    assert (row.ticket_id, row.message, row.kind, row.visibility) == ("T-1", 1, kind, visibility)
    assert (row.author, row.recipients, row.body, row.sent_at) == ("agent:bob", recipients, "Try again", at(1))
    assert row.body_digest == sha256(b"Try again").hexdigest()
    assert (row.position, row.person) == (1, "contact:7")


@pytest.mark.parametrize("word", ["erased", "sealed"])
def test_the_digest_of_a_text_that_is_gone_is_the_word_for_it_e14(word):
    log = Log()
    log.ticket("T-1", e.TicketCustomerReplied(1, word, None))
    assert only_row(log).body_digest == word


def test_showing_a_comment_changes_that_comment_only_f58():
    log = Log()
    private = e.TicketCommentAdded(1, Visibility.PRIVATE, "one"), e.TicketCommentAdded(2, Visibility.PRIVATE, "two")
    log.ticket("T-1", *private, e.TicketCommentVisibilityChanged(2, Visibility.PRIVATE, Visibility.PUBLIC))
    assert [row.visibility for row in fold({}, log.events)] == ["private", "public"]
    rows = {("T-1", row.message): row for row in fold({}, log.events[:2])}
    assert [(row.message, row.visibility) for row in fold(rows, log.events[2:])] == [(2, "public")]


def test_only_comments_can_be_shown_or_hidden_f58():
    log = Log()
    log.ticket("T-1", REPLY, e.TicketCommentVisibilityChanged(1, Visibility.PUBLIC, Visibility.PRIVATE))
    with pytest.raises(Unfoldable, match="no comment"):
        fold({}, log.events)
    with pytest.raises(Unfoldable, match="no comment"):
        fold({}, log.events[1:])


def test_erasing_takes_body_digest_and_recipients_and_leaves_null_e14():
    log = Log()
    log.ticket("T-1", REPLY, e.TicketCustomerReplied(2, "Thanks", None), person="contact:7")
    reply, answer = (erased(MESSAGES, row, "contact:7") for row in fold({}, log.events))
    assert (reply.body, reply.body_digest, reply.recipients) == ("erased", "erased", "erased")
    assert (answer.body, answer.body_digest, answer.recipients) == ("erased", "erased", None)


def test_an_event_without_a_place_cannot_be_folded():
    log = Log()
    log.ticket("T-1", opened())
    with pytest.raises(Unfoldable, match=r"ticket\.opened"):
        fold({}, log.events)
