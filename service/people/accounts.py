"""Accounts of people: made, changed, listed, with an entry in the ledger for each change. No person is ever deleted.

A password is hashed before it comes here. Logins that fail are counted in `service.people.attempts`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, text, update

from model.prediction import JsonValue
from service.callers import LIAISON, LOGIN_PATTERN, SCOPES_OF_ROLE, Caller
from service.ids import new_id
from service.ledger.entries import Entry
from service.people.faults import NameTaken, OrderError, Refused
from service.tables import account, session
from service.writer import Transaction

MADE: Final = "account.made"
CHANGED: Final = "account.changed"
# What a person may do beyond the role.
FURTHER_SCOPES: Final = ("oversight",)
_LOGIN: Final = re.compile(LOGIN_PATTERN)


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """A person who may log in, as the store knows it; ``password`` is a hash."""

    id: str
    login: str
    name: str
    password: str
    role: str
    agency: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str | None
    disabled_at: datetime | None
    last_login_at: datetime | None

    def to_caller(self) -> Caller:
        """What the account may do."""
        scopes = frozenset((*SCOPES_OF_ROLE[self.role], *self.scopes))
        return Caller(self.id, "account", self.name, scopes, self.agency)

    def to_json(self) -> dict[str, JsonValue]:
        """The account for a program, without its password."""
        return {
            "id": self.id,
            "login": self.login,
            "name": self.name,
            "role": self.role,
            "agency": self.agency,
            "scopes": list(self.scopes),
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
            "disabled_at": self.disabled_at.isoformat() if self.disabled_at else None,
            "last_login_at": self.last_login_at.isoformat() if self.last_login_at else None,
        }


@dataclass(frozen=True, slots=True, repr=False)
class AccountOrder:
    """The account somebody wants; ``password`` is a hash."""

    login: str
    name: str
    password: str
    role: str
    actor: str
    at: datetime
    agency: str | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class AccountChange:
    """What changes of an account; None leaves a thing as it is. ``key`` is its id or its login."""

    key: str
    actor: str
    at: datetime
    name: str | None = None
    role: str | None = None
    agency: str | None = None
    scopes: tuple[str, ...] | None = None
    password: str | None = None
    is_disabled: bool | None = None


def check_duties(role: str, agency: str | None, scopes: Sequence[str], agencies: Collection[str]) -> None:
    """Refuse duties that do not go together.

    Raises
    ------
    OrderError
        An unknown role or agency, an agency without liaison or the other way round, scopes that a role cannot get.
    """
    if role not in SCOPES_OF_ROLE:
        raise OrderError("role", f"is {role}; give one of {', '.join(SCOPES_OF_ROLE)}")
    if (role == LIAISON) != (agency is not None):
        raise OrderError("agency", "is the one a liaison speaks for; give it to a liaison and to nobody else")
    if agency is not None and agency not in agencies:
        raise OrderError("agency", f"{agency} is not in the taxonomy; give the slug of an agency")
    beyond = sorted(set(scopes) - set(FURTHER_SCOPES))
    if beyond or (scopes and role == LIAISON):
        raise OrderError("scopes", f"may only add {', '.join(FURTHER_SCOPES)}, and nothing to a liaison")


def check_login(login: str) -> None:
    """Refuse a login that nobody could type the same twice.

    Raises
    ------
    OrderError
        It is not of the form.
    """
    if _LOGIN.fullmatch(login) is None:
        raise OrderError("login", "must have 3 to 40 small letters, digits, dots, hyphens or underscores")


def add_accounts(transaction: Transaction, orders: Sequence[AccountOrder]) -> list[Account | NameTaken]:
    """Make accounts whose duties were checked; a login is given once and for ever."""
    if transaction.connection.dialect.name == "postgresql":
        transaction.connection.execute(text("LOCK TABLE account IN EXCLUSIVE MODE"))
    return [_add(transaction, order) for order in orders]


def change_accounts(
    transaction: Transaction, batch: Sequence[tuple[AccountChange, Collection[str]]]
) -> list[Account | Refused | None]:
    """Change accounts, each with the agencies there are; None where there is no such account.

    Who is disabled or gets another password is logged out everywhere. The last admin in force stays one.
    """
    return [_change(transaction, change, agencies) for change, agencies in batch]


def list_accounts(connection: Connection) -> list[Account]:
    """All accounts by their login."""
    rows = connection.execute(select(account).order_by(account.c.login))
    return [read_account(row) for row in rows.mappings()]


def find_account(connection: Connection, key: str) -> Account | None:
    """The account of an id or a login, which never look alike."""
    row = connection.execute(select(account).where((account.c.id == key) | (account.c.login == key)))
    found = row.mappings().one_or_none()
    return read_account(found) if found is not None else None


def read_account(row: RowMapping) -> Account:
    """An account from its row."""
    names = (
        "id",
        "login",
        "name",
        "password",
        "role",
        "agency",
        "created_at",
        "created_by",
        "disabled_at",
        "last_login_at",
    )
    return Account(**{name: row[name] for name in names}, scopes=tuple(row["scopes"].split()))


def _add(transaction: Transaction, order: AccountOrder) -> Account | NameTaken:
    connection = transaction.connection
    if find_account(connection, order.login) is not None:
        return NameTaken(order.login)
    account_id = new_id(order.at)
    connection.execute(
        insert(account).values(
            id=account_id,
            login=order.login,
            name=order.name,
            password=order.password,
            role=order.role,
            agency=order.agency,
            scopes=" ".join(sorted(order.scopes)),
            created_at=order.at,
            created_by=order.actor,
        )
    )
    content: dict[str, JsonValue] = {
        "account": account_id,
        "role": order.role,
        "agency": order.agency,
        "scopes": list[JsonValue](sorted(order.scopes)),
    }
    transaction.record(Entry(MADE, order.at, order.actor, content=content))
    return _get(connection, account_id)


def _change(transaction: Transaction, change: AccountChange, agencies: Collection[str]) -> Account | Refused | None:
    connection = transaction.connection
    found = _lock(connection, change.key)
    if found is None:
        return None
    values = _list_changes(found, change)
    if not values:
        return found
    try:
        _check_change(connection, found, values, agencies)
    except OrderError as error:
        return Refused(error.field, error.detail)
    connection.execute(update(account).where(account.c.id == found.id).values(**values))
    if "password" in values or values.get("disabled_at") is not None:
        connection.execute(delete(session).where(session.c.account_id == found.id))
    transaction.record(Entry(CHANGED, change.at, change.actor, content=_describe(found, values)))
    return _get(connection, found.id)


def _lock(connection: Connection, key: str) -> Account | None:
    """The account of an id or login; of two that change it, the second sees what the first left."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE account IN EXCLUSIVE MODE"))
    return find_account(connection, key)


