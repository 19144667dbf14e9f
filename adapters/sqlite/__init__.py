"""The log in one SQLite file: its tables and guards, the texts behind its integers, the journal."""
