"""Reads CSV and TSV line by line, and finds its way again behind a row whose quotes went wrong.

Owns which lines make a row. Every row that does not fit the header comes out with a fault and its text as it was.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from training.readers.encoding import choose_encoding, open_lines
from training.readers.header import take_header
from training.readers.table import MAX_LINE_CHARS, RawRow, Source, Table

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_LINES = 100
_MOST_LINES = 1_000
_MOST_LINES_AFTER_FAULT = 50
# Lines that may be read a second time to find the next good row; files made to cost more lose that service only.
_REREAD_BUDGET = 1_000_000

_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")


def open_delimited(path: Path) -> Table:
    """Open a file whose first row is the header; the delimiter is found in its first lines.

    Raises
    ------
    ReadingError
        No header can be found.
    """
    encoding, findings = choose_encoding(path)
    delimiter = choose_delimiter(path, encoding)
    records = _Records(open_lines(path, encoding), delimiter)
    header = take_header(records, path)
    records.width = len(header)
    source = Source(path, "TSV" if delimiter == "\t" else "CSV", encoding=encoding, delimiter=delimiter)
    return Table(source, header, records, findings)


def choose_delimiter(path: Path, encoding: str) -> str:
    """The one of ``, ; tab |`` that cuts most of the first lines into as many cells as the header; comma if none."""
    with closing(open_lines(path, encoding)) as stream:
        lines = [line for line, _ in zip(stream, range(_SAMPLE_LINES), strict=False)]
    return max(_DELIMITERS, key=lambda delimiter: _rate(lines, delimiter))


def _rate(lines: Sequence[str], delimiter: str) -> tuple[bool, float, int]:
    widths: list[int] = []
    try:
        widths.extend(len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells)
    except csv.Error:
        return False, 0.0, 0
    if not widths:
        return False, 0.0, 0
    return widths[0] > 1, widths.count(widths[0]) / len(widths), widths[0]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A row read from some line on: its cells, the lines it took, and what went wrong."""

    cells: list[str]
    n_lines: int
    fault: str = ""
    has_wrong_quote: bool = False


class _Records:
    """The rows of a file; ``width`` is the number of cells each must have, 0 while it is not known."""

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self.width = 0
        self._lines = lines
        self._ahead: deque[str] = deque()
        self._delimiter = delimiter
        self._number = 0
        self._line_number = 1
        self._rereads_left = _REREAD_BUDGET
        self._shapes: deque[str] = deque(maxlen=2)

    def __iter__(self) -> Iterator[RawRow]:
        return self

    def __next__(self) -> RawRow:
        if self._line(0) is None:
            raise StopIteration
        self._number += 1
        attempt = self._try(0, _MOST_LINES)
        if attempt.fault:
            return self._give_up(attempt)
        if attempt.cells:
            self._shapes.append(_describe_shape(attempt.cells[0]))
        self._take(attempt.n_lines)
        return RawRow(self._number, attempt.cells)

    def _give_up(self, attempt: _Attempt) -> RawRow:
        """Leave out the lines up to where the next row seems to begin."""
        reach = attempt.n_lines + (_MOST_LINES_AFTER_FAULT if attempt.has_wrong_quote else 0)
        starts = (place for place in range(1, reach) if self._is_start(place))
        n_lines = next(starts, attempt.n_lines) if self._rereads_left > 0 else attempt.n_lines
        self._rereads_left -= max(attempt.n_lines - n_lines, 0)
        line_number = self._line_number
        return RawRow(self._number, attempt.cells, attempt.fault, self._take(n_lines).rstrip("\r\n"), line_number)

    def _is_start(self, place: int) -> bool:
        """Whether a row begins on this line: its first cell looks like those of the last two good rows.

        Where these do not look alike, the row must fit the header and have no stray quote.
        """
        line = self._line(place)
        if line is None:
            return False
        if len(self._shapes) == 2 and self._shapes[0] == self._shapes[1]:  # noqa: PLR2004  # a habit needs two
            return _describe_shape(line.split(self._delimiter, 1)[0].strip('"')) == self._shapes[0]
        attempt = self._try(place, _MOST_LINES_AFTER_FAULT)
        self._rereads_left -= attempt.n_lines
        return not attempt.fault and len(attempt.cells) == self.width and not _has_stray_quote(attempt.cells)

    def _try(self, start: int, most_lines: int) -> _Attempt:
        reader = csv.reader(self._iterate(start, most_lines), delimiter=self._delimiter, strict=True)
        try:
            cells = next(reader, [])
        except csv.Error as error:
            return _Attempt([], max(reader.line_num, 1), _explain(error), has_wrong_quote=True)
        if self.width and cells and len(cells) != self.width:
            return _Attempt(cells, reader.line_num, f"has {len(cells)} cells, the header has {self.width}")
        return _Attempt(cells, reader.line_num)

    def _iterate(self, start: int, most_lines: int) -> Iterator[str]:
        for place in range(start, start + most_lines):
            line = self._line(place)
            if line is None:
                return
            yield line

    def _line(self, place: int) -> str | None:
        while len(self._ahead) <= place:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[place]

    def _take(self, n_lines: int) -> str:
        self._line_number += n_lines
        return "".join(self._ahead.popleft() for _ in range(n_lines))[:MAX_LINE_CHARS]


def _explain(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"holds a cell of more than {csv.field_size_limit():,} characters"
    if "unexpected end" in str(error):
        return "opens a quote that is not closed"
    return "has a quote in the wrong place; quotes inside a cell are doubled"


def _has_stray_quote(cells: Sequence[str]) -> bool:
    return any(cell.count('"') % 2 for cell in cells)


def _describe_shape(cell: str) -> str:
    """What a cell looks like, whatever its letters and digits: ``a-0`` for ``LP-0231``."""
    return _DIGITS.sub("0", _LETTERS.sub("a", cell.strip()))
