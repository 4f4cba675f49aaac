"""``pilah rebuild``: what is derived from the ledger, emptied and derived anew."""

from typing import Annotated

import typer

from pilah import options

_Names = Annotated[
    list[str] | None,
    typer.Argument(help="incidents, outbox, cases, watch; all of them when none is named.", show_default=False),
]


def rebuild(
    names: _Names = None,
    home: options.ServiceHome = None,
    database_url: options.DatabaseUrl = None,
) -> None:
    """Derive anew what is derived from the ledger: incidents, messages, cases, cells of figures and of drift."""
    from service.chores import DERIVATIONS
    from service.engine import writing
    from service.ledger.deriving import rebuild as derive_anew
    from service.opening import opened_store
    from service.settings import read_settings

    known = {derivation.name: derivation for derivation in DERIVATIONS}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is not derived; name some of {', '.join(known)}.")
    with opened_store(read_settings().changed(home=home, database_url=database_url)) as engine:
        for name in names or known:
            with writing(engine) as connection:
                n_entries = derive_anew(connection, known[name])
            typer.echo(f"{name}: derived anew from {n_entries:,} entries of the ledger")
