"""Prints how long each question of the dashboard takes on a store of a million reports, beside DuckDB on the same rows.

    python bench/analytics.py [--reports 1000000] [--runs 9] [--store FILE]

Cases are made up (three years, 30 districts, a twentieth of agencies by chance) and summed into the cells of the
service; the questions are those the pages ask, by the same functions, one after the other in one process. Beside them
DuckDB reads the cases themselves for the main numbers of the same answer, from a file of its own, on all cores. On a
machine that is busy the wall clock tells little, so that processor time of the thread stands beside it. Bars: 50 ms at
a million, 120 ms at ten million.
"""

import argparse
import gc
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd
from bulk import FIRST, add_part, group_cells, make_cases
from sqlalchemy import Connection

from service import statistics as figures
from service import tables
from service.callers import Caller
from service.engine import open_engine, reading
from service.migrating import migrate
from service.statistics import Period, Question, TrendQuestion
from service.statistics.marks import MarkOrder, enter_marks
from service.statistics.urgencies import urgencies
from service.writer import recording

NOW = datetime(2026, 9, 30, 4, tzinfo=UTC)
TODAY = date(2026, 9, 30)
YEAR = Period(date(2025, 10, 1), date(2026, 9, 30))
ALL_OF_IT = Period(FIRST, TODAY)
CALLERS = {
    "admin": Caller("a", "account", "a", frozenset({"admin"})),
    "analyst": Caller("b", "account", "b", frozenset({"analyse"})),
    "liaison": Caller("c", "account", "c", frozenset({"triage"}), "dinas-pupr"),
}
BARS_MS = {1_000_000: 50.0, 10_000_000: 120.0}
# Reports made at once, and how much DuckDB may hold.
AT_ONCE = 1_000_000
# What DuckDB keeps of each case: no more than it is asked for.
COLUMNS = (
    *(
        "feedback_id",
        "day",
        "kind",
        "agency",
        "topic",
        "urgency",
        "aspect",
        "about",
        "district",
        "topic_basis",
        "bundle",
    ),
    *("restriction", "outcome", "kept_deadline", "due_day", "handling_days"),
)
MEMORY = "5GB"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--store", type=Path, help="keep the store in this file, or use the one that is there")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        path = asked.store or Path(folder) / "store.db"
        with duckdb.connect(path.with_suffix(".duckdb")) as beside:
            beside.execute(f"SET memory_limit = '{MEMORY}'")
            load(path, beside, asked.reports)
            time_all(path, beside, asked.reports, asked.runs)


def load(path: Path, beside: duckdb.DuckDBPyConnection, n_reports: int) -> None:
    """Make the cases part by part, put them and their cells into a store of the service; DuckDB keeps cases as well."""
    if path.exists():
        print(f"{n_reports:,} reports, store of {path.stat().st_size / 1e6:,.0f} MB, made before")
        return
    started = time.perf_counter()
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    _enter_mark(engine)
    engine.dispose()
    with sqlite3.connect(path) as store:
        for pragma in ("foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF"):
            store.execute(f"PRAGMA {pragma}")
        for part, start in enumerate(range(0, n_reports, AT_ONCE)):
            _add_part(store, beside, part, min(AT_ONCE, n_reports - start))
        for name, rows in group_cells(beside):
            print(f"  {name}: {_copy(store, name, rows):,} rows", flush=True)
            beside.execute(f"DROP TABLE {name}")
        _add_audit(store, beside)
        store.execute("ANALYZE")
    size = path.stat().st_size / 1e6
    print(f"{n_reports:,} reports, store of {size:,.0f} MB, made in {time.perf_counter() - started:.0f} s", flush=True)


