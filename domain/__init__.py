"""The rules of the ticket lifecycle, pure: no I/O, no clock, no ids of its own, standard library only.

Read in this order: `values`, `instant`, `refusals`, `ticket.events`, `ticket.state`, `ticket.lifecycle`, then
`recorded`, `integrity` and `journal`, which say how a fact is kept.
"""
