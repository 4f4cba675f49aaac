"""``pilah models``: the bundles of an installation, which one is in force, and how to change that."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pilah import options

if TYPE_CHECKING:
    from service.promoting import Grounds
    from service.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="List bundles, look at one, put one in force, go back to the one before, delete old ones.",
)

Name = Annotated[str, typer.Argument(metavar="ID", help="The id that pilah models list shows.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why; it goes to the ledger.")]


@app.command("list")
def show_all(as_json: options.AsJson = False) -> None:
    """List the bundles of the home; a star marks the one in force."""
    from service.bundle_summaries import summarise_all
    from service.settings import read_settings

    summaries = summarise_all(read_settings())
    if as_json:
        typer.echo(json.dumps(summaries, ensure_ascii=False))
        return
    for summary in summaries:
        heads = summary["heads"] if isinstance(summary["heads"], dict) else {}
        rows = f"{summary['rows']:,}" if isinstance(summary["rows"], int) else "?"
        star = "*" if summary["champion"] else " "
        typer.echo(f"{star} {summary['bundle']}  {rows} rows, heads {', '.join(heads)}, taxonomy {summary['taxonomy']}")


@app.command("show")
def show_one(bundle_id: Name) -> None:
    """Print the model card of a bundle."""
    from model.errors import BundleMissingError
    from service.champion import registry_of
    from service.settings import read_settings

    card = registry_of(read_settings()).path_of(bundle_id) / "MODEL_CARD.md"
    if not card.is_file():
        raise BundleMissingError(f"{card} is not there; pilah models list shows all bundles.")
    typer.echo(card.read_text(encoding="utf-8"))


@app.command("promote")
def promote(
    bundle_id: Name,
    compared: Annotated[
        Path | None,
        typer.Option("--compared", help="What pilah compare --output wrote; without it what it kept in the home."),
    ] = None,
    force: options.Force = False,
    reason: Reason = None,
) -> None:
    """Put a bundle in force that pilah compare allowed; a running service takes it over within seconds.

    The first bundle of a home needs no comparison.
    """
    from model.classifier import load_classifier
    from model.shipped import taxonomy_in_force
    from service.champion import registry_of
    from service.promoting import Grounds
    from service.settings import read_settings

    settings = read_settings()
    load_classifier(registry_of(settings).path_of(bundle_id), taxonomy_in_force())
    typer.echo(f"{put_in_force(settings, bundle_id, reason, Grounds(compared, force))} is in force.")


@app.command("rollback")
def roll_back(reason: Reason = None) -> None:
    """Put the bundle in force again that was before the present one."""
    from service.settings import read_settings

    typer.echo(f"{put_in_force(read_settings(), None, reason)} is in force.")


@app.command("prune")
def prune(
    older_than: Annotated[
        int, typer.Option("--older-than", min=0, help="Days a bundle is kept that nobody has compared yet.")
    ] = 30,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it only what would be is said.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Delete bundles that nobody needs: none in force or before it, none that the ledger or a report refers to."""
    from service.champion import registry_of
    from service.pruning import look
    from service.pruning import prune as delete
    from service.settings import read_settings
    from service.upkeep.opening import opened_store

    settings, now = read_settings(), datetime.now(UTC)
    registry = registry_of(settings)
    with opened_store(settings) as engine:
        looked = look(engine, settings, registry, now, older_than)
        gone = delete(engine, settings, registry, now, older_than) if yes else [one for one in looked if not one.why]
    names = {one.bundle_id for one in gone}
    if as_json:
        rows = [{"bundle": one.bundle_id, "bytes": one.n_bytes, "kept": one.why} for one in looked]
        typer.echo(json.dumps({"deleted": yes, "bundles": rows, "freed": sum(one.n_bytes for one in gone)}))
        return
    verb = "deleted" if yes else "would be deleted"
    for one in looked:
        said = verb if one.bundle_id in names else f"kept, {one.why or 'taken into use meanwhile'}"
        typer.echo(f"{one.bundle_id}  {one.n_bytes / 1e6:,.1f} MB  {said}")
    freed = sum(one.n_bytes for one in gone) / 1e6
    typer.echo(f"{len(gone):,} bundles, {freed:,.1f} MB, {verb}.{'' if yes or not gone else ' --yes deletes them.'}")


def put_in_force(
    settings: "Settings", bundle_id: str | None, reason: str | None, grounds: "Grounds | None" = None
) -> str:
    """Put a bundle, or with None the one before, in force, with its entry of the ledger; its id.

    Raises
    ------
    BundleError
        It is not allowed, not there, or damaged.
    """
    from model.bundle import read_bundle
    from model.cleaning import clean
    from model.errors import BundleError
    from model.masking import mask
    from service.champion import registry_of
    from service.ledger.entries import SYSTEM
    from service.opening import opened_store
    from service.promoting import plan, promote_all
    from service.writer import recording

    now = datetime.now(UTC)
    Path(settings.home).mkdir(parents=True, exist_ok=True)
    why = mask(clean(reason)).text if reason else None
    with opened_store(settings) as engine, recording(engine, now) as transaction:
        promotion = plan(registry_of(settings), bundle_id, SYSTEM, now, why, grounds)
        # A running service would refuse what is damaged, and the next start fall back on the one before.
        read_bundle(registry_of(settings).path_of(promotion.bundle_id))
        (outcome,) = promote_all(transaction, [promotion])
        if isinstance(outcome, BundleError):
            raise outcome
    return outcome
