"""SHOW-1, written by hand: a refund for a phone that overheats, from the first mail to the last closing.

It is worth reading from end to end: who had it when, what it waited for, why it came back, what the rules
made of it, and what was refused.
"""

from datetime import datetime, timedelta
from typing import Final

from adapters.demo.desk import AGENT, FORM, MAIL
from adapters.demo.life import Life, Person, TicketEnvelope
from adapters.demo.phrases import OVERHEATING
from adapters.demo.refunds import BANK, BANK_DOOR
from adapters.demo.rules import FOR_CUSTOMER, RESOLVED
from adapters.demo.step import BEGIN, Step
from commands.blueprint import PerformTransition
from commands.contact import RegisterContact
from commands.ticket import (
    AddComment,
    AddTags,
    AssignTicket,
    ChangePriority,
    ChangeStatus,
    ChangeTicket,
    CloseTicket,
    FieldIn,
    ForwardTicket,
    HoldTicket,
    OpenTicket,
    ReceiveReply,
    SendReply,
)
from domain.values import FieldType, Priority

SHOWCASE: Final = "SHOW-1"
MARTA: Final = Person("c00000", "Marta Lindholm", "marta.lindholm@example.org")
OPENED_AT: Final = datetime.fromisoformat("2026-06-02T09:14:07Z")


class Showcase(Life):
    """A life in which nothing is left to chance."""

    def at(self, day: int, clock: str, who: str) -> TicketEnvelope:
        """The envelope of a command by this actor, on this day of June and by this clock."""
        hours, minutes, seconds = (int(part) for part in clock.split(":"))
        self.now = BEGIN + timedelta(days=day - 1, hours=hours, minutes=minutes, seconds=seconds)
        return self.by(AGENT[who].actor if who in AGENT else who)

    def maybe(self, share: float) -> bool:
        """Never: what happens is written here."""
        return False


def showcase(seed: int) -> list[Step]:
    """The steps of SHOW-1; the seed gives the command ids alone."""
    life = Showcase(seed, SHOWCASE, MARTA, OVERHEATING, OPENED_AT)
    _comes_in(life)
    _is_understood(life)
    _is_solved(life)
    _comes_back(life)
    return life.steps


def _comes_in(life: Showcase) -> None:
    register = life.envelope("service:mail")
    life.sent(RegisterContact(**register, contact_id="c00000", name=MARTA.name, address=MARTA.address), MAIL.via)
    opening = OpenTicket(
        **life.by(MARTA.actor),
        channel="email",
        subject="Refund for my Comet 5, it overheats",
        description=(
            "My Comet 5 gets so hot while charging that it burned a mark into the table. "
            "I do not want another one. Please refund order O-48213."
        ),
        contact_id=MARTA.contact_id,
        department="Support",
        message_key="<SHOW-1@mail.example.org>",
    )
    life.sent(opening, MAIL.via)
    # The mail door lost the answer and asks again: one ticket, one receipt.
    life.now += timedelta(seconds=41)
    life.sent(opening, MAIL.via)
    life.sent(ChangeTicket(**life.at(2, "09:31:12", "carla"), department="Returns"))
    life.sent(AssignTicket(**life.at(2, "09:31:40", "carla"), team="Returns Desk", agent="nadia"))
    life.sent(ChangePriority(**life.at(2, "09:32:05", "carla"), priority=Priority.HIGH))


def _is_understood(life: Showcase) -> None:
    life.sent(AddTags(**life.at(2, "10:05:31", "nadia"), tags=("refund", "overheating")))
    fields: dict[str, FieldIn | None] = {
        "order": (FieldType.TEXT, "O-48213"),
        "product": (FieldType.TEXT, "Comet 5"),
        "amount": (FieldType.DECIMAL, "649.00"),
        "under_warranty": (FieldType.BOOLEAN, "true"),
    }
    life.sent(ChangeTicket(**life.at(2, "10:07:50", "nadia"), fields=fields))
    question = (
        "Dear Marta, please stop charging the phone. Which charger did you use, and what is the serial number? "
        "You find it under Settings, About."
    )
    life.sent(SendReply(**life.at(2, "10:22:18", "nadia"), body=question, recipients=(MARTA.address,)))
    life.sent(HoldTicket(**life.at(2, "10:22:47", "nadia"), status=FOR_CUSTOMER))
    note = "If the serial begins with C5-19 it is the bad battery lot. Then the maker must hear of it today."
    life.sent(AddComment(**life.at(2, "10:26:02", "nadia"), body=note))
    answer = "The charger from the box. The serial number is C5-19-004417. Here is a picture of my table."
    reply = ReceiveReply(**life.at(2, "20:41:33", MARTA.actor), body=answer, message_key="<SHOW-1.2@mail.example.org>")
    life.sent(reply, MAIL.via)


