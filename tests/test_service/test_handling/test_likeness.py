from datetime import UTC, datetime, timedelta

import pytest

from model.signature import sign
from service.handling.likeness import COPY_WINDOW, N_BANDS, PLACE_WINDOW, Report

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
SIGNATURE = sign("lampu jalan mati di depan mushala sudah tiga malam")


def make_report(**more):
    known = {"topic": "lainnya", "signature": b"", "places": frozenset(), "position": None}
    return Report("a", **({"received_at": NOON} | known | more))


def test_wording_gives_a_key_for_each_band_whatever_the_topic():
    keys = make_report(signature=SIGNATURE, places=frozenset({"13.73.04.2001"})).list_keys()
    assert len(set(keys)) == N_BANDS
    assert keys == make_report(signature=SIGNATURE, topic="jalan-rusak").list_keys()


def test_passing_trouble_gives_a_key_for_each_place_and_for_its_position():
    where = {"places": frozenset({"13.73.04.2001", "lm-danau-biru"}), "position": (-0.68, 100.78)}
    assert len(set(make_report(topic="listrik", **where).list_keys())) == 3
    assert set(make_report(topic="listrik", **where).list_keys()).isdisjoint(
        make_report(topic="air-minum", **where).list_keys()
    )
    assert make_report(topic="penerangan-jalan", **where).list_keys() == []


@pytest.mark.parametrize(
    ("window", "more"),
    [
        (COPY_WINDOW, {"signature": SIGNATURE}),
        (PLACE_WINDOW, {"topic": "listrik", "places": frozenset({"13.73.04.2001"})}),
    ],
)
def test_keys_around_hold_those_of_a_window_before_and_after_and_not_of_years(window, more):
    for start in range(0, 60, 7):
        at = NOON + timedelta(days=start / 4)
        around = set(make_report(received_at=at, **more).list_keys_around())
        for apart in (-window, -window / 2, timedelta(0), window / 2, window):
            assert set(make_report(received_at=at + apart, **more).list_keys()) <= around
        for apart in (-9 * window, 9 * window):
            assert around.isdisjoint(make_report(received_at=at + apart, **more).list_keys())


def test_keys_that_stores_hold_stay_what_they_are():
    keys = make_report(signature=SIGNATURE, topic="listrik", places=frozenset({"13.73.04.2001"})).list_keys()
    assert (keys[0], keys[-1]) == (-3916213943362276939, -4199794238457586761)


def test_a_time_is_compared_to_the_microsecond():
    assert make_report(received_at=NOON + timedelta(microseconds=1)).received_us - make_report().received_us == 1
