"""Writes stored reports to a file, as CSV or NDJSON of labelled rows, in constant memory.

Labels of people are kept apart from predictions: each head has its basis beside it. Restricted reports leave the store
only when asked for, erased ones never, and every export has its entry in the ledger.
"""

import csv
import io
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal, TextIO

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, exists, func, literal, select, tuple_

from model.taxonomy import HEADS
from service import tables
from service.csv_cells import neutralise_cell
from service.engine import snapshot
from service.errors import StoreError
from service.handling.states import ANSWERED, ARCHIVED, DONE, REJECTED
from service.ledger.entries import SYSTEM, Entry
from service.said import RETRACTION
from service.writer import recording

EXPORTED = "store.exported"
SOURCE: Final = "pilah"
AUTOMATIC: Final = "automatic"
# The agency is another than the predicted one, and nobody gave a label: the report was handed over.
MOVED: Final = "moved"
_CLOSING: Final = (DONE, REJECTED, ARCHIVED)
_N_ROWS = 500
_TELL_ROWS = 50_000
_PLAIN = ("id", "title", "text")
_TIMES = ("received_at", "responded_at", "closed_at")
_FURTHER = ("channel", "district", "village", "reporter_ref", "rating", *HEADS, "also", "about", "source")
COLUMNS: Final = (*_PLAIN, *_TIMES, *_FURTHER, "external_id", "state", *(f"{head}_basis" for head in HEADS))
PROVENANCE: Final = ("bundle", *(f"{head}_{what}" for head in HEADS for what in ("by", "at", "blind")))

Format = Literal["csv", "ndjson"]
Tell = Callable[[str], None]
Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which reports are exported: received from ``since`` to before ``until``.

    ``only_labels`` keeps those that people labelled, and of them only what people said. ``with_restricted`` adds
    accusations against officials.
    """

    since: datetime | None = None
    until: datetime | None = None
    only_labels: bool = False
    with_restricted: bool = False

    def list_columns(self) -> tuple[str, ...]:
        """The columns of the file."""
        return (*COLUMNS, *PROVENANCE) if self.only_labels else COLUMNS


@dataclass(frozen=True, slots=True)
class Exported:
    """How many reports were written, and how many of the time asked for were left out because they are restricted."""

    n_rows: int
    n_restricted: int


def export(engine: Engine, path: Path, form: Format, selection: Selection, now: datetime, tell: Tell) -> Exported:
    """Write reports to ``path``, whole or not at all, earliest first, readable by its owner only.

    Raises
    ------
    StoreError
        The store does not answer.
    """
    with open_draft(path) as bare, io.TextIOWrapper(bare, encoding="utf-8", newline="") as stream:
        write = _write_csv if form == "csv" else _write_ndjson
        with snapshot(engine) as connection:
            n_rows = write(stream, selection.list_columns(), _count(_read_rows(connection, selection), tell))
            n_restricted = 0 if selection.with_restricted else _count_restricted(connection, selection)
        with recording(engine, now) as transaction:
            transaction.record(_describe(form, selection, n_rows, now))
    return Exported(n_rows, n_restricted)


@contextmanager
def open_draft(path: Path) -> Iterator[BinaryIO]:
    """A stream into a file that gets its name when it is whole, readable by its owner only.

    Raises
    ------
    StoreError
        It cannot be made.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}); name a file in a folder that can.") from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _write_csv(stream: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> int:
    # Spreadsheet programs show accents only after a byte order mark.
    stream.write("\ufeff")
    writer = csv.writer(stream)
    writer.writerow(columns)
    n_rows = 0
    for row in rows:
        writer.writerow([neutralise_cell(row[name]) for name in columns])
        n_rows += 1
    return n_rows


