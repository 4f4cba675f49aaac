"""What is added to deadlines that were judged, and taken from them, as of a day; owns the SQL of that.

An open case over its deadline missed it. One that is kept already counts when it is over, like all others: else early
answers would count before late ones can.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, Connection, func, select

from service import tables
from service.cases.counting import AGENCY, ALL, DISTRICT, DUE, OWED, OWED_THERE, TOPIC, week_of
from service.statistics.asking import Period, Reach
from service.statistics.sums import Counts, narrow_open

Words = tuple[str, ...]
# Agency, kind, topic and urgency.
Place = tuple[str, str, str, str]
_STRATUM = ("key", "kind", "topic", "urgency")


def sum_missed(
    connection: Connection, reach: Reach, period: Period, today: date, kind: str | None = None
) -> dict[Place, int]:
    """Open cases whose deadline passed within a period, by agency, kind, topic and urgency."""
    return _by_place(_sum_open(connection, reach, (DUE, OWED), period, today, kind, _STRATUM))


def sum_ahead(
    connection: Connection, reach: Reach, period: Period, today: date, kind: str | None = None
) -> dict[Place, int]:
    """Deadlines of a period that were kept and are not over, by agency, kind, topic and urgency."""
    return _by_place(_sum_kept(connection, reach, AGENCY, period, today, kind, _STRATUM))


def judge_counts(
    connection: Connection,
    reach: Reach,
    scope: str,
    counts: Mapping[str, Counts],
    period: Period,
    today: date,
    kind: str | None = None,
) -> dict[str, Counts]:
    """Counts of topics, districts or all together with the deadlines of a period as they stand on a day."""
    is_by_district = scope == DISTRICT
    names = ("key",) if is_by_district else ("topic",)
    missed = _sum_open(connection, reach, (OWED_THERE,) if is_by_district else (DUE, OWED), period, today, kind, names)
    ahead = _sum_kept(connection, reach, DISTRICT if is_by_district else AGENCY, period, today, kind, names)
    if scope == ALL:
        missed, ahead = _sum_all(missed), _sum_all(ahead)
    judged = dict(counts)
    for words in {*missed, *ahead}:
        key, early = words[0], ahead.get(words, 0)
        if key or scope == ALL:
            one = judged.get(key, Counts())
            n_judged = one.n_judged - early + missed.get(words, 0)
            judged[key] = replace(one, n_kept=one.n_kept - early, n_judged=n_judged)
    return judged


def sum_missed_by_week(
    connection: Connection, reach: Reach, period: Period, today: date, scope: str, key: str
) -> dict[date, int]:
    """Open cases of an agency, a topic or all of them over their deadline, by the week in which it passed."""
    cells = tables.cell_open.c
    conditions = _narrow_open(reach, (DUE, OWED), period, today, None)
    if scope != ALL:
        conditions.append({AGENCY: cells.key, TOPIC: cells.topic}[scope] == key)
    found: dict[date, int] = {}
    for day, n in connection.execute(select(cells.day, func.sum(cells.n)).where(*conditions).group_by(cells.day)):
        found[week_of(day)] = found.get(week_of(day), 0) + int(n)
    return found


def _sum_all(found: Mapping[Words, int]) -> dict[Words, int]:
    return {("",): sum(found.values())} if found else {}


def _by_place(found: Mapping[Words, int]) -> dict[Place, int]:
    return {(words[0], words[1], words[2], words[3]): n for words, n in found.items()}


def _sum_open(
    connection: Connection,
    reach: Reach,
    whats: Sequence[str],
    period: Period,
    today: date,
    kind: str | None,
    names: Sequence[str],
) -> dict[Words, int]:
    cells = tables.cell_open.c
    columns = [cells[name] for name in names]
    conditions = _narrow_open(reach, whats, period, today, kind)
    query = select(func.sum(cells.n), *columns).where(*conditions).group_by(*columns)
    return {tuple(words): int(n) for n, *words in connection.execute(query)}


def _sum_kept(
    connection: Connection,
    reach: Reach,
    scope: str,
    period: Period,
    today: date,
    kind: str | None,
    names: Sequence[str],
) -> dict[Words, int]:
    if period.end < today:
        return {}
    cells = tables.cell_kept.c
    columns = [cells[name] for name in names]
    conditions = [cells.day.between(max(period.start, today), period.end), cells.scope == scope]
    conditions.append(cells.restriction.in_(reach.restrictions))
    conditions += [cells.kind == kind] if kind is not None else []
    conditions += [cells.key == reach.agency] if reach.agency is not None else []
    query = select(func.sum(cells.n), *columns).where(*conditions).group_by(*columns)
    return {tuple(words): int(n) for n, *words in connection.execute(query)}


def _narrow_open(
    reach: Reach, whats: Sequence[str], period: Period, today: date, kind: str | None
) -> list[ColumnElement[bool]]:
    cells = tables.cell_open.c
    is_over = (cells.day.between(period.start, period.end), cells.day < today)
    return [cells.what.in_(whats), *is_over, *narrow_open(reach, kind)]
