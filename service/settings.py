"""The settings of the service, read from ``PILAH_…`` variables once and passed to `service.app.create_app`.

Owns names, defaults and what a wrong value is told; `docs/settings.md` has a line for each.
"""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from model.shipped import taxonomy_in_force
from service.errors import SettingsError
from service.hosts import HostList, read_hosts
from service.mail_server import MailServer, read_server

PREFIX = "PILAH_"
STORE_FILE = "pilah.db"
_WITH_PASSWORDS = (f"{PREFIX}DATABASE_URL", f"{PREFIX}SMTP_URL")
_MAIL_ADDRESS = r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,200}$"
_DEFAULT_NUMBERS = "112=panggilan darurat,110=polisi,113=pemadam kebakaran,115=SAR,119=ambulans"
# An accusation against an official is shut away, whatever is set.
NEVER_PUBLIC = "pengaduan-pengawasan"
_REPORT_FORMS = ("pdf", "xlsx", "html")


# What is said in place of the words of pydantic, by the type of its error.
_EXPECTED = {
    "int_parsing": "expected is a whole number (integer), such as 8000",
    "bool_parsing": "expected is true or false (boolean)",
    "greater_than_equal": "expected is a whole number of {ge} or more",
    "less_than_equal": "expected is a whole number of {le} or less",
    "string_too_short": "expected is at least one character; leave it out to get the default",
    "string_pattern_mismatch": "it holds a character that cannot stand there; expected is the pattern {pattern}",
}


def _refuse_empty(value: object) -> object:
    if value == "":
        raise ValueError("is empty; leave it out to get the default")
    return value


