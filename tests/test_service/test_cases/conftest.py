import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text, true

from model.prediction import HeadPrediction, Place, Prediction
from service import tables
from service.callers import Caller
from service.cases.counting import count
from service.cases.derivation import Cases
from service.cases.districts import shipped_gazetteer
from service.cases.folding import fold
from service.cases.records import read_facts
from service.cases.summing import CELLS, SHEETS, Change
from service.engine import open_engine, reading, writing
from service.feedback import add_feedback
from service.handling.events import Happened, NewEvent, add_events, find_allowed
from service.handling.history import count_events
from service.handling.holidays import HolidayChange, change_holidays, read_calendar
from service.handling.labels import Labelling, label_all
from service.handling.retracting import Retraction, retract_all
from service.handling.terms import read_terms
from service.handling.workdays import WorkingDays
from service.home import Secret
from service.incoming import receive
from service.ledger.deriving import derive
from service.migrating import REVISION, migrate, upgrade
from service.requests import FeedbackRequest
from service.routing import Route, Router
from service.statistics import Period, Question
from service.upkeep.erasing import Forget, forget
from service.upkeep.history import Historian
from service.upkeep.history_rows import HistoryRow, Vocabulary
from service.writer import recording

START = datetime(2026, 3, 2, 2, tzinfo=UTC)
# A Monday; in four weeks from it there is no holiday.
DESK_DAY = datetime(2026, 7, 6, 2, tzinfo=UTC)
AGENCIES = ("dinas-pupr", "dinas-perhubungan", "inspektorat")
TOPICS = ("jalan-rusak", "penerangan-jalan", "sampah")
KINDS = ("pengaduan", "pengaduan-pengawasan", "aspirasi")
OFFICER = Caller("officer", "account", "Officer", frozenset({"triage", "oversight", "admin"}))
SECRET = Secret(b"0" * 32)
TRIAGE = "bagian-organisasi"
HISTORIAN = Historian(
    Router(shipped_gazetteer(), (), TRIAGE),
    SECRET,
    Vocabulary({"agency": dict(zip(AGENCIES, AGENCIES, strict=True)), "kind": {"pengaduan": "pengaduan"}}, {}),
)


class City:
    """A store to which things happen by chance."""

    def __init__(self, engine, seed):
        self.engine, self.chance = engine, random.Random(seed)  # noqa: S311  # chance of a test, no secret
        self.now, self.ids = START, []

    def act(self):
        self.now += timedelta(hours=self.chance.choice([1, 5, 30, 100]))
        acts = (self.receive, self.receive, self.move, self.move, self.move, self.label, self.take_back, self.forget)
        act = self.chance.choices((*acts, self.declare, self.remember), [4, 4, 4, 4, 4, 3, 1, 1, 1, 1])[0]
        if self.ids or act == self.receive:
            with recording(self.engine, self.now) as transaction:
                act(transaction)

    def receive(self, transaction):
        prediction, decision = self.predict(), self.chance.choice(["auto", "suggest", "human"])
        labels = {head: one.label for head, one in prediction.heads.items()}
        restriction = "oversight" if labels["kind"] == "pengaduan-pengawasan" else None
        asked = FeedbackRequest(
            text="x",
            district=self.chance.choice([None, "Talawi", "Kec. Silungkang"]),
            rating=self.chance.choice([None, 2, 5]),
            about=self.chance.choice([None, "rsud"]),
            reporter_ref=self.chance.choice(["a", "b", "c", "d"]),
            received_at=self.now - timedelta(hours=self.chance.choice([0, 3, 90])),
        )
        route = Route(labels["agency"], None, decision, 0.9, None, restriction)
        incoming = receive(asked, prediction, route, OFFICER, SECRET, read_terms(transaction.connection), self.now)
        add_feedback(transaction, [incoming])
        self.ids.append(incoming.record.feedback.id)

    def predict(self):
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
        place = Place("13.73.04.2001", "Talawi Hilie", (0, 1), chance.choice([True, False]))
        return Prediction("b", "t", "x", heads, (place,) if chance.random() < 0.5 else ())

    def remember(self, transaction):
        """Take in a report of the past, answered, closed or open, of a known agency or not."""
        received_at = self.now - timedelta(days=self.chance.randrange(60))
        responded, closed = (self.chance.choice([None, received_at + timedelta(days=n)]) for n in (4, 9))
        labels = self.chance.choice([{}, {"agency": self.chance.choice(AGENCIES), "kind": "pengaduan"}])
        row = HistoryRow(len(self.ids), "file", str(len(self.ids)), "x", "", received_at, responded, closed)
        past = HISTORIAN.tell(replace(row, labels=labels), self.predict(), self.now, [])
        add_feedback(transaction, [past.incoming])
        for table, rows in ((tables.event, past.events), (tables.label, past.labels)):
            if rows:
                transaction.connection.execute(insert(table), list(rows))
        self.ids.append(past.incoming.record.feedback.id)

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
            [Labelling(feedback_id, true(), OFFICER.actor, self.now, value, None, False, TRIAGE)],
        )

    def take_back(self, transaction):
        feedback_id = self.chance.choice(self.ids)
        retract_all(transaction, [Retraction(feedback_id, true(), OFFICER.actor, self.now, TRIAGE)])

    def forget(self, transaction):
        digest = SECRET.digest("reporter_ref", self.chance.choice("abcd"))
        forget(transaction, [Forget(digest, true(), OFFICER.actor, self.now)])

    def declare(self, transaction):
        day = (self.now - timedelta(days=self.chance.randrange(-25, 20))).date()
        change_holidays(transaction, [HolidayChange(day, "Libur", True, OFFICER.actor, self.now)])


