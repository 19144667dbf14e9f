"""What happens to a refund after its triage: the way through its blueprint, and how people try to get round it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from adapters.demo import slips, story
from adapters.demo.desk import AGENT, Agent
from adapters.demo.life import Life
from adapters.demo.phrases import BANK_DETAILS, NOT_SOLVED, REFUND_REFUSED, REMINDERS, THANKS
from adapters.demo.rules import RESOLVED
from adapters.demo.step import around
from commands.blueprint import ForceState, PerformTransition, RevokeBlueprint
from commands.ticket import AddTags, ChangeStatus, ChangeTicket, CloseTicket, ReopenTicket, SendReply
from domain.values import FieldType, StatusType

BANK: Final = "service:bank"
BANK_DOOR: Final = "api:bank"
_APPROVERS: Final = (AGENT["ines"], AGENT["kaya"])
_NO_APPROVERS: Final = (AGENT["jonas"], AGENT["liam"])
_OPENS, _CLOSES = 7, 16
"""Hours in which the bank pays, from Monday to Friday."""


def goes_on(life: Life) -> None:
    """One run through the blueprint, and what comes after the end of it."""
    life.now = life.owner.after(life.now, around(life.luck, 40))
    if life.maybe(0.03):
        reason = life.luck.choice(("A question about refunds, not a refund.", "Paid back by the shop already."))
        life.sent(RevokeBlueprint(**life.by_owner(5), reason=reason))
        story.goes_on(life)
        return
    if life.maybe(0.02):
        # Another one instead of the money is for the other desk, and out of the blueprint.
        life.sent(ChangeTicket(**life.by_owner(5), department="Returns"))
        story.goes_on(life)
        return
    if life.maybe(0.3):
        story.note(life)
    if life.maybe(0.45) and not _proves(life):
        return
    _is_paid(life)
    _look_back(life)


def _moved(life: Life, transition: str, minutes: float = 0.5) -> None:
    life.sent(PerformTransition(**life.by_owner(minutes), transition=transition))


def _replied(life: Life, body: str, minutes: float) -> None:
    life.sent(SendReply(**life.by_owner(minutes), body=body, recipients=(life.person.address,)))
    life.messages += 1


# On the way


def _proves(life: Life) -> bool:
    """The customer is asked for a proof, and sends it or is refused in the end; whether it came."""
    question, answer = life.luck.choice(life.topic.questions)
    _replied(life, life.says(question), around(life.luck, 5))
    _moved(life, "Ask for proof")
    if life.maybe(0.12):
        life.now = life.owner.after(life.now + timedelta(days=3), around(life.luck, 60))
        _replied(life, life.one_of(REMINDERS), 5)
        if life.maybe(0.5):
            life.now = life.owner.after(life.now + timedelta(days=5), around(life.luck, 300))
            _is_refused(life, life.owner, 5)
            return False
    life.customer_waits(240)
    life.customer_says(life.says(answer), is_delivered_twice=life.maybe(0.005))
    if life.maybe(0.1):
        _slip(life)
    _moved(life, "Take up again", around(life.luck, 45))
    return True


def _is_paid(life: Life) -> None:
    """Submitted, approved or refused, and paid by the bank, which sends some orders back."""
    _submitted(life)
    approver = _approver(life)
    waited = around(life.luck, 70)
    if life.maybe(0.1):
        _slip(life)
    if life.maybe(0.015):
        reason = "The bank's page is down; paid by cheque, signed by both of us."
        life.sent(ForceState(**life.by_agent(approver, waited), state="Paid", reason=reason))
        life.status_type = StatusType.CLOSED
        return
    if life.maybe(0.07):
        _is_refused(life, approver, waited)
        return
    life.sent(PerformTransition(**life.by_agent(approver, waited), transition="Approve"))
    _replied(life, life.says(life.topic.solutions[0]), around(life.luck, 20))
    if life.maybe(0.04):
        _moved(life, "Pay", 30)
    _at_the_bank(life)
    if life.maybe(0.05):
        life.sent(PerformTransition(**life.by(BANK), transition="Send back"), BANK_DOOR)
        _replied(life, BANK_DETAILS[0], around(life.luck, 60))
        life.customer_waits(200)
        life.customer_says(BANK_DETAILS[1])
        _is_paid(life)
        return
    life.sent(PerformTransition(**life.by(BANK), transition="Pay"), BANK_DOOR)
    life.status_type = StatusType.CLOSED


def _submitted(life: Life) -> None:
    if "amount" not in life.known:
        if life.maybe(0.1):
            _moved(life, "Submit", around(life.luck, 20))
        amount = (FieldType.DECIMAL, f"{life.luck.randrange(1_900, 64_900) / 100:.2f}")
        life.sent(ChangeTicket(**life.by_owner(around(life.luck, 10)), fields={"amount": amount}))
        life.known.add("amount")
    _moved(life, "Submit", around(life.luck, 30))


def _approver(life: Life) -> Agent:
    """The one of the two who is there first; nobody approves what is theirs."""
    others = [agent for agent in _APPROVERS if agent is not life.owner]
    return min(others, key=lambda agent: agent.available(life.now))


def _is_refused(life: Life, by: Agent, minutes: float) -> None:
    life.sent(PerformTransition(**life.by_agent(by, minutes), transition="Refuse"))
    _replied(life, life.one_of(REFUND_REFUSED), around(life.luck, 15))
    life.status_type = StatusType.CLOSED


def _at_the_bank(life: Life) -> None:
    """A payment takes about a day of the bank's, which knows no Saturday."""
    life.now += timedelta(hours=around(life.luck, 22, 0.5))
    while life.now.weekday() > 4 or not _OPENS <= life.now.hour < _CLOSES:
        is_early = life.now.weekday() <= 4 and life.now.hour < _OPENS
        begins = life.now.replace(hour=_OPENS, minute=0, second=0) + timedelta(minutes=life.luck.uniform(0, 90))
        life.now = begins if is_early else begins + timedelta(days=1)


