"""What may be done with a definition, and what follows."""

import json

from domain.definitions.events import (
    DefinitionDrafted,
    DefinitionEvent,
    DefinitionPublished,
    DefinitionRetired,
    Kind,
)
from domain.definitions.history import History
from domain.definitions.reading import check, unknown_statuses
from domain.documents import Document, Mistaken
from domain.instant import Instant
from domain.refusals import (
    DefinitionAlreadyPublished,
    DefinitionIsRetired,
    DefinitionMistaken,
    DefinitionNotFound,
    DefinitionSuperseded,
    DefinitionVersionUnknown,
    Refusal,
    Refused,
    ValidFromInPast,
    refuse_if_any,
)
from domain.statuses import Statuses


def draft(
    history: History | None, kind: Kind, key: str, document: Document, statuses: Statuses
) -> list[DefinitionEvent]:
    """A new version; the document of the latest version again is no change."""
    try:
        check(kind, key, document, statuses)
    except Mistaken as mistaken:
        raise Refused(*_refusals(mistaken)) from None
    versions = () if history is None else history.versions
    if versions and versions[-1].retired_at is None and is_same(versions[-1].document, document):
        return []
    return [DefinitionDrafted(kind, key, len(versions) + 1, document)]


def is_same(one: Document, other: Document) -> bool:
    """Whether two documents say the same; the order of fields says nothing, and true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def publish(
    history: History | None,
    kind: Kind,
    key: str,
    version: int,
    valid_from: Instant | None,
    statuses: Statuses,
    at: Instant,
) -> list[DefinitionEvent]:
    """A drafted version comes into force at `valid_from`, or at once; never in the past, which was judged already."""
    if history is None:
        raise Refused(DefinitionNotFound(kind.value, key))
    drafted = history.version(version)
    if drafted is None:
        known = ", ".join(str(one.number) for one in history.versions)
        raise Refused(DefinitionVersionUnknown(kind.value, key, version, known))
    reasons: list[Refusal] = []
    newest = max((one.number for one in history.versions if one.valid_from is not None), default=0)
    if drafted.valid_from is not None:
        reasons.append(DefinitionAlreadyPublished(kind.value, key, version, drafted.valid_from))
    elif newest > version:
        reasons.append(DefinitionSuperseded(kind.value, key, version, newest))
    elif drafted.retired_at is not None:
        reasons.append(DefinitionIsRetired(kind.value, key))
    if valid_from is not None and valid_from < at:
        reasons.append(ValidFromInPast(valid_from, at))
    # Statuses may have been retired since the draft.
    reasons += _refusals(Mistaken(unknown_statuses(kind, drafted.parsed, statuses)))
    refuse_if_any(reasons)
    return [DefinitionPublished(kind, key, version, at if valid_from is None else valid_from)]


def retire(history: History | None, kind: Kind, key: str) -> list[DefinitionEvent]:
    """The definition goes out of use; tickets that one of its versions has judged keep that version."""
    if history is None:
        raise Refused(DefinitionNotFound(kind.value, key))
    if history.retired_at is not None:
        raise Refused(DefinitionIsRetired(kind.value, key))
    return [DefinitionRetired(kind, key)]


def _refusals(mistaken: Mistaken) -> list[Refusal]:
    return [DefinitionMistaken(mistake.path, mistake.sentence) for mistake in mistaken.mistakes]
