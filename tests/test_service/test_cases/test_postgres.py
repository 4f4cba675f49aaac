import importlib.util
from pathlib import Path

import pytest

from service.cases.derivation import Cases
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

SPEC = importlib.util.spec_from_file_location("chance", Path(__file__).with_name("test_derivation.py"))
chance = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(chance)


@pytest.fixture
def engine(address):
    engine = open_engine(address)
    migrate(engine)
    yield engine
    engine.dispose()


def test_on_postgresql_cells_are_what_a_full_scan_and_a_rebuild_give_and_answer_questions(engine):
    city = chance.City(engine, 11)
    for _ in range(80):
        city.act()
    with writing(engine) as connection:
        while derive(connection, Cases(), limit=9):
            pass
        kept, scanned = chance.read_cells(connection), chance.scan(connection)
        assert {name: kept[name] for name in scanned} == scanned
        rebuild(connection, Cases())
        assert chance.read_cells(connection) == kept
        today = city.now.date()
        period = Period(chance.START.date(), today)
        assert overview(connection, chance.OFFICER, city.now).n_waiting >= 0
        assert emerging(connection, chance.OFFICER, city.now).topics
        for ask in (agencies, topics, districts, aspects, deadlines):
            assert ask(connection, chance.OFFICER, Question(period, today)).bundles == ("b",)
        for grain in ("day", "week", "month"):
            question = TrendQuestion(period, grain, ("sampah", "jalan-rusak"))
            assert trends(connection, chance.OFFICER, question).n > 0
