"""Random commands over a handful of tickets, contacts and statuses, as JSON objects for doors and the oracle alike."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.examples import MONDAY

Json = dict[str, Any]
CONTACTS = ("carla", "dora")
STATUSES = ("Open", "On Hold", "Escalated", "Closed", "Parts", "Solved", "Lost")

ticket_ids = st.sampled_from(["T-1", "T-1", "T-1", "T-2", "T-2", "T-2", "T-3", "I-1"])
contact_ids = st.sampled_from(CONTACTS)
statuses = st.sampled_from(STATUSES)
texts = st.sampled_from(["fire", "smoke", "Gr\u00fc\u00dfe \U0001f600", "a\nb", " "])
tags = st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True).map(sorted)
values = st.sampled_from([["text", "x"], ["integer", "3"], ["text", "3"]])
names = st.sampled_from(["floor", "wing"])
message_keys = st.sampled_from([f"<{n}@mail>" for n in range(12)])
people = st.sampled_from(["ana", "bo"])
teams = st.sampled_from(["Tier 1", "Tier 2"])
departments = st.sampled_from(["Support", "IT"])
priorities = st.sampled_from(["low", "high"])
visibilities = st.sampled_from(["public", "private"])
actors = st.sampled_from(["agent:ana", "agent:ana", "agent:ana", "agent:bo", "service:mail", "contact:carla", "system"])


def instants(earliest: int, latest: int) -> st.SearchStrategy[str]:
    """Instants between so many hours before and after Monday nine."""
    hours = st.integers(earliest, latest)
    return hours.map(lambda hour: (MONDAY + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def fields(required: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[Json]:
    """Objects with all of the required and some of the optional fields."""
    return st.fixed_dictionaries(required or {}, optional=optional)


def about_a_ticket(name: str, required: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[Json]:
    """A command about one of the tickets."""
    return fields({"command": st.just(name), "ticket_id": ticket_ids, **(required or {})}, **optional)


def or_null(kept: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), kept)


opening = about_a_ticket(
    "OpenTicket",
    {
        "ticket_id": st.sampled_from(["T-1", "I-1", *(f"T-{n}" for n in range(3, 10))]),
        "channel": st.sampled_from(["email", "other:fax"]),
        "subject": texts,
        "department": departments,
    },
    description=texts,
    contact_id=contact_ids,
    priority=priorities,
    status=statuses,
    agent=people,
    team=teams,
    fields=st.dictionaries(names, values, max_size=2),
    tags=tags,
    message_key=message_keys,
)
changing = st.one_of(
    about_a_ticket("ChangeTicket", {"subject": texts}, description=or_null(texts), department=departments),
    about_a_ticket("ChangeTicket", {"contact_id": or_null(contact_ids)}, subject=texts, description=or_null(texts)),
    about_a_ticket(
        "ChangeTicket",
        {"fields": st.dictionaries(names, or_null(values), max_size=2)},
        due_at=or_null(instants(24, 72)),
    ),
    about_a_ticket("AddTags", {"tags": tags}),
    about_a_ticket("RemoveTags", {"tags": tags}),
    about_a_ticket("ChangePriority", {"priority": priorities}),
    about_a_ticket("AssignTicket", {"agent": or_null(people)}, team=or_null(teams)),
    about_a_ticket("AssignTicket", {"team": or_null(teams)}),
)
moving = st.one_of(
    about_a_ticket("ChangeStatus", {"status": statuses}),
    *(
        about_a_ticket(name, status=statuses)
        for name in ("HoldTicket", "ResumeTicket", "CloseTicket", "ReopenTicket", "CloseTicket", "ReopenTicket")
    ),
)
talking = st.one_of(
    about_a_ticket("SendReply", {"body": texts}, recipients=st.just(["a@b", "c@d"]), status=statuses),
    about_a_ticket("ReceiveReply", {"body": texts}, message_key=message_keys),
    about_a_ticket("AddComment", {"body": texts}, visibility=visibilities),
    about_a_ticket("ForwardTicket", {"body": texts, "recipients": st.just(["a@b"])}),
    about_a_ticket("ChangeCommentVisibility", {"message": st.integers(1, 5), "visibility": visibilities}),
)
shelving = st.one_of(
    *(
        about_a_ticket(name)
        for name in ("DeleteTicket", "RestoreTicket", "RestoreTicket", "ArchiveTicket", "UnarchiveTicket")
    )
)
contacts = st.one_of(
    fields({"command": st.just("RegisterContact"), "contact_id": contact_ids}, name=texts, address=texts),
    fields({"command": st.just("EraseContact"), "contact_id": contact_ids}),
    fields({"command": st.just("EraseContact"), "contact_id": contact_ids}),
)
catalogue = st.one_of(
    fields(
        {
            "command": st.just("DefineStatus"),
            "status": st.sampled_from(STATUSES[:-1]),
            "status_type": st.sampled_from(["open", "on_hold", "closed"]),
        }
    ),
    fields({"command": st.just("RetireStatus"), "status": statuses}),
)
facts = fields(
    {
        "channel": st.just("web"),
        "department": departments,
        "status": st.sampled_from(["Open", "New"]),
        "status_type": st.sampled_from(["open", "closed"]),
    },
    subject=texts,
    description=texts,
    contact_id=contact_ids,
    priority=st.sampled_from(["P1", "low"]),
    agent=people,
    team=teams,
    fields=st.dictionaries(names, values, max_size=2),
    tags=tags,
    created_at=instants(-99, -50),
    source_sla_met=st.booleans(),
)
importing = fields(
    {
        "command": st.just("ImportRevision"),
        "ticket_id": st.sampled_from(["I-1", "I-1", "I-1", "T-1"]),
        "source": st.sampled_from(["old_desk@1", "old_desk@1", "other_desk@1"]),
        "case": st.just("77"),
        "ordinal": st.integers(1, 9),
        "occurred_at": instants(-50, 1),
        "facts": facts,
    }
)
adopting = about_a_ticket("AdoptTicket", {"ticket_id": st.sampled_from(["I-1", "I-1", "T-1"])}, status=statuses)

commands = st.one_of(
    opening, changing, changing, moving, talking, talking, shelving, contacts, catalogue, importing, importing, adopting
)
