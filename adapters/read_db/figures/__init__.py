"""The figures: what each one counts, once, as a query over the tables of the read database.

Read in this order: `time` (instants, windows), `rows`, `blueprint`, `sla`, `views`. The same queries run over the live
tables as of now, over rows folded from any cut of the log (`adapters.read_db.past`), and as SQL views.
"""