def _list_changes(found: Account, change: AccountChange) -> dict[str, object]:
    """The columns that become something else."""
    wanted: dict[str, object] = {}
    if change.name is not None:
        wanted["name"] = change.name
    if change.role is not None:
        wanted["role"] = change.role
        # The agency belongs to the role: who is no liaison any more has none.
        wanted["agency"] = change.agency
    elif change.agency is not None:
        wanted["agency"] = change.agency
    if change.scopes is not None:
        wanted["scopes"] = " ".join(sorted(change.scopes))
    if change.password is not None:
        wanted["password"] = change.password
    if change.is_disabled is not None and change.is_disabled != (found.disabled_at is not None):
        wanted["disabled_at"] = change.at if change.is_disabled else None
    now = {"name": found.name, "role": found.role, "agency": found.agency, "scopes": " ".join(found.scopes)}
    return {name: value for name, value in wanted.items() if name not in now or now[name] != value}


def _check_change(connection: Connection, found: Account, values: dict[str, object], agencies: Collection[str]) -> None:
    role, agency = str(values.get("role", found.role)), values.get("agency", found.agency)
    scopes = str(values.get("scopes", " ".join(found.scopes))).split()
    if {"role", "agency", "scopes"} & values.keys():
        check_duties(role, str(agency) if agency is not None else None, scopes, agencies)
    leaves = role != "admin" or values.get("disabled_at") is not None
    if found.role == "admin" and found.disabled_at is None and leaves and _count_admins(connection) == 1:
        raise OrderError("role", "is that of the last admin; make another admin first")


def _count_admins(connection: Connection) -> int:
    in_force = select(func.count()).where(account.c.role == "admin", account.c.disabled_at.is_(None))
    return int(connection.execute(in_force).scalar_one())


def _describe(found: Account, values: dict[str, object]) -> dict[str, JsonValue]:
    """What the ledger hears of a change: duties as they are, of a password and a name only that they changed."""
    content: dict[str, JsonValue] = {"account": found.id, "changed": list[JsonValue](sorted(values))}
    for name in ("role", "agency", "scopes"):
        value = values.get(name)
        if isinstance(value, str):
            content[name] = value
    if "disabled_at" in values:
        content["is_disabled"] = values["disabled_at"] is not None
    return content


def _get(connection: Connection, account_id: str) -> Account:
    found = find_account(connection, account_id)
    if found is None:
        raise TypeError(f"the account {account_id} was written and is not there.")
    return found