def _add_part(store: sqlite3.Connection, beside: duckdb.DuckDBPyConnection, part: int, n_reports: int) -> None:
    names = ("cases", "feedback_case"), ("stints", "stint")
    for (name, table), frame in zip(names, make_cases(n_reports, seed=7 + part), strict=True):
        frame["feedback_id"] = f"{part}-" + frame["feedback_id"]
        beside.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM frame")
        for day in frame.select_dtypes("datetime"):
            frame[day] = frame[day].dt.strftime("%Y-%m-%d")
        _copy(store, table, frame.astype(object).where(frame.notna(), None).itertuples(index=False))
    add_part(beside)
    kept = f"SELECT {', '.join(COLUMNS)} FROM cases"
    beside.execute(f"CREATE TABLE kept AS {kept}" if part == 0 else f"INSERT INTO kept {kept}")


def _enter_mark(engine) -> None:  # noqa: ANN001
    order = MarkOrder(
        date(2025, 4, 7), None, "SOP", "kebijakan", "dinas-pupr", None, "dinas-perhubungan", None, "account:a", NOW
    )
    with recording(engine, NOW) as transaction:
        enter_marks(transaction, [order])


def _copy(store: sqlite3.Connection, name: str, rows: Iterator[tuple[object, ...]]) -> int:
    columns = [column.name for column in tables.metadata.tables[name].columns]
    places = ", ".join("?" * len(columns))
    n_rows = store.executemany(f"INSERT INTO {name} VALUES ({places})", map(_plain, rows)).rowcount
    store.commit()
    return n_rows


def _plain(row: tuple[object, ...]) -> list[object]:
    return [value.isoformat()[:10] if isinstance(value, date) else value for value in row]


def _add_audit(store: sqlite3.Connection, beside: duckdb.DuckDBPyConnection) -> None:
    """Two of a hundred reports that were decided alone, labelled blind; one in eight had been wrong."""
    drawn = beside.execute(
        "SELECT feedback_id, topic FROM kept WHERE topic_basis = 'auto' AND hash(feedback_id) % 50 = 0"
    ).fetchall()
    at = "2026-01-01 00:00:00.000000"
    store.executemany(
        "INSERT INTO audit_draw VALUES (?, 'topic', '2026-Q1', 'plain', 0.02, ?)", [(id_, at) for id_, _ in drawn]
    )
    labels = [
        (f"l{place}", id_, topic if place % 8 else "sampah", topic, at) for place, (id_, topic) in enumerate(drawn)
    ]
    store.executemany(
        "INSERT INTO label (id, feedback_id, head, value, previous, basis, is_blind, actor, at) "
        "VALUES (?, ?, 'topic', ?, ?, 'confirmation', 1, 'account:a', ?)",
        labels,
    )


