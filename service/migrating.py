"""Brings a store to the tables of this Pilah, by the steps in `service/migrations`.

A store of the right revision is only looked at, so that a start does not pay for loading Alembic.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from service.engine import reading, writing
from service.errors import StoreError, StoreUnavailableError

REVISION = "0011"
_SCRIPTS = Path(__file__).with_name("migrations")
_LOCK = 0x70696C6168


def migrate(engine: Engine) -> None:
    """Bring the store up to `REVISION`; safe when several processes start at once.

    Raises
    ------
    StoreError
        The store cannot be reached, or a newer Pilah wrote it.
    """
    try:
        if read_revision(engine) != REVISION:
            with writing(engine) as connection:
                upgrade(connection)
    except (StoreUnavailableError, DBAPIError) as error:
        where = engine.url.render_as_string(hide_password=True)
        raise StoreError(f"The store {where} cannot be opened: {error}. See PILAH_DATABASE_URL.") from error


def read_revision(engine: Engine) -> str | None:
    """The revision a store is at, None for an empty one."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection, revision: str = REVISION) -> None:
    """Bring the store of a transaction up to a revision; what fails leaves it as it was.

    Raises
    ------
    StoreError
        A newer Pilah wrote the store.
    """
    from alembic import command  # noqa: PLC0415  # a tenth of a second that most starts need not spend
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise StoreError(f"The store was written by a newer Pilah ({error}); update Pilah.") from error
