"""Opens the store for a command beside a running service; makes one where there is none yet."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from service.engine import open_engine
from service.migrating import migrate
from service.settings import Settings


@contextmanager
def opened_store(settings: Settings) -> Iterator[Engine]:
    """The store of the settings, brought up to this Pilah's revision; closed at the end.

    Raises
    ------
    StoreError
        It cannot be opened, or a newer Pilah wrote it.
    """
    engine = open_engine(settings.store_url)
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()
