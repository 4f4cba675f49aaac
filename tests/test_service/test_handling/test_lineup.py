from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from math import cos, hypot, radians

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.signature import estimate_jaccard, sign
from service.handling.likeness import HASHES_A_BAND, N_BANDS, PASSING_TOPICS, Report
from service.handling.lineup import Lineup, hang_together

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
LAMP = "lampu jalan mati di depan mushala sudah tiga malam, mohon segera diperbaiki karena anak anak takut lewat"
HILIE, KUBANG = "13.73.04.2001", "13.73.01.2011"

WORDS = st.lists(st.sampled_from("lampu jalan mati gang empat lima".split()), max_size=7).map(" ".join)
REPORTS = st.lists(
    st.builds(
        Report,
        id=st.uuids().map(str),
        received_at=st.sampled_from([0, 1, 23.9, 24, 24.1, 14 * 24, 14 * 24 + 0.1, 900]).map(
            lambda hours: NOON + timedelta(hours=hours)
        ),
        topic=st.sampled_from(["listrik", "banjir-longsor", "jalan-rusak", None]),
        signature=WORDS.map(sign),
        places=st.frozensets(st.sampled_from([HILIE, KUBANG, "lm-danau-biru"]), max_size=2),
        position=st.none() | st.tuples(st.floats(-0.7, -0.67), st.floats(100.7, 100.73)) | st.just((80.0, 100.0)),
    ),
    max_size=12,
)


def make_report(name="a", text=LAMP, *, topic="penerangan-jalan", place=None, position=None, after=0):
    places = frozenset({place} if place else ())
    return Report(name, NOON + timedelta(hours=after), topic, sign(text), places, position)


def belong(one, other):
    """What two reports must have in common, said once more and slowly."""
    apart = abs(one.received_at - other.received_at)
    is_near = is_far = False
    if one.position and other.position:
        width = sum(max(cos(radians(north)), 0.5) for north, _ in (one.position, other.position)) / 2
        (north, east), (other_north, other_east) = one.position, other.position
        metres = hypot(north - other_north, (east - other_east) * width) * 111_195
        is_near, is_far = metres <= 500, metres > 2_000
    is_passing = one.topic == other.topic and one.topic in PASSING_TOPICS and apart <= timedelta(hours=24)
    if is_passing and (one.places & other.places or is_near):
        return True
    if is_far or (one.places and other.places and not one.places & other.places):
        return False
    bands = [
        {(n, one_.signature[n * size : (n + 1) * size]) for n in range(N_BANDS)}
        for size in [4 * HASHES_A_BAND]
        for one_ in (one, other)
    ]
    is_copy = estimate_jaccard(one.signature, other.signature) >= 0.5 and bands[0] & bands[1]
    return apart <= timedelta(days=14) and bool(is_copy)


def are_alike(one, other):
    return Lineup([one, other]).find_alike(0, np.array([1])).size == 1


@settings(deadline=None)
@given(REPORTS)
def test_of_many_those_belong_together_that_do_as_a_pair(reports):
    lineup = Lineup(reports)
    for number, report in enumerate(reports):
        others = np.array([other for other in range(len(reports)) if other != number], dtype=np.intp)
        alike = set(lineup.find_alike(number, others))
        assert alike == {other for other in others if belong(report, reports[other])}
        assert alike == {other for other in others if are_alike(report, reports[other])}
        assert alike == {other for other in others if are_alike(reports[other], report)}


@settings(deadline=None)
@given(REPORTS)
def test_what_belongs_together_is_found_by_a_key(reports):
    for one, other in combinations(reports, 2):
        if belong(one, other):
            assert not set(one.list_keys()).isdisjoint(other.list_keys_around())
            assert not set(other.list_keys()).isdisjoint(one.list_keys_around())


@settings(deadline=None)
@given(REPORTS, st.randoms())
def test_what_hangs_together_is_the_same_in_any_order(reports, draws):
    slow = [{report.id} for report in reports]
    for one, other in combinations(reports, 2):
        if belong(one, other):
            united = [group for group in slow if group & {one.id, other.id}]
            slow = [group for group in slow if group not in united] + [set().union(*united)]
    for _ in range(2):
        found = [{report.id for report in group} for group in hang_together(reports)]
        assert sorted(map(sorted, found)) == sorted(map(sorted, slow))
        draws.shuffle(reports)


@pytest.mark.parametrize("topic", ["penerangan-jalan", "listrik"])
def test_a_lamp_that_is_broken_in_two_villages_is_two(topic):
    one = make_report(place=HILIE, topic=topic)
    assert not are_alike(one, make_report("b", place=KUBANG, topic=topic))
    assert are_alike(one, make_report("b", place=HILIE, topic=topic))
    assert are_alike(one, make_report("b", topic=topic))


def test_copies_that_name_one_place_in_common_are_one():
    both = Report("b", NOON, "penerangan-jalan", sign(LAMP), frozenset({HILIE, KUBANG}), None)
    assert are_alike(both, make_report(place=KUBANG))


@pytest.mark.parametrize(("east", "is_one"), [(100.790, True), (100.7975, True), (100.7985, False), (101.0, False)])
def test_copies_from_places_two_kilometres_apart_are_two(east, is_one):
    assert are_alike(make_report(position=(-0.68, 100.78)), make_report("b", position=(-0.68, east))) is is_one


def test_passing_trouble_at_one_place_is_one_whatever_the_words():
    flood = {"topic": "banjir-longsor", "place": HILIE}
    assert are_alike(make_report(**flood), make_report("b", "rumah kami terendam", after=24, **flood))
    assert not are_alike(make_report(**flood), make_report("b", "rumah kami terendam", after=24.1, **flood))


def test_what_is_near_lies_in_cells_side_by_side_at_any_latitude():
    for north, (up, right) in product([-89.0, -60.1, 0.0, 59.9, 75.0], [(0.0044, 0), (0, 0.0089), (-0.0044, 0)]):
        for step in range(20):
            here = (north, 100 + step / 2_000)
            one, other = (
                make_report(topic="listrik", text="", position=where)
                for where in (here, (here[0] + up, here[1] + right))
            )
            if are_alike(one, other):
                assert not set(one.list_keys()).isdisjoint(other.list_keys_around())
