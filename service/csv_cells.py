"""Cells of CSV files: a spreadsheet program that opens one must not take citizens' words for formulas."""

from typing import Final

# What a spreadsheet program may take for a formula or a command when it opens a CSV (OWASP: CSV injection).
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutralise_cell(cell: object) -> object:
    """The cell, led by an apostrophe if it is text that would be taken for a formula; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
