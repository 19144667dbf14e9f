"""The read database on SQLite: `schema` (tables and views), `store` (bulk writing), `queries` (reading), `docs`."""
