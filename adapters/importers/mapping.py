"""The mapping document: how a foreign log is written, and which of its columns is which property of a ticket.

Pure data, no code in it; one mapping serves every format that its `reads` names.

A mapping is YAML. Shipped ones are found by name in `adapters/importers/mappings/`, others by path. docs/import.md
explains every field; a mapping that is wrong is refused with all its mistakes at once, each with its field path.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, Field, StringConstraints, ValidationError, ValidationInfo, field_validator

from adapters.importers.columns import Part, TicketColumns
from commands.union import sentence
from domain.instant import Instant, instant

SHIPPED: Final = Path(__file__).parent / "mappings"
ISO: Final = "ISO"
"""The word that stands for ISO 8601 among the instant formats."""

_SOURCE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_PLAIN_NUMBERS: Final = re.compile(r"%[YmdHMS]([-/.:T ]%[YmdHMS])*")
_PROBE: Final = datetime(2001, 2, 3, tzinfo=UTC)
"""A day whose year, month and day cannot be mistaken for each other."""
_PLAINER: Final = {
    "missing": "is missing",
    "extra_forbidden": "is no field of a mapping",
    "string_type": "expected text; put numbers, dates and words such as yes or no in quotes",
    "model_type": "expected a column name or a group of fields",
}


class UnreadableInput(ValueError):
    """A mapping or a source file cannot be used; `str()` is one line that says where and what was expected."""


def _source_name(name: str) -> str:
    if not _SOURCE_NAME.fullmatch(name):
        raise ValueError("expected 1 to 100 lower case letters, digits, dots, dashes and underscores")
    return name


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("an id holds printable characters only")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no IANA time zone such as UTC or Europe/Berlin") from None
    return name


def _instant_format(form: str) -> str:
    if form == ISO:
        return form
    try:
        understood = datetime.strptime(_PROBE.strftime(form), form)  # noqa: DTZ007 only its day is looked at
    except Exception:  # noqa: BLE001 strptime answers a bad format with errors of several kinds, re.error among them
        raise ValueError(f"{form!r} is neither ISO nor a strptime format such as %d/%m/%Y %H:%M") from None
    if understood.date() != _PROBE.date():
        raise ValueError(f"{form!r} must hold year, month and day, such as %d/%m/%Y %H:%M")
    if "%Z" in form:
        raise ValueError(f"{form!r} names a zone, which a name does not settle; write offsets as %z")
    return form


def _reader_of(form: str) -> Callable[[str], datetime]:
    """Reads one format. A plain row of numbers is read without strptime, which takes three times as long."""
    if form == ISO:
        return datetime.fromisoformat
    directives = re.findall("%(.)", form)
    order = [directives.index(letter) for letter in "YmdHMS" if letter in directives]
    if not _PLAIN_NUMBERS.fullmatch(form) or sorted(directives) != sorted("YmdHMS"[: len(order)]):
        return lambda text: datetime.strptime(text, form)  # noqa: DTZ007 the caller gives it a zone
    # Oddities such as a day padded with a blank are still left to strptime, so both ways read the same texts.
    pattern = re.compile(re.sub("%[mdHMS]", r"(\\d\\d?)", form.replace(".", "[.]").replace("%Y", r"(\d{4})")))

    def moment_of(text: str) -> datetime:
        if (match := pattern.fullmatch(text)) is None:
            return datetime.strptime(text, form)  # noqa: DTZ007 the caller gives it a zone
        numbers = match.groups()
        return datetime(*[int(numbers[place]) for place in order])  # type: ignore[arg-type]  # noqa: DTZ001

    return moment_of


def _delimiter(mark: str) -> str:
    if mark in '"\r\n\0':
        raise ValueError("a delimiter is neither a quote nor a line end")
    return mark


Format = Literal["csv", "xes"]


class CsvForm(Part):
    """How the file is written; a byte order mark is allowed."""

    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1), AfterValidator(_delimiter)] = ","
    encoding: Literal["utf-8"] = "utf-8"


class Instants(Part):
    """How instants are written: formats in the order they are tried, and the zone of those without an offset."""

    zone: Annotated[str, AfterValidator(_zone)] | None = None
    formats: Annotated[tuple[Annotated[str, AfterValidator(_instant_format)], ...], Field(min_length=1)] = (ISO,)

    def reader(self, zone: str | None = "UTC") -> Callable[[str], Instant]:
        """Reads a text in the first format that fits; ValueError or OverflowError where none does.

        An instant without an offset is in the mapping's zone, or else in `zone`; where that is None too, it fits no
        format. Where clocks are set back, it is the earlier of the two instants it could be.
        """
        named = self.zone or zone
        info, readers = ZoneInfo(named) if named else None, [_reader_of(form) for form in self.formats]

        def read(text: str) -> Instant:
            for moment_of in readers:
                try:
                    moment = moment_of(text)
                except ValueError:
                    continue
                if moment.tzinfo is not None:
                    return instant(moment)
                if info:
                    return instant(moment.replace(tzinfo=info))
            raise ValueError(text)

        return read

    def expected(self, zone: str | None = "UTC") -> str:
        """What `reader` expects, for a person who wrote something else."""
        form = "an instant written as " + " or ".join(self.formats)
        return form if self.zone or zone else form + " with an offset or Z, because instants.zone names no zone"


class SourceMapping(Part):
    """A whole mapping document."""

    source: Annotated[str, AfterValidator(_source_name)]
    """Names the source for ever: tickets remember it, and command ids are derived from it."""
    version: Annotated[int, Field(ge=1, strict=True)]
    id_prefix: Annotated[str, StringConstraints(max_length=64), AfterValidator(_printable)] = ""
    """Stands before the source's case id in the ticket id, where two sources use the same ids."""
    reads: Annotated[tuple[Format, ...], Field(min_length=1)] = ("csv",)
    """The formats of the files it fits."""
    csv: CsvForm = CsvForm()
    duplicates: Literal["keep", "drop"] = "keep"
    """What becomes of a row that equals the row before it in its case in all that the file says: kept as a revision
    that changed nothing, or left out and not counted among the case's rows, so that a later change of mind shows as a
    rewritten source."""
    missing: tuple[str, ...] = ()
    """Texts that say that a value is missing; an empty cell always does."""
    instants: Instants = Instants()
    ticket: TicketColumns

    @field_validator("csv")
    @classmethod
    def _of_a_format_it_reads(cls, form: CsvForm, info: ValidationInfo) -> CsvForm:
        if "csv" not in info.data.get("reads", ("csv",)):
            raise ValueError("belongs to a mapping that reads csv")
        return form

    @property
    def via(self) -> str:
        """The door that the log records for this import, such as `import:uci_incident@1`."""
        return f"import:{self.source}@{self.version}"


