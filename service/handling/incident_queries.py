"""Incidents as a caller may see them: counted over the reports it sees, and absent where it sees none of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, literal, select, tuple_

from service import tables


@dataclass(frozen=True, slots=True)
class Incident:
    """Reports of the same thing; counts and instants are of the reports that the caller sees.

    ``listed_at`` is where it stands in a listing: at its last report, whoever sees that.
    """

    id: str
    topic: str | None
    opened_at: datetime
    last_at: datetime
    n_reports: int
    n_reporters: int
    listed_at: datetime


@dataclass(frozen=True, slots=True)
class IncidentPosition:
    """Where a page of a listing ended: the sort key of its last incident."""

    listed_at: datetime
    id: str


_REPORTS = tables.incident.join(tables.incident_member).join(tables.feedback)


def list_incidents(
    connection: Connection,
    visible: ColumnElement[bool],
    topic: str | None,
    after: IncidentPosition | None,
    limit: int,
) -> list[Incident]:
    """Incidents, the one with the latest report first, from the one after ``after``."""
    columns = tables.incident.c
    query = _select(visible)
    if topic is not None:
        query = query.where(columns.topic == topic)
    if after is not None:
        position = tuple_(columns.last_at, columns.id)
        query = query.where(position < tuple_(literal(after.listed_at, tables.Instant), after.id))
    ordered = query.order_by(columns.last_at.desc(), columns.id.desc()).limit(limit)
    return [_read(row) for row in connection.execute(ordered).mappings()]


def find_incident(
    connection: Connection, incident_id: str, visible: ColumnElement[bool]
) -> tuple[Incident, Sequence[str]] | None:
    """An incident with the ids of its reports, earliest first; None when there is none that may be seen."""
    row = connection.execute(_select(visible).where(tables.incident.c.id == incident_id)).mappings().one_or_none()
    if row is None:
        return None
    columns = tables.feedback.c
    members = select(columns.id).select_from(_REPORTS).where(tables.incident.c.id == incident_id, visible)
    ids = connection.execute(members.order_by(columns.received_at, columns.id)).scalars().all()
    return _read(row), ids


def _select(visible: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    columns, reports = tables.incident.c, tables.feedback.c
    reporter = func.coalesce(reports.reporter_digest, reports.id)
    return (
        select(
            columns.id,
            columns.topic,
            func.min(reports.received_at, type_=tables.Instant()).label("opened_at"),
            func.max(reports.received_at, type_=tables.Instant()).label("last_at"),
            func.count().label("n_reports"),
            func.count(reporter.distinct()).label("n_reporters"),
            columns.last_at.label("listed_at"),
        )
        .select_from(_REPORTS)
        .where(visible)
        .group_by(columns.id, columns.topic, columns.last_at)
    )


def _read(row: RowMapping) -> Incident:
    return Incident(
        row["id"],
        row["topic"],
        row["opened_at"],
        row["last_at"],
        row["n_reports"],
        row["n_reporters"],
        row["listed_at"],
    )
