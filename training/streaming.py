"""Rows of a file one after the other, in constant memory, each converted or refused with the cell that is to blame.

For files of any size whose rows are handed on; `training.reading` gives all rows as a frame and more to say of them.
"""

import csv
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from training.cells import CellError, Value, convert_cell
from training.columns import Layout
from training.findings import Finding, show_value, spell_bytes
from training.layout import choose_layout
from training.readers.opening import open_table
from training.readers.table import RawRow
from training.rejects import neutralise_cell
from training.writers import open_output

REJECT_COLUMNS = ("row", "id", "column", "value", "reason")


@dataclass(frozen=True, slots=True)
class StreamedRow:
    """A row that can be used: its number, and its value for each of our columns that the file has."""

    number: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be used: the cell to blame (``column`` empty: the whole row) and why."""

    number: int
    id: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class RowStream:
    """An opened file: which of our columns it has, what there is to say of it, and its rows as they are asked for."""

    columns: tuple[str, ...]
    findings: tuple[Finding, ...]
    rows: Iterator[StreamedRow | RefusedRow]


@contextmanager
def open_rows(path: Path, columns: Mapping[str, str]) -> Iterator[RowStream]:
    """The rows of a file of any format that is read, as `training.reading.read_rows` understands them.

    A row without an id is called by its number; rows in which nothing is written are no rows.

    Parameters
    ----------
    columns
        Our name of a column, and its name in the file, where they differ.

    Raises
    ------
    ReadingError
        The file cannot be read at all, or has no column of texts.
    """
    with closing(open_table(path)) as table:
        layout = choose_layout(path, table.header, columns)
        rows = (_convert(row, layout) for row in table.rows if not row.is_blank)
        yield RowStream(tuple(layout.columns), table.findings, rows)


def _convert(row: RawRow, layout: Layout) -> StreamedRow | RefusedRow:
    if row.fault:
        return RefusedRow(row.number, "", "", row.raw, row.fault)
    values: dict[str, Value] = {}
    for name, column in layout.columns.items():
        cell = column.pick(row.cells)
        try:
            values[name] = convert_cell(name, cell)
        except CellError as error:
            return RefusedRow(row.number, str(values.get("id", "")), name, cell, str(error))
    values["id"] = values.get("id") or f"row-{row.number}"
    return StreamedRow(row.number, values)


class Refused(Protocol):
    """What stands in a file of refused rows."""

    @property
    def number(self) -> int:
        """The number of the row."""

    @property
    def id(self) -> str:
        """Its id, as far as it was read."""

    @property
    def column(self) -> str:
        """The column to blame."""

    @property
    def value(self) -> str:
        """The cell to blame."""

    @property
    def reason(self) -> str:
        """What is wrong with it."""


class RefusedRows:
    """Writes refused rows to a file that is there once it is whole, and only when there are any."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.n_rows = 0

    @contextmanager
    def writing(self) -> Iterator["RefusedRows"]:
        """Open the file; what was refused stands in it at the end.

        Raises
        ------
        WritingError
            It cannot be written.
        """
        with open_output(self._path) as stream:
            self._writer = csv.writer(stream)
            self._writer.writerow(REJECT_COLUMNS)
            yield self
        if not self.n_rows:
            self._path.unlink()

    def add(self, refused: Refused) -> None:
        """Write one row."""
        self.n_rows += 1
        cells = (
            str(refused.number),
            spell_bytes(refused.id),
            refused.column,
            show_value(refused.value),
            refused.reason,
        )
        self._writer.writerow([neutralise_cell(cell) for cell in cells])