class Settings(BaseSettings):
    """What an operator can change; each field is the variable ``PILAH_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=False)

    home: Annotated[Path, BeforeValidator(_refuse_empty)] = Path("home")
    host: Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9.:_-]+$")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    database_url: Annotated[str | None, Field(repr=False)] = None
    bundle: Annotated[Path | None, BeforeValidator(_refuse_empty)] = None
    open_page: bool | None = None
    emergency_numbers: str = _DEFAULT_NUMBERS
    triage_office: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] = "diskominfo"
    retention_days: Annotated[int | None, Field(ge=1, le=36_500)] = None
    public_url: Annotated[str | None, Field(pattern=r"^https?://[A-Za-z0-9.:\[\]_-]+$")] = None
    rate_per_minute: Annotated[int, Field(ge=0, le=100_000)] = 6_000
    address_rate_per_minute: Annotated[int, Field(ge=0, le=100_000)] = 300
    open311_public: str = ""
    open311_jurisdiction: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    max_body_bytes: Annotated[int, Field(ge=65_536, le=16_777_216)] = 1_048_576
    webhook_hosts: str = ""
    smtp_url: Annotated[str | None, Field(repr=False)] = None
    mail_from: Annotated[str, Field(pattern=_MAIL_ADDRESS)] = "pilah@localhost"
    emergency_mail: str = ""
    escalation_mail: str = ""
    monthly_report: str = ""

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("is no address of a store; write sqlite:///folder/file.db or postgresql://user@host/name")
        return value

    @field_validator("emergency_numbers")
    @classmethod
    def _check_emergency_numbers(cls, value: str) -> str:
        for pair in value.split(","):
            number, equals, name = pair.partition("=")
            if not (equals and name.strip() and number.strip().replace(" ", "").lstrip("+").isdigit()):
                raise ValueError(f"holds {pair!r}; write number=name pairs with commas, such as 112=panggilan darurat")
        return value

    @field_validator("webhook_hosts")
    @classmethod
    def _check_webhook_hosts(cls, value: str) -> str:
        read_hosts(value)
        return value

    @field_validator("smtp_url")
    @classmethod
    def _check_smtp_url(cls, value: str | None) -> str | None:
        if value is not None:
            read_server(value)
        return value

    @field_validator("emergency_mail", "escalation_mail")
    @classmethod
    def _check_mail(cls, value: str) -> str:
        for address in _split(value):
            if re.fullmatch(_MAIL_ADDRESS, address) is None:
                raise ValueError(f"holds {address!r}; write addresses with commas, such as piket@kota.go.id")
        return value

    @field_validator("monthly_report")
    @classmethod
    def _check_monthly_report(cls, value: str) -> str:
        for form in _split(value):
            if form not in _REPORT_FORMS:
                raise ValueError(f"holds {form!r}; write forms with commas, of: {', '.join(_REPORT_FORMS)}")
        return value

    @field_validator("open311_public")
    @classmethod
    def _check_open311_public(cls, value: str) -> str:
        known = [kind for kind in taxonomy_in_force().slugs("kind") if kind != NEVER_PUBLIC]
        for kind in _split(value):
            if kind not in known:
                raise ValueError(f"holds {kind!r}; write kinds of reports with commas, of: {', '.join(known)}")
        return value

    @property
    def base_url(self) -> str:
        """Where others reach the service, as links say it."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def listed_hosts(self) -> HostList:
        """Hosts of webhooks that may be reached without TLS and at addresses that are not public."""
        return read_hosts(self.webhook_hosts)

    @property
    def mail_server(self) -> MailServer | None:
        """Where mail is handed in, None when there is none."""
        return read_server(self.smtp_url) if self.smtp_url else None

    @property
    def emergency_recipients(self) -> tuple[str, ...]:
        """Who hears of an emergency first."""
        return _split(self.emergency_mail)

    @property
    def escalation_recipients(self) -> tuple[str, ...]:
        """Who hears of an emergency that nobody acknowledged; those who heard first where nobody is set."""
        return _split(self.escalation_mail) or self.emergency_recipients

    @property
    def monthly_forms(self) -> tuple[str, ...]:
        """The forms in which the report of a month is written by itself when the month is over."""
        return _split(self.monthly_report)

    @property
    def public_kinds(self) -> tuple[str, ...]:
        """Kinds of reports that everybody may read once they are published; none when a key is needed."""
        return _split(self.open311_public)

    @property
    def store_url(self) -> str:
        """Address of the store: the one set, or SQLite in the home."""
        return self.database_url or f"sqlite:///{self.home / STORE_FILE}"

    @property
    def is_page_open(self) -> bool:
        """Whether anyone who reaches the page may classify on it without a key."""
        return self.open_page if self.open_page is not None else is_loopback(self.host)

    @property
    def emergency_contacts(self) -> tuple[tuple[str, str], ...]:
        """Pairs of number and name, in the order they are shown."""
        pairs = (pair.partition("=") for pair in self.emergency_numbers.split(","))
        return tuple((number.strip(), name.strip()) for number, _, name in pairs)

    def changed(self, **values: object) -> Self:
        """These settings with some values replaced and checked again; None leaves a value as it is.

        Raises
        ------
        SettingsError
            As `read_settings`.
        """
        given = {name: value for name, value in values.items() if value is not None}
        try:
            return type(self).model_validate({**self.model_dump(), **given})
        except ValidationError as error:
            raise SettingsError(_explain(error)) from error


def read_settings() -> Settings:
    """The settings as the environment gives them.

    Raises
    ------
    SettingsError
        A value is of the wrong kind; every one is named, with what was expected.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_explain(error)) from error


def _explain(error: ValidationError) -> str:
    lines = []
    for fault in error.errors(include_url=False):
        name = PREFIX + "_".join(str(part) for part in fault["loc"][:1]).upper()
        found = "" if name in _WITH_PASSWORDS else f" is {str(fault['input'])!r}:"
        expected = _EXPECTED.get(fault["type"])
        said = expected.format(**fault.get("ctx", {})) if expected else fault["msg"].removeprefix("Value error, ")
        lines.append(f"{name}{found} {said}")
    return "A setting cannot be used (docs/settings.md lists them):\n" + "\n".join(lines)


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this computer."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
