"""Asks `service.statistics` for all a report tells of a month, and turns answers into figures with their query.

Nothing is counted here; a number that is not there or withheld stays so.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection

from service.callers import Caller
from service.cases.districts import shipped_gazetteer
from service.charts import Row
from service.demonstration import is_demo
from service.figures.intervals import MINIMUM_N
from service.reporting.asking import Asked, subtract
from service.reporting.document import Figure
from service.reporting.gathering_method import find_window, read_method
from service.reporting.gathering_series import find_emerging, list_mark_rows, list_series, list_topic_series
from service.reporting.gathering_units import gather_units
from service.reporting.view import MonthView
from service.statistics import Aspects, Groups, aspects, deadlines, districts, topics
from service.statistics.urgencies import urgencies

_URGENT: Final = ("tinggi", "darurat")
_EMERGENCY: Final = "darurat"
# Topics whose series stand on the first page.
N_LARGEST: Final = 6
_NO_ELEMENT: Final = ("", "tidak-ada")


def gather(connection: Connection, caller: Caller, month: date, *, is_public: bool) -> MonthView:
    """The view of a month, for who asks, or for everybody."""
    asked = Asked(connection, caller, find_window(connection, month, is_public=is_public), is_public)
    by_topic, by_place = (
        [question(connection, caller, asked.question(span)) for span in ("month", "before", "year")]
        for question in (topics, districts)
    )
    units, quiet = gather_units(asked)
    emerging, bursts, week = find_emerging(asked)
    about = aspects(connection, caller, asked.question("year"))
    return MonthView(
        asked.window,
        _count(asked, by_topic) | _count_urgent(asked) | _count_late(asked) | emerging,
        series=list_series(asked),
        marks=list_mark_rows(asked),
        topics=tuple(_tell_groups(by_topic, "topic")),
        topic_series=list_topic_series(asked, _list_largest(by_topic[2])),
        places=tuple(_tell_groups(by_place, "district")),
        emerging=bursts,
        emerging_week=(week.start, week.end),
        aspects=tuple(_tell_aspects(about)),
        units=tuple(units),
        quiet=tuple(quiet),
        method=read_method(asked),
        queries={name: asked.query(name) for name in ("topics", "districts", "agencies")},
        is_demo=is_demo(connection),
        is_public=is_public,
    )


def _list_largest(year: Groups) -> list[str]:
    """The topics of which most is told, in the order of the taxonomy."""
    counted = sorted((group for group in year.groups if group.key), key=lambda group: -(group.n or 0))
    largest = {group.key for group in counted[:N_LARGEST]}
    return [group.key for group in year.groups if group.key in largest]


def _count(asked: Asked, by_topic: Sequence[Groups]) -> dict[str, Figure]:
    n, before = by_topic[0].n, by_topic[1].n
    address = asked.query("topics")
    found = {
        "n": asked.count("n", n, "intake", address),
        "before": asked.count("before", before, "intake", asked.query("topics", "before")),
        "minimum": Figure("minimum", MINIMUM_N, "count", "minimum", ""),
    }
    if not asked.window.is_running:
        found["change"] = asked.count("change", subtract(n, before), "intake", address, "signed")
    return found


def _count_urgent(asked: Asked) -> dict[str, Figure]:
    answer = urgencies(asked.connection, asked.caller, asked.question("month"))
    counts = {one.urgency: one.n for one in answer.urgencies}
    address = asked.query("urgencies")
    found = [counts.get(name) for name in _URGENT]
    n = None if None in found else sum(one for one in found if one is not None)
    return {
        "urgent": asked.count("urgent", n, "urgent", address),
        "emergencies": asked.count("emergencies", counts.get(_EMERGENCY), "urgent", address),
    }


def _count_late(asked: Asked) -> dict[str, Figure]:
    """What was finished in time, and what is late: of a month long past nobody counted it then."""
    told = deadlines(asked.connection, asked.caller, asked.question("year"))
    address = asked.query("deadlines", "year")
    found = {"kept": asked.rate("kept", told.whole.kept, "deadline", address)}
    if asked.tells_late:
        found["overdue"] = asked.count("overdue", told.whole.n_overdue, "overdue", address)
    return found


def _tell_groups(answers: Sequence[Groups], key: str) -> Iterable[Row]:
    """Topics or places with their reports in the month, the month before and twelve months.

    For everybody only the month is told: what is hidden in one month would be the rest of twelve.
    """
    month, before, year = ({group.key: group.n for group in answer.groups} for answer in answers)
    is_public = answers[0].suppressed
    for name in month if is_public else year:
        if not name:
            continue
        told = _name_place(name) if key == "district" else name
        if is_public:
            yield {key: told, "n": month[name]}
        else:
            yield {key: told, "n": month.get(name, 0), "before": before.get(name, 0), "year": year[name]}


def _tell_aspects(answer: Aspects) -> Iterable[Row]:
    """Elements by the unit complained of; rows and columns without any are left out."""
    named = [place for place, name in enumerate(answer.aspects) if name not in _NO_ELEMENT]
    used = [place for place in named if any(unit.counts[place] != 0 for unit in answer.units)]
    for unit in answer.units:
        if unit.unit and any(unit.counts[place] != 0 for place in used):
            for place in used:
                yield {"about": unit.unit, "aspect": answer.aspects[place], "n": unit.counts[place]}


def _name_place(code: str) -> str:
    """The name of a district: the gazetteer's for its code, else as it was sent, with capitals."""
    entry = shipped_gazetteer().entries.get(code)
    return entry.name if entry is not None else code.title()
