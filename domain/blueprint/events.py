from domain.ticket.blueprint_events import *  # noqa: F403
