from datetime import date, timedelta

import pytest
from sqlalchemy import true

from service.engine import reading
from service.feedback import find_feedback
from service.handling.history import read_events
from service.handling.holidays import read_calendar
from service.handling.sending import trace_report
from service.handling.time_split import split_time
from service.handling.workdays import WorkingDays
from service.upkeep.history_rows import HistoryRow

from .conftest import DESK_DAY


def tell_story(desk, feedback_id):
    with reading(desk.engine) as connection:
        record = find_feedback(connection, feedback_id, true())
        moved = trace_report(connection, record, read_events(connection, feedback_id))
        return split_time(record.feedback.stored_at, moved, desk.now, WorkingDays(read_calendar(connection)))


@pytest.mark.parametrize("end", ["arsip", "ditolak_bukan_kewenangan"])
def test_what_ends_otherwise_after_its_deadline_missed_it_and_before_it_is_not_judged(desk, end):
    early, late = desk.receive(n=2)
    desk.send([early, late], "didisposisi")
    desk.wait_until(3)
    desk.send([early], "dikembalikan", end)
    desk.wait_until(30)
    desk.send([late], "dikembalikan", end)
    assert desk.fold(early)[0].kept_deadline is None
    assert desk.fold(late)[0].kept_deadline is False
    assert desk.fold(late)[0].due_day == date(2026, 7, 24)


def test_a_direct_answer_is_judged_by_the_days_of_its_kind_and_not_of_verification(desk):
    (alone,), (of_triage,) = desk.receive("auto"), desk.receive()
    desk.wait_until(9)
    running = desk.fold(alone)[0]
    assert (running.clock, running.runs_to, running.due_day) == ("verification", date(2026, 7, 9), date(2026, 7, 24))
    desk.send([alone, of_triage], "ditanggapi")
    for feedback_id in (alone, of_triage):
        case = desk.fold(feedback_id)[0]
        assert (case.due_day, case.kept_deadline, case.answer_days) == (date(2026, 7, 24), True, 7)


def test_the_deadline_without_a_clock_of_handling_waits_for_the_reporter_as_clocks_do(desk):
    (asked,), (disposed,) = desk.receive("auto"), desk.receive()
    desk.send([disposed], "didisposisi")
    desk.wait_until(2)
    desk.send([asked, disposed], "perlu_lengkapi")
    assert desk.fold(asked)[0].due_day is None
    desk.wait_until(7)
    desk.send([asked, disposed], "dilengkapi")
    # Wednesday, Thursday and Friday.
    assert desk.fold(asked)[0].due_day == desk.fold(disposed)[0].due_day == date(2026, 7, 29)
    desk.wait_until(60)
    desk.send([asked, disposed], "perlu_lengkapi")
    assert desk.fold(asked)[0].due_day == desk.fold(disposed)[0].due_day == date(2026, 7, 29)


def test_labels_do_not_rewrite_whose_the_time_was(desk):
    plain, confirmed, named = desk.receive("auto", n=3)
    desk.wait_until(1)
    desk.say(confirmed, "dinas-pupr", is_blind=True)
    desk.wait_until(4)
    desk.say(named, "inspektorat")
    desk.wait_until(14)
    desk.send([plain, confirmed, named], "didisposisi", agency="dinas-perhubungan")
    for feedback_id in (plain, confirmed):
        case, stints = desk.fold(feedback_id)
        assert (case.verification_days, case.misrouted_days) == (0, 10)
        assert [(one.agency, one.end) for one in stints] == [
            ("dinas-pupr", "transferred"),
            ("dinas-perhubungan", "open"),
        ]
    stints = desk.fold(named)[1]
    assert [(one.agency, one.started_day.day) for one in stints] == [
        ("dinas-pupr", 6),
        ("inspektorat", 10),
        ("dinas-perhubungan", 20),
    ]


def test_a_label_that_is_taken_back_leaves_the_report_where_it_was_routed_alone(desk):
    (alone,), (suggested,) = desk.receive("auto"), desk.receive()
    for feedback_id in (alone, suggested):
        desk.say(feedback_id, "inspektorat")
        assert desk.fold(feedback_id)[0].agency_basis == "person"
        desk.take_back(feedback_id)
    case, stints = desk.fold(alone)
    assert (case.agency, case.agency_basis, stints[-1].agency) == ("dinas-pupr", "auto", "dinas-pupr")
    assert desk.fold(suggested)[0].agency_basis == "suggest"
    assert desk.fold(suggested)[1] == ()


def test_what_was_imported_was_never_routed_alone(desk):
    feedback_id = desk.remember(HistoryRow(1, "file", "1", "x", received_at=DESK_DAY - timedelta(days=20)))
    desk.wait_until(3)
    desk.send([feedback_id], "didisposisi", agency="dinas-perhubungan")
    case, stints = desk.fold(feedback_id)
    assert [one.agency for one in stints] == ["dinas-perhubungan"]
    assert (case.is_misrouted, case.misrouted_days) == (False, 0)
    assert tell_story(desk, feedback_id).misrouted == timedelta(0)


@pytest.mark.parametrize("later", [("diproses", "ditanggapi"), ("diproses", "dikembalikan", "arsip"), ("diproses",)])
def test_an_answer_that_lasted_stays_the_end_of_the_case(desk, later):
    (feedback_id,) = desk.receive()
    desk.send([feedback_id], "didisposisi")
    desk.wait_until(2)
    desk.send([feedback_id], "diproses", "ditanggapi")
    answered = desk.fold(feedback_id)[0]
    desk.wait_until(150)
    desk.send([feedback_id], "dibuka_kembali")
    desk.wait_until(152)
    desk.send([feedback_id], *later)
    case, stints = desk.fold(feedback_id)
    for name in ("outcome", "answered_day", "ended_day", "answer_days", "due_day", "kept_deadline", "handling_days"):
        assert getattr(case, name) == getattr(answered, name), name
    assert (case.outcome, case.answer_days, case.is_reopened, case.was_answered) == ("answered", 2, False, True)
    assert stints[0].end == "answered"
    assert len(stints) == 2
    # The clock that runs again is still somebody's.
    assert (case.runs_to is None) == (later != ("diproses",))


def test_a_late_answer_is_late_though_its_report_was_reopened_much_later(desk):
    (feedback_id,) = desk.receive()
    desk.send([feedback_id], "didisposisi")
    desk.wait_until(40)
    desk.send([feedback_id], "ditanggapi")
    assert desk.fold(feedback_id)[0].kept_deadline is False
    desk.wait_until(100)
    desk.send([feedback_id], "dibuka_kembali", "ditanggapi")
    case = desk.fold(feedback_id)[0]
    assert (case.kept_deadline, case.due_day) == (False, date(2026, 7, 24))


def test_an_answer_reopened_within_ten_working_days_was_none(desk):
    (feedback_id,) = desk.receive()
    desk.send([feedback_id], "didisposisi", "ditanggapi")
    desk.wait_until(4)
    desk.send([feedback_id], "dibuka_kembali")
    case, stints = desk.fold(feedback_id)
    assert (case.outcome, case.is_reopened, case.was_answered, len(stints)) == ("open", True, True, 1)


def test_what_was_rejected_and_reopened_was_never_answered(desk):
    (feedback_id,) = desk.receive()
    desk.send([feedback_id], "ditolak_bukan_kewenangan", "dibuka_kembali")
    case = desk.fold(feedback_id)[0]
    assert (case.outcome, case.is_reopened, case.was_answered) == ("open", False, False)
