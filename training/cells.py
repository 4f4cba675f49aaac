"""Turns one cell of a file into a value of its column, or says why it is none."""

import json
import math
import re
from datetime import datetime

from training.columns import BLIND_COLUMNS, NUMBER_COLUMNS, TIME_COLUMNS
from training.findings import is_surrogate
from training.instants import parse_instant
from training.readers.table import NotText

MAX_TEXT_BYTES = 64 * 1024

Value = str | float | datetime | None

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_NOT_FINITE = {"nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"}
_MOST_BYTES_A_CHARACTER = 4


class CellError(ValueError):
    """A cell is no value of its column; the message is the reason of the finding."""


def convert_cell(column: str, cell: str) -> Value:
    """The value of a cell: text for most columns, an instant in UTC or None for times, a float for numbers.

    An absent weight is 1, an absent rating not-a-number.

    Raises
    ------
    CellError
        With what was found and expected; never with the cell itself.
    """
    if isinstance(cell, NotText):
        cell = _join_list(column, cell)
    if not cell.isascii() or "\0" in cell:
        _check_characters(cell)
    if column == "text":
        return _check_text(cell)
    if len(cell) * _MOST_BYTES_A_CHARACTER > MAX_TEXT_BYTES:
        _check_size(cell)
    cell = cell.strip()
    if column in TIME_COLUMNS:
        return _read_instant(cell)
    if column in NUMBER_COLUMNS:
        return _read_number(column, cell)
    return cell


def _join_list(column: str, cell: str) -> str:
    parsed: object = json.loads(cell)
    if column == "also" and isinstance(parsed, list) and all(isinstance(entry, str) for entry in parsed):
        return ";".join(parsed)
    if column in BLIND_COLUMNS and isinstance(parsed, bool):
        return cell.lower()
    found = {dict: "an object", list: "a list", bool: "true or false"}[type(parsed)]
    raise CellError(f"is {found}; expected text")


def _check_characters(cell: str) -> None:
    for character in cell:
        if character == "\0":
            raise CellError("holds a NUL character; the file was damaged on its way")
        if is_surrogate(character):
            if "\udc80" <= character <= "\udcff":  # where Python keeps undecodable bytes (PEP 383)
                raise CellError("holds bytes that are no text in the encoding of the file")
            raise CellError("holds half a character (a lone surrogate)")


def _check_text(cell: str) -> str:
    if len(cell) * _MOST_BYTES_A_CHARACTER > MAX_TEXT_BYTES:
        _check_size(cell)
    if not any(character.isprintable() and not character.isspace() for character in cell):
        raise CellError("is empty")
    return cell


def _check_size(cell: str) -> None:
    if len(cell.encode()) > MAX_TEXT_BYTES:
        raise CellError(f"is longer than {MAX_TEXT_BYTES // 1024} KiB")


def _read_instant(cell: str) -> datetime | None:
    if not cell:
        return None
    try:
        return parse_instant(cell)
    except ValueError as error:
        raise CellError("is no time that can be read; write 2024-01-31 or 2024-01-31 13:45") from error


def _read_number(column: str, cell: str) -> float:
    if not cell:
        return 1.0 if column == "weight" else math.nan
    number = float(cell) if _NUMBER.fullmatch(cell) else None
    if cell.lower() in _NOT_FINITE or (number is not None and not math.isfinite(number)):
        raise CellError("is not finite")
    if number is None:
        raise CellError("is no number; write it with a dot, as 0.5")
    if column == "weight" and number <= 0:
        raise CellError("is not above 0")
    return number
