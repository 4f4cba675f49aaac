import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from service import tables
from service.engine import open_engine, writing
from service.ledger.deriving import derive, rebuild
from service.ledger.entries import Entry, append, open_chain
from service.migrating import migrate
from service.watching.derivation import Watch

# A Monday, shortly after midnight where the city is.
MONDAY = datetime(2026, 5, 3, 17, 30, tzinfo=UTC)
TOPICS = ("sampah", "jalan-rusak", "lampu")
WATCH = Watch()


class Ledger:
    """Writes what happens to reports into two chains, and keeps what people said."""

    def __init__(self, connection):
        self.connection = connection
        for chain in ("a", "b"):
            open_chain(connection, chain, MONDAY)

    def receive(self, name, topic="sampah", *, bundle="b1", days=0, chain="a", **content):
        at = MONDAY + timedelta(days=days)
        row = {"id": name, "key_id": "k", "state": "baru", "attachments": "[]", "text": "teks"}
        self.connection.execute(insert(tables.feedback).values(**row, received_at=at, stored_at=at))
        told = {"heads": {"topic": [topic, 0.75, "suggest"], "kind": ["pengaduan", 0.9, "suggest"]}, **content}
        self.write(chain, Entry("feedback.received", at, "key:k", feedback_id=name, bundle=bundle, content=told))

    def say(self, name, value, basis="correction", *, minute=1, actor="account:a", blind=False, chain="a"):
        content = {"head": "topic", "value": value, "previous": None, "is_blind": blind}
        at = MONDAY + timedelta(minutes=minute)
        self.write(chain, Entry(f"label.{basis}", at, actor, feedback_id=name, content=content))

    def write(self, chain, entry):
        append(self.connection, chain, [entry])

    def derive(self, limit=1_000):
        while derive(self.connection, WATCH, limit):
            pass

    def cells(self):
        return [dict(row) for row in self.connection.execute(select(tables.cell_watch)).mappings()]

    def sums(self):
        total = Counter()
        for cell in self.cells():
            total.update({name: cell[name] for name in ("n", "n_labelled", "n_contradicted")})
        return total["n"], total["n_labelled"], total["n_contradicted"]


@pytest.fixture
def ledger(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    with writing(engine) as connection:
        yield Ledger(connection)
    engine.dispose()


def test_a_report_counts_once_in_its_local_week(ledger):
    ledger.receive("x", unknown=0.25)
    ledger.derive()
    [cell] = ledger.cells()
    assert (cell["week"], cell["head"], cell["bundle"], cell["label"]) == (date(2026, 5, 4), "topic", "b1", "sampah")
    assert (cell["confidence"], cell["confidence_squares"]) == (7_500, 7_500**2)
    assert (cell["n_read"], cell["unknown"], cell["unknown_squares"]) == (1, 2_500, 2_500**2)


def test_a_report_of_before_words_were_counted_counts_for_all_but_them(ledger):
    ledger.receive("x")
    ledger.derive()
    [cell] = ledger.cells()
    assert (cell["n"], cell["n_read"], cell["unknown"]) == (1, 0, 0)


def test_the_last_word_of_people_counts(ledger):
    ledger.receive("x")
    ledger.say("x", "jalan-rusak")
    ledger.derive()
    assert ledger.sums() == (1, 1, 1)
    ledger.say("x", "sampah", "confirmation", minute=2, actor="account:b", chain="b")
    ledger.derive()
    assert ledger.sums() == (1, 1, 0)
    ledger.say("x", "jalan-rusak", "retraction", minute=3, actor="account:b", chain="b")
    ledger.derive()
    assert ledger.sums() == (1, 1, 1)


def test_what_was_said_blind_contradicts_nobody(ledger):
    ledger.receive("x")
    ledger.say("x", "jalan-rusak", blind=True)
    ledger.derive()
    assert ledger.sums() == (1, 0, 0)


def test_an_erasure_changes_nothing(ledger):
    ledger.receive("x", unknown=0.5)
    ledger.say("x", "jalan-rusak")
    ledger.derive()
    before = ledger.cells()
    ledger.connection.execute(update(tables.feedback).values(text="", erased_at=MONDAY))
    ledger.write("a", Entry("feedback.erased", MONDAY, "system", feedback_id="x", content={"feedback": ["x"]}))
    ledger.derive()
    assert ledger.cells() == before
    rebuild(ledger.connection, WATCH)
    assert ledger.cells() == before


@pytest.mark.parametrize("seed", range(5))
def test_cells_are_those_of_a_rebuild_whatever_happens_and_however_it_is_read(ledger, seed):
    chance = random.Random(seed)  # noqa: S311  # no secret
    for number in range(40):
        ledger.receive(
            f"r{number}",
            chance.choice(TOPICS),
            bundle=chance.choice(("b1", "b2")),
            days=chance.randrange(20),
            chain=chance.choice("ab"),
            restriction=chance.choice((None, None, "oversight")),
        )
    for minute in range(120):
        name, chain = f"r{chance.randrange(40)}", chance.choice("ab")
        if chance.random() < 0.2:
            content = {"before": None, "after": chance.choice((None, "oversight"))}
            at = MONDAY + timedelta(minutes=minute)
            ledger.write(chain, Entry("feedback.restricted", at, "account:a", feedback_id=name, content=content))
        else:
            basis = chance.choice(("correction", "confirmation", "retraction"))
            actor, blind = chance.choice(("account:a", "account:b")), chance.random() < 0.2
            ledger.say(name, chance.choice(TOPICS), basis, minute=minute, actor=actor, blind=blind, chain=chain)
        if chance.random() < 0.2:
            ledger.derive(chance.randrange(1, 30))
    ledger.derive(7)
    cells = ledger.cells()
    assert all(cell["n"] >= cell["n_labelled"] >= cell["n_contradicted"] >= 0 < cell["n"] for cell in cells)
    rebuild(ledger.connection, WATCH)
    assert ledger.cells() == cells
