"""Where the demo lives: a home of its own within the home, so that it never mixes with an installation in use.

Owns what may become a demo and what may not, and how it is taken out again.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from model.registry import Registry
from model.shipped import taxonomy_in_force
from service import tables
from service.champion import registry_of
from service.demo.cast import APP, add_cast, make_password
from service.demonstration import DEMO_CHAIN, announce_demo, is_demo
from service.engine import open_engine, reading, writing
from service.errors import StoreError
from service.home import is_in_use, open_home
from service.ledger.entries import append
from service.migrating import migrate, read_revision
from service.people.passwords import hash_password
from service.settings import Settings
from service.upkeep.opening import find_file
from service.writer import Transaction

FOLDER: Final = "demo"
LOGINS_FILE: Final = "demo-logins.txt"
# Rows of these show that somebody uses a store.
_USED: Final = (tables.feedback, tables.account, tables.api_key)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The home of the demo; ``password`` of its accounts when they were made just now, ``has_history`` when built."""

    settings: Settings
    password: str | None
    has_history: bool


def find_home(settings: Settings) -> Path:
    """The folder of the demo of an installation, there or not."""
    return settings.home / FOLDER


def is_wanted(settings: Settings) -> bool:
    """Whether a start may show the demo: the installation has no store that anybody uses, be it by a key alone."""
    if settings.database_url is not None or not _has_store(settings):
        return settings.database_url is None
    with _opened(settings) as engine:
        if read_revision(engine) is None:
            return True
        with reading(engine) as connection:
            return not _is_used(connection)


def count_reports(settings: Settings) -> int:
    """How many reports the store of an installation holds; one that is not there or of another revision has none."""
    if settings.database_url is None and not _has_store(settings):
        return 0
    with _opened(settings) as engine:
        if read_revision(engine) is None:
            return 0
        with reading(engine) as connection:
            return int(connection.execute(select(func.count()).select_from(tables.feedback)).scalar_one())


def prepare(settings: Settings) -> Prepared:
    """Make the home of the demo ready to be served: bundle, secret, tables, accounts; a second time nothing.

    Raises
    ------
    StoreError
        The installation holds reports, or its store is set by address, or what stands there is no demo.
    """
    if settings.database_url is not None:
        raise StoreError("Demo data live in a store of their own; leave PILAH_DATABASE_URL out to have them.")
    n_reports = count_reports(settings)
    if n_reports:
        raise StoreError(
            f"{settings.home} holds {n_reports:,} reports: no demo is made beside them. "
            "Name another home: PILAH_HOME or --home."
        )
    own = settings.changed(home=find_home(settings))
    _adopt_bundle(settings, own)
    open_home(own.home)
    with _opened(own) as engine:
        migrate(engine)
        with writing(engine) as connection:
            password = None if is_demo(connection) else _people(connection, own)
            has_history = connection.execute(select(tables.feedback.c.id).limit(1)).first() is not None
    return Prepared(own, password, has_history)


def remove(settings: Settings, *, is_forced: bool = False) -> bool:
    """Delete the home of the demo; whether there was one. ``is_forced`` deletes reports of others with it.

    Raises
    ------
    StoreError
        What stands there is no demo, is in use, or holds reports that somebody sent.
    """
    home = find_home(settings)
    if not home.exists():
        return False
    own = settings.changed(home=home)
    if is_in_use(home):
        raise StoreError(f"A service runs on {home}; stop it first, then take the demo out.")
    if _has_store(own):
        with _opened(own) as engine:
            if read_revision(engine) is not None:
                with reading(engine) as connection:
                    _refuse_unless_demo(connection, own)
                    if not is_forced:
                        _refuse_reports_of_others(connection, own)
    # First out of sight at once, then out of the disk: what is killed on the way leaves no half of it.
    grave = home.with_name(f".{home.name}-removed")
    shutil.rmtree(grave, ignore_errors=True)
    home.rename(grave)
    shutil.rmtree(grave)
    return True


def _refuse_unless_demo(connection: Connection, own: Settings) -> None:
    if not is_demo(connection) and _is_used(connection):
        raise StoreError(f"{own.store_url} is in use and no demo; it is left as it is.")


def _refuse_reports_of_others(connection: Connection, own: Settings) -> None:
    columns = tables.feedback.c
    query = select(func.count()).select_from(tables.feedback).where(columns.key_id != APP.id)
    n_reports = int(connection.execute(query).scalar_one())
    if n_reports:
        raise StoreError(
            f"{own.store_url} holds {n_reports:,} reports that are not made up: somebody sent them and was told that "
            f"they are stored. Keep them first (PILAH_HOME={own.home} pilah export --output FILE), then delete them "
            "with the demo: pilah demo remove --force."
        )


def _is_used(connection: Connection) -> bool:
    return any(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _USED)


def _people(connection: Connection, own: Settings) -> str:
    """Mark an empty store as a demo and make its accounts; their password."""
    _refuse_unless_demo(connection, own)
    now, password = datetime.now(UTC), make_password()
    announce_demo(connection, now)
    transaction = Transaction(connection)
    add_cast(transaction, taxonomy_in_force(), hash_password(password), now)
    append(connection, DEMO_CHAIN, transaction.entries)
    return password


def _adopt_bundle(settings: Settings, own: Settings) -> None:
    """Let the demo have the bundle in force as its own, so that what is promoted there changes nothing here."""
    if own.bundle is not None:
        return
    source, target = registry_of(settings), Registry(registry_of(own).folder)
    if target.champion_id() is None:
        folder = source.champion_path()
        target.adopt(folder, folder.name)
        target.promote(folder.name)


def _has_store(settings: Settings) -> bool:
    path = find_file(settings)
    return path is None or (path.exists() and path.stat().st_size > 0)


@contextmanager
def _opened(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings.store_url)
    try:
        yield engine
    finally:
        engine.dispose()
