"""The derivation that keeps cases, stints and cells up with the ledger.

The ledger says which reports were touched; each is folded anew from its record, what it had counted is taken out of the
cells and what it counts now is put in. So cells are what a full scan would give.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Final

from sqlalchemy import BindParameter, Connection, RowMapping, bindparam, delete, insert, or_, select

from service import tables
from service.cases.case import Case, Stint
from service.cases.counting import count
from service.cases.folding import fold
from service.cases.records import read_facts
from service.cases.summing import CELLS, SHEETS, Change
from service.feedback import RECEIVED
from service.handling.clocks import REVISED
from service.handling.holidays import CHANGED, REMOVED, read_calendar
from service.handling.incidents import ERASED
from service.handling.labels import RESTRICTED
from service.handling.workdays import WorkingDays
from service.upkeep.history import IMPORTED

_TOUCHING: Final = frozenset({RECEIVED, IMPORTED, REVISED, RESTRICTED, ERASED})
_TOUCHING_BEGIN: Final = ("event.", "label.")
_OF_CALENDAR: Final = frozenset({CHANGED, REMOVED})
_AT_ONCE: Final = 500
_CASE, _STINT = tables.feedback_case.c, tables.stint.c
# Written once: to build a statement takes longer than to run it.
_OF_REPORTS: BindParameter[str] = bindparam("ids", expanding=True)
_CASES = select(tables.feedback_case).where(_CASE.feedback_id.in_(_OF_REPORTS))
_STINTS = select(tables.stint).where(_STINT.feedback_id.in_(_OF_REPORTS)).order_by(_STINT.feedback_id, _STINT.number)
_FORGET_CASES = delete(tables.feedback_case).where(_CASE.feedback_id.in_(_OF_REPORTS))
_FORGET_STINTS = delete(tables.stint).where(_STINT.feedback_id.in_(_OF_REPORTS))
_CASE_NAMES: Final = tuple(field.name for field in fields(Case))


class Cases:
    """Cases, stints and cells, as a derivation."""

    name = "cases"

    def apply(self, connection: Connection, entries: Sequence[RowMapping]) -> None:
        """Count anew the reports that entries tell of, and those whose time holds a day that became another."""
        touched: dict[str, None] = {}
        for entry in entries:
            if entry["type"] in _OF_CALENDAR:
                day = date.fromisoformat(json.loads(entry["content"])["day"])
                touched.update(dict.fromkeys(_find_around(connection, day)))
            else:
                touched.update(dict.fromkeys(_list_touched(entry)))
        recount(connection, list(touched))

    def reset(self, connection: Connection) -> None:
        """Empty cases, stints and cells."""
        for table in (*CELLS, *SHEETS, tables.stint, tables.feedback_case):
            connection.execute(delete(table))


def recount(connection: Connection, ids: Sequence[str]) -> None:
    """Fold reports anew and bring the cells to what they count now."""
    working_days = WorkingDays(read_calendar(connection)) if ids else None
    for start in range(0, len(ids), _AT_ONCE):
        if working_days is not None:
            _recount_some(connection, ids[start : start + _AT_ONCE], working_days)


def _recount_some(connection: Connection, ids: Sequence[str], working_days: WorkingDays) -> None:
    before = read_counted(connection, ids)
    now = {facts.feedback_id: fold(facts, working_days) for facts in read_facts(connection, ids)}
    changed = [id_ for id_ in ids if before.get(id_) != now.get(id_)]
    change = Change()
    for id_ in changed:
        if id_ in before:
            change.add(count(*before[id_]), -1)
        if id_ in now:
            change.add(count(*now[id_]))
    change.write(connection)
    _replace(connection, [id_ for id_ in changed if id_ in before], [now[id_] for id_ in changed if id_ in now])


def read_counted(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Case, tuple[Stint, ...]]]:
    """Cases with their stints as they were counted last."""
    stints: dict[str, list[Stint]] = {}
    for row in connection.execute(_STINTS, {"ids": ids}):
        stints.setdefault(row.feedback_id, []).append(Stint(*row))
    cases = (Case(*row) for row in connection.execute(_CASES, {"ids": ids}))
    return {case.feedback_id: (case, tuple(stints.get(case.feedback_id, ()))) for case in cases}


def _replace(connection: Connection, gone: Sequence[str], counted: Iterable[tuple[Case, tuple[Stint, ...]]]) -> None:
    if gone:
        connection.execute(_FORGET_STINTS, {"ids": gone})
        connection.execute(_FORGET_CASES, {"ids": gone})
    cases, stints = [], []
    for case, own in counted:
        cases.append({name: getattr(case, name) for name in _CASE_NAMES})
        stints += [asdict(one) for one in own]
    if cases:
        connection.execute(insert(tables.feedback_case), cases)
    if stints:
        connection.execute(insert(tables.stint), stints)


def _list_touched(entry: RowMapping) -> list[str]:
    if entry["type"] not in _TOUCHING and not entry["type"].startswith(_TOUCHING_BEGIN):
        return []
    listed = json.loads(entry["content"]).get("feedback", []) if entry["type"] == ERASED else []
    return [*listed, *([entry["feedback_id"]] if entry["feedback_id"] is not None else [])]


def _find_around(connection: Connection, day: date) -> list[str]:
    """Reports whose time a day lies in, or the time they might take, so that it is a working day longer or shorter."""
    is_within = or_(_CASE.ended_day.is_(None), _CASE.last_day >= day, _CASE.due_day >= day)
    query = select(_CASE.feedback_id).where(_CASE.day < day, is_within).order_by(_CASE.feedback_id)
    return list(connection.execute(query).scalars())
