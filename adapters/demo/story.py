"""What happens to a ticket between its opening and its archive: stages that each add commands to its life."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from adapters.demo import slips
from adapters.demo.desk import FORM, MAIL, PHONE, SOON, TEAMS, Intake, on_duty
from adapters.demo.life import Life
from adapters.demo.phrases import NOT_SOLVED, REFUND, REMINDERS, SILENCE, SPAM, THANKS
from adapters.demo.rules import FOR_CUSTOMER, FOR_PARTS, RESOLVED
from adapters.demo.step import around
from commands.contact import RegisterContact
from commands.ticket import (
    AddComment,
    AddTags,
    ArchiveTicket,
    AssignTicket,
    ChangeCommentVisibility,
    ChangePriority,
    ChangeStatus,
    ChangeTicket,
    CloseTicket,
    DeleteTicket,
    FieldIn,
    ForwardTicket,
    HoldTicket,
    OpenTicket,
    RemoveTags,
    ReopenTicket,
    RestoreTicket,
    ResumeTicket,
    SendReply,
    UnarchiveTicket,
)
from domain.instant import instant
from domain.values import FieldType, Priority, StatusType, Visibility

_SERVICES: Final = {MAIL.via: "service:mail", FORM.via: "service:website"}
_PRIORITIES: Final = (Priority.LOW, Priority.MEDIUM, Priority.HIGH, Priority.URGENT)


def comes_in(life: Life, intake: Intake, is_new_contact: bool) -> bool:
    """From the opening to the hands of somebody who works on it; False where it ends before, as spam."""
    is_spam = intake is MAIL and life.maybe(0.017)
    _open(life, intake, is_new_contact, life.luck.choice(SPAM if is_spam else life.topic.openings))
    if is_spam:
        _delete(life)
        return False
    if life.maybe(0.006):
        _delete(life)
        _restore(life)
    _triage(life, intake)
    return True


def goes_on(life: Life) -> None:
    """Work, solution and what comes after, of a ticket that no blueprint leads."""
    for _ in range(life.luck.choices((0, 1, 2, 3), (22, 43, 25, 10))[0]):
        _work(life)
    _solve(life)
    _look_back(life)


# Opening


def _open(life: Life, intake: Intake, is_new_contact: bool, words: tuple[str, str]) -> None:
    if intake is PHONE:
        life.agent = on_duty(life.luck, life.luck.choice(("First Line", TEAMS[life.topic.department])), life.now)
    actor = life.agent.actor if life.agent else life.person.actor
    # A contact who writes again and is taken for a new one is refused, and the ticket opened all the same.
    if is_new_contact or life.maybe(0.009):
        person = life.person
        register = life.envelope(_SERVICES.get(intake.via, actor))
        life.sent(
            RegisterContact(**register, contact_id=person.contact_id, name=person.name, address=person.address),
            intake.via,
        )
    if intake is not MAIL:
        life.priority = life.luck.choices(_PRIORITIES, (20, 55, 20, 5))[0]
    life.department = "Support" if intake is MAIL and life.maybe(0.3) else life.topic.department
    fields = {} if intake is MAIL else _fields(life)
    life.known = set(fields)
    opening = OpenTicket(
        **life.by(actor),
        channel=intake.channel,
        subject=life.says(words[0]),
        description=life.says(words[1]),
        contact_id=life.person.contact_id,
        department=life.department,
        priority=None if intake is MAIL else life.priority,
        agent=life.agent.agent_id if life.agent else None,
        team=life.agent.team if life.agent else None,
        fields=fields,
        tags=(life.topic.tag,) if intake is FORM else (),
        message_key=f"<{life.ticket_id}@mail.example.org>" if intake is MAIL else None,
    )
    life.sent(opening, intake.via)


def _fields(life: Life) -> dict[str, FieldIn]:
    fields: dict[str, FieldIn] = {"order": (FieldType.TEXT, life.order), "product": (FieldType.TEXT, life.product)}
    if life.topic.department in ("Billing", "Returns"):
        fields["amount"] = (FieldType.DECIMAL, f"{life.luck.randrange(1_900, 64_900) / 100:.2f}")
    if life.topic.department == "Technical":
        fields["under_warranty"] = (FieldType.BOOLEAN, "true" if life.maybe(0.7) else "false")
        bought = life.now - timedelta(days=life.luck.randrange(5, 900))
        fields["bought_at"] = (FieldType.INSTANT, instant(bought.replace(hour=0, minute=0, second=0, microsecond=0)))
    return fields


def _delete(life: Life) -> None:
    finder = on_duty(life.luck, "First Line", life.now, patience=SOON)
    life.sent(DeleteTicket(**life.by_agent(finder, around(life.luck, 20))))


def _restore(life: Life) -> None:
    """It was no advertising: the customer asks again, is not heard, and a colleague finds the ticket."""
    slips.answer_to_deleted(life)
    finder = on_duty(life.luck, "First Line", life.now, patience=SOON)
    life.sent(RestoreTicket(**life.by_agent(finder, around(life.luck, 40))))


def _triage(life: Life, intake: Intake) -> None:
    team = TEAMS[life.topic.department]
    if life.agent is None:
        sorter, minutes = on_duty(life.luck, "First Line", life.now, patience=SOON), around(life.luck, 18)
    else:
        sorter, minutes = life.agent, 2.0
    if life.department != life.topic.department:
        life.sent(ChangeTicket(**life.by_agent(sorter, minutes), department=life.topic.department))
        minutes = 0.3
    if life.agent is None or life.agent.team != team:
        chosen = on_duty(life.luck, team, sorter.after(life.now, minutes), patience=SOON)
        life.sent(AssignTicket(**life.by_agent(sorter, minutes), team=team, agent=chosen.agent_id))
        life.agent, minutes = chosen, 0.3
    if life.maybe(0.55):
        life.priority = life.luck.choices(_PRIORITIES, (18, 50, 25, 7))[0]
        life.sent(ChangePriority(**life.by_agent(sorter, minutes), priority=life.priority))
        minutes = 0.3
    # Who knows the blueprint tags what it is for.
    if life.maybe(0.55) or life.topic is REFUND:
        life.sent(AddTags(**life.by_agent(sorter, minutes), tags=(life.topic.tag,)))
    if life.maybe(0.04):
        life.sent(ChangeTicket(**life.by_owner(5), subject=life.says("{product} of order {order}")))
    # A mail says nothing in fields; on the phone and in the form people mistake their order's number at times.
    if life.maybe(0.75 if intake is MAIL else 0.12):
        learned = _fields(life) if intake is MAIL else {"order": (FieldType.TEXT, life.order + "-1")}
        life.sent(ChangeTicket(**life.by_owner(around(life.luck, 30)), fields={**learned}))
        life.known |= set(learned)


# Work


def _work(life: Life) -> None:
    """One round: a note perhaps, then a step towards the solution."""
    life.now = life.owner.after(life.now, around(life.luck, 60) * (0.5 if life.priority is Priority.URGENT else 1))
    if life.maybe(0.4):
        note(life)
    life.luck.choices(_STAGES, _STAGE_WEIGHTS)[0](life)
    if life.maybe(0.035):
        slips.while_open(life)


def note(life: Life) -> None:
    """A comment for colleagues, now and then for everybody."""
    visibility = Visibility.PUBLIC if life.maybe(0.12) else Visibility.PRIVATE
    body = life.one_of(life.topic.notes)
    life.sent(AddComment(**life.by_owner(around(life.luck, 3)), visibility=visibility, body=body))
    life.messages += 1
    if life.maybe(0.04):
        other = Visibility.PRIVATE if visibility is Visibility.PUBLIC else Visibility.PUBLIC
        change = ChangeCommentVisibility(**life.by_owner(2), message=life.messages, visibility=other)
        life.sent(change)


def _ask(life: Life) -> None:
    """A question to the customer, with the ticket on hold until the answer comes."""
    question, answer = life.luck.choice(life.topic.questions)
    _question(life, life.says(question))
    if life.maybe(0.13):
        life.now = life.owner.after(life.now + timedelta(days=2), around(life.luck, 60))
        _question(life, life.one_of(REMINDERS))
        if life.maybe(0.5):
            return
    life.customer_waits(240)
    life.customer_says(life.says(answer), is_delivered_twice=life.maybe(0.005))


def _question(life: Life, body: str) -> None:
    to = (life.person.address,)
    is_one_step = life.maybe(0.55)
    status = FOR_CUSTOMER if is_one_step else None
    life.sent(SendReply(**life.by_owner(around(life.luck, 5)), body=body, recipients=to, status=status))
    life.messages += 1
    if is_one_step:
        life.status_type = StatusType.ON_HOLD
    elif life.maybe(0.6):
        life.sent(HoldTicket(**life.by_owner(), status=FOR_CUSTOMER))
        life.status_type = StatusType.ON_HOLD


def _wait(life: Life) -> None:
    """On hold until a part, a warehouse or a carrier has done its share."""
    waits_for = life.topic.waits_for
    life.sent(HoldTicket(**life.by_owner(), status=None if waits_for == "On Hold" else waits_for))
    note(life)
    median = 1_000 if waits_for == FOR_PARTS else 300
    life.now = life.owner.after(life.now, around(life.luck, median, 0.5))
    life.sent(ResumeTicket(**life.by_owner()))
    life.status_type = StatusType.OPEN


def _forward(life: Life) -> None:
    body = "Can you have a look? " + life.one_of(life.topic.notes)
    life.sent(ForwardTicket(**life.by_owner(around(life.luck, 6)), recipients=(life.topic.outside,), body=body))
    life.messages += 1


def _hand_over(life: Life) -> None:
    """To a colleague, or to another team where the owner is not the right one."""
    is_same_team = life.maybe(0.65)
    team = life.owner.team if is_same_team else life.luck.choice([*TEAMS.values()])
    envelope = life.by_owner(around(life.luck, 10))
    chosen = on_duty(life.luck, team, life.now, but=life.owner)
    if team == life.owner.team:
        life.sent(AssignTicket(**envelope, agent=chosen.agent_id))
    else:
        life.sent(AssignTicket(**envelope, team=team, agent=chosen.agent_id))
    life.agent = chosen


def _escalate(life: Life) -> None:
    """More urgent than it looked: escalated, raised and given to the colleague who knows it best."""
    life.sent(ChangeStatus(**life.by_owner(around(life.luck, 5)), status="Escalated"))
    life.status_type = StatusType.OPEN
    life.priority = Priority.URGENT
    life.sent(ChangePriority(**life.by_owner(), priority=life.priority))
    due_at = instant((life.now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0))
    life.sent(ChangeTicket(**life.by_owner(), due_at=due_at))
    life.sent(AddTags(**life.by_owner(), tags=("escalated",)))
    _hand_over(life)


Stage = Callable[[Life], None]
_STAGES: Final[tuple[Stage, ...]] = (_ask, _wait, _forward, _hand_over, _escalate)
_STAGE_WEIGHTS: Final = (66, 12, 7, 10, 5)


# Closing, and what may come after


def _solve(life: Life) -> None:
    to = (life.person.address,)
    # Only who was asked and did not answer leaves a ticket on hold.
    is_silent = life.status_type is StatusType.ON_HOLD
    median = 900 if is_silent else 55
    body = SILENCE if is_silent else life.one_of(life.topic.solutions)
    is_one_step = life.maybe(0.6)
    status = RESOLVED if is_one_step and not is_silent else "Closed" if is_one_step else None
    reply = SendReply(**life.by_owner(around(life.luck, median)), body=body, recipients=to, status=status)
    life.sent(reply)
    life.messages += 1
    if not is_one_step:
        _close(life, around(life.luck, 20))
    life.status_type = StatusType.CLOSED


def _close(life: Life, minutes: float) -> None:
    life.sent(CloseTicket(**life.by_owner(minutes), status=RESOLVED if life.maybe(0.4) else None))
    life.status_type = StatusType.CLOSED


def _look_back(life: Life) -> None:
    """After the closing: a second agent, a thank-you, a second try, the archive."""
    if life.maybe(0.04):
        slips.close_again(life)
    what = life.luck.choices(("thanks", "again", "reopened", ""), (9, 9, 2, 80))[0]
    if what == "thanks":
        life.customer_waits(400)
        life.customer_says(life.one_of(THANKS))
        _close(life, around(life.luck, 30))
    elif what:
        _reopen(life, by_customer=what == "again")
        if life.maybe(0.45):
            _hand_over(life)
        _work(life)
        _solve(life)
    if life.maybe(0.08):
        archive(life)


def _reopen(life: Life, by_customer: bool) -> None:
    if by_customer:
        life.customer_waits(700)
        life.customer_says(life.one_of(NOT_SOLVED))
        life.sent(AddTags(**life.by_owner(around(life.luck, 15)), tags=("came back",)))
    else:
        life.sent(ReopenTicket(**life.by_owner(around(life.luck, 90))))
        life.status_type = StatusType.OPEN
        life.sent(RemoveTags(**life.by_owner(), tags=(life.topic.tag,)))


def archive(life: Life) -> None:
    """Read-only, some days after the end; a few come back."""
    life.sent(ArchiveTicket(**life.by_owner(around(life.luck, 2_000))))
    if life.maybe(0.2):
        slips.comment_on_archived(life)
        life.sent(UnarchiveTicket(**life.by_owner(around(life.luck, 200))))
