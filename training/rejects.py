"""Rows that could not be used: kept with all their cells and the reason, and written where a person can mend them."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from training.findings import Finding, show_value, spell_bytes

_OWN_COLUMNS = ("row", "column", "value", "reason")
_RAW = "raw"
# What a spreadsheet program may take for a formula or a command when it opens a CSV (OWASP: CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(slots=True)
class Rejects:
    """Collects what is wrong with rows, one entry for each cell that is."""

    header: Sequence[str]
    findings: list[Finding] = field(default_factory=list)
    _entries: list[tuple[object, ...]] = field(default_factory=list)
    _rows: set[int] = field(default_factory=set)

    def add(self, row: int, column: str | None, value: str, reason: str, cells: Sequence[str], raw: str = "") -> None:
        """Note that ``value`` makes a row useless.

        ``cells`` stand under the header; a row that could not be taken apart has none but its ``raw`` text.
        """
        self.findings.append(Finding("error", row, column, show_value(value), reason))
        width = len(self.header)
        padded = [*map(spell_bytes, cells), *[""] * (width - len(cells))]
        self._entries.append((row, column or "", spell_bytes(value), reason, *padded, spell_bytes(raw)))
        self._rows.add(row)

    @property
    def n_rows(self) -> int:
        """How many rows were rejected."""
        return len(self._rows)

    def to_frame(self) -> pd.DataFrame:
        """Columns ``row``, ``column``, ``value``, ``reason``, those of the file, and ``raw``.

        A column of the file that is named like one of these, or like another of the file, gets a number behind it.
        """
        frame = pd.DataFrame.from_records(self._entries, columns=self._name_columns())
        return frame.astype({name: "int64" if name == "row" else "str" for name in frame.columns})

    def _name_columns(self) -> list[str]:
        taken = {*_OWN_COLUMNS, _RAW}
        names = []
        for place, name in enumerate(self.header, start=1):
            shown = spell_bytes(name) or f"column {place}"
            names.append(shown if shown not in taken else f"{shown} ({place})")
            taken.add(names[-1])
        return [*_OWN_COLUMNS, *names, _RAW]


def write_rejects(rejects: pd.DataFrame, path: Path) -> None:
    """Write rejects as CSV in UTF-8 with a byte order mark, so that spreadsheet programs show accents.

    Cells that a spreadsheet program would take for a formula get an apostrophe in front.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([neutralise_cell(str(name)) for name in rejects.columns])
        for row in rejects.itertuples(index=False):
            writer.writerow([neutralise_cell(str(cell)) for cell in row])


def neutralise_cell(cell: str) -> str:
    """The cell, led by an apostrophe if a spreadsheet program would take it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
