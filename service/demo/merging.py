"""Brings rows from one SQLite store into another in one transaction: all of them or none."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from service.errors import StoreError, StoreUnavailableError
from service.tables import metadata

# Who may log in and who is logged in is the business of the store itself.
_STAYING: Final = frozenset({"account", "session", "login_failure", "pulse"})
_TIMEOUT_S: Final = 30.0
_HAS_REPORTS = "SELECT EXISTS (SELECT 1 FROM main.feedback)"


def merge(drafts: Sequence[Path]) -> Path:
    """Bring the rows of all drafts into the first one, and return it."""
    first, *others = drafts
    for other in others:
        _copy(other, first, is_draft=True)
    return first


def put_in(draft: Path, store: Path) -> None:
    """Put all rows of a draft into a store in use, which has no report yet.

    Raises
    ------
    StoreError
        There is a report: demo data never stand beside reports of others. Nothing was changed.
    StoreUnavailableError
        The store does not answer.
    """
    _copy(draft, store, is_draft=False)


def _copy(source: Path, target: Path, *, is_draft: bool) -> None:
    try:
        with closing(sqlite3.connect(target, timeout=_TIMEOUT_S, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA synchronous={'OFF' if is_draft else 'FULL'}")
            connection.execute("ATTACH DATABASE ? AS draft", (str(source),))
            connection.execute("BEGIN IMMEDIATE")
            if not is_draft and connection.execute(_HAS_REPORTS).fetchone()[0]:
                raise StoreError(f"{target} has got reports of its own meanwhile; the demo is left out. {_ADVICE}")
            for table in metadata.sorted_tables:
                if table.name not in _STAYING:
                    columns = ", ".join(f'"{column.name}"' for column in table.columns)
                    taken = f'SELECT {columns} FROM draft."{table.name}"'  # noqa: S608  # names of our own tables
                    connection.execute(f'INSERT INTO main."{table.name}" ({columns}) {taken}')
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreUnavailableError(f"{target}: {error}") from error


_ADVICE: Final = "pilah demo remove takes the store of the demo away, whole."