class Desk:
    """A store in which what happens is told, on days after `DESK_DAY`; all of one topic and district."""

    def __init__(self, engine):
        self.engine, self.now = engine, DESK_DAY

    def receive(self, decision="suggest", agency="dinas-pupr", kind="pengaduan", n=1):
        """Reports that come in now."""
        labels = {"agency": agency, "topic": "sampah", "kind": kind, "urgency": "rendah"}
        heads = {head: HeadPrediction(label, 0.9, "auto", None, None, ()) for head, label in labels.items()}
        prediction, route = Prediction("b", "t", "x", heads, ()), Route(agency, None, decision, 0.9, None, None)
        found = []
        with recording(self.engine, self.now) as transaction:
            for _ in range(n):
                terms = read_terms(transaction.connection)
                asked = FeedbackRequest(text="x", district="Talawi")
                incoming = receive(asked, prediction, route, OFFICER, SECRET, terms, self.now)
                add_feedback(transaction, [incoming])
                found.append(incoming.record.feedback.id)
        return found

    def remember(self, row, decision="auto"):
        """A report of the past."""
        labels = {"agency": "dinas-pupr", "topic": "sampah", "kind": "pengaduan", "urgency": "rendah"}
        heads = {head: HeadPrediction(label, 0.9, decision, None, None, ()) for head, label in labels.items()}
        past = HISTORIAN.tell(row, Prediction("b", "t", "x", heads, ()), self.now, [])
        with recording(self.engine, self.now) as transaction:
            add_feedback(transaction, [past.incoming])
            for table, rows in ((tables.event, past.events), (tables.label, past.labels)):
                if rows:
                    transaction.connection.execute(insert(table), list(rows))
        return past.incoming.record.feedback.id

    def wait_until(self, n_days):
        """Let it be so many days after the first."""
        self.now = DESK_DAY + timedelta(days=n_days)

    def send(self, ids, *steps, agency="dinas-pupr"):
        """Events, one after the other."""
        for type_ in steps:
            self.now += timedelta(minutes=1)
            with recording(self.engine, self.now) as transaction:
                for feedback_id in ids:
                    n_seen = count_events(transaction.connection, feedback_id)
                    rest = (None, None, OFFICER, n_seen, None, "", self.now)
                    (found,) = add_events(transaction, [NewEvent(feedback_id, type_, None, agency, None, False, *rest)])
                    assert isinstance(found, Happened), found

    def say(self, feedback_id, agency, *, is_blind=False):
        """What an officer says of the agency."""
        with recording(self.engine, self.now) as transaction:
            said = Labelling(feedback_id, true(), OFFICER.actor, self.now, {"agency": agency}, None, is_blind, TRIAGE)
            label_all(transaction, [said])

    def take_back(self, feedback_id):
        """The officer did not mean it."""
        self.now += timedelta(minutes=1)
        with recording(self.engine, self.now) as transaction:
            retract_all(transaction, [Retraction(feedback_id, true(), OFFICER.actor, self.now, TRIAGE)])

    def fold(self, feedback_id):
        """Case and stints."""
        with reading(self.engine) as connection:
            (facts,) = read_facts(connection, [feedback_id])
            return fold(facts, WorkingDays(read_calendar(connection)))

    def ask(self, question, n_days):
        """An answer as of a day, on July."""
        with writing(self.engine) as connection:
            while derive(connection, Cases()):
                pass
            today = (DESK_DAY + timedelta(days=n_days)).date()
            return question(connection, OFFICER, Question(Period(date(2026, 7, 1), date(2026, 7, 31)), today))


@pytest.fixture
def desk(engine):
    return Desk(engine)


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


def upgrade_anew(engine, revision, step):
    """Let a store be of an earlier revision, without the cell of urgencies that came with a step, and take that."""
    with writing(engine) as connection:
        tables.cell_urgency.drop(connection)
        set_revision(connection, revision)
        upgrade(connection, step)
        # The tables of later steps were there already.
        set_revision(connection, REVISION)


def set_revision(connection, revision):
    connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def scan(connection):
    """The cells as a full scan of all reports gives them."""
    working_days = WorkingDays(read_calendar(connection))
    ids = list(connection.execute(select(tables.feedback.c.id)).scalars())
    change = Change()
    for facts in read_facts(connection, ids):
        change.add(count(*fold(facts, working_days)))
    return {table.name: sorted(map(repr, change.list_rows(table))) for table in (*CELLS, *SHEETS)}
