from domain.rules.sla import *  # noqa: F403
