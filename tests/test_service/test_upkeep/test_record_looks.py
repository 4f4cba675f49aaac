from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from service import tables
from service.engine import open_engine, reading, writing
from service.handling.policy import shipped_policy
from service.ledger.entries import Entry
from service.migrating import migrate
from service.upkeep.record_looks import look_at_record
from service.writer import recording

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


def record(engine, type_, at):
    with recording(engine, at) as transaction:
        transaction.record(Entry(type_, at, "system"))


def look(engine, now=NOW):
    with reading(engine) as connection:
        return {finding.name: finding for finding in look_at_record(connection, ["incidents"], now)}


def test_the_first_broken_link_is_named_by_chain_and_number(engine):
    for _ in range(3):
        record(engine, "test.done", NOW)
    assert look(engine)["ledger"].found == "every link of 4 entries in 1 chains holds"
    with writing(engine) as connection:
        connection.execute(update(tables.ledger).where(tables.ledger.c.number == 3).values(actor="key:other"))
    found = look(engine)["ledger"]
    assert (found.verdict, "broken at entry 3 of chain commands" in found.found) == ("problem", True)


def test_a_clock_before_the_last_entry_is_a_problem(engine):
    record(engine, "test.done", NOW)
    assert look(engine, NOW - timedelta(minutes=4))["clock"].verdict == "ok"
    assert look(engine, NOW - timedelta(minutes=6))["clock"].verdict == "problem"
    assert look(engine, NOW.replace(year=1970))["clock"].verdict == "problem"


def test_what_is_derived_may_lag_for_a_minute(engine):
    record(engine, "test.done", NOW)
    assert look(engine, NOW + timedelta(seconds=30))["derived"].verdict == "ok"
    found = look(engine, NOW + timedelta(minutes=2))["derived"]
    assert (found.verdict, found.found) == ("warning", "behind the ledger: incidents by 2 entries")


def test_a_backup_is_missed_after_a_week(engine):
    assert look(engine)["backup"].verdict == "warning"
    record(engine, "store.backed_up", NOW - 6 * DAY)
    assert look(engine)["backup"].verdict == "ok"
    assert look(engine, NOW + 2 * DAY)["backup"].verdict == "warning"


def test_deadlines_nobody_confirmed_are_a_warning(engine):
    assert not shipped_policy().is_confirmed
    assert look(engine)["policy"].verdict == "warning"
