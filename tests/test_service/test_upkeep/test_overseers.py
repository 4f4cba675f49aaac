from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from service import tables
from service.engine import open_engine, reading, writing
from service.keys import make_key
from service.migrating import migrate
from service.upkeep.overseers import look_at_oversight

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


def add_key(engine, *scopes, **more):
    with writing(engine) as connection:
        make_key(connection, "x", scopes, NOW, **more)


def add_person(engine, role, scopes="", disabled_at=None):
    row = {"id": role, "login": role, "name": "x", "password": "x", "created_at": NOW}
    with writing(engine) as connection:
        values = {**row, "role": role, "scopes": scopes, "disabled_at": disabled_at}
        connection.execute(insert(tables.account).values(values))


def add_report(engine, **values):
    row = {"key_id": "k", "received_at": NOW - 5 * DAY, "stored_at": NOW, "state": "baru", "attachments": "[]"}
    with writing(engine) as connection:
        connection.execute(insert(tables.feedback).values({"id": "1", "text": "x", **row, **values}))


def look(engine):
    with reading(engine) as connection:
        return look_at_oversight(connection, NOW)


def test_an_admin_key_alone_is_nobody_who_looks(engine):
    add_key(engine, "admin")
    add_key(engine, "oversight")
    add_key(engine, "triage", "oversight", expires_at=NOW)
    add_person(engine, "triage")
    add_person(engine, "auditor", "oversight", disabled_at=NOW)
    add_report(engine, restriction="oversight")
    found = look(engine)
    assert (found.verdict, "--oversight" in found.advice) == ("warning", True)
    assert found.found == "nobody active has the scope oversight; 1 that are shut away wait, the oldest for 5 days"


@pytest.mark.parametrize("who", ["key", "officer", "admin"])
def test_an_officer_an_admin_in_person_or_a_key_with_both_scopes_looks(engine, who):
    if who == "key":
        add_key(engine, "triage", "oversight", expires_at=NOW + DAY)
    else:
        add_person(engine, "triage" if who == "officer" else "admin", "oversight" if who == "officer" else "")
    assert look(engine).verdict == "ok"


def test_what_waits_beyond_its_clock_is_a_warning(engine):
    add_person(engine, "admin")
    add_report(engine, restriction="admin", due_at=NOW + DAY)
    assert look(engine).verdict == "ok"
    with writing(engine) as connection:
        connection.execute(update(tables.feedback).values(due_at=NOW - DAY))
    assert look(engine).verdict == "warning"
    with writing(engine) as connection:
        connection.execute(update(tables.feedback).values(restriction=None))
    assert look(engine).verdict == "ok"
