"""``pilah keys``: makes, lists and revokes the keys that programs call with."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from pilah import options

if TYPE_CHECKING:
    from service.people.issuing import IssuedKey, KeyRecord

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys that programs call with.")


@app.command("make")
def make(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for; no two keys in force share a name.")],
    scopes: Annotated[
        list[str],
        typer.Option(
            "--scope", help="What it may do, once for each: classify, ingest, triage, oversight, analyse, audit, admin."
        ),
    ],
    agency: Annotated[
        str | None, typer.Option("--agency", help="Slug of the agency whose reports alone it sees.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", help="From when it is refused: 90d, or 2027-01-31T00:00:00+07:00.")
    ] = None,
    rate: Annotated[
        int | None, typer.Option("--rate", help="Calls a minute it may make (PILAH_RATE_PER_MINUTE).")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Make a key and print its token, which is kept nowhere and cannot be shown again."""
    from model.shipped import taxonomy_in_force
    from service.ledger.entries import SYSTEM
    from service.people.faults import NameTaken
    from service.people.issuing import KeyOrder, check_order, issue_keys
    from service.requests_people import is_name
    from service.settings import read_settings
    from service.upkeep.opening import opened_store
    from service.writer import recording

    now = datetime.now(UTC)
    if not is_name(name):
        raise typer.BadParameter("give a name of at most 80 characters that can be printed", param_hint="NAME")
    order = KeyOrder(name, tuple(dict.fromkeys(scopes)), SYSTEM, now, agency, rate, _read_end(expires, now))
    check_order(order, taxonomy_in_force().slugs("agency"))
    with opened_store(read_settings()) as engine, recording(engine, now) as transaction:
        (made,) = issue_keys(transaction, [order])
        if isinstance(made, NameTaken):
            raise made.to_error()
        # Shown before the commit: a key that nobody got to see must not be there.
        _show_token(made, as_json=as_json)


@app.command("list")
def show(as_json: options.AsJson = False) -> None:
    """List all keys that ever were, newest first, with their last use."""
    from service.engine import reading
    from service.people.issuing import list_keys
    from service.settings import read_settings
    from service.upkeep.opening import opened_store

    with opened_store(read_settings()) as engine, reading(engine) as connection:
        keys = list_keys(connection)
    if as_json:
        typer.echo(json.dumps([key.to_json() for key in keys], ensure_ascii=False))
        return
    for key in keys:
        typer.echo(_describe(key, datetime.now(UTC)))


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="The id that pilah keys list shows.")]) -> None:
    """Revoke a key; every process of the service refuses it within a second."""
    from service.errors import StoreError
    from service.ledger.entries import SYSTEM
    from service.people.issuing import Revocation, revoke_keys
    from service.settings import read_settings
    from service.upkeep.opening import opened_store
    from service.writer import recording

    now = datetime.now(UTC)
    with opened_store(read_settings()) as engine, recording(engine, now) as transaction:
        (revoked,) = revoke_keys(transaction, [Revocation(key_id, SYSTEM, now)])
    if revoked is None:
        raise StoreError(f"There is no key {key_id}; pilah keys list shows all.")
    typer.echo(f"{revoked.name} is revoked.")


def _show_token(made: "IssuedKey", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({**made.record.to_json(), "token": made.token}, ensure_ascii=False))
    else:
        typer.echo("The key, shown this once:", err=True)
        typer.echo(made.token)


def _read_end(expires: str | None, now: datetime) -> datetime | None:
    """``90d`` as ninety days from now, else an instant with its zone."""
    if expires is None:
        return None
    number, unit = expires[:-1], expires[-1:]
    if unit == "d" and number.isdigit() and len(number) <= len("36500"):
        return now + timedelta(days=int(number))
    try:
        end = datetime.fromisoformat(expires)
    except ValueError:
        end = None
    if end is None or end.tzinfo is None:
        raise typer.BadParameter(
            f"{expires!r} is neither days (90d) nor an instant with its zone", param_hint="--expires"
        )
    return end.astimezone(UTC)


def _describe(key: "KeyRecord", now: datetime) -> str:
    state = "in force"
    if key.revoked_at is not None:
        state = f"revoked {key.revoked_at:%Y-%m-%d}"
    elif key.expires_at is not None:
        state = f"{'expired' if key.expires_at <= now else 'until'} {key.expires_at:%Y-%m-%d}"
    used = f"used {key.last_used_at:%Y-%m-%d %H:%M}Z" if key.last_used_at else "never used"
    agency = f" of {key.agency}" if key.agency else ""
    return f"{key.id}  {key.name}  [{' '.join(key.scopes)}]{agency}  {state}  {used}"
