from domain.rules.lapse import *  # noqa: F403
