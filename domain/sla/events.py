from domain.ticket.sla_events import *  # noqa: F403
