"""Tags files of any size in constant memory: rows stream from the file through the classifier to the output."""

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from model.classifier import Classifier
from model.errors import PilahError, TextError
from model.prediction import Prediction
from training.progress import Progress

_CHUNK_ROWS = 2_000
_CSV_FIELD_LIMIT = 1 << 22


class BulkError(PilahError):
    """A file cannot be tagged as a whole."""


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One row of the input: its number as a person counts them, and why it cannot be tagged, if so."""

    number: int
    row_id: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many rows were tagged and how many rejected, and where the rejected ones are listed."""

    n_rows: int
    n_rejected: int
    rejects: Path


def classify_file(
    classifier: Classifier, source: Path, output: Path, columns: Mapping[str, str], progress: Progress
) -> BulkResult:
    """Tag every row of ``source`` into ``output``, in the same order.

    Output columns are ``id`` and for each head ``<head>``, ``<head>_confidence``, ``<head>_decision``. A row that
    cannot be tagged goes to ``<output>.rejects.csv`` with its number and the reason.

    Raises
    ------
    BulkError
        A file type is not known, or the columns are not there.
    """
    rejects = output.with_name(output.name + ".rejects.csv")
    names = _list_columns(classifier)
    n_rows = n_rejected = 0
    with ExitStack() as stack:
        writer = stack.enter_context(_open_writer(output, names))
        rejected = csv.writer(stack.enter_context(rejects.open("w", encoding="utf-8", newline="")))
        rejected.writerow(["row", "id", "reason"])
        for row in _read(source, columns):
            record, reason = _tag(classifier, row, names)
            if reason:
                n_rejected += 1
                rejected.writerow([row.number, row.row_id, reason])
            else:
                n_rows += 1
                writer.write(record)
            if (n_rows + n_rejected) % (10 * _CHUNK_ROWS) == 0:
                progress.step(f"{n_rows + n_rejected:,} rows")
    if not n_rejected:
        rejects.unlink()
    return BulkResult(n_rows, n_rejected, rejects)


def _list_columns(classifier: Classifier) -> list[str]:
    heads = [head.name for head in classifier.heads]
    return ["id", *(f"{head}{suffix}" for head in heads for suffix in ("", "_confidence", "_decision"))]


def _tag(classifier: Classifier, row: BulkRow, names: list[str]) -> tuple[dict[str, str | float], str]:
    if row.reason:
        return {}, row.reason
    if not row.text.strip():
        return {}, "the text is empty"
    try:
        prediction = classifier.classify(row.text, with_explanation=False)
    except TextError as error:
        return {}, str(error)
    return dict(zip(names, [row.row_id, *_flatten(prediction)], strict=True)), ""


def _flatten(prediction: Prediction) -> Iterator[str | float]:
    for answer in prediction.heads.values():
        yield answer.label
        yield answer.confidence
        yield answer.decision


def _read(source: Path, columns: Mapping[str, str]) -> Iterator[BulkRow]:
    readers = {".csv": _read_csv, ".tsv": _read_csv, ".jsonl": _read_jsonl, ".ndjson": _read_jsonl}
    suffix = source.suffix.lower()
    if suffix == ".parquet":
        return _read_parquet(source, columns)
    if suffix not in readers:
        known = ", ".join([*readers, ".parquet"])
        raise BulkError(f"{source}: the file type {suffix or '(none)'} is not known; use {known}.")
    return readers[suffix](source, columns)


def _read_csv(source: Path, columns: Mapping[str, str]) -> Iterator[BulkRow]:
    csv.field_size_limit(_CSV_FIELD_LIMIT)
    with source.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        reader = csv.reader(stream, delimiter="\t" if source.suffix.lower() == ".tsv" else ",")
        header = next(reader, [])
        place_of_id, place_of_text = _find_columns(source, header, columns)
        for number, cells in enumerate(reader, start=2):
            if not cells:
                continue
            if len(cells) != len(header):
                reason = f"{len(cells)} cells where the header has {len(header)}"
                yield BulkRow(number, cells[0], "", reason)
                continue
            yield _decode(number, cells[place_of_id] if place_of_id >= 0 else str(number), cells[place_of_text])


