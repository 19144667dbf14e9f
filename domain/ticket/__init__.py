"""The ticket: what can happen to one (`events`), what it then is (`state`), and the decisions.

Decisions live beside each other by what they are about: `lifecycle` (open, status, assignment, delete, archive),
`properties` (fields, tags, priority), `conversation` (replies, comments), `importing` (foreign histories).
"""
