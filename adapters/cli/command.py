"""`deskledger command`: commands in as JSON lines, one receipt a line out, and a receipt by its command's id.

Lines are sent as they arrive, up to 500 in one transaction; their receipts are printed when they are safe in the log.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final

import typer

from adapters.cli.exits import Exit, NotFound, Unreadable
from adapters.cli.options import Call, Db, Json, as_printable, end, own_door
from adapters.cli.output import answer, document, facts, plain_instant, progress, say

if TYPE_CHECKING:
    from adapters.wiring import Ledger
    from commands.access import Door
    from commands.message import Message
    from domain.receipts import Receipt

app: Final = typer.Typer(name="command", help="Send commands, and read their receipts.", no_args_is_help=True)

BATCH: Final = 500
LONGEST_LINE: Final = 16 * 1024 * 1024
"""A command's texts have limits of their own; this one keeps a file without line ends out of memory."""
_CHUNK: Final = 1024 * 1024
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

Line = tuple[int, bytes]


@app.command("send")
def send(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON lines, a command each; - reads stdin.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Send commands, a JSON object a line; print one receipt a line, in the same order.

    A line that is no command gets the outcome unreadable and leaves no trace; the others go on. A line that was sent
    before prints the receipt of the first time. Exit codes: 0 all accepted, 5 none accepted, 7 some, 2 no command read.
    """
    call = Call.of(context, db, as_json)
    door = own_door()
    outcomes: Counter[str] = Counter()
    # The input first: where it cannot be read, no database is made for it.
    with _opened(file) as stream, call.writing() as ledger, progress("sending", beside_lines=True) as advance:
        for batch in batches(stream, file):
            for printed in _answered(batch, ledger, door):
                outcomes[printed["outcome"]] += 1
                _print(printed, call)
            advance(outcomes.total(), None)
    if not outcomes:
        raise Unreadable(f"{_name(file)}: holds no command; expected a JSON object a line")
    if len(outcomes) > 1 or outcomes.total() > 1:
        say(", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
    end(exit_of(outcomes))


@app.command("receipt")
def receipt(
    context: typer.Context,
    command_id: Annotated[str, typer.Argument(metavar="ID", parser=as_printable, help="The command's id.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """The lasting answer to a command, whoever sent it: whoever may read this file may read fct_commands too."""
    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        found = ledger.journal.receipts([command_id]).get(command_id)
    if found is None:
        raise NotFound(f"there is no receipt for a command with the id {command_id}")
    if call.as_json:
        document(as_document(found))
        return
    shown = as_document(found)
    reasons = [f"{reason['code']}: {reason['sentence']}" for reason in shown.pop("reasons")]
    shown["positions"] = _positions(shown["positions"])
    shown["versions"] = ", ".join(f"{stream}@{version}" for stream, version in shown["versions"].items())
    shown["recorded_at"] = plain_instant(shown["recorded_at"])
    facts([*shown.items(), *(("reason", reason) for reason in reasons)])


def exit_of(outcomes: Counter[str]) -> Exit:
    """The exit code of a batch, by how many commands had each outcome."""
    accepted, unreadable = outcomes["accepted"], outcomes["unreadable"]
    if accepted == outcomes.total():
        return Exit.DONE
    if unreadable == outcomes.total():
        return Exit.USAGE
    return Exit.PARTIAL if accepted else Exit.REFUSED


def as_document(answered: "Receipt") -> dict[str, Any]:
    """A receipt as JSON prints it; the same receipt is always the same text."""
    return {
        "outcome": answered.outcome.value,
        "command_id": answered.command_id,
        "command": answered.command,
        "stream": answered.stream,
        "number": answered.number,
        "positions": list(answered.answer.positions),
        "versions": dict(answered.answer.versions),
        "reasons": [
            {"code": reason.code, "sentence": reason.sentence, "facts": reason.facts}
            for reason in answered.answer.reasons
        ],
        "principal": answered.principal,
        "recorded_at": answered.recorded_at,
    }


# Reading lines


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        if sys.stdin is None:
            raise Unreadable("stdin is closed; expected a JSON object a line")
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(file).open("rb"))
        except (OSError, ValueError) as error:
            raise _not_read(file, error) from None
        yield stream


def batches(stream: Any, file: str) -> Iterator[list[Line]]:
    """Numbered lines in the groups in which they arrive, at most BATCH each; blank ones are passed over."""
    number, begun = 0, b""
    while True:
        try:
            chunk = stream.read1(_CHUNK)
        except OSError as error:
            raise _not_read(file, error) from None
        *lines, begun = (begun + chunk).split(b"\n") if chunk else (begun, b"")
        kept: list[Line] = []
        for raw in lines:
            number += 1
            text = (raw.removeprefix(_BYTE_ORDER_MARK) if number == 1 else raw).strip()
            if text:
                kept.append((number, text))
        for start in range(0, len(kept), BATCH):
            yield kept[start : start + BATCH]
        if not chunk:
            return
        if len(begun) > LONGEST_LINE:
            raise Unreadable(f"{_name(file)} line {number + 1}: longer than 16 MiB; expected a JSON object a line")


def _not_read(file: str, error: Exception) -> Unreadable:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return Unreadable(f"{_name(file)}: cannot be read: {why}")


def _name(file: str) -> str:
    return "stdin" if file == "-" else file


# Sending them


def _answered(batch: Sequence[Line], ledger: "Ledger", door: "Door") -> Iterator[dict[str, Any]]:
    """What to print for each line of a batch, in its order."""
    from commands.union import CommandUnreadable, parse_command

    read: list[Message | dict[str, Any]] = []
    for number, raw in batch:
        try:
            read.append(parse_command(raw))
        except CommandUnreadable as error:
            read.append(_unreadable(number, str(error)))
    try:
        receipts = iter(ledger.submit([one for one in read if not isinstance(one, dict)], door))
    except BaseException:
        say(f"lines {batch[0][0]} to {batch[-1][0]} have no receipt; send them again")
        raise
    for one in read:
        yield one if isinstance(one, dict) else as_document(next(receipts))


def _unreadable(number: int, mistakes: str) -> dict[str, Any]:
    return {"outcome": "unreadable", "line": number, "mistakes": mistakes.split("; ")}


def _print(printed: dict[str, Any], call: Call) -> None:
    if call.as_json:
        document(printed)
    elif printed["outcome"] == "unreadable":
        answer(f"unreadable  line {printed['line']}: {'; '.join(printed['mistakes'])}")
    else:
        answer(f"{printed['outcome']:<10}  {printed['command']} {printed['stream']}  {_gist(printed)}")


def _gist(printed: dict[str, Any]) -> str:
    if printed["reasons"]:
        return " ".join(reason["sentence"] for reason in printed["reasons"])
    return _positions(printed["positions"]) or "changed nothing"


def _positions(positions: Sequence[int]) -> str:
    if not positions:
        return ""
    first, last = positions[0], positions[-1]
    return f"position {first}" if first == last else f"positions {first} to {last}"