def _read_jsonl(source: Path, columns: Mapping[str, str]) -> Iterator[BulkRow]:
    id_name, text_name = columns.get("id", "id"), columns.get("text", "text")
    with source.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                fields = json.loads(line)
            except ValueError as error:
                yield BulkRow(number, "", "", f"no JSON: {error}")
                continue
            if not isinstance(fields, dict) or not isinstance(fields.get(text_name), str):
                yield BulkRow(number, "", "", f"no object with a text under {text_name!r}")
                continue
            yield _decode(number, str(fields.get(id_name, number)), fields[text_name])


def _read_parquet(source: Path, columns: Mapping[str, str]) -> Iterator[BulkRow]:
    try:
        table = pq.ParquetFile(source)
    except (pa.ArrowInvalid, FileNotFoundError) as error:
        raise BulkError(f"{source} is no Parquet file that can be read: {error}.") from error
    place_of_id, place_of_text = _find_columns(source, table.schema_arrow.names, columns)
    names = table.schema_arrow.names
    number = 0
    for batch in table.iter_batches(batch_size=_CHUNK_ROWS, columns=[names[place_of_text], *names[place_of_id:][:1]]):
        texts = batch.column(names[place_of_text]).to_pylist()
        ids = batch.column(names[place_of_id]).to_pylist() if place_of_id >= 0 else [None] * len(texts)
        for row_id, text in zip(ids, texts, strict=True):
            number += 1
            yield _decode(number, str(number if row_id is None else row_id), "" if text is None else str(text))


def _find_columns(source: Path, header: list[str], columns: Mapping[str, str]) -> tuple[int, int]:
    text_name, id_name = columns.get("text", "text"), columns.get("id", "id")
    if text_name not in header:
        raise BulkError(
            f"{source}: no column {text_name!r}; the file has {', '.join(header) or 'no header'}. "
            "Name the column of the text with --map text=…"
        )
    return header.index(id_name) if id_name in header else -1, header.index(text_name)


def _decode(number: int, row_id: str, text: str) -> BulkRow:
    if any("\udc80" <= character <= "\udcff" for character in text):
        return BulkRow(number, row_id, "", "not UTF-8; save the file as UTF-8")
    return BulkRow(number, row_id, text)


class _Writer(Protocol):
    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def write(self, record: Mapping[str, str | float]) -> None: ...


def _open_writer(output: Path, names: list[str]) -> _Writer:
    suffix = output.suffix.lower()
    if suffix == ".parquet":
        return _ParquetWriter(output, names)
    if suffix in {".csv", ".jsonl", ".ndjson"}:
        return _LineWriter(output, names)
    raise BulkError(f"{output}: the file type {suffix or '(none)'} is not known; use .csv, .jsonl or .parquet.")


class _LineWriter:
    def __init__(self, output: Path, names: list[str]) -> None:
        self._stream: TextIO = output.open("w", encoding="utf-8", newline="")
        self._csv = csv.DictWriter(self._stream, names) if output.suffix.lower() == ".csv" else None
        if self._csv:
            self._csv.writeheader()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def write(self, record: Mapping[str, str | float]) -> None:
        if self._csv:
            self._csv.writerow({name: neutralise(value) for name, value in record.items()})
        else:
            self._stream.write(json.dumps(record, ensure_ascii=False) + "\n")


class _ParquetWriter:
    def __init__(self, output: Path, names: list[str]) -> None:
        types = {name: pa.float64() if name.endswith("_confidence") else pa.string() for name in names}
        self._schema = pa.schema(list(types.items()))
        self._writer = pq.ParquetWriter(output, self._schema)
        self._records: list[Mapping[str, str | float]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flush()
        self._writer.close()

    def write(self, record: Mapping[str, str | float]) -> None:
        self._records.append(record)
        if len(self._records) == _CHUNK_ROWS:
            self._flush()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_pylist(self._records, schema=self._schema))
        self._records = []


def neutralise(value: str | float) -> str | float:
    """A cell that a spreadsheet would run as a formula, led by a quote so that it is only shown."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
