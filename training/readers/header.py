"""Finds the header of a sheet or delimited file: its first row, or below the preamble of an SP4N-LAPOR! export."""

from collections.abc import Iterator
from pathlib import Path

from training.lapor import is_lapor_header, is_lapor_preamble
from training.readers.table import RawRow, ReadingError

_MOST_PREAMBLE_ROWS = 30


def take_header(records: Iterator[RawRow], path: Path) -> tuple[str, ...]:
    """Read ``records`` up to the header and return it, names stripped of spaces around them.

    Raises
    ------
    ReadingError
        There is no row, the header cannot be taken apart, or an export has no header under its preamble.
    """
    first = next((record for record in records if not record.is_blank), None)
    if first is None:
        raise ReadingError(f"{path} holds no row; a header and at least one row are needed.")
    if is_lapor_preamble(first.cells):
        for record, _ in zip(records, range(_MOST_PREAMBLE_ROWS), strict=False):
            if is_lapor_header(record.cells):
                return _strip(record)
        raise ReadingError(f"{path} begins like an SP4N-LAPOR! export, but no row below says 'Tracking ID'.")
    if first.fault:
        raise ReadingError(f"{path}: the header {first.fault}; write one name for each column.")
    return _strip(first)


def _strip(record: RawRow) -> tuple[str, ...]:
    cells = [cell.strip().removeprefix("\ufeff") for cell in record.cells]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)
