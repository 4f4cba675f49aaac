from itertools import permutations

import pytest
from sqlalchemy import delete, select, update

from service import tables
from service.engine import reading, writing
from service.handling.lineup import Lineup

from .conftest import NOON

FLOOD = "air sungai naik masuk rumah warga di tepi jembatan sejak subuh, kami butuh perahu"


def test_copies_by_the_hundred_cost_each_a_look_at_few_others(desk, monkeypatch):
    looks = []

    def find_alike(lineup, number, others, find=Lineup.find_alike):
        looks.extend(others)
        return find(lineup, number, others)

    monkeypatch.setattr(Lineup, "find_alike", find_alike)
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


def test_an_incident_that_falls_apart_is_two_each_named_by_its_first_report(desk):
    for name in "ab":
        desk.store(name, FLOOD, topic="drainase")
    desk.store("c", FLOOD, place="13.73.04.2001")
    for name in "def":
        desk.store(name, f"tolong perahu {name}", place="13.73.04.2001")
    assert desk.incidents() == {"a": (list("abcdef"), 6, 6)}
    desk.erase("c")
    assert desk.incidents() == desk.rebuilt() == {"a": (["a", "b"], 2, 2), "d": (["d", "e", "f"], 3, 3)}


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
    # More ids than fit into a statement, and more holders of a key in one incident than are looked at first.
    monkeypatch.setattr("service.handling.parts.IDS_AT_ONCE", 3)
    monkeypatch.setattr("service.handling.incidents._GROUPED_AT_ONCE", 7)
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


def test_a_topic_that_went_to_and_fro_before_it_was_read_leaves_nothing_behind(desk):
    # Copies, but from places far apart; only as passing trouble of one village they are one.
    desk.store("a", FLOOD, topic="drainase", place="13.73.04.2001", position=(-0.60, 100.78))
    assert desk.incidents() == {}
    desk.store("b", FLOOD, place="13.73.04.2001", position=(-0.65, 100.78))
    desk.correct_topic("a", "banjir-longsor")
    desk.read(1)
    desk.correct_topic("a", "drainase")
    assert desk.incidents() == desk.rebuilt() == {}


def test_a_correction_read_before_the_report_of_another_chain_does_no_harm(desk):
    desk.store("a", FLOOD)
    desk.store("b", FLOOD, topic="drainase")
    # By a process whose clock is behind.
    desk.correct_topic("b", "banjir-longsor", chain="other", after=-1)
    assert desk.incidents() == desk.rebuilt() == {"a": (["a", "b"], 2, 2)}


def test_a_correction_of_weeks_later_leaves_an_incident_as_it_is(desk):
    desk.store("a", FLOOD)
    desk.store("b", FLOOD)
    desk.store("c", "lampu jalan mati", topic="penerangan-jalan", after=24 * 60)
    assert desk.incidents() == {"a": (["a", "b"], 2, 2)}
    desk.correct_topic("b", "drainase", after=24 * 60)
    assert desk.incidents() == desk.rebuilt() == {"a": (["a", "b"], 2, 2)}


def test_copies_that_name_other_villages_are_two_whatever_was_read_first(desk):
    lamp = "lampu jalan mati sudah tiga malam dekat mushala, tolong diperbaiki"
    for name, place in {"a": "13.73.04.2001", "b": "13.73.01.2011", "c": "13.73.04.2001"}.items():
        desk.store(name, lamp, topic="penerangan-jalan", place=place)
    assert desk.incidents() == desk.rebuilt() == {"a": (["a", "c"], 2, 2)}