def list_questions(connection: Connection) -> Iterator[tuple[str, Callable[[Caller], object], str]]:
    """Each question with what it is called and what DuckDB is asked for its main numbers."""
    year, whole = Question(YEAR, TODAY), Question(ALL_OF_IT, TODAY)
    month = Question(Period(date(2026, 9, 1), TODAY), TODAY)
    in_year = f"day BETWEEN '{YEAR.start}' AND '{YEAR.end}' AND restriction IN ('', 'oversight', 'admin')"
    topics = ("jalan-rusak", "sampah", "drainase")
    chosen = f"topic IN {topics}"
    mark = figures.list_marks(connection)[0].id
    by_agency = (
        "SELECT agency, count(*), count(*) FILTER (outcome = 'open'), count(*) FILTER (kept_deadline), "
        "count(kept_deadline), median(handling_days), quantile_disc(handling_days, 0.9) FROM kept "
        f"WHERE {in_year} GROUP BY agency"
    )
    by_topic = by_agency.replace("agency", "topic")
    yield (
        "overview",
        lambda who: figures.overview(connection, who, NOW),
        (f"SELECT topic, day, count(*) FROM kept WHERE day > DATE '{TODAY - timedelta(days=14)}' GROUP BY ALL"),
    )
    yield (
        "agencies, a month",
        lambda who: figures.agencies(connection, who, month),
        by_agency.replace(str(YEAR.start), "2026-09-01"),
    )
    yield "agencies, a year", lambda who: figures.agencies(connection, who, year), by_agency
    yield (
        "agencies, three years",
        lambda who: figures.agencies(connection, who, whole),
        by_agency.replace(str(YEAR.start), str(FIRST)),
    )
    yield "topics, a year", lambda who: figures.topics(connection, who, year), by_topic
    yield (
        "districts, a year",
        lambda who: figures.districts(connection, who, year),
        by_agency.replace("agency", "district"),
    )
    yield (
        "aspects, a year",
        lambda who: figures.aspects(connection, who, year),
        (f"SELECT about, aspect, count(*) FROM kept WHERE {in_year} GROUP BY ALL"),
    )
    yield (
        "deadlines, a year",
        lambda who: figures.deadlines(connection, who, year),
        (
            f"SELECT agency, kind, count(*) FILTER (kept_deadline), count(kept_deadline) FROM kept WHERE {in_year} "
            "GROUP BY ALL"
        ),
    )
    yield (
        "urgencies, a year",
        lambda who: urgencies(connection, who, year),
        f"SELECT urgency, count(*) FROM kept WHERE {in_year} GROUP BY urgency",
    )
    yield (
        "trend of all, by day, a year",
        lambda who: figures.trends(connection, who, TrendQuestion(YEAR, "day")),
        f"SELECT day, count(*) FROM kept WHERE {in_year} GROUP BY day",
    )
    yield (
        "trend of 3 topics, by week, three years",
        lambda who: figures.trends(connection, who, TrendQuestion(ALL_OF_IT, "week", topics)),
        f"SELECT topic, date_trunc('week', day), topic_basis, bundle, count(*) FROM kept WHERE {chosen} GROUP BY ALL",
    )
    yield (
        "trend of 3 topics in a district, by month",
        lambda who: figures.trends(connection, who, TrendQuestion(ALL_OF_IT, "month", topics, None, "13.73.7")),
        (
            f"SELECT topic, date_trunc('month', day), count(*) FROM kept WHERE {chosen} AND district = '13.73.7' "
            "GROUP BY ALL"
        ),
    )
    yield (
        "emerging",
        lambda who: figures.emerging(connection, who, NOW),
        ("SELECT topic, date_trunc('week', day), count(*) FROM kept GROUP BY ALL"),
    )
    yield (
        "effect of a mark on deadlines",
        lambda who: figures.effect(connection, who, mark, "kept", NOW),
        (
            "SELECT date_trunc('week', due_day), agency, avg(kept_deadline::INT) FROM kept "
            "WHERE agency IN ('dinas-pupr', 'dinas-perhubungan') GROUP BY ALL"
        ),
    )


def time_all(path: Path, beside: duckdb.DuckDBPyConnection, n_reports: int, n_runs: int) -> None:
    """Print the medians; the first run of each, which builds and compiles its statements, stands beside them."""
    bar = BARS_MS.get(n_reports)
    engine = open_engine(f"sqlite:///{path}")
    rows = []
    with reading(engine) as connection:
        for name, ask, query in list_questions(connection):
            for caller in ("admin", "analyst", "liaison") if name.endswith("a year") else ("admin",):
                first, *runs = [_time(lambda ask=ask, caller=caller: ask(CALLERS[caller])) for _ in range(n_runs + 1)]
                wall, processor = (statistics.median(times) for times in zip(*runs, strict=True))
                theirs = [_time(lambda query=query: beside.execute(query).fetchall())[0] for _ in range(3)]
                rows.append((name, caller, first[0], wall, processor, statistics.median(theirs)))
    engine.dispose()
    table = pd.DataFrame(rows, columns=["question", "caller", "first ms", "median ms", "processor ms", "DuckDB ms"])
    print(table.to_string(index=False, float_format=lambda value: f"{value:.1f}"))
    if bar is not None:
        for column in ("median ms", "processor ms"):
            n_within = int((table[column] <= bar).sum())
            print(f"bar {bar:.0f} ms: {n_within} of {len(table)} within by {column}")


def _time(ask: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock, and of the processor."""
    gc.collect()
    started, worked = time.perf_counter(), time.thread_time()
    ask()
    return (time.perf_counter() - started) * 1e3, (time.thread_time() - worked) * 1e3


if __name__ == "__main__":
    main()
