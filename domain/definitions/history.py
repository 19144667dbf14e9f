"""One definition: its versions, and which of them is in force at an instant."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from domain.definitions.events import (
    DefinitionDrafted,
    DefinitionEvent,
    DefinitionPublished,
    DefinitionRetired,
    Kind,
)
from domain.definitions.reading import parse
from domain.documents import Document, Mistaken
from domain.instant import Instant


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a definition."""

    number: int
    document: Document
    parsed: Any = field(compare=False, repr=False)
    """What its kind's parser made of the document; two equal documents are parsed into the same."""
    valid_from: Instant | None
    """From when it is or was in force; None while it is a draft."""
    drafted_at: Instant
    retired_at: Instant | None = None
    """When the definition was retired after this version was drafted."""

    def is_candidate(self, at: Instant) -> bool:
        """Whether it is published, valid and not retired at an instant."""
        return (
            self.valid_from is not None and self.valid_from <= at and (self.retired_at is None or at < self.retired_at)
        )


@dataclass(frozen=True, slots=True)
class History:
    """All versions of one definition, by number from 1."""

    kind: Kind
    key: str
    versions: tuple[Version, ...] = ()
    retired_at: Instant | None = None
    """When it was retired; None before that, and again from the next publication on."""

    def version(self, number: int) -> Version | None:
        """The version of that number."""
        return self.versions[number - 1] if 0 < number <= len(self.versions) else None

    def in_force(self, at: Instant) -> Version | None:
        """The published version of the greatest valid_from up to an instant, of equal ones the later published."""
        candidates = [version for version in self.versions if version.is_candidate(at)]
        return max(candidates, key=lambda version: (version.valid_from or "", version.number), default=None)

    def turns(self) -> Iterator[Instant]:
        """Every instant at which another version, or none, may come into force."""
        for version in self.versions:
            if version.valid_from is not None:
                yield version.valid_from
                if version.retired_at is not None:
                    yield version.retired_at


def evolve(history: History | None, event: DefinitionEvent, at: Instant) -> History:
    """The history after one more event that happened at `at`; ValueError where its document cannot be read."""
    before = History(event.kind, event.key) if history is None else history
    match event:
        case DefinitionDrafted():
            try:
                parsed = parse(event.kind, event.document)
            except Mistaken as mistaken:
                name = f"{event.kind.value} {event.key} version {event.version}"
                raise ValueError(f"the stored document of {name} cannot be read: {mistaken}") from None
            return replace(
                before, versions=(*before.versions, Version(event.version, event.document, parsed, None, at))
            )
        case DefinitionPublished():
            versions = tuple(
                replace(version, valid_from=event.valid_from) if version.number == event.version else version
                for version in before.versions
            )
            return replace(before, versions=versions, retired_at=None)
        case DefinitionRetired():
            versions = tuple(
                replace(version, retired_at=at) if version.retired_at is None else version
                for version in before.versions
            )
            return replace(before, versions=versions, retired_at=at)
        case _:
            assert_never(event)
