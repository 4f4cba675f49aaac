from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert

from service import tables
from service.callers import Caller
from service.engine import open_engine, writing
from service.migrating import migrate
from service.statistics.drift import drift

DAY = date(2026, 6, 10)
NOW, BEFORE = date(2026, 6, 1), date(2026, 3, 2)
ANALYST = Caller("k", "key", "k", frozenset({"analyse"}))
OF_ONE_AGENCY = Caller("k", "key", "k", frozenset({"analyse"}), agency="dinas-pupr")


@pytest.fixture
def add(tmp_path):
    """Adds a cell, and asks."""
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    with writing(engine) as connection:

        def add(week, label, n, bundle="b1"):
            measured = {"confidence": 9_000 * n, "confidence_squares": 8_200 * 10_000 * n, "n_read": 0, "unknown": 0}
            said = {"unknown_squares": 0, "n_labelled": 0, "n_contradicted": 0, "is_auto": False}
            row = {"week": week, "head": "topic", "bundle": bundle, "label": label, "n": n, **measured, **said}
            connection.execute(insert(tables.cell_watch).values(row))
            connection.execute(insert(tables.cell_watch).values({**row, "head": "agency", "label": "dinas-pupr"}))

        add.connection = connection
        yield add
    engine.dispose()


def find(told, sign="mix", head="topic"):
    return next(one for one in told.signs if (one.sign, one.head) == (sign, head))


def test_another_mix_under_another_bundle_is_told_and_alarms_nobody(add):
    add(NOW, "sampah", 300, "b2")
    add(BEFORE, "jalan-rusak", 900)
    told = drift(add.connection, ANALYST, DAY)
    assert (find(told).state, find(told).change, find(told).bundle) == ("other_bundle", 1.0, None)
    assert told.verdict == "partly_judged"
    assert (told.n, told.bundle, told.bundles) == (300, "b2", ("b2",))


def test_the_same_under_the_same_bundle_alarms(add):
    add(NOW, "sampah", 300)
    add(BEFORE, "jalan-rusak", 900)
    told = drift(add.connection, ANALYST, DAY)
    assert (find(told).state, told.verdict) == ("alarm", "alarm")
    assert {one.label for one in find(told).labels} == {"sampah"}
    assert find(told, head="agency").state == "calm"


def test_who_works_for_one_agency_is_not_told_the_labels_of_others(add):
    add(NOW, "sampah", 300)
    add(BEFORE, "jalan-rusak", 900)
    told = drift(add.connection, OF_ONE_AGENCY, DAY)
    assert all(sign.labels == () for sign in told.signs)


def test_a_small_city_looks_at_more_weeks(add):
    add(NOW, "sampah", 150)
    add(date(2026, 4, 20), "sampah", 150)
    told = drift(add.connection, ANALYST, DAY)
    assert (told.period.start, told.period.end) == (date(2026, 4, 13), date(2026, 6, 7))
    assert told.reference.end == date(2026, 4, 12)


def test_a_reorganisation_explains_as_long_as_the_reference_holds_the_time_before_it(add):
    add(NOW, "sampah", 300)
    add(BEFORE, "jalan-rusak", 900)
    mark = {"id": "m", "title": "SOTK baru", "type": "reorganisasi", "actor": "account:a"}
    made_at = datetime(2026, 4, 1, tzinfo=UTC)
    add.connection.execute(insert(tables.mark).values(**mark, day=date(2026, 4, 1), made_at=made_at))
    assert drift(add.connection, ANALYST, DAY).verdict == "known_event"
    assert drift(add.connection, ANALYST, date(2025, 6, 10)).events == ()
