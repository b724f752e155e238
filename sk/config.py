"""Every setting, once, with its unit and default. `sk config` prints them; a wrong one stops the start by name."""

import os
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from sk.errors import Invalid

LAST_BEREITSTELLUNG = time(23, 30)


class Settings(BaseSettings):
    """How this installation behaves: from the environment (`SK_…`), a file `.env`, or files named by `SK_…_FILE`."""

    model_config = SettingsConfigDict(env_prefix="SK_", env_file=".env", extra="forbid", frozen=True)

    data: Path = Field(Path("var"), description="folder of everything that is kept, in embedded mode")
    store: SecretStr = Field(SecretStr(""), description="sqlite:///PATH | mongodb://…/DATABASE; default: in data")
    objects: SecretStr = Field(
        SecretStr(""), description="file:///PATH | s3://KEY:SECRET@HOST:PORT/BUCKET?tls=0&region=…; default: in data"
    )
    bus: SecretStr = Field(SecretStr("local"), description="local | amqp://…?prefix=NAME")
    mail: SecretStr = Field(
        SecretStr("catcher"), description="catcher | catcher://HOST:PORT (both: a trial) | smtp://… | smtps://…"
    )
    mail_from: str = Field("servicekonto@localhost", description="address that mails come from")
    scanner: str = Field("off", description="off | clamd:///SOCKET | clamd://HOST:PORT")
    keys: str = Field("", description="file:///FOLDER of this role's keys; default: in data")
    base_url: str = Field("", description="what people and machines call this installation; http only on loopback")
    host: str = Field("", description="address to listen on; default: 127.0.0.1 and ::1")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0: any free one")
    tls: str = Field("", description="CERT.pem,KEY.pem to serve https with")
    log_level: str = Field("INFO", description="DEBUG | INFO | WARNING | ERROR")
    land: str = Field("NW", description="Land of authorities that name none")
    last_bereitstellung: time | None = Field(
        None, description="local time after which a Bereitstellung waits for the next day; 23:30, in a trial none"
    )
    log_origin: str = Field("", description="name of the transparency log, fixed at the first start")
    operator: str = Field("Servicekonto", description="name of this installation, on pages and in mails")
    attachments_max: int = Field(20, ge=1, description="attachments of one notice")
    attachment_max_bytes: int = Field(200_000_000, ge=1, description="bytes of one attachment")
    session_idle_minutes: int = Field(30, ge=1, description="minutes without a request after which a session ends")
    session_max_hours: int = Field(10, ge=1, description="hours after which a session ends in any case")
    events_out_max: int = Field(500, ge=1, description="events that a relay has out at a time")
    events_lease_seconds: int = Field(60, ge=1, description="seconds until an event that nobody ended is due again")
    handlers_at_once: int = Field(64, ge=1, description="events that a worker handles at a time, for each handler")
    body_grace_seconds: int = Field(20, ge=1, description="seconds that a request body may take whatever its length")
    body_min_bytes_per_second: int = Field(10_000, ge=1, description="bytes per second below which an upload is ended")
    stop_grace_seconds: int = Field(15, ge=1, description="seconds that running work has to finish on SIGTERM")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the command line win over the environment, that over files named in it, and those over `.env`."""
        del file_secret_settings
        return init_settings, env_settings, InitSettingsSource(settings_cls, _named_files()), dotenv_settings

    @property
    def is_trial(self) -> bool:
        """Tell whether mails go to a catcher: then this is a trial, and stays one."""
        return urlsplit(self.mail.get_secret_value()).scheme in ("", "catcher")

    @property
    def is_embedded(self) -> bool:
        """Tell whether everything runs in one folder on one machine."""
        return self.bus.get_secret_value() == "local"

    def latest_bereitstellung(self) -> time | None:
        """Return the local time after which a Bereitstellung waits for the next day, so that its mail leaves on it."""
        return self.last_bereitstellung or (None if self.is_trial else LAST_BEREITSTELLUNG)

    def store_url(self) -> str:
        """Return where the store is."""
        return self.store.get_secret_value() or f"sqlite://{self.data.resolve()}/store.db"

    def objects_url(self) -> str:
        """Return where the objects are."""
        return self.objects.get_secret_value() or f"file://{self.data.resolve()}/objects"

    def keys_folder(self) -> Path:
        """Return where the keys are."""
        return Path(self.keys.removeprefix("file://")) if self.keys else self.data.resolve() / "keys"


def _named_files() -> dict[str, Any]:
    """Read the settings that are given as files: `SK_STORE_FILE=/run/secrets/store`."""
    found = {}
    for name, path in os.environ.items():
        setting = name.removeprefix("SK_").removesuffix("_FILE").lower()
        if name.startswith("SK_") and name.endswith("_FILE") and setting in Settings.model_fields:
            try:
                found[setting] = Path(path).read_text().strip()
            except OSError as error:
                raise Invalid(f"{name}: {path} cannot be read: {error.strerror}") from error
    return found


def load_settings(overrides: Mapping[str, Any]) -> Settings:
    """Read the settings; `overrides` come from the command line. The first wrong one is named."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "SK_" + str(first["loc"][0]).upper()
        raise Invalid(f"{name}: {first['msg']}") from None
