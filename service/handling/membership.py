"""Writes which report is in which incident, and what an incident is by its members. Compares nothing."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, select, update

from service import tables
from service.handling.likeness import Report
from service.handling.parts import execute_parts, read_parts


def unite(connection: Connection, groups: Sequence[Sequence[Report]]) -> None:
    """Let the reports of each group, and all that the incidents hold in which some of them are, be one incident."""
    ids = sorted(report.id for report in chain(*groups))
    held = {row.feedback_id: row.incident_id for row in read_parts(connection, _HELD, ids)}
    joining: list[dict[str, str]] = []
    merged: list[dict[str, str]] = []
    fresh: list[Sequence[Report]] = []
    for group in groups:
        incidents = sorted({held[report.id] for report in group if report.id in held})
        if not incidents:
            fresh.append(group)
            continue
        kept = incidents[0]
        merged += [{"of_incident": other, "to_incident": kept} for other in incidents[1:]]
        joining += [{"feedback_id": report.id, "incident_id": kept} for report in group if report.id not in held]
    if merged:
        connection.execute(_MOVE, merged)
        execute_parts(connection, _END, [move["of_incident"] for move in merged])
    if joining:
        connection.execute(insert(tables.incident_member), joining)
    touched = {*(row["incident_id"] for row in joining), *(move["to_incident"] for move in merged)}
    recount(connection, [*sorted(touched), *begin(connection, fresh)])


def begin(connection: Connection, groups: Iterable[Sequence[Report]]) -> list[str]:
    """Let groups of reports of which none is in an incident be one each, still to be counted; their names."""
    names: list[str] = []
    incidents, members = [], []
    for group in groups:
        first = min(group, key=lambda report: (report.received_at, report.id))
        instants = {"opened_at": first.received_at, "last_at": first.received_at}
        incidents.append({"id": first.id, "topic": first.topic, **instants, "n_reports": 0, "n_reporters": 0})
        members += [{"feedback_id": report.id, "incident_id": first.id} for report in group]
        names.append(first.id)
    if incidents:
        connection.execute(insert(tables.incident), incidents)
        connection.execute(insert(tables.incident_member), members)
    return names


def recount(connection: Connection, incident_ids: Sequence[str]) -> None:
    """Bring incidents to what their members are; their names too, where an earlier report joined or the first left."""
    counts = {row.incident_id: row for row in read_parts(connection, _COUNTS, incident_ids)}
    same, renamed = [], []
    for first in read_parts(connection, _FIRSTS, incident_ids):
        counted = counts[first.incident_id]
        values = {"topic": first.topic, "opened_at": first.received_at, "last_at": counted.last_at}
        values |= {"n_reports": counted.n_reports, "n_reporters": counted.n_reporters}
        if first.id == first.incident_id:
            same.append({"of_incident": first.incident_id, **values})
        else:
            renamed.append((first.incident_id, {"id": first.id, **values}))
    if same:
        connection.execute(_SHOW, same)
    if renamed:
        connection.execute(insert(tables.incident), [values for _, values in renamed])
        connection.execute(_MOVE, [{"of_incident": old, "to_incident": values["id"]} for old, values in renamed])
        execute_parts(connection, _END, [old for old, _ in renamed])


def find_members(connection: Connection, feedback_ids: Sequence[str]) -> dict[str, list[str]]:
    """The incidents in which reports are, each with all its members."""
    incidents = sorted({row.incident_id for row in read_parts(connection, _HELD, feedback_ids)})
    members: dict[str, list[str]] = {}
    for row in read_parts(connection, _MEMBERS, incidents):
        members.setdefault(row.incident_id, []).append(row.feedback_id)
    return members


def divide(
    connection: Connection, members: Mapping[str, Sequence[str]], parts: Mapping[str, Sequence[Sequence[Report]]]
) -> None:
    """Let of each incident nothing be left but these parts, each an incident of its own; one report is none."""
    leaving: list[str] = []
    fresh: list[Sequence[Report]] = []
    for incident, names in members.items():
        largest, *others = sorted(parts[incident], key=len, reverse=True) or [()]
        # The largest part stays as it is: an incident may have thousands of members.
        staying = {report.id for report in largest} if len(largest) > 1 else set()
        leaving += [name for name in names if name not in staying]
        fresh += [part for part in others if len(part) > 1]
    execute_parts(connection, _LEAVE, leaving)
    kept = {row.incident_id for row in read_parts(connection, _LEFT, sorted(members))}
    execute_parts(connection, _END, sorted(members.keys() - kept))
    # Before others begin: one of them may be named as this one was.
    recount(connection, sorted(kept))
    recount(connection, begin(connection, fresh))


# Written once: to build a statement takes longer than to run it.
_FEEDBACK, _INCIDENT, _MEMBER = (table.c for table in (tables.feedback, tables.incident, tables.incident_member))
_IDS: BindParameter[Sequence[object]] = bindparam("ids", expanding=True)
_HELD = select(_MEMBER.feedback_id, _MEMBER.incident_id).where(_MEMBER.feedback_id.in_(_IDS))
_MEMBERS = select(_MEMBER.feedback_id, _MEMBER.incident_id).where(_MEMBER.incident_id.in_(_IDS))
_LEFT = select(_MEMBER.incident_id).where(_MEMBER.incident_id.in_(_IDS)).distinct()
_LEAVE = delete(tables.incident_member).where(_MEMBER.feedback_id.in_(_IDS))
_END = delete(tables.incident).where(_INCIDENT.id.in_(_IDS))
_MOVE = (
    update(tables.incident_member)
    .where(_MEMBER.incident_id == bindparam("of_incident"))
    .values(incident_id=bindparam("to_incident"))
)
_SHOW = update(tables.incident).where(_INCIDENT.id == bindparam("of_incident"))
_WITHIN = tables.incident_member.join(tables.feedback)
_COUNTS = (
    select(
        _MEMBER.incident_id,
        func.max(_FEEDBACK.received_at, type_=tables.Instant()).label("last_at"),
        func.count().label("n_reports"),
        # Who sent no reference counts as one reporter each.
        func.count(func.coalesce(_FEEDBACK.reporter_digest, _FEEDBACK.id).distinct()).label("n_reporters"),
    )
    .select_from(_WITHIN)
    .where(_MEMBER.incident_id.in_(_IDS))
    .group_by(_MEMBER.incident_id)
)
_PLACE = func.row_number().over(partition_by=_MEMBER.incident_id, order_by=(_FEEDBACK.received_at, _FEEDBACK.id))
_PLACED = (
    select(_MEMBER.incident_id, _FEEDBACK.id, _FEEDBACK.topic, _FEEDBACK.received_at, _PLACE.label("place"))
    .select_from(_WITHIN)
    .where(_MEMBER.incident_id.in_(_IDS))
    .subquery()
)
_FIRSTS = select(_PLACED).where(_PLACED.c.place == 1)
