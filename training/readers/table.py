"""What every reader hands over: a header and rows of text cells. Knows neither our columns nor any file format."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from model.errors import PilahError
from training.findings import Finding

# A cell or line beyond this was not written by people.
MAX_LINE_CHARS = 1 << 20


class ReadingError(PilahError):
    """A file of labelled rows cannot be read at all."""


class NotText(str):
    """A cell that held no text but a list, an object, true or false; kept as JSON."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as the file has it.

    ``number`` counts as a spreadsheet does: the header is row 1 (the first row, where a format has no header).
    ``cells`` stand under the header, ``""`` where absent. A row with a ``fault`` could not be taken apart; its
    ``raw`` text is kept instead, and the ``line`` on which it begins where an editor counts lines.
    """

    number: int
    cells: Sequence[str]
    fault: str = ""
    raw: str = ""
    line: int = 0

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in any cell."""
        return not self.fault and not any(cell and not cell.isspace() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows came from; ``encoding``, ``delimiter`` and ``sheet`` are empty where the format has none.

    ``n_rows`` counts the rows of the file: those that can be used and those that cannot, but no blank ones.
    """

    path: Path
    format: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    n_rows: int = 0


def _close_nothing() -> None:
    """For files that are closed when their last line was read."""


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: its rows are read while they are asked for; ``close`` it afterwards."""

    source: Source
    header: tuple[str, ...]
    rows: Iterator[RawRow]
    findings: tuple[Finding, ...] = ()
    close: Callable[[], None] = _close_nothing


def to_cell(value: object) -> str:
    """A value of JSON, Parquet or a spreadsheet as a text cell; absent and not-a-number become ``""``."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bool | list | tuple | Mapping):
        return NotText(json.dumps(value, ensure_ascii=False, default=str))
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"  # spreadsheets keep the id 155340 as 155340.0
    return str(value)
