"""Takes a backup while the service runs: store, secret, bundles and which one is in force, in one verified file.

The store is read in one transaction, so that the rows belong together; whoever writes meanwhile does not wait.
"""

import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, select

from model.bundle import MANIFEST
from model.registry import POINTER
from service.engine import snapshot
from service.errors import StoreError
from service.home import SECRET_FILE
from service.ledger.entries import SYSTEM, Entry
from service.migrating import REVISION, read_revision
from service.settings import Settings
from service.upkeep.archive import BUNDLES, SECRET, ArchiveWriter, Contents, verify_archive, writing_archive
from service.upkeep.opening import opened_store
from service.upkeep.rows import read_lines, read_tables
from service.writer import recording

BACKED_UP = "store.backed_up"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was taken and verified: where, how large, its SHA-256, what it holds."""

    path: Path
    n_bytes: int
    digest: str
    contents: Contents


def back_up(settings: Settings, path: Path, now: datetime, tell: Tell) -> Backup:
    """Write a backup to ``path``, whole or not at all, readable by its owner only, and read it back.

    Raises
    ------
    StoreError
        ``path`` is there already, there is no store or no secret, or what was written cannot be read back.
    """
    if path.exists():
        raise StoreError(f"{path} is there already; name another file, a backup never replaces one.")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with opened_store(settings, any_revision=True) as engine:
            revision = read_revision(engine)
            _write(engine, settings, draft, now, str(revision), tell)
            tell("reading it back")
            contents = verify_archive(draft)
            draft.replace(path)
            backup = Backup(path, path.stat().st_size, _hash(path), contents)
            if revision == REVISION:
                _record(engine, backup, now)
            return backup
    finally:
        draft.unlink(missing_ok=True)


def _write(engine: Engine, settings: Settings, draft: Path, now: datetime, revision: str, tell: Tell) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        with writing_archive(stream, now) as archive:
            with snapshot(engine) as connection:
                tables = read_tables(connection)
                for table in tables:
                    archive.add_rows(table.name, read_lines(connection, table))
                    tell(f"{table.name}: {archive.tables[table.name]:,} rows")
                heads = _read_heads(connection, tables)
            _add_home(archive, settings.home)
            archive.conclude(revision, dict(heads))
        stream.flush()
        os.fsync(stream.fileno())


def _read_heads(connection: Connection, tables: list[Table]) -> dict[str, str]:
    chain = next((table for table in tables if table.name == "chain"), None)
    if chain is None:
        return {}
    return {row.id: row.hash for row in connection.execute(select(chain.c.id, chain.c.hash).order_by(chain.c.id))}


def _add_home(archive: ArchiveWriter, home: Path) -> None:
    if not (home / SECRET_FILE).is_file():
        raise StoreError(f"{home / SECRET_FILE} is missing: without it a backup is not whole. Set PILAH_HOME.")
    archive.add_file(SECRET, home / SECRET_FILE)
    folder = home / BUNDLES
    for manifest in sorted(folder.glob(f"[!.]*/{MANIFEST}")):
        for path in sorted(manifest.parent.rglob("*")):
            if path.is_file():
                archive.add_file(f"{BUNDLES}/{path.relative_to(folder).as_posix()}", path)
    if (folder / POINTER).is_file():
        archive.add_file(f"{BUNDLES}/{POINTER}", folder / POINTER)


def _record(engine: Engine, backup: Backup, now: datetime) -> None:
    entry = Entry(BACKED_UP, now, SYSTEM, content={"sha256": backup.digest, "rows": backup.contents.n_rows})
    with recording(engine, now) as transaction:
        transaction.record(entry)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
