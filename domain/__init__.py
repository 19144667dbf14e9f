"""The rules of the ticket lifecycle, pure: no I/O, no clock, no ids of its own, standard library only.

Read in this order: `values`, `instant`, `refusals`, `ticket.events`, `ticket.state`, `ticket.lifecycle`;
`conditions`, `blueprint`, `sla`, `views` and `definitions`, which say how a desk works; `rules`, what that makes of a
ticket; then `recorded`, `integrity` and `journal`, which say how a fact is kept.
"""
