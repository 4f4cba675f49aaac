from datetime import date

import pytest

from service.callers import Caller
from service.cases.counting import Share
from service.cases.sheets import code_length
from service.cases.summing import Change
from service.engine import open_engine, writing
from service.migrating import migrate
from service.statistics import Period, Question
from service.statistics.ways import ways

MONTH = date(2026, 10, 1)
ANALYST = Caller("a", "key", "Analyst", frozenset({"analyse"}))
QUESTION = Question(Period(MONTH, date(2026, 10, 31)), date(2026, 10, 31))


@pytest.fixture
def connection(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    with writing(engine) as opened:
        yield opened
    engine.dispose()


def add(connection, agency, end, days, n, restriction=""):
    change = Change()
    change.add(
        [Share("sheet_length", ("agency", "", MONTH, agency, restriction, code_length("stint", end, days)), (n,))]
    )
    change.write(connection)


def test_competing_ends_share_what_there_is(connection):
    for end, days, n in (("answered", 2, 30), ("answered", 5, 40), ("returned", 1, 20), ("rejected", 3, 10)):
        add(connection, "dinas-pupr", end, days, n)
    told = {way.end: way for way in ways(connection, ANALYST, QUESTION).ways}
    assert list(told) == ["answered", "returned", "rejected"]
    # Nobody was still open, so that the shares are those of all hundred, and stay so beyond the clock.
    assert told["answered"].share[:6] == pytest.approx((0, 0, 0.3, 0.3, 0.3, 0.7))
    assert sum(way.share[-1] for way in told.values()) == pytest.approx(1)
    assert len(told["answered"].share) == 20
    assert all(low <= share <= high for share, low, high in zip(*_bounds(told["returned"]), strict=True))


def test_too_few_stints_have_no_course_and_restricted_ones_are_not_counted(connection):
    add(connection, "dinas-pupr", "answered", 2, 19)
    add(connection, "dinas-pupr", "answered", 2, 5, restriction="oversight")
    add(connection, "inspektorat", "answered", 2, 25, restriction="admin")
    assert ways(connection, ANALYST, QUESTION).ways == ()
    overseer = Caller("o", "key", "Overseer", frozenset({"analyse", "oversight"}))
    assert [way.n for way in ways(connection, overseer, QUESTION).ways] == [24]


def _bounds(way):
    return way.share, way.low, way.high
