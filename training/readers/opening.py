"""Opens a file of rows with the reader that its content asks for."""

from collections.abc import Callable, Mapping
from pathlib import Path

from training.readers.delimited import open_delimited
from training.readers.detection import Format, detect_format
from training.readers.jsonlines import open_jsonlines
from training.readers.parquet import open_parquet
from training.readers.table import Table
from training.readers.workbook import open_workbook

_OPENERS: Mapping[Format, Callable[[Path], Table]] = {
    "delimited": open_delimited,
    "jsonl": open_jsonlines,
    "parquet": open_parquet,
    "xlsx": open_workbook,
}


def open_table(path: Path) -> Table:
    """The opened file; its rows are read while they are asked for, and ``close`` is the caller's.

    Raises
    ------
    ReadingError
        The file is missing, of a format that is not read, damaged, or has no header.
    """
    return _OPENERS[detect_format(path)](path)
