"""Groups reports that tell of the same thing: forty reports of one flood are one incident with forty reporters.

An incident is whatever hangs together by pairs of reports that belong together (`service.handling.lineup`), named by
its first report. It depends on the reports alone, not on the order in which they are read, how many at once, and what
was said of them meanwhile. Restricted, erased and imported reports are in none.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

import numpy as np
from sqlalchemy import BindParameter, Connection, Row, RowMapping, bindparam, delete, func, insert, select, update

from service import tables
from service.feedback import RECEIVED
from service.handling.groups import Groups
from service.handling.labels import CORRECTION, RESTRICTED
from service.handling.likeness import PASSING_TOPICS, Report
from service.handling.lineup import Lineup, hang_together, unite_alike
from service.handling.membership import divide, find_members, unite
from service.handling.parts import execute_parts, read_parts
from service.said import RETRACTION

ERASED = "reporter.erased"
# How codes of places are built: 13.73.04.2001 is a village, lm-danau-biru a landmark.
_LANDMARK = "lm-"
_N_DOTS_OF_VILLAGE = 3
# Where the places stand in a prediction as it is stored; within a string its signs would be written with a backslash.
_PLACES: Final = '"places":'
_JSON: Final = json.JSONDecoder()
# Reports that are compared in one round.
_GROUPED_AT_ONCE = 250
# Of those of one incident that have a key: the first and the last.
_N_EXEMPLARS: Final = 2
_CORRECTED: Final = (f"label.{CORRECTION}", f"label.{RETRACTION}")

_Row = Row[tuple[object, ...]]


class Incidents:
    """The derivation that keeps incidents and their members up with the ledger."""

    name = "incidents"

    def apply(self, connection: Connection, entries: Sequence[RowMapping]) -> None:
        """Group the reports that came in, take out those erased or shut away, look anew at corrected ones."""
        looks = _sort_out(entries)
        anew = looks.restricted | _find_changed(connection, looks)
        _take_out(connection, sorted(looks.erased | anew))
        ids = sorted(looks.received | anew)
        for first in range(0, len(ids), _GROUPED_AT_ONCE):
            _group(connection, ids[first : first + _GROUPED_AT_ONCE])

    def reset(self, connection: Connection) -> None:
        """Empty all tables of incidents."""
        for table in (tables.incident_member, tables.incident, tables.likeness):
            connection.execute(delete(table))


@dataclass(frozen=True, slots=True)
class _Looks:
    """What entries say of reports: which came in, went, or were shut away or opened; which got which topics."""

    received: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    restricted: set[str] = field(default_factory=set)
    topics: dict[str, set[str]] = field(default_factory=dict)


def _sort_out(entries: Iterable[RowMapping]) -> _Looks:
    looks = _Looks()
    for entry in entries:
        if entry["type"] == RECEIVED:
            looks.received.add(entry["feedback_id"])
        elif entry["type"] == RESTRICTED:
            looks.restricted.add(entry["feedback_id"])
        elif entry["type"] == ERASED:
            looks.erased.update(json.loads(entry["content"]).get("feedback", []))
        elif entry["type"] in _CORRECTED:
            content = json.loads(entry["content"])
            if content["head"] == "topic":
                looks.topics.setdefault(entry["feedback_id"], set()).add(content["value"])
    return looks


def _find_changed(connection: Connection, looks: _Looks) -> set[str]:
    """Of reports with corrected topics those that may belong with others now; of the rest only the incident is told.

    Topics may be ahead of the entries that are read, and go to and fro: a report that had a topic of passing trouble
    for a while may have been grouped by it, though its keys say nothing of that; the entry that gave the topic does.
    """
    asked = sorted(looks.topics.keys() - looks.received - looks.restricted)
    known: dict[str, set[int]] = {}
    for row in read_parts(connection, _KEYS, asked):
        known.setdefault(row.feedback_id, set()).add(row.key)
    reports = _load(connection, asked)
    changed = {
        report.id
        for report in reports
        if known.get(report.id, set()) != set(report.list_keys())
        or (report.has_place and not PASSING_TOPICS.isdisjoint(looks.topics[report.id]))
    }
    told = [{"of_first": report.id, "to_topic": report.topic} for report in reports if report.id not in changed]
    if told:
        connection.execute(_TELL, told)
    return changed


def _take_out(connection: Connection, ids: Sequence[str]) -> None:
    """Take reports out, and look again at what held together by them."""
    execute_parts(connection, _FORGET, ids)
    gone = set(ids)
    members = find_members(connection, ids)
    left = {report.id: report for report in _load(connection, sorted({*chain(*members.values())} - gone))}
    parts = {
        incident: hang_together([left[name] for name in names if name in left]) for incident, names in members.items()
    }
    divide(connection, members, parts)


def _group(connection: Connection, ids: Sequence[str]) -> None:
    """Compare reports with all before them and with each other, and let what hangs together be one incident."""
    execute_parts(connection, _FORGET, ids)
    reports = _load(connection, ids)
    lineup, groups = _compare(connection, reports)
    # Reports that are looked at have the lowest numbers.
    found = [numbers for numbers in groups.list_groups() if len(numbers) > 1 and numbers[0] < len(reports)]
    unite(connection, [[lineup.reports[number] for number in numbers] for numbers in found])
    rows = [{"key": key, "feedback_id": report.id} for report in reports for key in set(report.list_keys())]
    if rows:
        connection.execute(insert(tables.likeness), rows)


def _compare(connection: Connection, reports: Sequence[Report]) -> tuple[Lineup, Groups]:
    """Reports and at least one of each incident they hang together with, in groups of what hangs together.

    Of an incident a few are looked at first: a report that belongs with one of them is in it, whatever the others
    say. Of an incident that a report is not in by these, all are looked at that have a key in common with it.
    """
    keys = [report.list_keys_around() for report in reports]
    holders = list(read_parts(connection, _HOLDERS, sorted({*chain(*keys)})))
    wholes = {name: holder.whole for holder in holders for name in (holder.first, holder.last)}
    lineup, groups = _line_up(connection, reports, wholes)
    unite_alike(lineup, groups, range(len(reports)))
    undecided = _find_undecided(lineup, groups, keys, holders)
    if not undecided:
        return lineup, groups
    open_keys = sorted({holder.key for number in undecided for holder in undecided[number]})
    open_wholes = sorted({holder.whole for number in undecided for holder in undecided[number]})
    rest = read_parts(connection, _REST, open_keys, {"wholes": open_wholes})
    wholes |= {row.feedback_id: row.incident_id for row in rest}
    lineup, more = _line_up(connection, lineup.reports, wholes)
    for numbers in groups.list_groups():
        more.unite(numbers)
    unite_alike(lineup, more, undecided)
    return lineup, more


def _find_undecided(
    lineup: Lineup, groups: Groups, keys: Sequence[Sequence[int]], holders: Iterable[_Row]
) -> dict[int, list[_Row]]:
    """The numbers of reports that are not in an incident by its exemplars, with that of it which may tell more."""
    numbers = {report.id: number for number, report in enumerate(lineup.reports)}
    crowded: dict[int, list[_Row]] = {}
    for holder in holders:
        if holder.n > _N_EXEMPLARS:
            crowded.setdefault(holder.key, []).append(holder)

    def is_open(number: int, holder: _Row) -> bool:
        exemplar = numbers.get(holder.first)
        return exemplar is None or not groups.are_one(number, exemplar)

    found = {
        number: [holder for key in own for holder in crowded.get(key, ()) if is_open(number, holder)]
        for number, own in enumerate(keys)
    }
    return {number: open_ for number, open_ in found.items() if open_}


def _line_up(connection: Connection, reports: Sequence[Report], wholes: Mapping[str, str]) -> tuple[Lineup, Groups]:
    """Reports, and behind them those of the store that are given with the incident they are in."""
    first = {report.id for report in reports}
    lineup = Lineup([*reports, *_load(connection, sorted(wholes.keys() - first))])
    groups = Groups(len(lineup.reports))
    members: dict[str, list[int]] = {}
    for number, report in enumerate(lineup.reports):
        if report.id in wholes:
            members.setdefault(wholes[report.id], []).append(number)
    for numbers in members.values():
        groups.unite(np.array(numbers))
    return lineup, groups


def _load(connection: Connection, ids: Sequence[str]) -> list[Report]:
    """The reports of these ids that may be grouped."""
    return [_read(row) for row in read_parts(connection, _REPORTS, ids)]


def _read(row: _Row) -> Report:
    position = (row.lat, row.lon) if row.lat is not None and row.lon is not None else None
    return Report(row.id, row.received_at, row.topic, row.signature, _find_places(row.content), position)


def _find_places(content: str) -> frozenset[str]:
    """Codes of the villages and landmarks a text names without doubt; a district or the city is too wide.

    Only the places of the prediction are read: it is long, and thousands may be looked at.
    """
    _, found, rest = content.partition(_PLACES)
    places = _JSON.raw_decode(rest.lstrip())[0] if found else ()
    codes = (place["code"] for place in places if not place["ambiguous"])
    return frozenset(code for code in codes if code.startswith(_LANDMARK) or code.count(".") == _N_DOTS_OF_VILLAGE)


# Written once: to build a statement takes longer than to run it.
_FEEDBACK, _PREDICTION, _LIKENESS, _MEMBER = (
    table.c for table in (tables.feedback, tables.prediction, tables.likeness, tables.incident_member)
)
_IDS: BindParameter[Sequence[object]] = bindparam("ids", expanding=True)
_REPORTS = (
    select(
        _FEEDBACK.id,
        _FEEDBACK.received_at,
        _FEEDBACK.topic,
        _FEEDBACK.lat,
        _FEEDBACK.lon,
        _PREDICTION.signature,
        _PREDICTION.content,
    )
    .select_from(tables.feedback.join(tables.prediction))
    # What was imported has no signature, and is in no incident whatever is said of it.
    .where(_FEEDBACK.restriction.is_(None), _FEEDBACK.erased_at.is_(None), _PREDICTION.signature.is_not(None))
    .where(_FEEDBACK.id.in_(_IDS))
)
_KEYS = select(_LIKENESS.feedback_id, _LIKENESS.key).where(_LIKENESS.feedback_id.in_(_IDS))
_FORGET = delete(tables.likeness).where(_LIKENESS.feedback_id.in_(_IDS))
_TELL = update(tables.incident).where(tables.incident.c.id == bindparam("of_first")).values(topic=bindparam("to_topic"))
_OF_MEMBER = _MEMBER.feedback_id == _LIKENESS.feedback_id
# A report that is in no incident is one of its own.
_WHOLE = func.coalesce(_MEMBER.incident_id, _LIKENESS.feedback_id)
_HOLDERS = (
    select(
        _LIKENESS.key,
        _WHOLE.label("whole"),
        func.min(_LIKENESS.feedback_id).label("first"),
        func.max(_LIKENESS.feedback_id).label("last"),
        func.count().label("n"),
    )
    .select_from(tables.likeness.outerjoin(tables.incident_member, _OF_MEMBER))
    .where(_LIKENESS.key.in_(_IDS))
    .group_by(_LIKENESS.key, _WHOLE)
)
_REST = (
    select(_MEMBER.feedback_id, _MEMBER.incident_id)
    .distinct()
    .select_from(tables.likeness.join(tables.incident_member, _OF_MEMBER))
    .where(_LIKENESS.key.in_(_IDS), _MEMBER.incident_id.in_(bindparam("wholes", expanding=True)))
)
