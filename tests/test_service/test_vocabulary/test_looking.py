"""New words are found in a store, on SQLite and PostgreSQL, and proposals keep their ids."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from model.places import read_gazetteer
from model.shipped import datasets_folder
from service import tables
from service.callers import Caller
from service.engine import open_engine, reading, writing
from service.migrating import migrate
from service.statistics import proposed
from service.vocabulary import looking
from service.vocabulary.looking import Look
from service.vocabulary.proposals import keep_outcomes, list_remembered
from service.writer import recording

TODAY = date(2026, 9, 30)
NOON = datetime(2026, 9, 30, 5, tzinfo=UTC)
USUAL = ("jalan rusak parah", "lampu mati lagi", "sampah menumpuk bau", "air keruh terus", "antre lama sekali")
NEW = tuple(f"kandang biogas bocor {usual}" for usual in USUAL)
PLACES = read_gazetteer(datasets_folder() / "lexicons" / "places.csv")
ANALYST = Caller("a", "account", "a", frozenset({"analyse"}))


class Town:
    """A store to which reports come."""

    def __init__(self, engine):
        self.engine, self.chance = engine, random.Random(5)  # noqa: S311  # chance of a test, no secret
        self.n = 0

    def add(self, texts, days_ago, *, reporters=50, restriction=None):
        rows = []
        for text in texts:
            at = NOON - timedelta(days=days_ago, minutes=self.n % 500)
            self.n += 1
            rows.append(
                {
                    "id": f"{self.n:036x}",
                    "key_id": "k",
                    "state": "baru",
                    "attachments": "[]",
                    "text": text,
                    "received_at": at,
                    "stored_at": at,
                    "reporter_digest": f"r{self.n % reporters}" if reporters else None,
                    "restriction": restriction,
                }
            )
        with writing(self.engine) as connection:
            connection.execute(insert(tables.feedback), rows)

    def live(self, days=200):
        """An ordinary past."""
        for day in range(1, days, 4):
            self.add(self.chance.choices(USUAL, k=8), day)

    def look(self, day=TODAY):
        with reading(self.engine) as connection:
            look = Look(day, PLACES, list_remembered(connection))
            while look.step(connection):
                pass
        with recording(self.engine, NOON) as transaction:
            return keep_outcomes(transaction, [look.outcome])[0]

    def ask(self, day=TODAY, caller=ANALYST):
        with reading(self.engine) as connection:
            return proposed(connection, caller, day)


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request, tmp_path):
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    else:
        engine = open_engine(request.getfixturevalue("address"))
    migrate(engine)
    yield Town(engine)
    engine.dispose()


def test_new_words_become_one_proposed_topic_with_the_reports_behind_it(town):
    town.live()
    town.add(NEW * 3, 3)
    town.add(["oknum biogas"] * 9, 2, restriction="oversight")
    assert town.look()
    answer = town.ask()
    (topic,) = answer.topics
    assert {"biogas", "kandang"} <= {one.word for one in topic.words}
    assert (answer.enough, topic.n, topic.since) == (True, 15, TODAY)
    with reading(town.engine) as connection:
        behind = connection.execute(select(tables.feedback.c.text).join(tables.proposed_topic_report)).scalars().all()
    assert sorted(behind) == sorted(NEW * 3)
    # A caller of one agency gets that agency's figures, and these are the city's.
    assert town.ask(caller=Caller("l", "account", "l", frozenset({"triage"}), "dinas-pupr")).topics == ()


def test_an_id_lasts_from_look_to_look_and_two_looks_of_a_day_are_one(town):
    town.live()
    town.add(NEW * 3, 3)
    assert town.look()
    assert not town.look()
    first = town.ask().topics[0].id
    town.add(["kandang biogas bocor semalam"] * 6, -1)
    assert town.look(TODAY + timedelta(days=2))
    (topic,) = town.ask(TODAY + timedelta(days=2)).topics
    assert (topic.id, topic.since, topic.n) == (first, TODAY, 21)


def test_one_reporter_alone_proposes_nothing_nor_do_copies_of_one_incident(town):
    town.live()
    town.add(["rumah kaca roboh pak"] * 20, 4, reporters=1)
    town.add(["kolam terapung terbalik"] * 20, 4, reporters=None)
    with writing(town.engine) as connection:
        columns = tables.feedback.c
        ids = connection.execute(select(columns.id).where(columns.text == "kolam terapung terbalik")).scalars().all()
        row = {"opened_at": NOON, "last_at": NOON, "n_reports": 20, "n_reporters": 20}
        connection.execute(insert(tables.incident).values(id=ids[0], **row))
        connection.execute(insert(tables.incident_member), [{"feedback_id": id_, "incident_id": ids[0]} for id_ in ids])
    assert town.look()
    assert town.ask().topics == ()


def test_of_very_many_reports_a_sample_tells_the_same(town, monkeypatch):
    town.live(400)
    town.add(NEW * 24, 3)
    monkeypatch.setattr(looking, "MOST_READ", 300)
    assert town.look()
    # What stands out is found in the sample, and counted in all reports.
    assert town.ask().topics[0].n == 120


def test_too_little_is_no_data_and_what_was_erased_is_not_read(town):
    town.add(NEW, 3)
    assert town.look()
    assert (town.ask().enough, town.ask().topics) == (False, ())
    with writing(town.engine) as connection:
        connection.execute(update(tables.feedback).values(erased_at=NOON))
    assert town.look(TODAY + timedelta(days=1))
    assert town.ask().n == 0
