"""Groups reports that tell of the same thing: forty reports of one flood are one incident with forty reporters.

Two reports belong together when one repeats the wording of the other, or when both tell of the same passing trouble at
the same place on the same day. An incident is whatever hangs together by such pairs, named by its first report, so
that the order in which reports are read does not matter. Restricted, erased and imported reports are in none.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby
from typing import Final, NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    RowMapping,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from service import tables
from service.feedback import RECEIVED
from service.handling.groups import Groups
from service.handling.labels import CORRECTION, RESTRICTED
from service.handling.likeness import PASSING_TOPICS, Report
from service.said import RETRACTION

ERASED = "reporter.erased"
# Keys older than any report that may still be compared with them; a late report of an app comes within days.
KEPT = timedelta(days=30)
# How codes of places are built: 13.73.04.2001 is a village, lm-danau-biru a landmark.
_LANDMARK = "lm-"
_N_DOTS_OF_VILLAGE = 3
# More reports under one key than any incident has are a phrase everybody writes, not an incident.
_MAX_PARTNERS = 500
# Of a large incident the first few looked at nearly always belong with a report that is like them.
_LOOKED_AT_ONCE = 20
_LOADED_AT_ONCE = 1_000
# Reports that are compared in one round, and the most holders of their keys that are read in one query.
_GROUPED_AT_ONCE = 250
_MAX_HOLDERS = 20_000
_CORRECTED: Final = (f"label.{CORRECTION}", f"label.{RETRACTION}")
_EVER: Final = datetime.min.replace(tzinfo=UTC)


class _Holder(NamedTuple):
    """A report of the store that holds a key since ``stored_at``, and its incident if it is in one."""

    id: str
    stored_at: datetime
    incident_id: str | None


class Incidents:
    """The derivation that keeps incidents and their members up with the ledger."""

    name = "incidents"

    def apply(self, connection: Connection, entries: Sequence[RowMapping]) -> None:
        """Group the reports that came in, take out those erased or shut away, look anew at corrected ones."""
        of_ours = [entry for entry in entries if _matters(entry)]
        for is_received, run in groupby(of_ours, key=lambda entry: entry["type"] == RECEIVED):
            if is_received:
                _group(connection, {entry["feedback_id"]: entry["at"] for entry in run})
                continue
            # All at once: to look anew at a large incident for each of its reports would hold the writer up.
            erased, anew = _sort_out(run)
            _regroup(connection, [*erased, *anew])
            _group(connection, anew)

    def reset(self, connection: Connection) -> None:
        """Empty all tables of incidents."""
        for table in (tables.incident_member, tables.incident, tables.likeness):
            connection.execute(delete(table))


def _sort_out(entries: Iterable[RowMapping]) -> tuple[list[str], dict[str, datetime]]:
    """The reports that are gone, and those to be looked at anew with the instant of the last entry that says so."""
    erased: list[str] = []
    anew: dict[str, datetime] = {}
    for entry in entries:
        if entry["type"] == ERASED:
            erased += json.loads(entry["content"]).get("feedback", [])
        else:
            anew[entry["feedback_id"]] = entry["at"]
    return erased, anew


def _matters(entry: RowMapping) -> bool:
    if entry["type"] in _CORRECTED:
        return bool(json.loads(entry["content"])["head"] == "topic")
    return entry["type"] in {RECEIVED, ERASED, RESTRICTED}


def _group(connection: Connection, came_at: Mapping[str, datetime]) -> None:
    """Compare reports, in their order, with all before them, as if they came one by one."""
    loaded = {report.id: report for report in _load(connection, list(came_at))}
    reports = [loaded[feedback_id] for feedback_id in came_at if feedback_id in loaded]
    for first in range(0, len(reports), _GROUPED_AT_ONCE):
        _group_some(connection, reports[first : first + _GROUPED_AT_ONCE], came_at)


def _group_some(connection: Connection, reports: Sequence[Report], came_at: Mapping[str, datetime]) -> None:
    stored = _find_stored(connection, reports)
    holders: dict[str, list[str]] = {}
    near: dict[str, list[list[str]]] = {}
    rows = []
    earliest = _EVER
    for report in reports:
        now = came_at[report.id]
        earliest = max(earliest, now - KEPT)
        keys = report.list_keys(reach=1)
        before = {other for key in keys for other in holders.get(key, ()) if came_at[other] >= earliest}
        together: dict[str, list[str]] = {other: [other] for other in sorted(before)[-_MAX_PARTNERS:]}
        for holder in stored[report.id]:
            if holder.stored_at >= earliest and holder.id != report.id:
                together.setdefault(holder.incident_id or holder.id, []).append(holder.id)
        near[report.id] = list(together.values())
        for key in report.list_keys():
            holders.setdefault(key, []).append(report.id)
            rows.append({"feedback_id": report.id, "key": key, "stored_at": now})
    connection.execute(_FORGET, {"earliest": earliest})
    if rows:
        connection.execute(insert(tables.likeness), rows)
    for together_now in _compare(connection, reports, near):
        _unite(connection, together_now)


def _compare(
    connection: Connection, reports: Sequence[Report], near: Mapping[str, list[list[str]]]
) -> list[list[Report]]:
    """Reports that hang together, and of what they hang together with at least one of each incident.

    ``near`` are for each report those that may belong with it, those of one incident together.
    """
    known = {report.id: report for report in reports}
    groups = Groups()
    # What is in one incident hangs together, whether it is looked at or not.
    groups.unite_all((ids[0], other) for sets in near.values() for ids in sets for other in ids[1:])
    waiting = dict(near)
    while waiting:
        looks = {name: [other for ids in sets for other in ids[:_LOOKED_AT_ONCE]] for name, sets in waiting.items()}
        new = {*chain(*looks.values())} - known.keys()
        known |= {other.id: other for other in _load(connection, sorted(new))}
        for name, others in looks.items():
            for other in others:
                is_open = other in known and not groups.are_one(name, other)
                if is_open and known[name].belongs_with(known[other]):
                    groups.unite(name, other)
        left = {
            name: [ids[_LOOKED_AT_ONCE:] for ids in sets if not groups.are_one(name, ids[0]) and ids[_LOOKED_AT_ONCE:]]
            for name, sets in waiting.items()
        }
        waiting = {name: sets for name, sets in left.items() if sets}
    own = {report.id for report in reports}
    found = (names for names in groups.list_groups() if not own.isdisjoint(names))
    return [[known[name] for name in names if name in known] for names in found]


def _find_stored(connection: Connection, reports: Sequence[Report]) -> dict[str, set[_Holder]]:
    """For each report those of the store that share a key with it."""
    keys = {report.id: report.list_keys(reach=1) for report in reports}
    wanted = sorted({*chain(*keys.values())})
    rows = connection.execute(_HOLDERS, {"keys": wanted, "most": _MAX_HOLDERS + 1}).all() if wanted else []
    if len(rows) > _MAX_HOLDERS:
        return {
            name: {_Holder(*row) for row in connection.execute(_FEW_HOLDERS, {"keys": own})} if own else set()
            for name, own in keys.items()
        }
    holders: dict[str, list[_Holder]] = {}
    for row in rows:
        holders.setdefault(row.key, []).append(_Holder(row.feedback_id, row.stored_at, row.incident_id))
    return {name: {*chain(*(holders.get(key, ()) for key in own))} for name, own in keys.items()}


def _unite(connection: Connection, reports: Sequence[Report]) -> None:
    """Let reports and all that their incidents hold be one incident."""
    member = tables.incident_member.c
    within = select(member.feedback_id, member.incident_id).where(member.feedback_id.in_([one.id for one in reports]))
    held = {row.feedback_id: row.incident_id for row in connection.execute(within)}
    if not held:
        _begin(connection, reports)
        return
    kept, *others = sorted(set(held.values()))
    connection.execute(update(tables.incident_member).where(member.incident_id.in_(others)).values(incident_id=kept))
    connection.execute(delete(tables.incident).where(tables.incident.c.id.in_(others)))
    new = [{"feedback_id": one.id, "incident_id": kept} for one in reports if one.id not in held]
    if new:
        connection.execute(insert(tables.incident_member), new)
    _recount(connection, kept)


def _begin(connection: Connection, reports: Sequence[Report]) -> None:
    """Let reports of which none is in an incident be one, named by the first."""
    first = min(reports, key=lambda one: (one.received_at, one.id))
    values = {"topic": first.topic, "opened_at": first.received_at, "last_at": first.received_at}
    connection.execute(insert(tables.incident).values(id=first.id, **values, n_reports=0, n_reporters=0))
    connection.execute(
        insert(tables.incident_member), [{"feedback_id": one.id, "incident_id": first.id} for one in reports]
    )
    _recount(connection, first.id)


def _recount(connection: Connection, incident_id: str) -> None:
    """Bring an incident to what its members are; its name too, when an earlier report joined."""
    columns, member, incident = tables.feedback.c, tables.incident_member.c, tables.incident.c
    members = tables.incident_member.join(tables.feedback)
    here = member.incident_id == incident_id
    ordered = select(columns.id, columns.topic, columns.received_at).select_from(members).where(here)
    first = connection.execute(ordered.order_by(columns.received_at, columns.id).limit(1)).one()
    # Who sent no reference counts as one reporter each.
    reporter = func.coalesce(columns.reporter_digest, columns.id)
    counted = select(
        func.max(columns.received_at, type_=tables.Instant()), func.count(), func.count(reporter.distinct())
    )
    last_at, n_reports, n_reporters = connection.execute(counted.select_from(members).where(here)).one()
    values = {"topic": first.topic, "opened_at": first.received_at, "last_at": last_at}
    values |= {"n_reports": n_reports, "n_reporters": n_reporters}
    if first.id == incident_id:
        connection.execute(update(tables.incident).where(incident.id == incident_id).values(values))
        return
    connection.execute(insert(tables.incident).values(id=first.id, **values))
    connection.execute(update(tables.incident_member).where(here).values(incident_id=first.id))
    connection.execute(delete(tables.incident).where(incident.id == incident_id))


def _regroup(connection: Connection, erased: Iterable[str]) -> None:
    """Take erased reports out, and look again at what held together by them."""
    gone = list(erased)
    columns = tables.incident_member.c
    touched = select(columns.incident_id).where(columns.feedback_id.in_(gone))
    old = set(connection.execute(touched).scalars())
    members = connection.execute(select(columns.feedback_id).where(columns.incident_id.in_(old))).scalars().all()
    connection.execute(delete(tables.incident_member).where(columns.incident_id.in_(old)))
    connection.execute(delete(tables.incident).where(tables.incident.c.id.in_(old)))
    connection.execute(delete(tables.likeness).where(tables.likeness.c.feedback_id.in_(gone)))
    for reports in _hang_together(_load(connection, members)):
        # One report is no incident.
        if len(reports) > 1:
            _begin(connection, reports)


def _hang_together(reports: Sequence[Report]) -> list[list[Report]]:
    """Reports in groups of those that hang together by pairs; only those that share a key are compared."""
    known = {report.id: report for report in reports}
    groups = Groups()
    holders: dict[str, list[str]] = {}
    for report in reports:
        near = {other for key in report.list_keys(reach=1) for other in holders.get(key, ())}
        for other in sorted(near):
            if not groups.are_one(report.id, other) and report.belongs_with(known[other]):
                groups.unite(report.id, other)
        for key in report.list_keys():
            holders.setdefault(key, []).append(report.id)
    return [[known[name] for name in names] for names in groups.list_groups()]


def _load(connection: Connection, ids: Sequence[str]) -> list[Report]:
    """The reports of these ids that may be grouped."""
    # A store takes only so many values in one statement.
    parts = (ids[start : start + _LOADED_AT_ONCE] for start in range(0, len(ids), _LOADED_AT_ONCE))
    return [_read(row) for part in parts for row in connection.execute(_REPORTS, {"ids": part})]


def _read(row: Row[*tuple[object, ...]]) -> Report:
    position = (row.lat, row.lon) if row.lat is not None and row.lon is not None else None
    places = _find_places(row.content) if row.content is not None else frozenset()
    return Report(row.id, row.received_at, row.topic, row.signature or b"", places, position)


def _find_places(content: str) -> frozenset[str]:
    """Codes of the villages and landmarks a text names without doubt; a district or the city is too wide."""
    codes = (place["code"] for place in json.loads(content)["places"] if not place["ambiguous"])
    return frozenset(code for code in codes if code.startswith(_LANDMARK) or code.count(".") == _N_DOTS_OF_VILLAGE)


# Written once: to build a statement takes longer than to run it.
_FEEDBACK, _PREDICTION, _LIKENESS, _MEMBER = (
    table.c for table in (tables.feedback, tables.prediction, tables.likeness, tables.incident_member)
)
_REPORTS = (
    select(
        _FEEDBACK.id,
        _FEEDBACK.received_at,
        _FEEDBACK.topic,
        _FEEDBACK.lat,
        _FEEDBACK.lon,
        _PREDICTION.signature,
        # Places count for these topics only, and are dear to read.
        case((_FEEDBACK.topic.in_(sorted(PASSING_TOPICS)), _PREDICTION.content)).label("content"),
    )
    .select_from(tables.feedback.join(tables.prediction))
    # What was imported has no signature, and is in no incident whatever is said of it.
    .where(_FEEDBACK.restriction.is_(None), _FEEDBACK.erased_at.is_(None), _PREDICTION.signature.is_not(None))
    .where(_FEEDBACK.id.in_(bindparam("ids", expanding=True)))
)
_KEPT = tables.likeness.outerjoin(tables.incident_member, _MEMBER.feedback_id == _LIKENESS.feedback_id)
_HAS_KEY = _LIKENESS.key.in_(bindparam("keys", expanding=True))
_HOLDER = (_LIKENESS.feedback_id, _LIKENESS.stored_at, _MEMBER.incident_id)
_HOLDERS = select(_LIKENESS.key, *_HOLDER).select_from(_KEPT).where(_HAS_KEY).limit(bindparam("most"))
_FEW_HOLDERS = select(*_HOLDER).select_from(_KEPT).where(_HAS_KEY).distinct().limit(_MAX_PARTNERS)
_FORGET = delete(tables.likeness).where(_LIKENESS.stored_at < bindparam("earliest"))