# Round it: every one of these is refused, as is who plays the bank


def _slip(life: Life) -> None:
    life.luck.choice(_SLIPS)(life)


def _close_by_hand(life: Life) -> None:
    life.sent(CloseTicket(**life.by_owner(4)))


def _resolve_by_hand(life: Life) -> None:
    life.sent(ChangeStatus(**life.by_owner(4), status=RESOLVED))


def _answer_and_close(life: Life) -> None:
    body = life.one_of(life.topic.solutions)
    life.sent(SendReply(**life.by_owner(4), body=body, recipients=(life.person.address,), status=RESOLVED))


def _approve_without_the_right(life: Life) -> None:
    other = life.luck.choice(_NO_APPROVERS)
    life.sent(PerformTransition(**life.by_agent(other, 4), transition="Approve"))


def _misname(life: Life) -> None:
    _moved(life, life.luck.choice(("Approved", "Pay out")), 4)


_SLIPS: Final[tuple[Callable[[Life], None], ...]] = (
    _close_by_hand,
    _close_by_hand,
    _resolve_by_hand,
    _answer_and_close,
    _approve_without_the_right,
    _approve_without_the_right,
    _misname,
)


# Afterwards


def _look_back(life: Life) -> None:
    """A reopened refund is in the blueprint again: there is something to pay, or there is not."""
    if life.maybe(0.04):
        slips.close_again(life)
    what = life.luck.choices(("thanks", "again", "reopened", ""), (9, 7, 2, 82))[0]
    if what == "reopened":
        life.sent(ReopenTicket(**life.by_owner(around(life.luck, 90))))
    elif what:
        life.customer_waits(500)
        life.customer_says(life.one_of(THANKS if what == "thanks" else NOT_SOLVED))
    if what == "again":
        life.sent(AddTags(**life.by_owner(around(life.luck, 15)), tags=("came back",)))
        _is_paid(life)
    elif what:
        if what == "thanks" and life.maybe(0.2):
            _close_by_hand(life)
        _moved(life, "Nothing to pay", around(life.luck, 30))
        life.status_type = StatusType.CLOSED
    if life.maybe(0.08):
        story.archive(life)
