from domain.rules.blueprint import *  # noqa: F403
