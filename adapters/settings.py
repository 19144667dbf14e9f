"""What the environment decides, read once a call: variables that begin with DESKLEDGER_."""

from typing import Final, Literal

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "DESKLEDGER_"
DEFAULT_DATABASE_URL: Final = "sqlite:///deskledger.db"


class UnreadableSettings(ValueError):
    """The environment sets something that cannot be used; `str()` names each variable and what was expected."""


class Settings(BaseSettings):
    """All settings. An empty variable counts as not set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    database_url: str = DEFAULT_DATABASE_URL
    """The database where a call names none."""
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    """What is logged to stderr."""
    log_format: Literal["text", "json"] = "text"


def load_settings() -> Settings:
    """The settings of this environment; UnreadableSettings names every mistake in it."""
    try:
        return Settings()
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False, include_context=False)
        raise UnreadableSettings(
            "; ".join(f"{PREFIX}{str(mistake['loc'][0]).upper()}: {mistake['msg']}" for mistake in mistakes)
        ) from None
