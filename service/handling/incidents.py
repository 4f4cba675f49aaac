"""Groups reports that tell of the same thing: forty reports of one flood are one incident with forty reporters.

Two reports belong together when one repeats the wording of the other, or when both tell of the same passing trouble at
the same place on the same day. An incident is whatever hangs together by such pairs, named by its first report, so
that the order in which reports are read does not matter. Restricted, erased and imported reports are in none.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, floor, hypot, radians

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from model.signature import N_BYTES, estimate_jaccard
from service import tables
from service.feedback import RECEIVED
from service.handling.labels import RESTRICTED

ERASED = "reporter.erased"
# Two texts that share half of their word triples are copies of each other; see bench/signatures.py.
COPY_FROM = 0.5
COPY_WINDOW = timedelta(days=14)
PLACE_WINDOW = timedelta(hours=24)
# Keys older than any report that may still be compared with them; a late report of an app comes within days.
KEPT = timedelta(days=30)
# A broken street light and another one on the next day are two; a flood or a dead water main is one.
PASSING_TOPICS = frozenset(
    {"air-minum", "banjir-longsor", "internet-telekomunikasi", "kebakaran-penyelamatan", "listrik"}
)
# Bands of three of the 64 hashes: a pair that shares half of its triples has a band in common in 80 of 100 cases, one
# that shares 70 % in 99. Each band is a row to write for every report, so there are no more of them.
N_BANDS = 12
NEAR_M = 500
_METRES_A_DEGREE = 111_195
# Wider than `NEAR_M`, so that what is near lies in the same cell or in one beside it.
_CELL_DEGREES = 0.01
_BAND_BYTES = 3 * 4
# How codes of places are built: 13.73.04.2001 is a village, lm-danau-biru a landmark.
_LANDMARK = "lm-"
_N_DOTS_OF_VILLAGE = 3
# More reports under one key than any incident has are a phrase everybody writes, not an incident.
_MAX_PARTNERS = 500
# Of a large incident the first few looked at nearly always belong with a report that is like them.
_LOOKED_AT_ONCE = 20
_LOADED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class _Report:
    """What a report is compared by."""

    id: str
    received_at: datetime
    topic: str | None
    signature: bytes
    places: frozenset[str]
    position: tuple[float, float] | None

    def keys(self, reach: int = 0) -> list[str]:
        """What it has in common with each report that belongs with it, looking ``reach`` cells around its position."""
        keys = []
        if len(self.signature) == N_BYTES:
            bands = (self.signature[n * _BAND_BYTES : (n + 1) * _BAND_BYTES].hex() for n in range(N_BANDS))
            keys = [f"{number}:{band}" for number, band in enumerate(bands)]
        if self.topic in PASSING_TOPICS:
            keys += [f"{self.topic}:{place}" for place in sorted(self.places)]
            keys += [f"{self.topic}:{north}:{east}" for north, east in self._cells(reach)]
        return keys

    def belongs_with(self, other: "_Report") -> bool:
        """Whether both tell of the same thing."""
        apart = abs(self.received_at - other.received_at)
        is_same = self.topic == other.topic and self.topic in PASSING_TOPICS and apart <= PLACE_WINDOW
        if is_same and (self.places & other.places or self._is_near(other)):
            return True
        return apart <= COPY_WINDOW and estimate_jaccard(self.signature, other.signature) >= COPY_FROM

    def _cells(self, reach: int) -> list[tuple[int, int]]:
        if self.position is None:
            return []
        north, east = (floor(degrees / _CELL_DEGREES) for degrees in self.position)
        around = range(-reach, reach + 1)
        return [(north + up, east + right) for up in around for right in around]

    def _is_near(self, other: "_Report") -> bool:
        if self.position is None or other.position is None:
            return False
        (north, east), (other_north, other_east) = self.position, other.position
        # On so few metres the earth is flat; a degree is 111.2 km, east and west less with latitude.
        across = (east - other_east) * cos(radians(north))
        return hypot(north - other_north, across) * _METRES_A_DEGREE <= NEAR_M


class Incidents:
    """The derivation that keeps incidents and their members up with the ledger."""

    name = "incidents"

    def apply(self, connection: Connection, entries: Sequence[RowMapping]) -> None:
        """Group the reports that came in, take out those that were erased or shut away."""
        for entry in entries:
            if entry["type"] == RECEIVED:
                _group(connection, entry["feedback_id"], entry["at"])
            elif entry["type"] == ERASED:
                _regroup(connection, json.loads(entry["content"]).get("feedback", []))
            elif entry["type"] == RESTRICTED:
                _regroup(connection, [entry["feedback_id"]])
                _group(connection, entry["feedback_id"], entry["at"])

    def reset(self, connection: Connection) -> None:
        """Empty all tables of incidents."""
        for table in (tables.incident_member, tables.incident, tables.likeness):
            connection.execute(delete(table))


def _group(connection: Connection, feedback_id: str, now: datetime) -> None:
    found = _load(connection, [feedback_id])
    if not found:
        return
    report = found[0]
    connection.execute(delete(tables.likeness).where(tables.likeness.c.stored_at < now - KEPT))
    partners = _find_partners(connection, report)
    keys = report.keys()
    if keys:
        connection.execute(
            insert(tables.likeness), [{"feedback_id": report.id, "key": key, "stored_at": now} for key in keys]
        )
    if partners:
        _unite(connection, [report, *partners])


def _find_partners(connection: Connection, report: _Report) -> list[_Report]:
    """Reports that belong with one: of each incident one, which stands for all of it, and those that are in none."""
    keys = report.keys(reach=1)
    if not keys:
        return []
    columns, member = tables.likeness.c, tables.incident_member.c
    near = (
        select(columns.feedback_id, member.incident_id)
        .select_from(tables.likeness.outerjoin(tables.incident_member, member.feedback_id == columns.feedback_id))
        .where(columns.key.in_(keys), columns.feedback_id != report.id)
        .distinct()
    )
    together: dict[str, list[str]] = {}
    for row in connection.execute(near.limit(_MAX_PARTNERS)):
        together.setdefault(row.incident_id or row.feedback_id, []).append(row.feedback_id)
    found = (_find_partner(connection, report, ids) for ids in together.values())
    return [partner for partner in found if partner is not None]


def _find_partner(connection: Connection, report: _Report, ids: Sequence[str]) -> _Report | None:
    """The first of some reports that belongs with another one; the others of an incident need no look then."""
    for start in range(0, len(ids), _LOOKED_AT_ONCE):
        for other in _load(connection, ids[start : start + _LOOKED_AT_ONCE]):
            if report.belongs_with(other):
                return other
    return None


def _unite(connection: Connection, reports: Sequence[_Report]) -> None:
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


def _begin(connection: Connection, reports: Sequence[_Report]) -> None:
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


def _hang_together(reports: Iterable[_Report]) -> list[list[_Report]]:
    """Reports in groups of those that hang together by pairs; of a group that is found one pair is enough."""
    groups: list[list[_Report]] = []
    for report in reports:
        own = [report]
        apart = []
        for group in groups:
            if any(report.belongs_with(other) for other in group):
                own += group
            else:
                apart.append(group)
        groups = [*apart, own]
    return groups


def _load(connection: Connection, ids: Sequence[str]) -> list[_Report]:
    """The reports of these ids that may be grouped."""
    columns, content = tables.feedback.c, tables.prediction.c
    query = (
        select(
            columns.id,
            columns.received_at,
            columns.topic,
            columns.lat,
            columns.lon,
            content.signature,
            content.content,
        )
        .select_from(tables.feedback.join(tables.prediction))
        .where(columns.restriction.is_(None), columns.erased_at.is_(None))
    )
    # A store takes only so many values in one statement.
    parts = (ids[start : start + _LOADED_AT_ONCE] for start in range(0, len(ids), _LOADED_AT_ONCE))
    return [_read(row) for part in parts for row in connection.execute(query.where(columns.id.in_(part))).mappings()]


def _read(row: RowMapping) -> _Report:
    position = (row["lat"], row["lon"]) if row["lat"] is not None and row["lon"] is not None else None
    places = _find_places(row["content"])
    return _Report(row["id"], row["received_at"], row["topic"], row["signature"] or b"", places, position)


def _find_places(content: str) -> frozenset[str]:
    """Codes of the villages and landmarks a text names without doubt; a district or the city is too wide."""
    codes = (place["code"] for place in json.loads(content)["places"] if not place["ambiguous"])
    return frozenset(code for code in codes if code.startswith(_LANDMARK) or code.count(".") == _N_DOTS_OF_VILLAGE)
