"""Names of who did something, for pages: an account by its person's name, a key by what it is for."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from service import tables


def name_actors(connection: Connection, actors: Iterable[str]) -> dict[str, str]:
    """The names of actors as the ledger knows them (``account:…``, ``key:…``); those of nobody are left out."""
    wanted = {actor: actor.partition(":") for actor in actors}
    names: dict[str, str] = {}
    for kind, table in (("account", tables.account), ("key", tables.api_key)):
        ids = {id_ for _, (type_, _, id_) in wanted.items() if type_ == kind}
        if ids:
            rows = connection.execute(select(table.c.id, table.c.name).where(table.c.id.in_(sorted(ids))))
            names |= {f"{kind}:{row.id}": row.name for row in rows}
    return names
