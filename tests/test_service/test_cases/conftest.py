import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, true

from model.prediction import HeadPrediction, Place, Prediction
from service import tables
from service.callers import Caller
from service.cases.counting import count
from service.cases.folding import fold
from service.cases.records import read_facts
from service.cases.summing import CELLS, SHEETS, Change
from service.engine import open_engine, writing
from service.feedback import add_feedback
from service.handling.events import NewEvent, add_events, find_allowed
from service.handling.history import count_events
from service.handling.holidays import HolidayChange, change_holidays, read_calendar
from service.handling.labels import Labelling, label_all
from service.handling.retracting import Retraction, retract_all
from service.handling.terms import read_terms
from service.handling.workdays import WorkingDays
from service.home import Secret
from service.incoming import receive
from service.migrating import migrate
from service.requests import FeedbackRequest
from service.routing import Route
from service.upkeep.erasing import Forget, forget
from service.writer import recording

START = datetime(2026, 3, 2, 2, tzinfo=UTC)
AGENCIES = ("dinas-pupr", "dinas-perhubungan", "inspektorat")
TOPICS = ("jalan-rusak", "penerangan-jalan", "sampah")
KINDS = ("pengaduan", "pengaduan-pengawasan", "aspirasi")
OFFICER = Caller("officer", "account", "Officer", frozenset({"triage", "oversight", "admin"}))
SECRET = Secret(b"0" * 32)


class City:
    """A store to which things happen by chance."""

    def __init__(self, engine, seed):
        self.engine, self.chance = engine, random.Random(seed)  # noqa: S311  # chance of a test, no secret
        self.now, self.ids = START, []

    def act(self):
        self.now += timedelta(hours=self.chance.choice([1, 5, 30, 100]))
        acts = (self.receive, self.receive, self.move, self.move, self.move, self.label, self.take_back, self.forget)
        act = self.chance.choices((*acts, self.declare), [4, 4, 4, 4, 4, 3, 1, 1, 1])[0]
        if self.ids or act == self.receive:
            with recording(self.engine, self.now) as transaction:
                act(transaction)

    def receive(self, transaction):
        chance = self.chance
        labels = {
            "agency": chance.choice(AGENCIES),
            "topic": chance.choice(TOPICS),
            "kind": chance.choice(KINDS),
            "urgency": chance.choice(["rendah", "tinggi"]),
        }
        heads = {
            head: HeadPrediction(label, 0.9, chance.choice(["auto", "suggest"]), None, None, ())
            for head, label in labels.items()
        }
        decision = chance.choice(["auto", "suggest", "human"])
        restriction = "oversight" if labels["kind"] == "pengaduan-pengawasan" else None
        asked = FeedbackRequest(
            text="x",
            district=chance.choice([None, "Talawi", "Kec. Silungkang"]),
            rating=chance.choice([None, 2, 5]),
            about=chance.choice([None, "rsud"]),
            reporter_ref=chance.choice(["a", "b", "c", "d"]),
            received_at=self.now - timedelta(hours=chance.choice([0, 3, 90])),
        )
        route = Route(labels["agency"], None, decision, 0.9, None, restriction)
        place = Place("13.73.04.2001", "Talawi Hilie", (0, 1), chance.choice([True, False]))
        prediction = Prediction("b", "t", "x", heads, (place,) if chance.random() < 0.5 else ())
        incoming = receive(asked, prediction, route, OFFICER, SECRET, read_terms(transaction.connection), self.now)
        add_feedback(transaction, [incoming])
        self.ids.append(incoming.record.feedback.id)

    def move(self, transaction):
        feedback_id = self.chance.choice(self.ids)
        allowed = find_allowed(transaction.connection, feedback_id, OFFICER)
        if allowed:
            type_ = self.chance.choice(allowed)
            n_seen = count_events(transaction.connection, feedback_id)
            agency = self.chance.choice(AGENCIES)
            nothing = (None, None, OFFICER, n_seen, None, "", self.now)
            add_events(transaction, [NewEvent(feedback_id, type_, None, agency, None, False, *nothing)])

    def label(self, transaction):
        head, values = self.chance.choice([("topic", TOPICS), ("kind", KINDS), ("agency", AGENCIES)])
        self.say(transaction, self.chance.choice(self.ids), head, self.chance.choice(values))

    def say(self, transaction, feedback_id, head, value):
        value = {head: value}
        label_all(
            transaction,
            [Labelling(feedback_id, true(), OFFICER.actor, self.now, value, None, False, "bagian-organisasi")],
        )

    def take_back(self, transaction):
        feedback_id = self.chance.choice(self.ids)
        retract_all(transaction, [Retraction(feedback_id, true(), OFFICER.actor, self.now, "bagian-organisasi")])

    def forget(self, transaction):
        digest = SECRET.digest("reporter_ref", self.chance.choice("abcd"))
        forget(transaction, [Forget(digest, true(), OFFICER.actor, self.now)])

    def declare(self, transaction):
        day = (self.now - timedelta(days=self.chance.randrange(20))).date()
        change_holidays(transaction, [HolidayChange(day, "Libur", True, OFFICER.actor, self.now)])


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


def read_cells(connection):
    """What stands in all cells and sheets, and in cases and stints."""
    counted = (*CELLS, *SHEETS, tables.feedback_case, tables.stint)
    return {table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table))) for table in counted}


def upgrade_anew(engine, revision):
    """Let a store be of an earlier revision, without the cell of urgencies that came later, and upgrade it."""
    with writing(engine) as connection:
        tables.cell_urgency.drop(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    migrate(engine)


def scan(connection):
    """The cells as a full scan of all reports gives them."""
    working_days = WorkingDays(read_calendar(connection))
    ids = list(connection.execute(select(tables.feedback.c.id)).scalars())
    change = Change()
    for facts in read_facts(connection, ids):
        change.add(count(*fold(facts, working_days)))
    return {table.name: sorted(map(repr, change.list_rows(table))) for table in (*CELLS, *SHEETS)}
