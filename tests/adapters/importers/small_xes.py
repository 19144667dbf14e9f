"""A small XES log, piece by piece, and the mappings that read it."""

from pathlib import Path

from adapters.importers.mapping import parse_mapping
from adapters.importers.source_log import Imported
from adapters.importers.xes_log import import_xes
from tests.adapters.importers.desk import Ledger

DESK = """
source: desk
version: 3
reads: [xes]
ticket:
  case: trace.concept:name
  instant: time:timestamp
  actor: who
  channel: {constant: web}
  department: {constant: IT}
  status: {columns: [concept:name, lifecycle:transition], types: {New: open, New/Wait: on_hold, Done/: closed}}
  subject: trace.title
  agent: who
  fields:
    size: {column: size, type: integer}
"""
MAPPING = parse_mapping(DESK, "desk.yaml")
PLAIN = parse_mapping(
    """
source: plain
version: 1
reads: [xes]
ticket:
  case: trace.concept:name
  instant: time:timestamp
  actor: concept:name
  channel: {constant: web}
  department: {constant: IT}
  status: {column: concept:name, types: {}}
""",
    "plain.yaml",
)
"""Reads nothing but what `event` and `trace` write."""
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n'
DECLARED = (
    '<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>'
    '<global scope="trace"><string key="title" value="UNKNOWN"/></global>'
    '<global scope="event"><string key="who" value="UNKNOWN"/><int key="size" value="0"/>'
    '<string key="lifecycle:transition" value="UNKNOWN"/></global>'
    '<classifier name="Activity" keys="concept:name"/><string key="concept:name" value="the log itself"/>\n'
)
TITLE = '<string key="title" value="Printer"/>'


def event(status="New", at="2016-03-01T09:00:00+01:00", more="") -> str:
    """An event on a line of its own."""
    return (
        f'<event><string key="concept:name" value="{status}"/><date key="time:timestamp" value="{at}"/>{more}</event>\n'
    )


def trace(case, *told) -> str:
    """A trace; its own attributes and its events."""
    return f'<trace><string key="concept:name" value="{case}"/>\n{"".join(told)}</trace>\n'


def written(path: Path, *traces: str, head=HEAD + DECLARED, tail="</log>\n") -> Path:
    path.write_text(head + "".join(traces) + tail, encoding="utf-8")
    return path


def imported(ledger: Ledger, path: Path, mapping=MAPPING, **options) -> Imported:
    return import_xes(path, mapping, ledger.send, tip_before=len(ledger.receipts), **options)
