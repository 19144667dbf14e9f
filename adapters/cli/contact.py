"""`deskledger contact`: taking a person's text out of everything, with the history's proofs left whole (E-14)."""

from typing import TYPE_CHECKING, Annotated, Final
from uuid import uuid4

import typer

from adapters.cli.exits import Exit, NotFound, Stop
from adapters.cli.options import Call, Db, Json, as_printable, end, os_user, own_door
from adapters.cli.output import answer, document, say

if TYPE_CHECKING:
    from adapters.wiring import Ledger

app: Final = typer.Typer(name="contact", help="Act on a contact's personal text.", no_args_is_help=True)


@app.command("erase")
def erase(
    context: typer.Context,
    contact_id: Annotated[str, typer.Argument(metavar="ID", parser=as_printable, help="The contact's id.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Destroy the keys that seal a person's text, then clear the text from all rows and from the write-ahead log.

    Doing it again changes nothing. Exit code 7 where a reader keeps old pages alive: then do it again.
    """
    from commands.contact import EraseContact
    from domain.receipts import Outcome
    from domain.values import contact_stream

    call = Call.of(context, db, as_json)
    stream = contact_stream(contact_id)
    with call.ledger() as ledger:
        keys = ledger.journal.keys_of([stream])[stream]
        if not keys and not ledger.journal.load([stream])[stream]:
            raise NotFound(f"there is no contact {contact_id}, and no text is sealed for one")
        rows = _rows_with_text_of(ledger, stream) if keys else {}
        command = EraseContact(command_id=str(uuid4()), actor=f"agent:{os_user()}", contact_id=contact_id)
        (receipt,) = ledger.submit([command], own_door())
        if receipt.outcome is not Outcome.ACCEPTED:
            raise Stop(Exit.REFUSED, " ".join(reason.sentence for reason in receipt.answer.reasons))
        is_scrubbed = ledger.scrub()
    about = {
        "contact_id": contact_id,
        "command_id": receipt.command_id,
        "positions": receipt.answer.positions,
        "keys_destroyed": len(keys),
        "rows_cleared": rows,
        "scrubbed": is_scrubbed,
    }
    if call.as_json:
        document(about)
    elif keys:
        cleared = ", ".join(f"{count} in {table}" for table, count in rows.items()) or "none"
        answer(f"erased {contact_id}; keys destroyed: {len(keys)}; rows cleared: {cleared}")
    else:
        answer(f"nothing of {contact_id} is left to erase")
    if not is_scrubbed:
        say("a reader still holds old pages of the file; run the same words again when it has finished")
    end(Exit.DONE if is_scrubbed else Exit.PARTIAL)


def _rows_with_text_of(ledger: "Ledger", person: str) -> dict[str, int]:
    """How many rows of each projection hold text of this person that can still be read."""
    from sqlalchemy import func, or_, select

    from adapters.read_db.schema import TABLES
    from projections.base import SEVERAL_PEOPLE, erased
    from projections.catalogue import PROJECTIONS

    counts = {}
    with ledger.reading() as connection:
        for projection in PROJECTIONS:
            if not projection.personal:
                continue
            table = TABLES[projection.name]
            of_several = func.instr(table.c.person, SEVERAL_PEOPLE) > 0
            found = connection.execute(select(table).where(or_(table.c.person == person, of_several)))
            rows = [projection.row(*row) for row in found]
            counts[projection.name] = sum(erased(projection, row, person) != row for row in rows)
    return counts
