"""Figures of deadlines and of reopening, of reports that were told one by one."""

from datetime import date, timedelta

import pytest

from service.cases.derivation import Cases
from service.engine import writing
from service.ledger.deriving import derive
from service.statistics import agencies, deadlines, districts, effect, topics
from service.statistics.marks import MarkOrder, enter_marks
from service.writer import recording

from .conftest import DESK_DAY, OFFICER


def pair(rate):
    return int(rate.k), int(rate.n)


def ask_all(desk, n_days):
    """Kept deadlines as every question tells them; of agencies those of the one that had the reports."""
    whole = desk.ask(deadlines, n_days)
    (unit,) = [one for one in desk.ask(agencies, n_days).units if one.agency == "dinas-pupr"]
    (of_agency,) = [one for one in whole.agencies if one.agency == "dinas-pupr"]
    (topic,), (district,) = desk.ask(topics, n_days).groups, desk.ask(districts, n_days).groups
    return [pair(one.kept) for one in (whole.whole, of_agency, unit, topic, district)]


@pytest.mark.parametrize("decision", ["suggest", "auto"])
def test_a_deadline_counts_when_it_is_over_and_not_before_for_early_answers_alone(desk, decision):
    ids = desk.receive(decision, n=8)
    desk.send(ids, "didisposisi" if decision == "suggest" else "diproses")
    desk.wait_until(2)
    desk.send(ids[:3], "ditanggapi")
    assert ask_all(desk, 2) == [(0, 0)] * 5
    assert ask_all(desk, 18) == [(0, 0)] * 5
    assert ask_all(desk, 19) == [(3, 8)] * 5


def test_a_miss_stays_when_a_late_report_is_archived_or_rejected(desk):
    ids = desk.receive(n=8)
    desk.send(ids, "didisposisi")
    desk.wait_until(2)
    desk.send(ids[:2], "ditanggapi")
    desk.wait_until(30)
    assert pair(desk.ask(deadlines, 30).whole.kept) == (2, 8)
    desk.send(ids[2:5], "dikembalikan", "arsip")
    desk.send(ids[5:], "dikembalikan", "ditolak_bukan_kewenangan")
    told = desk.ask(deadlines, 31)
    assert pair(told.whole.kept) == (2, 8)
    assert {one.agency: pair(one.kept) for one in told.agencies} == {"": (0, 6), "dinas-pupr": (2, 2)}
    assert [pair(desk.ask(ask, 31).groups[0].kept) for ask in (topics, districts)] == [(2, 8)] * 2


def test_the_clock_of_verification_blames_no_agency(desk):
    desk.receive("auto", n=4)
    told = {one.agency: one for one in desk.ask(deadlines, 9).agencies}
    assert (told[""].n_overdue, told["dinas-pupr"].n_overdue if "dinas-pupr" in told else 0) == (4, 0)
    assert desk.ask(deadlines, 9).whole.n_overdue == 4
    # Who was sent a report alone and never answers misses the deadline of its kind.
    told = {one.agency: one for one in desk.ask(deadlines, 19).agencies}
    assert pair(told["dinas-pupr"].kept) == (0, 4)


def test_what_runs_again_after_a_lasting_answer_can_be_overdue_and_judges_nobody_twice(desk):
    ids = desk.receive(n=3)
    desk.send(ids, "didisposisi", "ditanggapi")
    desk.wait_until(60)
    desk.send(ids, "dibuka_kembali")
    told = desk.ask(deadlines, 150)
    assert (pair(told.whole.kept), told.whole.n_overdue) == ((3, 3), 3)


def test_what_was_passed_on_untouched_was_at_the_wrong_address(desk):
    ids = desk.receive("auto", n=8)
    desk.wait_until(1)
    desk.send(ids[:5], "didisposisi", agency="dinas-perhubungan")
    desk.send(ids[5:], "diproses", "didisposisi", agency="dinas-perhubungan")
    told = {one.agency: pair(one.given_back) for one in desk.ask(agencies, 2).units}
    assert told["dinas-pupr"] == (5, 8)


def test_a_reopening_is_a_share_of_what_was_ever_answered(desk):
    ids = desk.receive(n=9)
    desk.send(ids, "didisposisi", "ditanggapi")
    desk.wait_until(3)
    desk.send(ids[:3], "dibuka_kembali")
    (unit,), (topic,) = desk.ask(agencies, 4).units, desk.ask(topics, 4).groups
    assert (pair(unit.reopened), pair(topic.reopened)) == ((3, 9), (3, 9))


def follow(desk, measure):
    """A measure week by week, around a mark, of weeks in which there is something to measure."""
    order = MarkOrder((DESK_DAY + timedelta(days=7)).date(), None, "x", "kebijakan", *[None] * 4, "a", desk.now)
    with recording(desk.engine, desk.now) as transaction:
        (mark,) = enter_marks(transaction, [order])
    with writing(desk.engine) as connection:
        while derive(connection, Cases()):
            pass
        found = effect(connection, OFFICER, mark.id, measure, desk.now)
    return {point.day: point.value for point in found.points if point.value is not None}


def test_an_effect_is_measured_with_all_that_was_tried(desk):
    desk.receive()
    desk.wait_until(7)
    ids = desk.receive(n=8)
    desk.send(ids, "didisposisi")
    desk.send(ids[:4], "ditanggapi")
    desk.wait_until(9)
    desk.send(ids[:1], "dibuka_kembali")
    desk.wait_until(120)
    assert follow(desk, "reopened") == {date(2026, 7, 13): 0.25}
    # The first one was never answered; the one that was reopened has a later deadline, of a new clock.
    kept = {date(2026, 7, 20): 0.0, date(2026, 7, 27): 3 / 7, date(2026, 8, 3): 0.0}
    assert follow(desk, "kept") == kept
