"""Thousands of near copies, corrected, shut away and erased while they are read: incidents are those of a rebuild."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from model.signature import sign
from service import tables
from service.engine import reading, writing
from service.feedback import RECEIVED, write_json
from service.handling.incidents import ERASED
from service.handling.labels import RESTRICTED
from service.ledger.deriving import derive
from service.ledger.entries import Entry, append, open_chain

from .conftest import INCIDENTS, NOON

# More than have ever been looked at under one key, or in one round.
N_REPORTS = 2_000
TROUBLES = ("lampu jalan mati", "ada lubang besar", "sampah menumpuk", "air mati", "banjir di rumah warga")
TOPICS = ("penerangan-jalan", "jalan-rusak", "air-minum", "banjir-longsor")
VILLAGES = ("13.73.04.2001", "13.73.04.2002", "13.73.01.2011")


def describe(name):
    """The rows of a report, which are the same whenever it is stored."""
    draws = random.Random(name)  # noqa: S311  # a test's dice
    text = f"Mohon {draws.choice(TROUBLES)} di Talawi gang {draws.randrange(300)} nomor {draws.randrange(300)}"
    at = NOON + timedelta(minutes=draws.choice([1, 30]) * int(name))
    position = (-0.6 - draws.random() / 10, 100.7 + draws.random() / 10) if draws.random() < 0.2 else (None, None)
    places = [{"code": draws.choice(VILLAGES), "ambiguous": False}] if draws.random() < 0.3 else []
    return write_rows(name, at, text, draws.choice(TOPICS), position, places)


def describe_copy(name):
    """Copies all of them, but of three villages, one of which came weeks after the others."""
    number = int(name)
    village = number % len(VILLAGES)
    at = NOON + timedelta(minutes=number) + timedelta(days=16 if village == 0 else 0)
    places = [{"code": VILLAGES[village], "ambiguous": False}]
    return write_rows(name, at, "lampu jalan mati sudah tiga malam dekat mushala", TOPICS[0], (None, None), places)


def write_rows(name, at, text, topic, position, places):
    feedback = {"id": name, "key_id": "k", "received_at": at, "stored_at": at, "state": "baru", "attachments": "[]"}
    feedback |= {"text": text, "topic": topic, "lat": position[0], "lon": position[1]}
    prediction = {"feedback_id": name, "bundle": "b", "made_at": at, "content": write_json({"places": places})}
    return feedback, {**prediction, "signature": sign(text)}


class Crowd:
    """Draws what happens, and tells it in two chains whose clocks are not the same."""

    def __init__(self, engine, seed, describe=describe):
        self.engine = engine
        self._describe = describe
        self.draws = random.Random(seed)  # noqa: S311  # a test's dice
        self.names = [f"{number:04}" for number in range(N_REPORTS)]
        self.draws.shuffle(self.names)
        self.known = []
        self._n_told = 0

    def store(self, n_reports):
        names, self.names = self.names[:n_reports], self.names[n_reports:]
        rows = [self._describe(name) for name in names]
        with writing(self.engine) as connection:
            connection.execute(insert(tables.feedback), [feedback for feedback, _ in rows])
            connection.execute(insert(tables.prediction), [prediction for _, prediction in rows])
            self._tell(connection, [(RECEIVED, name, {}) for name in names])
        self.known += names

    def correct(self, n_reports):
        with writing(self.engine) as connection:
            told = []
            for name in self._pick(n_reports):
                topic = self.draws.choice(TOPICS)
                self._change(connection, [name], topic=topic)
                told.append(("label.correction", name, {"head": "topic", "value": topic}))
            self._tell(connection, told)

    def restrict(self, n_reports):
        with writing(self.engine) as connection:
            names = self._pick(n_reports)
            self._change(connection, names, restriction=self.draws.choice(["oversight", None]))
            self._tell(connection, [(RESTRICTED, name, {}) for name in names])

    def erase(self, n_reports):
        with writing(self.engine) as connection:
            names = self._pick(n_reports)
            self._change(connection, names, erased_at=NOON)
            here = tables.prediction.c.feedback_id.in_(names)
            connection.execute(update(tables.prediction).where(here).values(signature=None))
            self._tell(connection, [(ERASED, name, {"feedback": [name]}) for name in names])
        self.known = [name for name in self.known if name not in names]

    def derive(self, limit):
        with writing(self.engine) as connection:
            return derive(connection, INCIDENTS, limit)

    def _pick(self, n_reports):
        return self.draws.sample(self.known, min(n_reports, len(self.known)))

    def _change(self, connection, names, **values):
        connection.execute(update(tables.feedback).where(tables.feedback.c.id.in_(names)).values(**values))

    def _tell(self, connection, told):
        chain = self.draws.choice(["one", "two"])
        self._n_told += 1
        at = NOON + timedelta(seconds=self._n_told - (40 if chain == "two" else 0))
        open_chain(connection, chain, NOON)
        append(connection, chain, [Entry(type_, at, "key:k", name, content=content) for type_, name, content in told])


def look(engine):
    derived = (tables.incident, tables.incident_member, tables.likeness)
    with reading(engine) as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table)))) for table in derived}


@pytest.mark.parametrize("seed", [1, 2])
def test_incidents_in_passing_are_those_of_a_rebuild_however_many_are_alike(desk, seed):
    crowd = Crowd(desk.engine, seed)
    deeds = [crowd.correct, crowd.correct, crowd.restrict, crowd.erase]
    while crowd.names:
        crowd.store(crowd.draws.choice([1, 40, 300]))
        crowd.draws.choice(deeds)(crowd.draws.choice([1, 20, 200]) if crowd.draws.random() < 0.5 else 3)
        # What is derived is behind what happened, more or less.
        crowd.derive(crowd.draws.choice([1, 50, 400]))
    in_passing = desk.incidents()
    tables_in_passing = look(desk.engine)
    assert desk.rebuilt() == in_passing
    assert look(desk.engine) == tables_in_passing
    assert max(n_reports for _, n_reports, _ in in_passing.values()) > 400
    assert len(in_passing) > 5


def test_thousands_of_copies_do_not_hide_those_that_a_report_belongs_with(desk):
    crowd = Crowd(desk.engine, 3, describe_copy)
    crowd.names.sort(key=lambda name: int(name) % len(VILLAGES) == 0)
    by_village = [
        [name for name in sorted(crowd.names) if int(name) % len(VILLAGES) == n] for n in range(len(VILLAGES))
    ]
    expected = {names[0]: (names, len(names), len(names)) for names in by_village}
    while crowd.names:
        crowd.store(crowd.draws.choice([1, 40, 300]))
        crowd.derive(crowd.draws.choice([1, 50, 400]))
    assert desk.incidents() == expected
    assert desk.rebuilt() == expected
