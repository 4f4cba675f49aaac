"""Reads Parquet with pyarrow, a thousand rows at a time."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from training.readers.table import RawRow, ReadingError, Source, Table, to_cell

MAX_ROWS = 20_000_000
_BATCH_ROWS = 1_000


def open_parquet(path: Path) -> Table:
    """Open a Parquet file; its first row is row 1, since it has no header to see.

    Raises
    ------
    ReadingError
        The file is damaged, encrypted, or says that it has more than twenty million rows.
    """
    try:
        opened = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ReadingError(f"{path} is no Parquet file that can be read ({error}); write it again.") from error
    if opened.metadata.num_rows > MAX_ROWS:
        raise ReadingError(f"{path} has {opened.metadata.num_rows:,} rows; at most {MAX_ROWS:,} are read. Cut it.")
    header = tuple(str(name) for name in opened.schema_arrow.names)
    return Table(Source(path, "Parquet"), header, _read_rows(path, opened), close=opened.close)


def _read_rows(path: Path, opened: parquet.ParquetFile) -> Iterator[RawRow]:
    number = 0
    # In this thread: each of Arrow's own keeps what it once took from the system, and by chance more or fewer of them
    # come to read. So few rows at a time are read no faster by several.
    batches = opened.iter_batches(batch_size=_BATCH_ROWS, use_threads=False)
    while (batch := _next_batch(path, batches)) is not None:
        for cells in zip(*(_read_column(column) for column in batch.columns), strict=True):
            number += 1
            yield RawRow(number, cells)


def _next_batch(path: Path, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
    try:
        return next(batches, None)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ReadingError(f"{path} is damaged ({error}); write it again.") from error


def _read_column(column: pa.Array) -> list[str]:
    # As bytes, so that one cell that is no UTF-8 costs its row and not the batch.
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = column.cast(pa.large_binary())
    elif pa.types.is_dictionary(column.type):
        return _read_column(column.dictionary_decode())
    return [to_cell(value) for value in column.to_pylist()]
