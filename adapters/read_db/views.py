"""The SQL views of the read database: what is counted over tables rather than folded, always as of the tables.

Agents, teams and departments have no streams: a row is there for each that a fact names, ever. A ticket counts as
theirs once it was, deleted or not; as open, where it is now, in a status of type open, neither deleted nor archived.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from domain.instant import Instant
from projections.backlog import BacklogRow
from projections.base import Column as About


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One row a command that was answered for good, refused ones too; a view over the receipts."""

    number: Annotated[int, About("Gapless number of the receipt.")]
    command_id: Annotated[str, About("The command's id.")]
    command: Annotated[str, About("The command's name.")]
    stream: Annotated[str, About("Stream it was decided on, such as ticket:ID.")]
    outcome: Annotated[str, About("accepted (also where nothing changed) or refused.")]
    first_position: Annotated[int | None, About("Position in the log of its first event; null where it made none.")]
    last_position: Annotated[int | None, About("Position of its last event. Its events may have others between them.")]
    reasons: Annotated[str, About("JSON array of the reasons of a refusal: code, sentence, facts; empty if accepted.")]
    principal: Annotated[str, About("Door and principal that sent it.")]
    recorded_at: Annotated[Instant, About("When the answer was recorded.")]


_OPEN: Final = "Tickets of status type open that are {} now; deleted and archived ones do not count."


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One row an agent whom a ticket was ever assigned to."""

    agent: Annotated[str, About("The agent's id.")]
    first_assigned_at: Annotated[Instant, About("When a ticket was first assigned to the agent.")]
    last_assigned_at: Annotated[Instant, About("When one was last assigned.")]
    tickets: Annotated[int, About("Tickets that were ever the agent's.")]
    open_tickets: Annotated[int, About(_OPEN.format("the agent's"))]


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One row a team that a ticket was ever assigned to."""

    team: Annotated[str, About("The team's name.")]
    first_assigned_at: Annotated[Instant, About("When a ticket was first assigned to the team.")]
    last_assigned_at: Annotated[Instant, About("When one was last assigned.")]
    tickets: Annotated[int, About("Tickets that were ever with the team.")]
    open_tickets: Annotated[int, About(_OPEN.format("with the team"))]


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """One row a department that ever answered for a ticket."""

    department: Annotated[str, About("The department's name.")]
    tickets: Annotated[int, About("Tickets that it ever answered for.")]
    open_tickets: Annotated[int, About(_OPEN.format("the department's"))]
    first_ticket_at: Annotated[Instant, About("Since when it answered for the first of them.")]


@dataclass(frozen=True, slots=True)
class KnownContactRow:
    """One row a contact that is known: registered, erased, or only named by a ticket."""

    contact_id: Annotated[str, About("The contact's id.")]
    name: Annotated[str | None, About("The name; null where none is known.", personal=True)]
    address: Annotated[str | None, About("The address; null where none is known.", personal=True)]
    is_registered: Annotated[bool, About("Whether the contact was registered; else only tickets name it.")]
    is_erased: Annotated[bool, About("Whether the person's texts were ever destroyed.")]
    tickets: Annotated[int, About("Tickets that the contact ever stood on.")]
    open_tickets: Annotated[int, About(_OPEN.format("the contact's"))]
    first_ticket_at: Annotated[Instant | None, About("Since when the contact stood on the first; null: on none.")]


@dataclass(frozen=True, slots=True)
class View:
    """A view: its name, what a row of it is, and its definition."""

    name: str
    row: type
    sql: str


