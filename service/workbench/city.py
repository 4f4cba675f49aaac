"""A city as its export tells of it: frames to look at and change, and a store in memory for the questions of pages.

The cells of that store are counted by the code that counts them in a service, so that a figure of a notebook is the one
of the page.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, create_engine, delete, insert
from sqlalchemy.pool import StaticPool

from model.prediction import JsonValue
from service import tables
from service.callers import Caller
from service.cases.case import Case, Stint
from service.cases.counting import count
from service.cases.exporting import CASE_COLUMNS, NUMBER, STINT_COLUMNS
from service.cases.summing import Change
from service.errors import StoreError
from service.handling.clock import end_of, local_day
from service.statistics import Mark, Period
from service.workbench.frames import empty_frame, list_rows

# What is in the file may be counted: whoever exported it decided that.
READER = Caller("notebook", "account", "notebook", frozenset({"admin"}))
_NOBODY = "export"
_OF_CASE = ("kind", "topic", "urgency", "restriction")


@dataclass(frozen=True, eq=False)
class City:
    """What an export tells of a city.

    Attributes
    ----------
    cases, stints, audits, marks, holidays : DataFrame
        A row for each; ``case`` is the number of the case in this file.
    made_at : datetime
        When the export was made: what is open is open up to then.
    rules : mapping
        Working days by kind (``days``), and whatever else the file says of itself.
    """

    cases: pd.DataFrame
    stints: pd.DataFrame
    audits: pd.DataFrame
    marks: pd.DataFrame
    holidays: pd.DataFrame
    made_at: datetime
    rules: Mapping[str, JsonValue] = field(default_factory=dict)
    _opened: list[Engine] = field(default_factory=list, repr=False)
    _counted: Engine | None = field(default=None, repr=False)

    @property
    def today(self) -> date:
        """The last day that the file tells of."""
        return local_day(self.made_at)

    @property
    def whole_months(self) -> Period:
        """The whole months that the file tells of; all its days where there is none."""
        first = self.cases["day"].min().date()
        start = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = self.today.replace(day=1) - timedelta(days=1)
        return Period(start, end) if start <= end else Period(first, self.today)

    def last_months(self, n_months: int) -> Period:
        """The last whole months before the last day."""
        end = self.today.replace(day=1) - timedelta(days=1)
        place = end.year * 12 + end.month - n_months
        return Period(date(place // 12, place % 12 + 1, 1), end)

    def list_marks(self) -> list[Mark]:
        """The marks, in the order of `marks`; the id is the number of its row."""
        rows = enumerate(list_rows(self.marks))
        return [Mark(str(place), **row, actor=_NOBODY, made_at=self.made_at) for place, row in rows]

    def change(self, **frames: pd.DataFrame) -> "City":
        """The same city with other frames; its cells are counted anew where cases or stints are others."""
        counted = None if {"cases", "stints"} & frames.keys() else self._open()
        return replace(self, **frames, _opened=[], _counted=counted)  # type: ignore[arg-type]  # frames by their names

    def connect(self) -> Connection:
        """A connection to its store in memory, which is filled when it is first asked for."""
        return self._open().connect()

    def _open(self) -> Engine:
        if not self._opened:
            self._opened.append(_fill(self, self._counted))
        return self._opened[0]


def open_city(
    cases: pd.DataFrame,
    stints: pd.DataFrame,
    *,
    made_at: datetime | None = None,
    audits: pd.DataFrame | None = None,
    marks: pd.DataFrame | None = None,
    holidays: pd.DataFrame | None = None,
    rules: Mapping[str, JsonValue] | None = None,
) -> City:
    """A city from frames with the columns of an export; without ``made_at`` it is told of up to its last case.

    Raises
    ------
    StoreError
        There is no case.
    """
    if cases.empty:
        raise StoreError("There is no case to count. Export a longer time: pilah export --cases without --since.")
    return City(
        cases,
        stints,
        empty_frame("audits") if audits is None else audits,
        empty_frame("marks") if marks is None else marks,
        empty_frame("holidays") if holidays is None else holidays,
        made_at or end_of(cases["day"].max().date()),
        rules or {},
    )


def _fill(city: City, counted: Engine | None) -> Engine:
    """A store in memory; its cells are those of one that was counted already, or counted now."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    if counted is None:
        tables.metadata.create_all(engine)
    else:
        _copy(counted, engine)
    with engine.begin() as connection:
        if counted is None:
            _put_cases(connection, city)
        _put_audits(connection, city)
        _put_rules(connection, city)
    return engine


def _copy(source: Engine, target: Engine) -> None:
    """All that was counted; what cells do not hang on is left to be put in."""
    with source.connect() as read, target.begin() as written:
        driver: Any = read.connection.driver_connection
        driver.backup(written.connection.driver_connection)
    with target.begin() as connection:
        for table in (tables.label, tables.audit_draw, tables.mark, tables.holiday, tables.policy):
            connection.execute(delete(table))


def _put_rules(connection: Connection, city: City) -> None:
    for mark in city.list_marks():
        row = {name: getattr(mark, name) for name in tables.mark.c.keys()}  # noqa: SIM118  # a collection of columns
        connection.execute(insert(tables.mark).values(row))
    for off in list_rows(city.holidays):
        decided = {"source": "city", "is_off": int(bool(off["is_off"])), "actor": _NOBODY, "made_at": city.made_at}
        connection.execute(insert(tables.holiday).values({**off, **decided}))
    if "days" in city.rules:
        rules = {"verification_days": city.rules.get("verification_days", 0), "days": city.rules["days"]}
        content = json.dumps({**rules, "advice": "", "numbers": [], "confirmed": True})
        policy = {"version": 1, "made_at": city.made_at, "actor": _NOBODY, "content": content}
        connection.execute(insert(tables.policy).values(policy))


def _put_cases(connection: Connection, city: City) -> None:
    stints: dict[object, list[dict[str, object]]] = {}
    for row in list_rows(city.stints[[NUMBER, *STINT_COLUMNS]]):
        stints.setdefault(row.pop(NUMBER), []).append(row)
    change, cases = Change(), []
    for row in list_rows(city.cases[[NUMBER, *CASE_COLUMNS]]):
        number = row.pop(NUMBER)
        row["feedback_id"] = str(number)
        shared = {name: row[name] for name in ("feedback_id", *_OF_CASE)}
        own = tuple(Stint(**shared, **stint) for stint in stints.get(number, ()))  # type: ignore[arg-type]  # by columns
        change.add(count(Case(**row), own))
        cases.append(row)
    change.write(connection)
    connection.execute(insert(tables.feedback_case), cases)


def _put_audits(connection: Connection, city: City) -> None:
    draws, labels = [], []
    for place, row in enumerate(list_rows(city.audits)):
        of_case = {"feedback_id": str(row["case"]), "head": row["head"]}
        drawn = {name: row[name] for name in ("quarter", "stratum", "probability")}
        draws.append({**of_case, **drawn, "drawn_at": city.made_at})
        said = {"value": row["found"], "previous": row["said"], "basis": "correction", "is_blind": True}
        labels.append({**of_case, **said, "id": str(place), "actor": _NOBODY, "at": city.made_at})
    if draws:
        connection.execute(insert(tables.audit_draw), draws)
        connection.execute(insert(tables.label), labels)
