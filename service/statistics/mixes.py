"""Reads which cases agencies have, by kind, topic and urgency, and how they went; owns the SQL of that.

From this `service.figures.pooling` says what an agency's mix lets expect.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from service import tables
from service.cases.counting import AGENCY
from service.cases.sheets import MIXES, read_sheets
from service.statistics.asking import Period, Question, Reach, order_labels
from service.statistics.judging import Place, sum_ahead, sum_missed
from service.statistics.sums import fetch

Stratum = tuple[str, str, str]
# Hits and cases.
Pair = tuple[int, int]
_SUMS = ("n_kept", "n_judged", "n_given_back", "n")


@dataclass(frozen=True, slots=True)
class Mix:
    """Hits and cases, shape (n_agencies, n_strata) each."""

    agencies: tuple[str, ...]
    strata: tuple[Stratum, ...]
    hits: NDArray[np.float64]
    cases: NDArray[np.float64]

    def add_up(self) -> dict[str, Pair]:
        """Hits and cases of each agency."""
        pairs = zip(self.hits.sum(axis=1), self.cases.sum(axis=1), strict=True)
        return {agency: (int(k), int(n)) for agency, (k, n) in zip(self.agencies, pairs, strict=True)}


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of the sheets of a period with the place of their agency and stratum."""

    agencies: tuple[str, ...]
    strata: tuple[Stratum, ...]
    agency: NDArray[np.int64]
    stratum: NDArray[np.int64]
    counts: NDArray[np.void]


def read_mixes(connection: Connection, reach: Reach, period: Period, question: Question) -> tuple[Mix, Mix]:
    """Deadlines kept, and stints given back, by agency and stratum."""
    lines = _read_lines(connection, reach, period, question.kind)
    missed = sum_missed(connection, reach, period, question.today, question.kind)
    agencies = tuple(one for one in order_labels(AGENCY, {*lines.agencies, *(key[0] for key in missed)}) if one)
    strata = tuple(sorted({*lines.strata, *(key[1:] for key in missed)}))
    place_of_agency = {agency: place for place, agency in enumerate(agencies)}
    place_of_stratum = {stratum: place for place, stratum in enumerate(strata)}
    # What lies with no agency has no place.
    to_agency = np.array([place_of_agency.get(agency, -1) for agency in lines.agencies], dtype=np.int64)
    to_stratum = np.array([place_of_stratum[stratum] for stratum in lines.strata], dtype=np.int64)
    agency = to_agency[lines.agency]
    place = agency * len(strata) + to_stratum[lines.stratum]
    shape = len(agencies), len(strata)
    sums = np.zeros((len(_SUMS), *shape))
    for sum_, name in zip(sums, _SUMS, strict=True):
        weights = lines.counts[name][agency >= 0]
        sum_[:] = np.bincount(place[agency >= 0], weights=weights, minlength=shape[0] * shape[1]).reshape(shape)
    kept, judged, given_back, ended = sums
    for (name, kind, topic, urgency), n in missed.items():
        if name:
            judged[place_of_agency[name], place_of_stratum[kind, topic, urgency]] += n
    for (name, kind, topic, urgency), n in sum_ahead(connection, reach, period, question.today, question.kind).items():
        if name:
            place_ahead = place_of_agency[name], place_of_stratum[kind, topic, urgency]
            kept[place_ahead] -= n
            judged[place_ahead] -= n
    return Mix(agencies, strata, kept, judged), Mix(agencies, strata, given_back, ended)


def read_past(
    connection: Connection, reach: Reach, period: Period, question: Question
) -> tuple[dict[str, Pair], dict[str, Pair]]:
    """The same of a period before, by agency alone: hits and cases."""
    missed, ahead = (
        _add_up(sum_(connection, reach, period, question.today, question.kind)) for sum_ in (sum_missed, sum_ahead)
    )
    lines = _read_lines(connection, reach, period, question.kind)
    sums = (np.bincount(lines.agency, weights=lines.counts[name], minlength=len(lines.agencies)) for name in _SUMS)
    kept, given_back = {}, {}
    for agency, n_kept, n_judged, n_back, n in zip(lines.agencies, *sums, strict=True):
        early = ahead.get(agency, 0)
        kept[agency] = (int(n_kept) - early, int(n_judged) - early + missed.get(agency, 0))
        given_back[agency] = (int(n_back), int(n))
    for agency, n in missed.items():
        kept.setdefault(agency, (0, n))
    return kept, given_back


def _add_up(found: Mapping[Place, int]) -> dict[str, int]:
    """By agency alone."""
    sums: dict[str, int] = {}
    for (agency, *_), n in found.items():
        sums[agency] = sums.get(agency, 0) + n
    return sums


def _read_lines(connection: Connection, reach: Reach, period: Period, kind: str | None) -> _Lines:
    sheets, words = tables.sheet_mix.c, tables.cell_stratum.c
    conditions = (sheets.month.between(period.start, period.end), sheets.restriction.in_(reach.restrictions))
    rows = fetch(connection, select(sheets.agency, sheets.lines).where(*conditions))
    strata = fetch(connection, select(words.code, words.kind, words.topic, words.urgency).order_by(words.code))
    agencies = tuple(sorted({row[0] for row in rows}))
    place_of = {agency: place for place, agency in enumerate(agencies)}
    lines, sheet = read_sheets((row[1] for row in rows), MIXES)
    agency = np.array([place_of[row[0]] for row in rows], dtype=np.int64)[sheet]
    stratum = np.searchsorted(np.array([row[0] for row in strata], dtype=np.int64), lines["code"])
    if kind is not None:
        is_kind = np.array([row[1] == kind for row in strata], dtype=bool)[stratum]
        agency, stratum, lines = agency[is_kind], stratum[is_kind], lines[is_kind]
    return _Lines(agencies, tuple(row[1:] for row in strata), agency, stratum, lines)
