"""The parts of a mapping that say where each property of a ticket stands in a foreign log, and what its values mean.

A column is a column of a CSV log, or an attribute of an XES event by its key; `trace.KEY` is an attribute of the
event's trace. A property is plain text in the document where it needs nothing but its column.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from commands.message import Actor, ChannelName, Label
from domain.values import FieldType, Priority, StatusType, is_channel

ColumnName = Annotated[str, StringConstraints(min_length=1)]


class Part(BaseModel):
    """A piece of the document: frozen, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Column(Part):
    """A property read from one column; plain text in the document is the column's name."""

    column: ColumnName

    @model_validator(mode="before")
    @classmethod
    def _from_plain_text(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it is read from."""
        return (self.column,)


class ActorColumn(Column):
    """Who made the revision: the prefix and the column's value, or `missing` where the row names nobody."""

    prefix: Literal["agent:", "contact:", "service:", ""] = "agent:"
    missing: Actor = "system"


class StatusColumn(Part):
    """The status label, and the type each label stands for; a label that is not listed is kept and typed as said.

    A label can be the values of several columns with the separator between them; those without a value are left out.
    """

    column: ColumnName | None = None
    columns: Annotated[tuple[ColumnName, ...], Field(min_length=2)] | None = None
    separator: Annotated[str, StringConstraints(min_length=1)] = "/"
    types: dict[Label, StatusType]
    unknown_status_type: StatusType = StatusType.OPEN
    missing: Label | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.column is None) is (self.columns is None):
            raise ValueError("name either a column or several columns")
        if self.columns is None and "separator" in self.model_fields_set:
            raise ValueError("a separator belongs to several columns, not to one")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it is read from, in the order in which their values are joined."""
        return self.columns or (self.column or "",)

    def typed(self, label: str) -> tuple[str, StatusType]:
        """The label with its type."""
        return label, self.types.get(label, self.unknown_status_type)


class PriorityColumn(Column):
    """The priority; a value that is not listed is kept as the source wrote it."""

    values: dict[Label, Priority] = {}

    def mapped(self, value: str) -> str:
        """The priority that a value of the source stands for."""
        return self.values[value].value if value in self.values else value


class TagsColumn(Column):
    """Tags of one cell; without a separator the cell is one tag."""

    separator: Annotated[str, StringConstraints(min_length=1)] | None = None

    def tags(self, text: str) -> list[str]:
        """The tags of a cell, without the blanks around them."""
        parts = [text] if self.separator is None else text.split(self.separator)
        return [part.strip() for part in parts if part.strip()]


class FieldColumn(Column):
    """A custom field and the type its text must have."""

    type: FieldType = FieldType.TEXT


class ColumnOrConstant(Part):
    """A property every ticket must have: from one column, with `missing` for empty cells, or the same for all."""

    column: ColumnName | None = None
    constant: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_plain_text(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.column is None) is (self.constant is None):
            raise ValueError("name either a column or a constant")
        if self.constant is not None and self.model_fields_set & {"values", "missing"}:
            raise ValueError("values and missing belong to a column, not to a constant")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it is read from; none where it is a constant."""
        return () if self.column is None else (self.column,)


class ChannelColumn(ColumnOrConstant):
    """The channel; a value that is not listed becomes `other:<value>`, unless it is a channel's own name."""

    constant: ChannelName | None = None
    values: dict[Label, ChannelName] = {}
    missing: ChannelName | None = None

    def mapped(self, value: str) -> str:
        """The channel that a value of the source stands for."""
        named = self.values.get(value, value)
        return named if is_channel(named) else f"other:{named}"


class DepartmentColumn(ColumnOrConstant):
    """The department; a value that is not listed is kept."""

    constant: Label | None = None
    values: dict[Label, Label] = {}
    missing: Label | None = None

    def mapped(self, value: str) -> str:
        """The department that a value of the source stands for."""
        return self.values.get(value, value)


class TicketColumns(Part):
    """Every property of a ticket that the source tells."""

    case: Column
    instant: Column
    actor: ActorColumn
    channel: ChannelColumn
    department: DepartmentColumn
    status: StatusColumn
    subject: Column | None = None
    description: Column | None = None
    contact: Column | None = None
    priority: PriorityColumn | None = None
    agent: Column | None = None
    team: Column | None = None
    created_at: Column | None = None
    source_sla_met: Column | None = None
    tags: TagsColumn | None = None
    fields: Annotated[dict[Label, FieldColumn], Field(max_length=500)] = {}

    @property
    def parts(self) -> "list[Column | ColumnOrConstant | StatusColumn]":
        """The properties that the source tells, custom fields among them."""
        parts = [getattr(self, name) for name in TicketColumns.model_fields if name != "fields"]
        return [part for part in [*parts, *self.fields.values()] if part is not None]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the source must have, each once, in the order of the properties."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.names))