def _write_ndjson(stream: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> int:
    n_rows = 0
    for row in rows:
        stream.write(json.dumps({name: row[name] for name in columns}, ensure_ascii=False) + "\n")
        n_rows += 1
    return n_rows


def _count(rows: Iterable[Mapping[str, Value]], tell: Tell) -> Iterator[Mapping[str, Value]]:
    for number, row in enumerate(rows, start=1):
        yield row
        if number % _TELL_ROWS == 0:
            tell(f"{number:,} reports")


def _read_rows(connection: Connection, selection: Selection) -> Iterator[Mapping[str, Value]]:
    columns = tables.feedback.c
    prediction = tables.prediction.c
    query = select(tables.feedback, prediction.bundle, prediction.content).select_from(
        tables.feedback.join(tables.prediction)
    )
    query = query.where(*_conditions(selection)).order_by(columns.received_at, columns.id).limit(_N_ROWS)
    page = connection.execute(query).mappings().all()
    while page:
        ids = [row["id"] for row in page]
        labels, times = _read_labels(connection, ids), _read_times(connection, ids)
        for row in page:
            yield _describe_row(row, labels.get(row["id"], {}), times.get(row["id"], {}), selection)
        last = page[-1]
        after = tuple_(literal(last["received_at"], tables.Instant), last["id"])
        page = connection.execute(query.where(tuple_(columns.received_at, columns.id) > after)).mappings().all()


def _conditions(selection: Selection) -> list[ColumnElement[bool]]:
    columns = tables.feedback.c
    conditions: list[ColumnElement[bool]] = [columns.erased_at.is_(None)]
    if not selection.with_restricted:
        conditions.append(columns.restriction.is_(None))
    if selection.since is not None:
        conditions.append(columns.received_at >= selection.since)
    if selection.until is not None:
        conditions.append(columns.received_at < selection.until)
    if selection.only_labels:
        conditions.append(exists().where(tables.label.c.feedback_id == columns.id))
    return conditions


def _count_restricted(connection: Connection, selection: Selection) -> int:
    everything = Selection(selection.since, selection.until, selection.only_labels, with_restricted=True)
    query = select(func.count()).select_from(tables.feedback)
    return int(
        connection.execute(
            query.where(*_conditions(everything), tables.feedback.c.restriction.is_not(None))
        ).scalar_one()
    )


def _read_labels(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, RowMapping]]:
    """The last label of a person for each report and head; one that was taken back counts for nothing."""
    columns = tables.label.c
    query = select(tables.label).where(columns.feedback_id.in_(ids)).order_by(columns.at, columns.id)
    said: dict[str, dict[str, list[RowMapping]]] = {}
    for row in connection.execute(query).mappings():
        labels = said.setdefault(row["feedback_id"], {}).setdefault(row["head"], [])
        if row["basis"] != RETRACTION:
            labels.append(row)
        elif labels:
            labels.pop()
    return {
        feedback_id: {head: labels[-1] for head, labels in heads.items() if labels}
        for feedback_id, heads in said.items()
    }


def _read_times(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, datetime]]:
    """When each report was answered first and closed last."""
    columns = tables.event.c
    query = select(columns.feedback_id, columns.type, func.min(columns.at), func.max(columns.at)).where(
        columns.feedback_id.in_(ids), columns.type.in_((ANSWERED, *_CLOSING))
    )
    found: dict[str, dict[str, datetime]] = {}
    for feedback_id, kind, first, last in connection.execute(query.group_by(columns.feedback_id, columns.type)):
        times = found.setdefault(feedback_id, {})
        if kind == ANSWERED:
            times["responded_at"] = first
        else:
            times["closed_at"] = max(last, times.get("closed_at", last))
    return found


def _describe_row(
    row: RowMapping, labels: Mapping[str, RowMapping], times: Mapping[str, datetime], selection: Selection
) -> dict[str, Value]:
    also = labels.get("also")
    fields: dict[str, Value] = {
        **{name: row[name] for name in ("id", "title", "text", "channel", "district", "village", "rating", "about")},
        "received_at": row["received_at"].isoformat(),
        "responded_at": _write_time(times.get("responded_at")),
        "closed_at": _write_time(times.get("closed_at")),
        "reporter_ref": row["reporter_digest"],
        "also": also["value"] if also is not None else None,
        "source": SOURCE,
        "external_id": row["external_id"],
        "state": row["state"],
    }
    fields |= _describe_labels(labels) if selection.only_labels else _describe_heads(row, labels)
    return fields | {"bundle": row["bundle"]}


def _describe_heads(row: RowMapping, labels: Mapping[str, RowMapping]) -> dict[str, Value]:
    """What stands in each head now, and what that rests on."""
    predicted = json.loads(row["content"])["heads"]
    fields: dict[str, Value] = {}
    for head in HEADS:
        value = row[head]
        fields[head] = value
        if head in labels:
            fields[f"{head}_basis"] = labels[head]["basis"]
        elif value is None:
            fields[f"{head}_basis"] = None
        else:
            fields[f"{head}_basis"] = AUTOMATIC if predicted.get(head, {}).get("label") == value else MOVED
    return fields


def _describe_labels(labels: Mapping[str, RowMapping]) -> dict[str, Value]:
    """What people said of each head, by whom, when, and whether the suggestion was hidden from them."""
    fields: dict[str, Value] = {}
    for head in HEADS:
        label = labels.get(head)
        fields[head] = label["value"] if label is not None else None
        fields[f"{head}_basis"] = label["basis"] if label is not None else None
        fields[f"{head}_by"] = label["actor"] if label is not None else None
        fields[f"{head}_at"] = _write_time(label["at"]) if label is not None else None
        fields[f"{head}_blind"] = label["is_blind"] if label is not None else None
    return fields


def _write_time(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant is not None else None


def _describe(form: Format, selection: Selection, n_rows: int, now: datetime) -> Entry:
    return Entry(
        EXPORTED,
        now,
        SYSTEM,
        content={
            "format": form,
            "rows": n_rows,
            "since": _write_time(selection.since),
            "until": _write_time(selection.until),
            "only_labels": selection.only_labels,
            "with_restricted": selection.with_restricted,
        },
    )
