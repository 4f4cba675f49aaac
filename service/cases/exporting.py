"""Writes what figures are summed from to one file: cases, stints, audits, marks, days off, and what they are of.

No text, no id, no instant and no person: the numbers of cases are given anew in each file, and say nothing of the order
within a day. Restricted reports are in it only when asked for, and every export has its entry in the ledger.
"""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, and_, func, select, true

from model.prediction import JsonValue
from service import tables
from service.cases.case import Case
from service.cases.derivation import Cases
from service.cases.districts import shipped_gazetteer
from service.csv_cells import neutralise_cell
from service.engine import snapshot, writing
from service.handling.clock import local_day
from service.handling.policy import read_policy
from service.ledger.deriving import derive
from service.ledger.entries import SYSTEM, Entry
from service.upkeep.exporting import EXPORTED, Tell, open_draft
from service.writer import recording

if TYPE_CHECKING:
    from _csv import Writer

FORMAT: Final = 1
ABOUT: Final = "about.json"
NUMBER: Final = "case"
_ID: Final = "feedback_id"
CASE_COLUMNS: Final = tuple(field.name for field in fields(Case) if field.name != _ID)
# What a stint has from its case is not said twice.
STINT_COLUMNS: Final = ("number", "agency", "started_day", "ended_day", "end", "days", "is_misrouted", "runs_from")
AUDIT_COLUMNS: Final = ("head", "quarter", "stratum", "probability", "said", "found")
MARK_COLUMNS: Final = ("day", "until", "title", "type", "agency", "topic", "control_agency", "control_topic")
HOLIDAY_COLUMNS: Final = ("day", "name", "is_off")
MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "cases": (NUMBER, *CASE_COLUMNS),
    "stints": (NUMBER, *STINT_COLUMNS),
    "audits": (NUMBER, *AUDIT_COLUMNS),
    "marks": MARK_COLUMNS,
    "holidays": HOLIDAY_COLUMNS,
}
OTHER_DISTRICT: Final = "lain"
# The same rows give the same bytes, whenever they are written.
_STAMP: Final = (1980, 1, 1, 0, 0, 0)
_TELL_DAYS: Final = 100
_CASE, _STINT, _DRAW, _LABEL = (
    table.c for table in (tables.feedback_case, tables.stint, tables.audit_draw, tables.label)
)
_STINTS: Final = (
    select(tables.stint)
    .join(tables.feedback_case, _CASE.feedback_id == _STINT.feedback_id)
    .order_by(_STINT.feedback_id, _STINT.number)
)
_AUDITS: Final = (
    select(
        *(_DRAW[name] for name in (_ID, "head", "quarter", "stratum", "probability")),
        func.coalesce(_LABEL.previous, "").label("said"),
        _LABEL.value.label("found"),
    )
    .select_from(tables.audit_draw)
    .join(tables.label, and_(_LABEL.feedback_id == _DRAW.feedback_id, _LABEL.head == _DRAW.head, _LABEL.is_blind))
    .join(tables.feedback_case, _CASE.feedback_id == _DRAW.feedback_id)
    .order_by(_LABEL.at, _LABEL.id)
)


@dataclass(frozen=True, slots=True)
class Span:
    """Which cases are exported: received on the local days from ``since`` to before ``until``."""

    since: date | None = None
    until: date | None = None
    with_restricted: bool = False


@dataclass(frozen=True, slots=True)
class ExportedCases:
    """How many cases were written, and how many are left out as restricted."""

    n_cases: int
    n_restricted: int


class _Whole(NamedTuple):
    """A case with its stints and audits, as cells of the file, by which a day is put in order."""

    case: tuple[str, ...]
    stints: tuple[tuple[str, ...], ...]
    audits: tuple[tuple[str, ...], ...]


def export_cases(engine: Engine, path: Path, span: Span, now: datetime, tell: Tell) -> ExportedCases:
    """Write cases to ``path`` (a zip of CSV files), whole or not at all, readable by its owner only.

    What the ledger holds and no case counts yet is counted first.

    Raises
    ------
    StoreError
        The store does not answer, or the file cannot be written.
    """
    _catch_up(engine)
    with open_draft(path) as stream:
        with snapshot(engine) as connection, zipfile.ZipFile(stream, "w") as archive:
            n_cases = _write_cases(connection, archive, span, tell)
            _write_member(archive, "marks", _read_marks(connection))
            _write_member(archive, "holidays", _read_holidays(connection))
            n_restricted = 0 if span.with_restricted else _count_restricted(connection, span)
            done = ExportedCases(n_cases, n_restricted)
            about = _describe(connection, span, done, now)
            archive.writestr(_name_member(ABOUT), json.dumps(about, indent=1))
        with recording(engine, now) as transaction:
            transaction.record(_describe_entry(span, n_cases, now))
    return done


def _catch_up(engine: Engine) -> None:
    n_read = 1
    while n_read:
        with writing(engine) as connection:
            n_read = derive(connection, Cases())


