from domain.ticket.clocks import *  # noqa: F403
