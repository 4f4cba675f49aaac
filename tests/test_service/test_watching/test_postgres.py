"""Cells and looks of drift on a real PostgreSQL."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from service import tables
from service.callers import Caller
from service.engine import open_engine, writing
from service.ledger.deriving import derive, rebuild
from service.ledger.entries import Entry, append, open_chain
from service.migrating import migrate
from service.statistics.drift import drift
from service.watching.derivation import Watch

START = datetime(2026, 5, 4, 5, tzinfo=UTC)
ANALYST = Caller("k", "key", "k", frozenset({"analyse"}))


@pytest.fixture
def engine(address):
    engine = open_engine(address)
    migrate(engine)
    yield engine
    engine.dispose()


def receive(connection, number):
    at, name = START + timedelta(hours=number), f"r{number}"
    plain = {"key_id": "k", "state": "baru", "attachments": "[]", "text": "teks"}
    connection.execute(insert(tables.feedback).values(id=name, received_at=at, stored_at=at, **plain))
    content = {"heads": {"topic": ["sampah", 0.75, "auto"], "agency": ["dinas-pupr", 0.5, "suggest"]}, "unknown": 0.1}
    append(connection, "a", [Entry("feedback.received", at, "key:k", feedback_id=name, bundle="b1", content=content)])


def read(connection):
    return sorted(tuple(row) for row in connection.execute(select(tables.cell_watch)))


def test_cells_are_those_of_a_rebuild_and_a_look_reads_them(engine):
    with writing(engine) as connection:
        open_chain(connection, "a", START)
        for number in range(260):
            receive(connection, number)
        while derive(connection, Watch(), 50):
            pass
        said = {"head": "topic", "value": "jalan-rusak", "previous": "sampah", "is_blind": False}
        append(connection, "a", [Entry("label.correction", START, "account:a", feedback_id="r0", content=said)])
        while derive(connection, Watch()):
            pass
        cells = read(connection)
        assert sum(row[-1] for row in cells) == 1
        rebuild(connection, Watch())
        assert read(connection) == cells
        told = drift(connection, ANALYST, date(2026, 5, 20))
    assert (told.n, told.bundle, told.verdict) == (260, "b1", "too_little_data")
