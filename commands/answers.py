"""Answers that are given without a decision: a stored receipt again, or what is true at this moment only."""

from commands.access import principal_of
from commands.submission import Submission
from domain.receipts import Answer, Outcome, Reason, Receipt
from domain.refusals import CommandIdReused, Refusal


def reason_of(refusal: Refusal) -> Reason:
    """A refusal as a receipt keeps it."""
    return Reason(refusal.code, refusal.sentence, refusal.facts)


def repeated(submission: Submission, receipt: Receipt) -> Receipt:
    """The stored answer for the same command of the same principal; anyone and anything else is refused."""
    same_sender = principal_of(receipt.principal) == submission.door.principal
    if same_sender and receipt.digest == submission.command.digest():
        return receipt
    return momentary(submission, Outcome.REFUSED, CommandIdReused(submission.command.command_id))


def momentary(submission: Submission, outcome: Outcome, refusal: Refusal) -> Receipt:
    """An answer that is true now and kept nowhere."""
    command = submission.command
    return Receipt(
        number=0,
        command_id=command.command_id,
        command=command.command_name,
        stream=command.stream,
        digest=command.digest(),
        outcome=outcome,
        answer=Answer(reasons=(reason_of(refusal),)),
        principal=submission.door.via,
        recorded_at=submission.received_at,
    )
