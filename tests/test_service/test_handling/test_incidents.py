import json
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import delete, insert, select, update

from model.signature import estimate_jaccard, sign
from service import tables
from service.engine import open_engine, reading, writing
from service.feedback import RECEIVED
from service.handling.incidents import ERASED, Incidents
from service.handling.labels import RESTRICTED
from service.ledger.deriving import derive, rebuild
from service.ledger.entries import Entry, append, open_chain
from service.migrating import migrate

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
FLOOD = "air sungai naik masuk rumah warga di tepi jembatan sejak subuh, kami butuh perahu"
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

    def correct_topic(self, name, topic):
        self._n_stored += 1
        content = {"head": "topic", "value": topic}
        with writing(self.engine) as connection:
            connection.execute(update(tables.feedback).where(tables.feedback.c.id == name).values(topic=topic))
            at = NOON + timedelta(seconds=self._n_stored)
            self._tell(connection, Entry("label.correction", at, "account:a", name, content=content))

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

    def _tell(self, connection, entry):
        open_chain(connection, "test", NOON)
        append(connection, "test", [entry])


@pytest.fixture
def desk(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    yield Desk(engine)
    engine.dispose()


def test_copies_by_the_hundred_cost_each_a_look_at_few_others(desk, monkeypatch):
    looks = []

    def estimate(one, other):
        looks.append(1)
        return estimate_jaccard(one, other)

    monkeypatch.setattr("service.handling.likeness.estimate_jaccard", estimate)
    names = [f"{number:03}" for number in range(100)]
    for name in names:
        desk.store(name, FLOOD, topic="lainnya")
    assert desk.incidents() == {"000": (names, 100, 100)}
    desk.erase("000")
    assert desk.incidents() == {"001": (names[1:], 99, 99)}
    # All pairs would be ten thousand.
    assert len(looks) < 3 * len(names)


def test_forty_reports_of_one_flood_are_one_incident_with_its_reporters(desk):
    for number in range(40):
        desk.store(f"{number:02}", f"laporan nomor {number} banjir", place="13.73.04.2001", reporter=f"r{number % 30}")
    assert desk.incidents() == {"00": ([f"{number:02}" for number in range(40)], 40, 30)}


def test_a_text_passed_on_is_the_same_incident_wherever_it_was_sent_from(desk):
    desk.store("a", FLOOD, topic="drainase")
    desk.store("b", FLOOD.upper() + " 🙏🙏", topic="jalan-rusak", after=100)
    desk.store("c", "lampu jalan mati di depan mushala sudah tiga malam", topic="penerangan-jalan")
    assert desk.incidents() == {"a": (["a", "b"], 2, 2)}


@pytest.mark.parametrize(
    "other",
    [
        {"topic": "listrik", "place": "13.73.04.2001"},
        {"place": "13.73.04.2002"},
        {"place": "13.73.04"},
        {"place": "13.73.04.2001", "after": 30},
        {"place": "13.73.04.2001", "restriction": "oversight"},
        {"place": "13.73.04.2001", "erased_at": NOON},
    ],
    ids=["another topic", "another village", "only the district", "another day", "restricted", "erased"],
)
def test_what_only_looks_alike_is_no_incident(desk, other):
    desk.store("a", place="13.73.04.2001")
    desk.store("b", **other)
    assert desk.incidents() == {}


def test_two_broken_lamps_in_a_village_are_two(desk):
    for name in "ab":
        desk.store(name, topic="penerangan-jalan", place="13.73.04.2001")
    assert desk.incidents() == {}


def test_a_position_counts_as_a_place_within_half_a_kilometre(desk):
    desk.store("a", position=(-0.68009, 100.77999))
    desk.store("b", position=(-0.67991, 100.78001))
    desk.store("c", position=(-0.68009, 100.78999))
    assert desk.incidents() == {"a": (["a", "b"], 2, 2)}


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_the_order_of_reading_does_not_matter(desk, order):
    reports = {
        "a": {"text": FLOOD, "topic": "drainase"},
        "b": {"text": FLOOD, "place": "13.73.04.2001", "after": 1},
        "c": {"text": "tolong perahu", "place": "13.73.04.2001", "after": 2},
    }
    for name in order:
        desk.store(name, **reports[name])
    assert desk.incidents() == {"a": (["a", "b", "c"], 3, 3)}


def test_a_rebuild_gives_the_same_also_after_an_erasure(desk):
    desk.store("a", FLOOD, topic="drainase")
    desk.store("b", FLOOD, place="13.73.04.2001", after=1)
    desk.store("c", "tolong perahu", place="13.73.04.2001", after=2)
    desk.store("d", "perahu segera", place="13.73.04.2001", after=3)
    assert desk.incidents() == desk.rebuilt()
    desk.erase("b")
    assert desk.incidents() == {"c": (["c", "d"], 2, 2)}
    assert desk.rebuilt() == {"c": (["c", "d"], 2, 2)}


def test_a_report_shut_away_leaves_its_incident_and_comes_back_when_opened(desk):
    for name in "abc":
        desk.store(name, FLOOD)
    desk.restrict("a", "oversight")
    assert desk.incidents() == {"b": (["b", "c"], 2, 2)}
    desk.restrict("a", None)
    assert desk.incidents() == desk.rebuilt() == {"a": (["a", "b", "c"], 3, 3)}


def test_a_report_read_twice_is_a_member_once(desk):
    desk.store("a", FLOOD)
    desk.store("b", FLOOD)
    desk.incidents()
    with writing(desk.engine) as connection:
        connection.execute(delete(tables.cursor))
        connection.execute(delete(tables.likeness))
    assert desk.incidents() == {"a": (["a", "b"], 2, 2)}


def test_reports_read_together_are_grouped_as_one_by_one(desk, monkeypatch):
    texts = [FLOOD, FLOOD + " segera", "perahu karet belum datang", "lampu jalan mati", FLOOD.upper()]
    for number in range(60):
        place = ["13.73.04.2001", None, "lm-danau-biru"][number % 3]
        desk.store(f"{number * 37 % 100:02}", texts[number % 5], place=place, after=number * 7 % 50)
        if number % 9 == 8:
            desk.restrict(f"{(number - 3) * 37 % 100:02}", "oversight")
        if number % 20 == 19:
            desk.erase(f"{(number - 7) * 37 % 100:02}")
    together = desk.rebuilt()
    monkeypatch.setattr("service.handling.incidents._GROUPED_AT_ONCE", 1)
    assert desk.rebuilt() == together
    # So many share a key that each report looks for itself.
    monkeypatch.setattr("service.handling.incidents._MAX_HOLDERS", 3)
    assert desk.rebuilt() == together


def test_a_corrected_topic_is_looked_at_anew_and_shown(desk):
    for name in "abc":
        topic = "jalan-rusak" if name == "c" else "banjir-longsor"
        desk.store(name, f"genangan {name * 3} di sini", topic=topic, place="13.73.04.2001")
    assert desk.incidents() == {"a": (["a", "b"], 2, 2)}
    desk.correct_topic("c", "banjir-longsor")
    assert desk.incidents() == {"a": (["a", "b", "c"], 3, 3)}
    desk.correct_topic("a", "drainase")
    assert desk.incidents() == desk.rebuilt() == {"b": (["b", "c"], 2, 2)}


def test_the_topic_of_an_incident_is_that_of_its_first_report_as_corrected(desk):
    desk.store("a", FLOOD, topic="drainase")
    desk.store("b", FLOOD, topic="drainase")
    desk.incidents()
    desk.correct_topic("a", "jalan-rusak")
    desk.incidents()
    with reading(desk.engine) as connection:
        assert connection.execute(select(tables.incident.c.topic)).scalars().all() == ["jalan-rusak"]


def test_what_was_imported_joins_no_incident_whatever_is_said_of_it(desk):
    desk.store("a", FLOOD, place="13.73.04.2001")
    desk.store("b", FLOOD, topic="drainase", place="13.73.04.2001")
    with writing(desk.engine) as connection:
        connection.execute(
            update(tables.prediction).where(tables.prediction.c.feedback_id == "b").values(signature=None)
        )
    desk.correct_topic("b", "banjir-longsor")
    assert desk.incidents() == {}
