"""Reads how long stints, answers and their parts took, by agency, topic or district; owns the SQL of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from service import tables
from service.cases.sheets import DAYS_OF_BIN, ENDS, LENGTHS, N_BINS, STINT, find_first_code, read_sheets
from service.figures.durations import DurationCounts
from service.handling.holding import ANSWERED, OPEN
from service.handling.workdays import WorkingDays
from service.statistics.asking import Period, Reach
from service.statistics.sums import fetch, narrow_open

_OF_A_PART: Final = len(ENDS) * N_BINS
Ages = Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many ended how and after so many working days; ``counts`` is of shape (n_keys, n_parts, n_ends, n_bins)."""

    keys: tuple[str, ...]
    parts: tuple[str, ...]
    counts: NDArray[np.float64]

    def spread(self, part: str, n_days: int) -> NDArray[np.float64]:
        """Of one part, with a place for each day: of shape (n_keys, n_ends, n_days)."""
        counts = self.counts[:, self.parts.index(part)]
        by_day = np.zeros((*counts.shape[:2], max(n_days, int(DAYS_OF_BIN[-1]) + 1)))
        by_day[..., DAYS_OF_BIN] = counts
        return by_day


def read_lengths(
    connection: Connection, reach: Reach, scope: str, parts: tuple[str, ...], period: Period, kind: str | None = None
) -> Lengths:
    """What began in a period and is over, by agency, topic or district."""
    sheets = tables.sheet_length.c
    conditions = [sheets.scope == scope, sheets.kind == (kind or "")]
    conditions += [sheets.month.between(period.start, period.end), sheets.restriction.in_(reach.restrictions)]
    if scope == "agency" and reach.agency is not None:
        conditions.append(sheets.key == reach.agency)
    rows = fetch(connection, select(sheets.key, sheets.lines).where(*conditions))
    keys = tuple(sorted({row[0] for row in rows}))
    place_of = {key: place for place, key in enumerate(keys)}
    lines, sheet = read_sheets((row[1] for row in rows), LENGTHS)
    place = np.array([place_of[row[0]] for row in rows], dtype=np.int64)[sheet]
    codes, n = lines["code"].astype(np.int64), lines["n"]
    counts = np.zeros((len(keys), len(parts), len(ENDS), N_BINS))
    for number, part in enumerate(parts):
        code = codes - find_first_code(part)
        is_part = (code >= 0) & (code < _OF_A_PART)
        found = place[is_part] * _OF_A_PART + code[is_part]
        sums = np.bincount(found, weights=n[is_part], minlength=len(keys) * _OF_A_PART)
        counts[:, number] = sums.reshape(len(keys), len(ENDS), N_BINS)
    return Lengths(keys, parts, counts)


def read_running(
    connection: Connection,
    reach: Reach,
    what: str,
    period: Period,
    today: date,
    working_days: WorkingDays,
    kind: str | None = None,
) -> dict[str, dict[int, int]]:
    """How many stints (or answers, by scope) that began in a period run on, and for how many working days up to now."""
    cells = tables.cell_open.c
    conditions = [cells.what == what, cells.month.between(period.start, period.end)]
    conditions += narrow_open(reach if what == STINT else Reach(reach.restrictions, None), kind)
    query = select(cells.key, cells.day, func.sum(cells.n)).where(*conditions).group_by(cells.key, cells.day)
    rows = connection.execute(query).all()
    ages = {day: working_days.between(day, today) for day in {row[1] for row in rows}}
    found: dict[str, dict[int, int]] = {}
    for key, day, n in rows:
        waiting = found.setdefault(key, {})
        waiting[ages[day]] = waiting.get(ages[day], 0) + int(n)
    return found


def count_durations(lengths: Lengths, part: str, running: Ages) -> dict[str, DurationCounts]:
    """Of each that has any: answered (row 0), otherwise ended, and open; those that run on as old as they are now."""
    keys = [*lengths.keys, *(key for key in running if key not in lengths.keys)]
    n_days = max((age for ages in running.values() for age in ages), default=0) + 1
    by_day = lengths.spread(part, n_days)
    still_open, events = np.zeros((len(keys), by_day.shape[2])), np.zeros((len(keys), 2, by_day.shape[2]))
    is_open = by_day[:, ENDS.index(OPEN)]
    # Parts of the time of a case have no end of their own: they are counted once it has one.
    is_met = by_day[:, ENDS.index(ANSWERED)] + by_day[:, ENDS.index("")]
    rows = slice(len(lengths.keys))
    events[rows, 0], events[rows, 1], still_open[rows] = is_met, by_day.sum(axis=1) - is_met - is_open, is_open
    for row, key in enumerate(keys):
        for age, n in running.get(key, {}).items():
            still_open[row, age] += n
    n_days = int(np.flatnonzero(events.any(axis=(0, 1)) | still_open.any(axis=0)).max(initial=0)) + 1
    entered = np.zeros((len(keys), n_days))
    entered[:, 0] = events.sum(axis=(1, 2)) + still_open.sum(axis=1)
    return {
        key: DurationCounts(events[row, :, :n_days], still_open[row, :n_days], entered[row])
        for row, key in enumerate(keys)
        if entered[row, 0] > 0
    }


def list_endings(lengths: Lengths, part: str, running: Ages) -> dict[str, dict[str, dict[int, int]]]:
    """How many of each ended how and after so many days; open ones up to now."""
    found: dict[str, dict[str, dict[int, int]]] = {}
    counts = lengths.counts[:, lengths.parts.index(part)]
    for row, end, place in np.argwhere(counts).tolist():
        days = found.setdefault(lengths.keys[row], {}).setdefault(ENDS[end], {})
        days[int(DAYS_OF_BIN[place])] = int(counts[row, end, place])
    for key, ages in running.items():
        waiting = found.setdefault(key, {}).setdefault(OPEN, {})
        for age, n in ages.items():
            waiting[age] = waiting.get(age, 0) + n
    return found
