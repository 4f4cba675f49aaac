"""A store of reports that were decided alone, as they stand after they came in."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from service import tables
from service.engine import open_engine, writing
from service.ledger.entries import Entry, append, open_chain
from service.migrating import migrate

NOON = datetime(2026, 5, 4, 5, tzinfo=UTC)


class Town:
    """Adds reports, and says what people said of them."""

    def __init__(self, connection):
        self.connection = connection
        open_chain(connection, "c", NOON)

    def add(self, name, *, agency="dinas-pupr", confidence=0.95, decision="auto", hour=0, threshold=0.8, **content):
        at = NOON + timedelta(hours=hour)
        heads = {"agency": [agency, confidence, decision], "urgency": ["sedang", 0.9, "suggest"]}
        told = {"heads": {"agency": {"label": agency, "threshold": threshold}, **content.pop("further", {})}}
        plain = {"key_id": "k", "state": "baru", "attachments": "[]", "text": f"teks {name}", "is_at_agency": True}
        row = {"id": name, "agency": agency, "route": decision, "received_at": at, "stored_at": at}
        self.connection.execute(insert(tables.feedback).values(**plain, **row))
        prediction = {"feedback_id": name, "bundle": "b1", "made_at": at, "content": json.dumps(told)}
        self.connection.execute(insert(tables.prediction).values(prediction))
        told = {"heads": heads, "route": decision, "alarm": None, "rules": [], **content}
        append(self.connection, "c", [Entry("feedback.received", at, "key:k", feedback_id=name, content=told)])

    def draw(self, name, probability=0.5, head="agency"):
        row = {"head": head, "quarter": "2026-Q2", "stratum": "plain", "probability": probability, "drawn_at": NOON}
        self.connection.execute(insert(tables.audit_draw).values(feedback_id=name, **row))

    def label(self, name, value, *, actor="account:a", blind=False, minute=0, head="agency", basis="correction"):
        at = NOON + timedelta(minutes=minute)
        row = {"id": f"{name}{actor}{minute}", "feedback_id": name, "head": head, "value": value, "at": at}
        said = {"previous": None, "basis": basis, "is_blind": blind, "actor": actor}
        self.connection.execute(insert(tables.label).values(**row, **said))

    def move(self, name, *steps):
        for number, (type_, agency) in enumerate(steps, start=1):
            row = {"id": f"{name}{number}", "feedback_id": name, "number": number, "type": type_, "agency": agency}
            said = {"at": NOON, "stored_at": NOON, "actor": "account:a", "state": type_}
            self.connection.execute(insert(tables.event).values(**row, **said))


@pytest.fixture
def town(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    with writing(engine) as connection:
        yield Town(connection)
    engine.dispose()
