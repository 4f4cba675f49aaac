"""A desk where reports are stored, corrected, shut away and erased, as the ledger tells it, and incidents are seen."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from model.signature import sign
from service import tables
from service.engine import open_engine, reading, writing
from service.feedback import RECEIVED
from service.handling.incidents import ERASED, Incidents
from service.handling.labels import RESTRICTED
from service.ledger.deriving import derive, rebuild
from service.ledger.entries import Entry, append, open_chain
from service.migrating import migrate

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
INCIDENTS = Incidents()


class Desk:
    """A store with reports, each with its entry in the ledger."""

    def __init__(self, engine):
        self.engine = engine
        self._n_stored = 0

    def store(
        self, name, text="", *, topic="banjir-longsor", place=None, position=None, after=0, reporter=None, **more
    ):
        lat, lon = position or (None, None)
        places = [{"code": place, "ambiguous": False}] if place else []
        at = NOON + timedelta(hours=after)
        row = {"id": name, "key_id": "k", "received_at": at, "stored_at": at, "state": "baru", "attachments": "[]"}
        self._n_stored += 1
        with writing(self.engine) as connection:
            connection.execute(
                insert(tables.feedback).values(
                    **row, text=text, topic=topic, lat=lat, lon=lon, reporter_digest=reporter, **more
                )
            )
            connection.execute(
                insert(tables.prediction).values(
                    feedback_id=name,
                    bundle="b",
                    made_at=NOON,
                    content=json.dumps({"places": places}),
                    signature=sign(text),
                )
            )
            self._tell(connection, Entry(RECEIVED, NOON + timedelta(seconds=self._n_stored), "key:k", name))

    def erase(self, *names):
        with writing(self.engine) as connection:
            columns = tables.prediction.c
            connection.execute(update(tables.feedback).where(tables.feedback.c.id.in_(names)).values(erased_at=NOON))
            connection.execute(update(tables.prediction).where(columns.feedback_id.in_(names)).values(signature=None))
            at = NOON + timedelta(days=1)
            self._tell(connection, Entry(ERASED, at, "account:a", content={"feedback": list(names)}))

    def restrict(self, name, restriction):
        self._n_stored += 1
        with writing(self.engine) as connection:
            changed = update(tables.feedback).where(tables.feedback.c.id == name)
            connection.execute(changed.values(restriction=restriction))
            self._tell(connection, Entry(RESTRICTED, NOON + timedelta(seconds=self._n_stored), "account:a", name))

    def correct_topic(self, name, topic, *, chain="test", after=0):
        self._n_stored += 1
        content = {"head": "topic", "value": topic}
        with writing(self.engine) as connection:
            connection.execute(update(tables.feedback).where(tables.feedback.c.id == name).values(topic=topic))
            at = NOON + timedelta(seconds=self._n_stored, hours=after)
            self._tell(connection, Entry("label.correction", at, "account:a", name, content=content), chain)

    def read(self, n_entries):
        with writing(self.engine) as connection:
            derive(connection, INCIDENTS, n_entries)

    def incidents(self):
        """Members of each incident, by its id, after all entries were read."""
        with writing(self.engine) as connection:
            while derive(connection, INCIDENTS):
                pass
        return self._read()

    def rebuilt(self):
        with writing(self.engine) as connection:
            rebuild(connection, INCIDENTS)
        return self._read()

    def _read(self):
        with reading(self.engine) as connection:
            member = tables.incident_member.c
            rows = connection.execute(select(member.incident_id, member.feedback_id).order_by(member.feedback_id)).all()
            counts = {
                row.id: (row.n_reports, row.n_reporters) for row in connection.execute(select(tables.incident)).all()
            }
        found = {}
        for row in rows:
            found.setdefault(row.incident_id, []).append(row.feedback_id)
        return {name: (members, *counts[name]) for name, members in found.items()}

    def _tell(self, connection, entry, chain="test"):
        open_chain(connection, chain, NOON)
        append(connection, chain, [entry])


@pytest.fixture
def desk(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    yield Desk(engine)
    engine.dispose()
