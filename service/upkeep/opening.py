"""Opens the store for a command: one that is there and has the tables of this Pilah; never makes a new one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from service.engine import open_engine
from service.errors import StoreError
from service.migrating import REVISION, read_revision
from service.settings import Settings


@contextmanager
def opened_store(settings: Settings, *, any_revision: bool = False) -> Iterator[Engine]:
    """The store of ``settings``, closed afterwards.

    Raises
    ------
    StoreError
        There is none, or (unless ``any_revision``) it is of another Pilah.
    """
    path = find_file(settings)
    where = make_url(settings.store_url).render_as_string(hide_password=True)
    if path is not None and not path.is_file():
        raise StoreError(f"{where} holds no store of Pilah yet; pilah serve makes one. See PILAH_HOME.")
    engine = open_engine(settings.store_url)
    try:
        revision = read_revision(engine)
        if revision is None:
            raise StoreError(f"{where} holds no store of Pilah yet; pilah serve makes one. See PILAH_DATABASE_URL.")
        if revision != REVISION and not any_revision:
            raise StoreError(
                f"{where} is at revision {revision}, this Pilah needs {REVISION}; pilah serve brings it there."
            )
        yield engine
    finally:
        engine.dispose()


def find_file(settings: Settings) -> Path | None:
    """The file of a SQLite store, None for PostgreSQL."""
    url = make_url(settings.store_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None
