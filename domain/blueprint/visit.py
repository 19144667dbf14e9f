from domain.ticket.visit import *  # noqa: F403
