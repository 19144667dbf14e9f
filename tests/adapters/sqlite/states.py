"""A ticket of our own and an imported one, for what reads states."""

from typing import Any

from tests.examples import ARCHIVE_ROOM, codes, command, opening, row, send


def life(ledger: Any) -> None:
    """Opened, commented on, held, resumed, closed; and one row of a source."""
    asked = (opening(), command("AddComment", body="b"), command("HoldTicket"), command("ResumeTicket"))
    receipts = send(ledger, *asked, command("CloseTicket"))
    receipts += send(ledger, row(ticket_id="I-1"), door=ARCHIVE_ROOM)
    assert [codes(one) for one in receipts if one.answer.reasons] == []
