from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from service import tables
from service.cases.derivation import Cases
from service.cases.exporting import Span, export_cases
from service.cases.summing import CELLS
from service.engine import open_engine, writing
from service.ledger.deriving import derive, rebuild
from service.migrating import migrate
from service.statistics import (
    Period,
    Question,
    TrendQuestion,
    agencies,
    aspects,
    deadlines,
    districts,
    emerging,
    overview,
    topics,
    trends,
)
from service.workbench import read_cases

from .conftest import OFFICER, START, City, read_cells, scan, upgrade_anew


@pytest.fixture
def engine(address):
    engine = open_engine(address)
    migrate(engine)
    yield engine
    engine.dispose()


def test_on_postgresql_cells_are_what_a_full_scan_and_a_rebuild_give_and_answer_questions(engine):
    city = City(engine, 11)
    for _ in range(80):
        city.act()
    with writing(engine) as connection:
        while derive(connection, Cases(), limit=9):
            pass
        kept, scanned = read_cells(connection), scan(connection)
        assert {name: kept[name] for name in scanned} == scanned
        rebuild(connection, Cases())
        assert read_cells(connection) == kept
        today = city.now.date()
        period = Period(START.date(), today)
        case = tables.feedback_case.c
        waiting = select(func.count()).where(case.is_waiting, case.outcome == "open")
        n_waiting = connection.execute(waiting).scalar()
        assert overview(connection, OFFICER, city.now).n_waiting == n_waiting > 0
        assert emerging(connection, OFFICER, city.now).topics
        for ask in (agencies, topics, districts, aspects, deadlines):
            assert ask(connection, OFFICER, Question(period, today)).bundles == ("b",)
        for grain in ("day", "week", "month"):
            question = TrendQuestion(period, grain, ("sampah", "jalan-rusak"))
            assert trends(connection, OFFICER, question).n > 0
    upgrade_anew(engine, "0008", "0009")
    with writing(engine) as connection:
        assert read_cells(connection) == kept


def test_on_postgresql_a_notebook_counts_of_an_export_what_the_service_counts(engine, tmp_path):
    city = City(engine, 13)
    for _ in range(60):
        city.act()
    export_cases(engine, tmp_path / "cases.zip", Span(with_restricted=True), city.now, lambda _: None)
    with writing(engine) as connection, read_cases(tmp_path / "cases.zip").connect() as in_memory:
        kept = read_cells(connection)
        counted = {table.name: sorted(map(repr, in_memory.execute(select(table)).all())) for table in CELLS}
        assert counted == {name: kept[name] for name in counted}
        assert counted["cell_series"]


def test_a_rebuild_waits_for_a_process_that_derives_and_counts_nothing_twice(engine):
    city = City(engine, 12)
    for _ in range(30):
        city.act()
    with writing(engine) as connection:
        derive(connection, Cases(), limit=3)
    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            assert derive(connection, Cases(), limit=20) > 0
            rebuilding = pool.submit(rebuild_all, engine)
            with pytest.raises(TimeoutError):
                rebuilding.result(timeout=0.5)
        n_read = rebuilding.result(timeout=60)
    with writing(engine) as connection:
        assert n_read == connection.execute(select(func.count()).select_from(tables.ledger)).scalar()
        kept, scanned = read_cells(connection), scan(connection)
    assert {name: kept[name] for name in scanned} == scanned


def rebuild_all(engine):
    with writing(engine) as connection:
        return rebuild(connection, Cases())