def _assignees(name: str, kind: str) -> str:
    # Of names that are ours alone.
    return (
        f"CREATE VIEW {name} AS\n"  # noqa: S608
        f"    SELECT a.assignee AS {kind}, min(a.assigned_at) AS first_assigned_at,\n"
        "           max(a.assigned_at) AS last_assigned_at, count(DISTINCT a.ticket_id) AS tickets,\n"
        "           coalesce(max(o.tickets), 0) AS open_tickets\n"
        "    FROM fct_assignment_intervals a\n"
        f"    LEFT JOIN (SELECT {kind} AS assignee, count(*) AS tickets FROM dim_tickets\n"
        f"               WHERE {kind} IS NOT NULL AND status_type = 'open' AND NOT is_deleted AND NOT is_archived\n"
        f"               GROUP BY {kind}) o ON o.assignee = a.assignee\n"
        f"    WHERE a.kind = '{kind}'\n"
        "    GROUP BY a.assignee"
    )


VIEWS: Final = (
    View("dim_agents", AgentRow, _assignees("dim_agents", "agent")),
    View("dim_teams", TeamRow, _assignees("dim_teams", "team")),
    View(
        "dim_departments",
        DepartmentRow,
        "CREATE VIEW dim_departments AS\n"
        "    SELECT h.department, count(DISTINCT h.ticket_id) AS tickets,\n"
        "           coalesce(max(o.tickets), 0) AS open_tickets, min(h.valid_from) AS first_ticket_at\n"
        "    FROM dim_tickets_history h\n"
        "    LEFT JOIN (SELECT department, count(*) AS tickets FROM dim_tickets\n"
        "               WHERE status_type = 'open' AND NOT is_deleted AND NOT is_archived\n"
        "               GROUP BY department) o ON o.department = h.department\n"
        "    GROUP BY h.department",
    ),
    View(
        "rpt_contacts",
        KnownContactRow,
        "CREATE VIEW rpt_contacts AS\n"
        "    SELECT k.contact_id, c.name, c.address, c.registered_at IS NOT NULL AS is_registered,\n"
        "           coalesce(c.is_erased, 0) AS is_erased, coalesce(h.tickets, 0) AS tickets,\n"
        "           coalesce(o.tickets, 0) AS open_tickets, h.first_ticket_at\n"
        "    FROM (SELECT contact_id FROM dim_contacts\n"
        "          UNION SELECT contact_id FROM dim_tickets_history WHERE contact_id IS NOT NULL) k\n"
        "    LEFT JOIN dim_contacts c ON c.contact_id = k.contact_id\n"
        "    LEFT JOIN (SELECT contact_id, count(DISTINCT ticket_id) AS tickets, min(valid_from) AS first_ticket_at\n"
        "               FROM dim_tickets_history WHERE contact_id IS NOT NULL GROUP BY contact_id) h\n"
        "           ON h.contact_id = k.contact_id\n"
        "    LEFT JOIN (SELECT contact_id, count(*) AS tickets FROM dim_tickets\n"
        "               WHERE contact_id IS NOT NULL AND status_type = 'open' AND NOT is_deleted AND NOT is_archived\n"
        "               GROUP BY contact_id) o ON o.contact_id = k.contact_id",
    ),
    # The receipts keep their answer as JSON bytes, and json_extract reads text only.
    View(
        "fct_commands",
        CommandRow,
        "CREATE VIEW fct_commands AS\n"
        "    SELECT number, command_id, command, stream, outcome,\n"
        "           json_extract(CAST(answer AS TEXT), '$.positions[0]') AS first_position,\n"
        "           json_extract(CAST(answer AS TEXT), '$.positions[#-1]') AS last_position,\n"
        "           coalesce(json_extract(CAST(answer AS TEXT), '$.reasons'), '[]') AS reasons,\n"
        "           principal, recorded_at\n"
        "    FROM receipts",
    ),
    View(
        "rpt_backlog",
        BacklogRow,
        "CREATE VIEW rpt_backlog AS\n"
        "    SELECT status, status_type, department, team, count(*) AS tickets\n"
        "    FROM dim_tickets\n"
        "    WHERE NOT is_deleted AND NOT is_archived\n"
        "    GROUP BY status, status_type, department, team",
    ),
)
"""Every view once."""
