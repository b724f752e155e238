"""Every setting, once, with its unit and default. `sk config` prints them; a wrong one stops the start by name."""

import re
from collections.abc import Mapping
from datetime import time
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from sk.auth.addresses import mailable
from sk.errors import Invalid
from sk.evidence.note import is_name

Network = IPv4Network | IPv6Network
LAST_BEREITSTELLUNG = time(23, 30)
NOON = time(12)
LOG_TAIL = re.compile(r"/(trial|\d*)\Z")
BASE_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+])(:[0-9]{1,5})?")


class Settings(BaseSettings):
    """How this installation behaves: from the environment (`SK_…`), a file `.env`, or files named by `SK_…_FILE`."""

    model_config = SettingsConfigDict(env_file=".env", extra="forbid", frozen=True)

    data: Path = Field(Path("var"), description="folder of everything that is kept, in embedded mode")
    store: SecretStr = Field(SecretStr(""), description="sqlite:///PATH | mongodb://…/DATABASE; default: in data")
    objects: SecretStr = Field(
        SecretStr(""), description="file:///PATH | s3://KEY:SECRET@HOST:PORT/BUCKET?tls=0&region=…; default: in data"
    )
    bus: SecretStr = Field(SecretStr("local"), description="local | amqp://…?prefix=NAME")
    mail: SecretStr = Field(
        SecretStr("catcher"), description="catcher | catcher://HOST:PORT (both: a trial) | smtp://… | smtps://…"
    )
    scanner: str = Field("off", description="off | clamd:///SOCKET | clamd://HOST:PORT")
    scanner_max: int = Field(
        25_000_000,
        ge=100_000,
        le=2_000_000_000,
        description="bytes of the largest file that the scanner takes (its StreamMaxLength): while there is one, "
        "no larger file is taken",
    )
    render: str = Field(
        "",
        description="socket of sk render, which makes previews and unpacks archives | off; default: none, but sk up "
        "has one of its own",
    )
    render_max_bytes: int = Field(50_000_000, ge=1, description="bytes of an attachment that is previewed")
    keys: str = Field("", description="file:///FOLDER of this role's keys; default: in data")
    base_url: str = Field("", description="what people and machines call this installation; http only on loopback")
    mail_from: str = Field(
        "", description="address that mails come from; default: servicekonto@ that host, in a trial @localhost"
    )
    bounces: str = Field(
        "", description="lmtp://HOST:PORT | lmtp:///SOCKET where mails that come back are taken; default: none are"
    )
    host: str = Field("", description="address to listen on; default: 127.0.0.1 and ::1")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0: any free one")
    tls: str = Field("", description="CERT.pem,KEY.pem to serve https with")
    trusted_proxies: str = Field(
        "", description="networks, with commas between them, whose X-Forwarded-For is believed; default: none"
    )
    log_level: str = Field("INFO", description="DEBUG | INFO | WARNING | ERROR")
    land: str = Field("NW", description="Land of authorities that name none")
    last_bereitstellung: time | Literal["off"] | None = Field(
        None,
        description="off | local time, from 12:00 on, after which a Bereitstellung waits for the next day; "
        "default: 23:30, in a trial off",
    )
    ten_days: Literal["strict", "lenient"] = Field(
        "strict", description="strict | lenient: then a tenth day (§ 41 Abs. 2a VwVfG) that is no working day moves"
    )
    log_origin: str = Field(
        "", description="name of the transparency log, fixed at the first start; default: the host of SK_BASE_URL"
    )
    tsa: SecretStr = Field(
        SecretStr(""), description="address of a time-stamp authority (RFC 3161) for the log; default: none"
    )
    tsa_certs: str = Field("", description="PEM file with the certificates that its time stamps must lead to")
    eid: str = Field(
        "", description="https address of the eID-Server (TR-03130) that reads ID cards; default: none, in a trial ours"
    )
    eid_address: str = Field(
        "", description="https address under which ID card apps find it; default: the one that its answers name"
    )
    eid_key: str = Field("", description="CERT.pem,KEY.pem to sign messages to the eID-Server with")
    eid_server_cert: str = Field("", description="PEM file with the certificate that it signs with")
    eid_tls: str = Field("", description="CERT.pem,KEY.pem to show to it in TLS; default: none are shown")
    saml: str = Field(
        "", description="CERT.pem,KEY.pem by which portals that speak SAML know this installation; default: none can"
    )
    bundid: str = Field(
        "", description="XML file with the metadata of BundID, by which people can log in then; default: none can"
    )
    bundid_key: str = Field("", description="CERT.pem,KEY.pem by which BundID knows this installation")
    bundid_other_key: str = Field(
        "", description="CERT.pem,KEY.pem of a second pair, while one takes the place of the other; default: none"
    )
    bundid_service: str = Field(
        "", description="what BundID calls this installation (OnlineServiceId); default: nothing"
    )
    operator: str = Field("Servicekonto", description="name of this installation, on pages and in mails")
    operator_mail: str = Field(
        "", description="address to which what people write to the operator goes; default: SK_MAIL_FROM"
    )
    texts: str = Field("", description="folder of the operator's own texts, for /impressum and others; default: none")
    attachments_max: int = Field(20, ge=1, le=1000, description="attachments of one notice, files of one reply")
    attachment_max_bytes: int = Field(200_000_000, ge=1, description="bytes of one attachment")
    safe_file_max_bytes: int = Field(1_073_741_824, ge=1, description="bytes of one document in a safe")
    safe_max_bytes: int = Field(0, ge=0, description="bytes that one safe holds, the trash included; default: no limit")
    session_idle_minutes: int = Field(30, ge=1, description="minutes without a request after which a session ends")
    session_max_hours: int = Field(10, ge=1, description="hours after which a session ends in any case")
    key_backup_minutes: int = Field(60, ge=1, description="minutes from one collection of all account keys to the next")
    key_backup_days: int = Field(
        14, ge=3, description="days that a collection of account keys is kept; then an erasure is final"
    )
    retention_years: int = Field(
        30, ge=1, description="years, to the end of the last, that openings outlive the account of a notice"
    )
    events_out_max: int = Field(500, ge=1, description="events that a relay has out at a time")
    events_lease_seconds: int = Field(60, ge=1, description="seconds until an event that nobody ended is due again")
    handlers_at_once: int = Field(64, ge=1, description="events that a worker handles at a time, for each handler")
    body_grace_seconds: int = Field(
        20,
        ge=1,
        description="seconds that a head, or a body of any length, may take, and an idle connection is kept",
    )
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
        """Let the command line win over the environment, and that over `.env`."""
        del file_secret_settings
        read = [source.env_vars for source in (env_settings, dotenv_settings) if isinstance(source, EnvSettingsSource)]
        return init_settings, *(InitSettingsSource(settings_cls, _given(variables)) for variables in read)

    @field_validator("base_url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        """Refuse what is no scheme, host and port alone: tokens name it, and paths are put behind it, as it stands."""
        if not url:
            return url
        found = BASE_URL.fullmatch(url)
        if not found or not (found["scheme"] == "https" or _is_loopback(found["host"])):
            raise Invalid("SK_BASE_URL must be https://HOST or https://HOST:PORT; http:// only on loopback")
        return url

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, said: str) -> str:
        """Refuse what is no list of networks: everybody would seem to come from one address."""
        try:
            _networks(said)
        except ValueError as error:
            raise Invalid(f"SK_TRUSTED_PROXIES must be networks like 10.0.0.0/8,fd00::/8: {error}") from None
        return said

    @field_validator("log_origin")
    @classmethod
    def _can_be_signed_under(cls, origin: str) -> str:
        """Refuse what no note can be signed under, and a tail that we add: of a trial, and of a log after a restore."""
        if origin and not is_name(origin):
            raise Invalid("SK_LOG_ORIGIN must have neither blanks nor a plus, nor what cannot be printed")
        if LOG_TAIL.search(origin):
            raise Invalid("SK_LOG_ORIGIN must not end in /trial or a slash and a number, which the platform adds")
        return origin

    @field_validator("mail_from")
    @classmethod
    def _at_our_host(cls, address: str, info: ValidationInfo) -> str:
        """Fill in an address at the installation's own host: a real mail server refuses one at localhost."""
        found = BASE_URL.fullmatch(info.data.get("base_url", ""))
        host = found["host"] if found else "localhost"
        inside = _is_trial(info.data["mail"]) or _is_loopback(host)
        return address or f"servicekonto@{'localhost' if inside else host}"

    @field_validator("operator_mail")
    @classmethod
    def _can_be_written_to(cls, address: str) -> str:
        """Refuse what is no address: what people write would be lost, and nobody would know."""
        try:
            return address and mailable(address)
        except Invalid as refused:
            raise Invalid(f"SK_OPERATOR_MAIL: {refused}") from None

    @field_validator("last_bereitstellung", mode="before")
    @classmethod
    def _may_be_off(cls, said: object) -> object:
        """Take `off` in any case."""
        return "off" if isinstance(said, str) and said.strip().lower() == "off" else said

    @field_validator("last_bereitstellung")
    @classmethod
    def _leaves_time_to_deliver(cls, last: time | str | None) -> time | str | None:
        """Refuse the hours before noon: at 00:00, meant as "off" perhaps, every notice would wait for ever."""
        if isinstance(last, time) and last.tzinfo:
            raise Invalid("SK_LAST_BEREITSTELLUNG is a local time, without a time zone")
        if isinstance(last, time) and last < NOON:
            raise Invalid("SK_LAST_BEREITSTELLUNG must be 12:00 or later, or off: else hardly anything is delivered")
        return last

    @property
    def is_trial(self) -> bool:
        """Tell whether mails go to a catcher: then this is a trial, and stays one."""
        return _is_trial(self.mail)

    @property
    def is_embedded(self) -> bool:
        """Tell whether everything runs in one folder on one machine."""
        return self.bus.get_secret_value() == "local"

    def latest_bereitstellung(self) -> time | None:
        """Return the local time after which a Bereitstellung waits for the next day, so that its mail leaves on it."""
        if self.last_bereitstellung is None:
            return None if self.is_trial else LAST_BEREITSTELLUNG
        return None if self.last_bereitstellung == "off" else self.last_bereitstellung

    def largest(self, most: int) -> int:
        """Return how many bytes a file that comes in may have, of which we alone would take `most`."""
        return most if self.scanner == "off" else min(most, self.scanner_max)

    def store_url(self) -> str:
        """Return where the store is."""
        return self.store.get_secret_value() or f"sqlite://{self.data.resolve()}/store.db"

    def objects_url(self) -> str:
        """Return where the objects are."""
        return self.objects.get_secret_value() or f"file://{self.data.resolve()}/objects"

    def proxies(self) -> tuple[Network, ...]:
        """Return the networks of proxies that are believed."""
        return _networks(self.trusted_proxies)

    def keys_folder(self) -> Path:
        """Return where the keys are."""
        return Path(self.keys.removeprefix("file://")) if self.keys else self.data.resolve() / "keys"


def _given(variables: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the settings among variables, whose names come in lower case: `sk_store`, or `sk_store_file` for a file.

    A name that begins like a setting and is none is refused: misspelt, it would change nothing, and nobody would know.
    """
    found, in_files = {}, {}
    for name, value in variables.items():
        setting = name.removeprefix("sk_")
        if not name.startswith("sk_") or value is None:
            continue
        if setting in Settings.model_fields:
            found[setting] = value
        elif name.endswith("_file") and setting.removesuffix("_file") in Settings.model_fields:
            in_files[setting.removesuffix("_file")] = _read(name.upper(), value)
        else:
            raise Invalid(f"{name.upper()}: there is no such setting")
    return in_files | found


@lru_cache
def _networks(said: str) -> tuple[Network, ...]:
    return tuple(ip_network(one.strip()) for one in said.split(",") if one.strip())


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise Invalid(f"{name}: {path} cannot be read: {error.strerror}") from error


def _is_trial(mail: SecretStr) -> bool:
    try:
        return urlsplit(mail.get_secret_value()).scheme in ("", "catcher")
    except ValueError as error:
        raise Invalid(f"SK_MAIL: {error}") from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def load_settings(overrides: Mapping[str, Any]) -> Settings:
    """Read the settings; `overrides` come from the command line. The first wrong one is named."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "SK_" + str(first["loc"][0]).upper()
        raise Invalid(f"{name}: {first['msg']}") from None
    except UnicodeDecodeError:
        raise Invalid("a file of settings, .env or one that SK_…_FILE names, is not UTF-8") from None
