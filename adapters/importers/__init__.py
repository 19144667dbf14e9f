"""Foreign histories on their way in: a file, a declared mapping, one `ImportRevision` per source row (F-165)."""
