"""Puts a backup into a home and a store, on SQLite or PostgreSQL, whichever it came from: all of it or nothing.

What stood there is never deleted: a store of SQLite and a secret are moved aside. Stop the service first.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, MetaData, func, select, text

from model.bundle import MANIFEST
from model.registry import POINTER, Registry
from service.engine import open_engine, reading, writing
from service.errors import StoreError
from service.home import SECRET_FILE, write_private
from service.ledger.entries import COMMANDS, SYSTEM, Entry, append, open_chain
from service.ledger.verifying import verify_ledger
from service.migrating import REVISION, read_revision, upgrade
from service.settings import Settings
from service.upkeep.archive import BUNDLES, SECRET, STORE, Contents, reading_archive, table_of, verify_archive
from service.upkeep.opening import find_file
from service.upkeep.rows import insert_lines, is_ours, read_tables

RESTORED = "store.restored"
_WAL_ENDINGS = ("", "-wal", "-shm")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where what had stood there was moved."""

    contents: Contents
    moved: tuple[Path, ...]


def restore(archive: Path, settings: Settings, now: datetime, tell: Tell, *, force: bool = False) -> Restored:
    """Verify a backup and put it into the home and the store of ``settings``.

    Parameters
    ----------
    force
        Take the place of a home and a store that are in use.

    Raises
    ------
    StoreError
        The backup cannot be trusted or is of a newer Pilah, or home or store are in use; nothing was changed.
    """
    tell("verifying the backup")
    contents = verify_archive(archive)
    if contents.revision > REVISION:
        raise StoreError(f"{archive} is of revision {contents.revision}, this Pilah knows {REVISION}; update Pilah.")
    in_use = _find_in_use(settings)
    if in_use and not force:
        raise StoreError(f"{' and '.join(in_use)} would be replaced. Name an empty home, or give --force.")
    moved: list[Path] = []
    suffix = f".before-{now:%Y%m%dT%H%M%S}"
    with _open_target(settings, suffix, moved) as connection:
        _load_rows(connection, archive, contents, tell)
        _check_rows(connection, archive, contents)
        _record(connection, contents, now)
        _place_files(archive, settings.home, suffix, moved, tell)
    return Restored(contents, tuple(moved))


def _find_in_use(settings: Settings) -> list[str]:
    found = [str(settings.home / SECRET_FILE)] if (settings.home / SECRET_FILE).exists() else []
    path = find_file(settings)
    if path is not None:
        return [*found, str(path)] if path.exists() and path.stat().st_size else found
    engine = open_engine(settings.store_url)
    try:
        if read_revision(engine) is None:
            return found
        with reading(engine) as connection:
            reflected = read_tables(connection)
            filled = any(connection.execute(select(func.count()).select_from(table)).scalar() for table in reflected)
    finally:
        engine.dispose()
    return [*found, "the store"] if filled else found


@contextmanager
def _open_target(settings: Settings, suffix: str, moved: list[Path]) -> Iterator[Connection]:
    """An empty store at no revision; it takes the place of the old one when all went well."""
    path = find_file(settings)
    url = settings.store_url
    draft = path.with_name(f".{path.name}.restoring") if path is not None else None
    if draft is not None:
        _delete_store(draft)
        url = f"sqlite:///{draft}"
    engine = open_engine(url)
    try:
        with writing(engine) as connection:
            _empty(connection)
            yield connection
        # The last connection that is closed folds the log into the file.
        engine.dispose()
        if path is not None and draft is not None:
            moved.extend(_move_aside(path, suffix))
            draft.rename(path)
    finally:
        engine.dispose()
        if draft is not None:
            _delete_store(draft)


def _empty(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    old = MetaData()
    old.reflect(connection, only=lambda name, _: is_ours(name))
    old.drop_all(connection)


def _load_rows(connection: Connection, archive: Path, contents: Contents, tell: Tell) -> None:
    upgrade(connection, contents.revision)
    known = {table.name: table for table in read_tables(connection)}
    if unknown := sorted(contents.tables.keys() - known.keys()):
        raise StoreError(f"{archive} has rows of {unknown[0]}, which is no table of its revision; take another one.")
    before = ""
    with reading_archive(archive) as members:
        for name, stream in members:
            if not name.startswith(f"{STORE}/"):
                continue
            table = table_of(name)
            if table != before:
                tell(f"{table}: {contents.tables[table]:,} rows")
                before = table
            insert_lines(connection, known[table], stream.read().splitlines())
    if contents.revision != REVISION:
        upgrade(connection)


def _check_rows(connection: Connection, archive: Path, contents: Contents) -> None:
    for table in read_tables(connection):
        n_rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
        if n_rows < contents.tables.get(table.name, 0):
            raise StoreError(f"{archive}: only {n_rows:,} rows of {table.name} arrived; nothing was changed.")
    for found in verify_ledger(connection):
        raise StoreError(f"{archive}: chain {found.chain} breaks at entry {found.number}: {found.fault}.")


def _record(connection: Connection, contents: Contents, now: datetime) -> None:
    made_at = contents.made_at.isoformat()
    entry = Entry(RESTORED, now, SYSTEM, content={"made_at": made_at, "rows": contents.n_rows})
    open_chain(connection, COMMANDS, now)
    append(connection, COMMANDS, [entry])


def _place_files(archive: Path, home: Path, suffix: str, moved: list[Path], tell: Tell) -> None:
    home.mkdir(parents=True, exist_ok=True)
    draft = home / BUNDLES / f".restoring{suffix}"
    pointer = b""
    try:
        with reading_archive(archive) as members:
            for name, stream in members:
                if name == SECRET:
                    _place_secret(home / SECRET_FILE, stream.read().decode("ascii"), suffix, moved)
                elif name == f"{BUNDLES}/{POINTER}":
                    pointer = stream.read()
                elif name.startswith(f"{BUNDLES}/"):
                    path = draft / name.removeprefix(f"{BUNDLES}/")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("wb") as copied:
                        shutil.copyfileobj(stream, copied)
        _place_bundles(draft, Registry(home / BUNDLES), tell)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if pointer:
        write_private(home / BUNDLES / POINTER, pointer.decode(), replace=True)


def _place_secret(path: Path, content: str, suffix: str, moved: list[Path]) -> None:
    if path.exists() and path.read_text(encoding="ascii") != content:
        moved.extend(_move_aside(path, suffix))
    write_private(path, content, replace=True)


def _place_bundles(draft: Path, registry: Registry, tell: Tell) -> None:
    for manifest in sorted(draft.glob(f"*/{MANIFEST}")):
        tell(f"bundle {manifest.parent.name}")
        registry.adopt(manifest.parent, manifest.parent.name)


def _move_aside(path: Path, suffix: str) -> Iterator[Path]:
    for ending in _WAL_ENDINGS:
        old = path.with_name(path.name + ending)
        if old.exists():
            # The parts of one store keep belonging together by name.
            new = path.with_name(f"{path.name}{suffix}{ending}")
            old.rename(new)
            yield new


def _delete_store(path: Path) -> None:
    for ending in _WAL_ENDINGS:
        path.with_name(path.name + ending).unlink(missing_ok=True)
