"""Writes tags row by row as CSV, JSONL or Parquet, so that the file is either whole or not there."""

import csv
import errno
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from model.errors import PilahError
from training.rejects import neutralise_cell

Record = Mapping[str, str | float]
_CHUNK_ROWS = 2_000


class WritingError(PilahError):
    """A file of tags cannot be written."""


class Writer(ABC):
    """Takes the records of a file in their order."""

    @abstractmethod
    def write(self, record: Record) -> None:
        """Write one record."""

    def write_all(self, records: Iterable[Record]) -> None:
        """Write records in their order."""
        for record in records:
            self.write(record)

    @abstractmethod
    def conclude(self) -> None:
        """Write what is still held back."""


@contextmanager
def open_writer(output: Path, names: list[str]) -> Iterator[Writer]:
    """A writer of records with the columns ``names``; the ending of ``output`` decides the format.

    Columns that end in ``_confidence`` hold numbers, all others text.

    Raises
    ------
    WritingError
        The ending is not known, or the folder cannot be written to.
    """
    suffix = output.suffix.lower()
    if suffix not in {".csv", ".jsonl", ".ndjson", ".parquet"}:
        raise WritingError(f"{output}: the file type {suffix or '(none)'} is not known; use .csv, .jsonl or .parquet.")
    with open_output(output) as stream:
        if suffix == ".parquet":
            writer: Writer = _ParquetWriter(stream.buffer, names)
        else:
            writer = _CsvWriter(stream, names) if suffix == ".csv" else _JsonWriter(stream)
        try:
            yield writer
        finally:
            writer.conclude()


@contextmanager
def open_output(path: Path) -> Iterator[TextIO]:
    """A stream whose content stands at ``path`` once it was written to the end, and nowhere if that fails.

    Raises
    ------
    WritingError
        The folder is missing or cannot be written to, or the disk is full.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        stream = draft.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise WritingError(f"{path} cannot be written ({error.strerror}); name a file in a folder that can.") from error
    try:
        with stream:
            yield stream
        draft.replace(path)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise WritingError(f"{path} was not written: the disk is full. Make room and start again.") from error
    finally:
        draft.unlink(missing_ok=True)


class _CsvWriter(Writer):
    """CSV whose text cells no spreadsheet program takes for a formula."""

    def __init__(self, stream: TextIO, names: list[str]) -> None:
        self._writer = csv.DictWriter(stream, names)
        self._writer.writeheader()

    def write(self, record: Record) -> None:
        self._writer.writerow(
            {name: neutralise_cell(value) if isinstance(value, str) else value for name, value in record.items()}
        )

    def conclude(self) -> None:
        """Nothing is held back."""


class _JsonWriter(Writer):
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, record: Record) -> None:
        self._stream.write(json.dumps(record, ensure_ascii=False) + "\n")

    def conclude(self) -> None:
        """Nothing is held back."""


class _ParquetWriter(Writer):
    def __init__(self, stream: IO[bytes], names: list[str]) -> None:
        types = {name: pa.float64() if name.endswith("_confidence") else pa.string() for name in names}
        self._schema = pa.schema(list(types.items()))
        self._writer = pq.ParquetWriter(stream, self._schema)
        self._records: list[Record] = []

    def write(self, record: Record) -> None:
        self._records.append(record)
        if len(self._records) == _CHUNK_ROWS:
            self._flush()

    def conclude(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_pylist(self._records, schema=self._schema))
        self._records = []