def shipped_mappings() -> tuple[str, ...]:
    """The names of the mappings that come with the product."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def load_mapping(name_or_path: str) -> SourceMapping:
    """The mapping of a shipped name or of a YAML file; UnreadableInput names every mistake in it at once."""
    names = shipped_mappings()
    path = SHIPPED / f"{name_or_path}.yaml" if name_or_path in names else Path(name_or_path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UnreadableInput(
            f"mapping {name_or_path}: no such file; expected a path or one of the shipped mappings {', '.join(names)}"
        ) from None
    except OSError as error:
        raise UnreadableInput(f"mapping {path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableInput(f"mapping {path}: not UTF-8 text") from None
    return parse_mapping(text, str(path))


def parse_mapping(text: str, name: str) -> SourceMapping:
    """The mapping written in a YAML text; `name` stands in the UnreadableInput that names every mistake."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        repeated = [] if root is None else list(_repeated_keys(root))
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = 1 if error.problem_mark is None else error.problem_mark.line + 1
        raise UnreadableInput(f"mapping {name} line {line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableInput(f"mapping {name}: not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise UnreadableInput(f"mapping {name}: nested too deeply for a mapping") from None
    if not isinstance(document, dict):
        raise UnreadableInput(f"mapping {name}: expected fields such as source, version and ticket")
    mistakes = repeated
    try:
        mapping = SourceMapping.model_validate(document)
    except ValidationError as error:
        mistakes += _explained(error)
    else:
        if not mistakes:
            return mapping
    raise UnreadableInput(f"mapping {name}: " + "; ".join(mistakes))


def _explained(error: ValidationError) -> Iterator[str]:
    """Every mistake as `field.path: what was expected`."""
    mistakes = error.errors(include_url=False, include_input=False)
    places = [mistake["loc"] for mistake in mistakes]
    for mistake in mistakes:
        place = mistake["loc"]
        if mistake["type"] == "too_short" and any(other[:-1] == place for other in places):
            continue  # it is short only because its items are wrong, and they are named
        # Pydantic marks a mistake in a key itself with a last step of its own, which says nothing to a reader.
        path = ".".join(str(step) for step in mistake["loc"] if step != "[key]")
        yield f"{path}: {_PLAINER.get(mistake['type'], sentence(mistake))}"


def _repeated_keys(root: yaml.Node) -> Iterator[str]:
    """Keys written twice, of which YAML would silently drop the first."""
    waiting, seen = [(root, "")], {id(root)}
    while waiting:
        node, path = waiting.pop()
        if not isinstance(node, yaml.MappingNode):
            continue
        keys: set[str] = set()
        for key, value in node.value:
            step = f"{path}{key.value}"
            if isinstance(key.value, str) and key.value in keys:
                yield f"{step}: is written twice (line {key.start_mark.line + 1})"
            keys.add(str(key.value))
            if id(value) not in seen:
                seen.add(id(value))
                waiting.append((value, f"{step}."))
