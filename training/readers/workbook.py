"""Reads one sheet of an XLSX file with openpyxl: values only, row by row.

Nothing is opened before `training.readers.archive` has passed it.
"""

import warnings
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from training.findings import Finding, show_value
from training.readers.archive import check_workbook_archive
from training.readers.header import take_header
from training.readers.table import RawRow, ReadingError, Source, Table, to_cell

MAX_ROWS = 1_048_576
MAX_COLUMNS = 256
_BATCH_ROWS = 500
# What openpyxl lets through when the XML inside is not what it should be.
_DAMAGE = (
    ParseError,
    BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


def open_workbook(path: Path) -> Table:
    """Open the first visible sheet that holds anything; others with content are named in a finding.

    Raises
    ------
    ReadingError
        A limit is broken, the workbook is damaged, or no sheet holds a header.
    """
    check_workbook_archive(path)
    if not openpyxl.DEFUSEDXML:
        raise ReadingError("The package defusedxml is missing or switched off; install it, then XLSX can be read.")
    with ExitStack() as opened:
        # By stream, since openpyxl would judge the file by its name.
        stream = opened.enter_context(path.open("rb"))
        sheets = _find_filled(path, stream)
        records = _read_records(path, sheets[0])
        header = take_header(records, path)
        rows = _read_rows(records, len(header))
        source = Source(path, "XLSX", sheet=sheets[0].title)
        return Table(source, header, rows, _name_others(sheets[1:]), opened.pop_all().close)


def _find_filled(path: Path, stream: BinaryIO) -> list[ReadOnlyWorksheet]:
    with _Guard(path):
        workbook = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible" and _is_filled(path, sheet)]
    if not sheets:
        raise ReadingError(f"{path} holds no visible sheet with content; a header and at least one row are needed.")
    return sheets


class _Guard:
    """Turns what openpyxl raises over a damaged workbook into a `ReadingError`, and silences its warnings."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._quiet = warnings.catch_warnings()

    def __enter__(self) -> None:
        self._quiet.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._quiet.__exit__(kind, error, trace)
        if _is_over_entities(error):
            raise ReadingError(f"{self._path} declares entities in its XML; save it as XLSX again.") from error
        if isinstance(error, _DAMAGE):
            raise ReadingError(f"{self._path} is a damaged workbook ({error}); save it as XLSX again.") from error


def _is_over_entities(error: BaseException | None) -> bool:
    """Whether defusedxml refused, which openpyxl wraps in errors of its own."""
    while error is not None:
        if isinstance(error, DefusedXmlException):
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_filled(path: Path, sheet: ReadOnlyWorksheet) -> bool:
    return any(not record.is_blank for record in _read_records(path, sheet))


def _read_records(path: Path, sheet: ReadOnlyWorksheet) -> Iterator[RawRow]:
    # Some programs write a wrong size of the sheet, and openpyxl would believe it.
    sheet.reset_dimensions()
    values = sheet.iter_rows(values_only=True)
    number = 0
    while True:
        with _Guard(path):
            rows = list(islice(values, _BATCH_ROWS))
        if not rows:
            return
        for row in rows:
            number += 1
            if number > MAX_ROWS:
                raise ReadingError(f"{path} has more than {MAX_ROWS:,} rows; save it as CSV.")
            if any(value is not None for value in row[MAX_COLUMNS:]):
                raise ReadingError(f"{path} has more than {MAX_COLUMNS} columns; keep those that are needed.")
            yield RawRow(number, [_read_cell(value) for value in row[:MAX_COLUMNS]])


def _read_cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    cell = to_cell(value)
    return unescape(cell) if "_x" in cell else cell


def _read_rows(records: Iterator[RawRow], width: int) -> Iterator[RawRow]:
    for record in records:
        cells = [*record.cells, *[""] * (width - len(record.cells))]
        if any(cell.strip() for cell in cells[width:]):
            yield RawRow(record.number, cells, "has cells to the right of the header", "\t".join(cells).rstrip())
        else:
            yield RawRow(record.number, cells[:width])


def _name_others(sheets: list[ReadOnlyWorksheet]) -> tuple[Finding, ...]:
    if not sheets:
        return ()
    names = show_value(", ".join(sheet.title for sheet in sheets))
    return (Finding("warning", None, None, names, "further sheets hold content and are not read; save them as files"),)
