"""One row a contact that was registered or erased, from the contact's own stream (E-14).

A contact whom nobody registered stands on tickets only and has no row here; the view `rpt_contacts` shows both.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from domain.contacts import ContactErased, ContactRegistered
from domain.instant import Instant
from domain.recorded import Recorded
from domain.values import ERASED
from projections.base import Column, Key, Projection, Skipped, Unfoldable
from projections.groups import CONTACT_EVENTS, DEFINITION_EVENTS, PROJECTION_EVENTS, TICKET_STREAM_EVENTS


class ContactRow(NamedTuple):
    """One row a contact that was registered or erased; one who only stands on tickets is in rpt_contacts."""

    contact_id: Annotated[str, Column("The contact's id.")]
    name: Annotated[str | None, Column("The name; null where none was given.", personal=True)]
    address: Annotated[str | None, Column("The address; null where none was given.", personal=True)]
    registered_at: Annotated[
        Instant | None, Column("When the contact was registered; null for one who was erased without it.")
    ]
    erased_at: Annotated[
        Instant | None, Column("When the person's texts were last destroyed; null where they never were.")
    ]
    is_erased: Annotated[
        bool, Column("Whether the person's texts were ever destroyed; what was written since then stands.")
    ]
    person: Annotated[str | None, Column("Subject key of the person whose text the row holds.")]
    version: Annotated[int, Column("Version of the contact's stream that the row shows.")]
    position: Annotated[int, Column("Position in the log of the contact's last event.")]


def _erased(text: str | None) -> str | None:
    return None if text is None else ERASED


def fold(rows: Mapping[Key, ContactRow], events: Sequence[Recorded]) -> Sequence[ContactRow]:
    """The contact's row after its next events; Unfoldable where they do not follow on what the row shows."""
    row = next(iter(rows.values()), None)
    for recorded in events:
        if row is None:
            row = ContactRow(recorded.stream.partition(":")[2], None, None, None, None, False, None, 0, 0)
        if recorded.version != row.version + 1:
            raise Unfoldable(f"{recorded.name} has version {recorded.version} where {row.version + 1} follows")
        event = recorded.event
        match event:
            case ContactRegistered():
                row = row._replace(
                    name=event.name,
                    address=event.address,
                    registered_at=recorded.occurred_at,
                    person=recorded.person,
                )
            case ContactErased():
                row = row._replace(
                    name=_erased(row.name),
                    address=_erased(row.address),
                    erased_at=recorded.occurred_at,
                    is_erased=True,
                )
            case Skipped():
                pass
            case _:
                raise Unfoldable(f"{recorded.name} has no place in the stream of a contact")
        row = row._replace(version=recorded.version, position=recorded.position)
    return [] if row is None else [row]


CONTACTS: Final = Projection(
    name="dim_contacts",
    version=1,
    row=ContactRow,
    key=("contact_id",),
    fold=fold,
    folds=CONTACT_EVENTS,
    ignores=TICKET_STREAM_EVENTS | DEFINITION_EVENTS | PROJECTION_EVENTS,
    stream="contact",
    marks_skipped=True,
)