def _write_cases(connection: Connection, archive: zipfile.ZipFile, span: Span, tell: Tell) -> int:
    """Cases day by day; stints and audits wait beside them, since an archive takes one file after another."""
    n_cases = 0
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as stints:
        audits: list[tuple[str, ...]] = []
        beside = csv.writer(stints)
        with _opened_member(archive, "cases") as main:
            for place, day in enumerate(_list_days(connection, span), start=1):
                for whole in sorted(_read_day(connection, day, span)):
                    n_cases += 1
                    main.writerow((n_cases, *whole.case))
                    beside.writerows((n_cases, *stint) for stint in whole.stints)
                    audits += [(str(n_cases), *audit) for audit in whole.audits]
                if place % _TELL_DAYS == 0:
                    tell(f"{n_cases:,} cases")
        stints.seek(0)
        _write_member(archive, "stints", csv.reader(stints))
        _write_member(archive, "audits", audits)
    return n_cases


def _list_days(connection: Connection, span: Span) -> list[date]:
    query = select(_CASE.day).where(*_conditions(span)).distinct().order_by(_CASE.day)
    return list(connection.execute(query).scalars())


def _read_day(connection: Connection, day: date, span: Span) -> Iterator[_Whole]:
    is_wanted = and_(*_conditions(span), _CASE.day == day)
    stints: dict[str, list[tuple[str, ...]]] = {}
    for row in connection.execute(_STINTS.where(is_wanted)).mappings():
        stints.setdefault(row[_ID], []).append(_write_cells(row, STINT_COLUMNS))
    audits: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in connection.execute(_AUDITS.where(is_wanted)).mappings():
        # The first blind label of a draw: later ones may come from people who knew the answer.
        audits.setdefault(row[_ID], {}).setdefault(row["head"], _write_cells(row, AUDIT_COLUMNS))
    for row in connection.execute(select(tables.feedback_case).where(is_wanted)).mappings():
        own = tuple(sorted(audits.get(row[_ID], {}).values()))
        told = {**row, "district": _name_district(row["district"])}
        yield _Whole(_write_cells(told, CASE_COLUMNS), tuple(stints.get(row[_ID], ())), own)


def _name_district(written: str) -> str:
    """A code of the gazetteer as it is; what a sender wrote in its place, which may say anything, as any other."""
    return written if not written or written in shipped_gazetteer().entries else OTHER_DISTRICT


def _conditions(span: Span) -> Sequence[ColumnElement[bool]]:
    conditions = [] if span.with_restricted else [_CASE.restriction == ""]
    conditions += [_CASE.day >= span.since] if span.since is not None else []
    conditions += [_CASE.day < span.until] if span.until is not None else []
    return (true(), *conditions)


def _count_restricted(connection: Connection, span: Span) -> int:
    everything = _conditions(replace(span, with_restricted=True))
    query = select(func.count()).select_from(tables.feedback_case).where(*everything, _CASE.restriction != "")
    return int(connection.execute(query).scalar_one())


def _read_marks(connection: Connection) -> Iterator[tuple[str, ...]]:
    columns = tables.mark.c
    query = select(*(columns[name] for name in MARK_COLUMNS)).order_by(columns.day, columns.title, columns.id)
    return (_write_cells(row, MARK_COLUMNS) for row in connection.execute(query).mappings())


def _read_holidays(connection: Connection) -> Iterator[tuple[str, ...]]:
    columns = tables.holiday.c
    query = select(columns.day, columns.name, columns.is_off).order_by(columns.day)
    return (_write_cells(row, HOLIDAY_COLUMNS) for row in connection.execute(query).mappings())


def _write_cells(row: Mapping[str, object] | RowMapping, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(_write_cell(row[name]) for name in columns)


def _write_cell(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return cell.isoformat() if isinstance(cell, date) else str(neutralise_cell(cell))


@contextmanager
def _opened_member(archive: zipfile.ZipFile, name: str) -> "Iterator[Writer]":
    with (
        archive.open(_name_member(f"{name}.csv"), "w", force_zip64=True) as member,
        io.TextIOWrapper(member, encoding="utf-8", newline="") as stream,
    ):
        writer = csv.writer(stream)
        writer.writerow(MEMBERS[name])
        yield writer


def _write_member(archive: zipfile.ZipFile, name: str, rows: Iterable[Sequence[str]]) -> None:
    with _opened_member(archive, name) as writer:
        writer.writerows(rows)


def _name_member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _STAMP)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _describe(connection: Connection, span: Span, done: ExportedCases, now: datetime) -> dict[str, JsonValue]:
    """What the file says of itself, and the rules of the city that its figures ask for."""
    policy = read_policy(connection)
    return {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "day": local_day(now).isoformat(),
        "since": _write_cell(span.since),
        "until": _write_cell(span.until),
        "cases": done.n_cases,
        "with_restricted": span.with_restricted,
        "restricted_left_out": done.n_restricted,
        "verification_days": policy.verification_days,
        "days": dict(policy.days),
    }


def _describe_entry(span: Span, n_cases: int, now: datetime) -> Entry:
    content: dict[str, JsonValue] = {
        "format": "cases",
        "rows": n_cases,
        "since": _write_cell(span.since) or None,
        "until": _write_cell(span.until) or None,
        "with_restricted": span.with_restricted,
    }
    return Entry(EXPORTED, now, SYSTEM, content=content)
