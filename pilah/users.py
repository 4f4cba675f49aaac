"""``pilah users``: gives people accounts for the pages, changes and ends them. A password is never an argument."""

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pilah import options

if TYPE_CHECKING:
    from service.people.accounts import Account

app = typer.Typer(no_args_is_help=True, help="Give people accounts for the pages, change and end them.")

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The name the person logs in with.")]


@app.command("add")
def add(
    login: Login,
    role: Annotated[str, typer.Option("--role", help="admin, triage, liaison, analyst or auditor.")],
    name: Annotated[str | None, typer.Option("--name", help="What pages show; the login when left out.")] = None,
    agency: Annotated[str | None, typer.Option("--agency", help="Slug of the agency of a liaison.")] = None,
    oversight: Annotated[bool, typer.Option("--oversight", help="May see accusations against officials too.")] = False,
) -> None:
    """Add an account; the password is asked twice on a terminal, else it is the first line of standard input."""
    from model.shipped import taxonomy_in_force
    from service.ledger.entries import SYSTEM
    from service.people.accounts import AccountOrder, add_accounts, check_duties, check_login
    from service.people.faults import NameTaken
    from service.people.passwords import hash_password
    from service.requests_people import is_name
    from service.settings import read_settings
    from service.upkeep.opening import opened_store
    from service.writer import recording

    scopes = ("oversight",) if oversight else ()
    check_login(login)
    check_duties(role, agency, scopes, taxonomy_in_force().slugs("agency"))
    if name is not None and not is_name(name):
        raise typer.BadParameter("give a name of at most 80 characters that can be printed", param_hint="--name")
    hashed = hash_password(_ask_password(login))
    now = datetime.now(UTC)
    order = AccountOrder(login, name or login, hashed, role, SYSTEM, now, agency, scopes)
    with opened_store(read_settings()) as engine, recording(engine, now) as transaction:
        (made,) = add_accounts(transaction, [order])
    if isinstance(made, NameTaken):
        raise made.to_error()
    typer.echo(f"{login} may log in as {role}.")


@app.command("list")
def show(as_json: options.AsJson = False) -> None:
    """List all accounts by their login."""
    from service.engine import reading
    from service.people.accounts import list_accounts
    from service.settings import read_settings
    from service.upkeep.opening import opened_store

    with opened_store(read_settings()) as engine, reading(engine) as connection:
        accounts = list_accounts(connection)
    if as_json:
        typer.echo(json.dumps([account.to_json() for account in accounts], ensure_ascii=False))
        return
    for account in accounts:
        typer.echo(_describe(account))


@app.command("passwd")
def change_password(login: Login) -> None:
    """Set a new password, asked as by `add`; the person is logged out everywhere and may try again at once."""
    from service.people.passwords import hash_password

    hashed = hash_password(_ask_password(login))
    _change(login, password=hashed)
    _unlock(login)
    typer.echo(f"{login} has a new password.")


@app.command("disable")
def disable(login: Login) -> None:
    """Let a person log in no more; open sessions end. What the person did stays in the ledger."""
    _change(login, is_disabled=True)
    typer.echo(f"{login} is disabled.")


@app.command("enable")
def enable(login: Login) -> None:
    """Let a person that was disabled log in again."""
    _change(login, is_disabled=False)
    typer.echo(f"{login} may log in again.")


@app.command("unlock")
def unlock(login: Login) -> None:
    """Let a login be tried again at once after too many failures."""
    _unlock(login)
    typer.echo(f"{login} is unlocked.")


def _change(login: str, *, password: str | None = None, is_disabled: bool | None = None) -> None:
    from service.errors import StoreError
    from service.ledger.entries import SYSTEM
    from service.people.accounts import AccountChange, change_accounts
    from service.people.faults import Refused
    from service.settings import read_settings
    from service.upkeep.opening import opened_store
    from service.writer import recording

    now = datetime.now(UTC)
    change = AccountChange(login, SYSTEM, now, password=password, is_disabled=is_disabled)
    with opened_store(read_settings()) as engine, recording(engine, now) as transaction:
        (changed,) = change_accounts(transaction, [(change, ())])
    if changed is None:
        raise StoreError(f"There is no account {login}; pilah users list shows all.")
    if isinstance(changed, Refused):
        raise changed.to_error()


def _unlock(login: str) -> None:
    from service.home import open_home
    from service.people.attempts import unlock as clear
    from service.settings import read_settings
    from service.upkeep.opening import opened_store
    from service.writer import recording

    settings = read_settings()
    digest = open_home(settings.home).digest("login", login)
    with opened_store(settings) as engine, recording(engine, datetime.now(UTC)) as transaction:
        clear(transaction, [digest])


def _ask_password(login: str) -> str:
    from service.people.passwords import check_password

    if sys.stdin.isatty():
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    check_password(password, login)
    return password


def _describe(account: "Account") -> str:
    of_agency = f" of {account.agency}" if account.agency else ""
    further = f" +{' +'.join(account.scopes)}" if account.scopes else ""
    state = f"disabled {account.disabled_at:%Y-%m-%d}" if account.disabled_at else "in force"
    seen = f"logged in {account.last_login_at:%Y-%m-%d %H:%M}Z" if account.last_login_at else "never logged in"
    return f"{account.login}  {account.name}  {account.role}{of_agency}{further}  {state}  {seen}"
