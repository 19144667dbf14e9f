"""The log's columns in order, and the texts behind its integers, as stored."""

import sqlite3
from typing import Any, Final

from adapters.verification.reading import all_rows
from replay.evidence import Columns

LOG_COLUMNS: Final = (
    "position, stream, version, name, schema, data, occurred_at, recorded_at, actor, via, judged_by, command_id, "
    "correlation_id, cause, rule, leaf"
)
TEXT_COLUMNS: Final = (3, 8, 9, 10, 14)
"""The columns that hold ids of texts; that of the stream is apart."""
Texts = dict[int, Any]


class SideTexts:
    """The texts behind the log's integers, as stored."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.streams: Texts = dict(all_rows(connection, "streams", "SELECT id, text FROM streams"))
        self.texts: Texts = dict(all_rows(connection, "texts", "SELECT id, text FROM texts"))

    def readable(self, stored: Columns) -> Columns:
        """The rows with texts for ids; None stands for a text that is missing."""
        columns = list(stored)
        columns[1] = list(map(self.streams.get, columns[1]))
        for at in TEXT_COLUMNS:
            columns[at] = list(map(self.texts.get, columns[at]))
        return columns
