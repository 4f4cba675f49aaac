"""Frames of an export as rows of the store, and back: what type each column has is what the table says."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd
from sqlalchemy import Boolean, Column, Date, Float, Integer, Table

from service import tables
from service.cases.exporting import MEMBERS, NUMBER
from service.errors import StoreError

Frames = Mapping[str, pd.DataFrame]
_TABLES: Final[Mapping[str, tuple[Table, ...]]] = {
    "cases": (tables.feedback_case,),
    "stints": (tables.stint,),
    "audits": (tables.audit_draw,),
    "marks": (tables.mark,),
    "holidays": (tables.holiday,),
}
# Columns that are in no table of this name.
_NUMBERS: Final = {NUMBER}
_WHETHER: Final = {"is_off"}
# As a spreadsheet program is kept from running a cell.
_LED_BY: Final = "'"


def read_frame(name: str, written: pd.DataFrame) -> pd.DataFrame:
    """A member of an export, read as text, with a type for each column.

    Raises
    ------
    StoreError
        A column is missing, or a cell is not of its type.
    """
    missing = [column for column in MEMBERS[name] if column not in written]
    if missing:
        raise StoreError(f"{name} has no column {missing[0]!r}; expected {', '.join(MEMBERS[name])}.")
    typed = {column: _read_column(name, column, written[column]) for column in MEMBERS[name]}
    return pd.DataFrame(typed)


def empty_frame(name: str) -> pd.DataFrame:
    """A member without rows."""
    return read_frame(name, pd.DataFrame(columns=list(MEMBERS[name]), dtype=str))


def list_rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows in plain types: dates, numbers, flags, strings, None."""
    plain = {str(name): _list_cells(frame[name]) for name in frame}
    return (dict(zip(plain, cells, strict=True)) for cells in zip(*plain.values(), strict=True))


def _read_column(member: str, name: str, cells: "pd.Series[str]") -> "pd.Series[Any]":
    try:
        return _convert(member, name, cells)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{member}, column {name!r}: {error}. Export the cases anew: pilah export --cases.") from error


def _convert(member: str, name: str, cells: "pd.Series[str]") -> "pd.Series[Any]":
    column = _find_column(member, name)
    blank = cells.mask(cells == "")
    if name in _WHETHER or (column is not None and isinstance(column.type, Boolean)):
        return blank.map({"true": True, "false": False, "1": True, "0": False}, na_action="ignore").astype("boolean")
    if column is not None and isinstance(column.type, Date):
        return pd.to_datetime(blank, format="%Y-%m-%d")
    if name in _NUMBERS or (column is not None and isinstance(column.type, Integer)):
        return pd.to_numeric(blank).astype("Int64")
    if column is not None and isinstance(column.type, Float):
        return pd.to_numeric(blank).astype("float64")
    words = cells.str.removeprefix(_LED_BY).astype("object")
    return words.where(words != "", None) if column is not None and column.nullable else words


def _find_column(member: str, name: str) -> "Column[object] | None":
    return next((table.c[name] for table in _TABLES[member] if name in table.c), None)


def _list_cells(column: "pd.Series[Any]") -> list[Any]:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return [None if pd.isna(cell) else cell.date() for cell in pd.to_datetime(column)]
    if pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype):
        return [None if cell is None or cell is pd.NA else cell for cell in column]
    return [None if pd.isna(cell) else cell for cell in column.tolist()]