def _is_solved(life: Showcase) -> None:
    life.sent(ChangeStatus(**life.at(3, "08:12:09", "nadia"), status="Escalated"))
    life.sent(ChangePriority(**life.at(3, "08:12:44", "nadia"), priority=Priority.URGENT))
    report = (
        "Comet 5, serial C5-19-004417, burned a table while charging with the original charger. Same lot as in May."
    )
    to_maker = ForwardTicket(**life.at(3, "08:20:15", "nadia"), recipients=("safety@maker.example.org",), body=report)
    life.sent(to_maker)
    confirmed = "Safety called: it is the lot, they collect the phone. Refund in full, no return needed first."
    life.sent(AddComment(**life.at(4, "13:20:51", "nadia"), body=confirmed))
    solution = (
        "Dear Marta, you were right to stop. We refund 649.00 today, and a courier collects the phone. "
        "Please do not charge it again."
    )
    solved = SendReply(**life.at(4, "13:34:26", "nadia"), body=solution, recipients=(MARTA.address,), status=RESOLVED)
    life.sent(solved)
    # Petra worked from a list that was some minutes old: refused, and kept as evidence.
    life.sent(CloseTicket(**life.at(4, "13:41:03", "petra")))


def _comes_back(life: Showcase) -> None:
    complaint = "The courier was here, thank you. But only 64.90 arrived on my card, not 649.00."
    life.sent(
        ReceiveReply(**life.at(8, "18:55:40", MARTA.actor), body=complaint, message_key="<SHOW-1.3@mail.example.org>"),
        MAIL.via,
    )
    handed_over = "A decimal point went wrong when we booked it. Payments, please send the rest."
    life.sent(AddComment(**life.at(9, "06:38:12", "mira"), body=handed_over))
    life.sent(AssignTicket(**life.at(9, "06:40:02", "mira"), team="Payments Desk", agent="jonas"))
    life.sent(ChangeTicket(**life.at(9, "08:14:37", "jonas"), department="Billing"))
    life.sent(AddTags(**life.at(9, "08:15:01", "jonas"), tags=("our mistake",)))
    rest: dict[str, FieldIn | None] = {"amount": (FieldType.DECIMAL, "584.10")}
    life.sent(ChangeTicket(**life.at(9, "08:31:26", "jonas"), fields=rest))
    _is_paid(life)


def _is_paid(life: Showcase) -> None:
    """Through the blueprint that the ticket entered when it came to Billing, and once more after the thanks."""
    life.sent(PerformTransition(**life.at(9, "08:33:10", "jonas"), transition="Submit"))
    # Jonas knows that it is right, but two have to know it: refused, as is the way round.
    life.sent(PerformTransition(**life.at(9, "08:33:52", "jonas"), transition="Approve"))
    life.sent(ChangeStatus(**life.at(9, "08:34:15", "jonas"), status=RESOLVED))
    life.sent(PerformTransition(**life.at(9, "08:39:40", "ines"), transition="Approve"))
    apology = "Dear Marta, that was our mistake. 584.10 is on its way, with a voucher of 20.00 for the trouble."
    life.sent(SendReply(**life.at(9, "08:41:20", "jonas"), body=apology, recipients=(MARTA.address,)))
    life.sent(PerformTransition(**life.at(10, "07:12:30", BANK), transition="Pay"), BANK_DOOR)
    thanks = ReceiveReply(**life.at(10, "07:58:09", MARTA.actor), body="It arrived. Thank you for being so honest!")
    life.sent(thanks, FORM.via)
    life.sent(PerformTransition(**life.at(10, "08:20:44", "jonas"), transition="Nothing to pay"))
