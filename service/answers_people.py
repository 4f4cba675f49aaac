"""What the routes of keys and accounts give, as models for their description; as in `service.answers`."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from service.answers import Described


class Key(Described):
    """A key as it stands, without what it is known by."""

    id: str
    name: str
    scopes: list[str]
    agency: str | None
    rate: Annotated[int | None, Field(description="Calls a minute; null for the setting.")]
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None
    last_used_at: Annotated[datetime | None, Field(description="To the minute.")]
    revoked_at: datetime | None


class NewKey(Key):
    """A key that was just made."""

    token: Annotated[str, Field(description="What programs send. It is shown here and never again.")]


class Keys(Described):
    """All keys that ever were, newest first."""

    keys: list[Key]


class Account(Described):
    """A person who may log in."""

    id: str
    login: str
    name: str
    role: str
    agency: str | None
    scopes: Annotated[list[str], Field(description="Beyond those of the role.")]
    created_at: datetime
    created_by: str | None
    disabled_at: datetime | None
    last_login_at: datetime | None
    locked_until: Annotated[datetime | None, Field(description="After logins that failed.")]


class Accounts(Described):
    """All accounts by their login."""

    accounts: list[Account]
