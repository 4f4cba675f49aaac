"""Labelled rows from a file of any format that is read: a frame of our columns, findings, and the rows left out.

Owns that no row is lost: each is in the frame or among the rejects. Judges no label (see `training.checking`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from training.cells import CellError, Value, convert_cell
from training.columns import NUMBER_COLUMNS, TIME_COLUMNS, Layout
from training.findings import Finding, sort_findings
from training.layout import choose_layout, report_unread
from training.readers.delimited import open_delimited
from training.readers.detection import Format, detect_format
from training.readers.jsonlines import open_jsonlines
from training.readers.parquet import open_parquet
from training.readers.table import RawRow, ReadingError, Source, Table
from training.readers.workbook import open_workbook
from training.rejects import Rejects

__all__ = ["ReadingError", "RowSet", "Source", "read_rows"]

# A compressed file can repeat one cell for ever; this many characters are some three million reports.
MAX_CHARS = 1 << 30
_CHUNK_ROWS = 20_000

_OPENERS: Mapping[Format, Callable[[Path], Table]] = {
    "delimited": open_delimited,
    "jsonl": open_jsonlines,
    "parquet": open_parquet,
    "xlsx": open_workbook,
}


@dataclass(frozen=True, slots=True)
class RowSet:
    """What a file holds.

    Attributes
    ----------
    frame
        One row for each that can be used, in the order of the file: ``row`` (its number there), ``id`` and ``text``
        (never empty), and whichever of `training.columns.COLUMNS` the file has. Text columns are ``str`` with ``""``
        for absent, times are ``datetime64[us, UTC]`` with NaT, ``weight`` and ``rating`` are floats (absent: 1 and
        not-a-number).
    findings
        What there is to say, sorted; an error for each cell that made a row useless.
    rejects
        One row for each such cell: ``row, column, value, reason``, the cells of the file, and ``raw``, the text of a
        row that could not be taken apart.
    source
        Where the rows came from; ``source.n_rows == len(frame) + rejects["row"].nunique()``.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]
    rejects: pd.DataFrame
    source: Source


def read_rows(path: Path, columns: Mapping[str, str] | None = None) -> RowSet:
    """Read labelled rows from CSV, TSV, JSONL, Parquet, XLSX or an SP4N-LAPOR! export.

    Times without a zone are WIB (Asia/Jakarta), which is UTC+7 without daylight saving. A row's number is what a
    spreadsheet shows: the header is row 1; in JSONL and Parquet, which have no header, the first row is. Rows in
    which nothing is written are no rows; they are counted in a note.

    Parameters
    ----------
    path
        The file; its content decides how it is read, whatever its name.
    columns
        Our name of a column, and its name in the file, where they differ.

    Raises
    ------
    ReadingError
        The file cannot be read at all, or has no column of texts. A row that cannot be used is no error.
    """
    path = Path(path)
    with closing(_OPENERS[detect_format(path)](path)) as table:
        # Without a header no row has a field (JSONL), and there are no columns to choose from.
        layout = choose_layout(path, table.header, columns or {}) if table.header else Layout({})
        intake = _Intake(table.header, layout)
        for row in _limit(path, table.rows):
            intake.take(row)
        return intake.conclude(table)


def _limit(path: Path, rows: Iterable[RawRow]) -> Iterator[RawRow]:
    n_chars = 0
    for row in rows:
        n_chars += sum(map(len, row.cells)) + len(row.raw)
        if n_chars > MAX_CHARS:
            raise ReadingError(f"{path} unpacks to more than {MAX_CHARS:,} characters; cut it into several files.")
        yield row


class _Intake:
    """Sorts rows into those that can be used and those that cannot."""

    def __init__(self, header: Sequence[str], layout: Layout) -> None:
        self._header = header
        self._layout = layout
        self._names = tuple(dict.fromkeys(("id", *layout.columns, "text")))
        self._chunks: list[pd.DataFrame] = []
        self._waiting: list[list[Value]] = []
        self._rejects = Rejects(header)
        self._n_rows = 0
        self._n_blank = 0
        self._n_without_id = 0

    def take(self, row: RawRow) -> None:
        if row.is_blank:
            self._n_blank += 1
            return
        self._n_rows += 1
        if row.fault:
            where = f"line {row.line}: " if row.line not in {0, row.number} else ""
            self._rejects.add(row.number, None, where + row.raw, row.fault, (), row.raw)
            return
        values = self._convert(row)
        if values is not None:
            self._waiting.append([row.number, *values])
        if len(self._waiting) == _CHUNK_ROWS:
            self._pack()

    def conclude(self, table: Table) -> RowSet:
        self._pack()
        frame = pd.concat(self._chunks, ignore_index=True) if len(self._chunks) > 1 else self._chunks[0]
        unread = report_unread(table.header, self._layout)
        findings = (*table.findings, *unread, *self._layout.conclude(), *self._report(), *self._rejects.findings)
        source = replace(table.source, n_rows=self._n_rows)
        return RowSet(frame, sort_findings(findings), self._rejects.to_frame(), source)

    def _convert(self, row: RawRow) -> list[Value] | None:
        values: dict[str, Value] = {}
        is_usable = True
        for name, column in self._layout.columns.items():
            cell = column.pick(row.cells)
            try:
                values[name] = convert_cell(name, cell)
            except CellError as error:
                self._rejects.add(row.number, name, cell, str(error), row.cells)
                is_usable = False
        if not is_usable:
            return None
        if not values.get("id"):
            self._n_without_id += 1
            values["id"] = f"row-{row.number}"
        return [values[name] for name in self._names]

    def _pack(self) -> None:
        """Move waiting rows into a frame, which holds text in a fraction of the memory."""
        if self._waiting or not self._chunks:
            names = ("row", *self._names)
            cells = list(zip(*self._waiting, strict=True)) if self._waiting else [()] * len(names)
            self._chunks.append(
                pd.DataFrame({name: _to_series(name, values) for name, values in zip(names, cells, strict=True)})
            )
            self._waiting.clear()

    def _report(self) -> tuple[Finding, ...]:
        findings = []
        if self._n_blank:
            findings.append(Finding("note", None, None, f"{self._n_blank:,} rows", "nothing is written in them"))
        if "id" not in self._layout.columns:
            findings.append(Finding("note", None, "id", "", "there is no such column; the row number stands in"))
        elif self._n_without_id:
            n_rows = f"{self._n_without_id:,} rows"
            findings.append(Finding("warning", None, "id", n_rows, "have none; the row number stands in"))
        return tuple(findings)


def _to_series(name: str, values: Sequence[Value]) -> pd.Series:
    if name == "row":
        return pd.Series(values, dtype="int64")
    if name in TIME_COLUMNS:
        return pd.Series(values, dtype="datetime64[us, UTC]")
    return pd.Series(values, dtype="float64" if name in NUMBER_COLUMNS else "str")
