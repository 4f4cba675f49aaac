"""What the routes of keys and accounts take; only shapes, as in `service.requests`."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from service.callers import LOGIN_PATTERN, MAX_RATE, SCOPES, Scope
from service.requests import FORMLESS, Instant, Slug, Strict, check_characters, unite_numbers

MAX_NAME_CHARS = 80
MAX_PASSWORD_CHARS = 200
# Names are printed on terminals, which control characters would steer.
_PLAIN = r"[^\u0000-\u001f\u007f-\u009f]"
_NAME_PATTERN = f"^{_PLAIN}*[^{FORMLESS}]{_PLAIN}*$"
_NAME = re.compile(_NAME_PATTERN)


def is_name(name: str) -> bool:
    """Whether a name shows something and steers no terminal."""
    return len(name) <= MAX_NAME_CHARS and _NAME.fullmatch(name) is not None


def check_name(name: str) -> str:
    """Refuse what is no name."""
    if not is_name(name):
        raise PydanticCustomError("name", "is empty or holds control characters; send a name")
    return check_characters(name)


Name = Annotated[
    str,
    Field(strict=True, max_length=MAX_NAME_CHARS),
    AfterValidator(check_name),
    WithJsonSchema({"type": "string", "maxLength": MAX_NAME_CHARS, "pattern": _NAME_PATTERN}),
]
RoleName = Literal["admin", "triage", "liaison", "analyst", "auditor"]
FurtherScopes = Annotated[list[Literal["oversight"]], Field(strict=True, max_length=1)]
Password = Annotated[
    str,
    Field(strict=True, min_length=12, max_length=MAX_PASSWORD_CHARS, json_schema_extra={"format": "password"}),
    AfterValidator(check_characters),
]
_Agency = Annotated[Slug | None, Field(description="The slug of an agency, whose reports alone are seen and moved.")]


class KeyRequest(Strict):
    """The key that is wanted."""

    name: Annotated[Name, Field(description="What it is for; no two keys in force share a name.")]
    scopes: Annotated[list[Scope], Field(strict=True, min_length=1, max_length=len(SCOPES))]
    agency: _Agency = None
    expires_at: Annotated[Instant | None, Field(description="From when it is refused; never, when left out.")] = None
    rate: Annotated[
        int | None,
        Field(strict=True, ge=1, le=MAX_RATE, description="Calls a minute, instead of the setting."),
        BeforeValidator(unite_numbers),
    ] = None


class AccountRequest(Strict):
    """The account that is wanted."""

    login: Annotated[str, Field(strict=True, pattern=LOGIN_PATTERN, description="Given once and for ever.")]
    name: Annotated[Name, Field(description="What pages show.")]
    password: Annotated[Password, Field(description="A first password, which the person is told by another way.")]
    role: RoleName
    agency: Annotated[Slug | None, Field(description="The agency of a liaison; nobody else has one.")] = None
    scopes: Annotated[FurtherScopes, Field(description="Beyond those of the role.")] = []  # noqa: RUF012  # pydantic copies defaults


class AccountChangeRequest(Strict):
    """What is to change; what is left out stays."""

    name: Name | None = None
    password: Annotated[Password | None, Field(description="Logs the person out everywhere.")] = None
    role: RoleName | None = None
    agency: Annotated[Slug | None, Field(description="Goes with the role: give both when the role changes.")] = None
    scopes: FurtherScopes | None = None
    disabled: Annotated[bool | None, Field(strict=True, description="Logs the person out everywhere.")] = None
    locked: Annotated[
        Literal[False] | None,
        Field(description="Only `false`: lets the login be tried again at once after failures."),
    ] = None
