from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from service.handling.clock import VERIFICATION, find_deadline
from service.handling.clock_words import explain
from service.handling.history import Event
from service.handling.holding import ROUTED
from service.handling.holidays import CityCalendar
from service.handling.sending import Lying, Moved, Naming, needs_receipt, trace
from service.handling.states import Position, list_allowed, move
from service.handling.time_split import split_time
from service.handling.workdays import WorkingDays

START = datetime(2026, 8, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
WORKING_DAYS = WorkingDays(CityCalendar())


def make_events(*steps, agency="pupr"):
    """Events (type, or type and agency) an hour after each other, as they would be stored."""
    position, found = Position(has_agency=True), []
    holder = agency
    for number, step in enumerate(steps, start=1):
        type_, named = step if isinstance(step, tuple) else (step, None)
        position = move(position, type_)
        holder = named or holder
        at = START + number * HOUR
        found.append(Event(str(number), "f", number, type_, at, at, "key:k", holder, None, None, None, position.state))
    return found


def split(*steps, hours=None, sent_to=None):
    events = make_events(*steps)
    routed = [Moved(ROUTED, START, sent_to, "baru")] if sent_to else []
    until = START + HOUR * (hours if hours is not None else len(steps))
    return split_time(START, [*routed, *events], until, WORKING_DAYS)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1000), st.sampled_from("ab"), st.integers(0, 10_000)), max_size=25),
    st.integers(0, 10_000),
    st.booleans(),
)
def test_the_parts_sum_to_the_whole(steps, minutes, has_agency):
    position, at, found = Position(has_agency=has_agency), START, []
    for number, (pick, agency, wait) in enumerate(steps, start=1):
        allowed = list_allowed(position)
        type_ = allowed[pick % len(allowed)]
        position, at = move(position, type_), at + timedelta(minutes=wait)
        found.append(Event("e", "f", number, type_, at, at, "k", agency, None, None, None, position.state))
    result = split_time(START, found, at + timedelta(minutes=minutes), WORKING_DAYS)
    assert result.whole == result.ended_at - START
    parts = (result.verification, result.misrouted, result.reporter, result.rest, *result.handling.values())
    assert all(part >= timedelta(0) for part in parts)


def test_a_report_that_nobody_touched_waits_for_verification():
    assert split(hours=5).verification == 5 * HOUR


def test_each_agency_answers_for_its_own_part():
    result = split(("didisposisi", "pupr"), "diproses", ("didisposisi", "perhubungan"), "diproses", "ditanggapi")
    assert result.verification == HOUR
    assert result.handling == {"pupr": 2 * HOUR, "perhubungan": 2 * HOUR}
    assert result.misrouted == timedelta(0)


def test_an_agency_that_gives_back_or_passes_on_untouched_handled_nothing():
    returned = split(("didisposisi", "pupr"), "dikembalikan", ("didisposisi", "perhubungan"), "diproses", hours=5)
    assert returned.misrouted == 2 * HOUR
    assert returned.handling == {"perhubungan": 2 * HOUR}
    passed_on = split(("didisposisi", "pupr"), ("didisposisi", "perhubungan"), "diproses", hours=5)
    assert passed_on.misrouted == HOUR
    assert passed_on.handling == {"perhubungan": 3 * HOUR}


def test_what_the_classifier_sent_astray_was_misrouted_from_the_start():
    result = split("dikembalikan", ("didisposisi", "perhubungan"), hours=3, sent_to="pupr")
    assert (result.verification, result.misrouted) == (timedelta(0), 2 * HOUR)
    verified = split("diverifikasi", "dikembalikan", ("didisposisi", "perhubungan"), hours=3, sent_to="pupr")
    assert (verified.verification, verified.misrouted) == (timedelta(0), 3 * HOUR)


def test_what_was_routed_alone_is_its_agencys_own_time_from_the_start():
    waiting = split(hours=5, sent_to="pupr")
    assert (waiting.verification, waiting.handling) == (timedelta(0), {"pupr": 5 * HOUR})
    verified = split("diverifikasi", "diproses", "ditanggapi", sent_to="pupr")
    assert (verified.verification, verified.handling) == (timedelta(0), {"pupr": 3 * HOUR})


def test_an_answer_that_did_not_last_ten_working_days_was_none_and_a_late_return_takes_all_of_it():
    soon = split(("didisposisi", "pupr"), "ditanggapi", "dibuka_kembali", "dikembalikan", hours=4)
    assert (soon.handling, soon.misrouted, soon.rest) == ({}, 2 * HOUR, HOUR)
    events = make_events(("didisposisi", "pupr"), "ditanggapi", "dibuka_kembali", "dikembalikan")
    much_later = [
        Moved(event.type, event.at + (timedelta(days=30) if number >= 2 else timedelta(0)), event.agency, event.state)
        for number, event in enumerate(events)
    ]
    late = split_time(START, much_later, START + 4 * HOUR + timedelta(days=30), WORKING_DAYS)
    assert (late.handling, late.misrouted) == ({"pupr": HOUR}, HOUR)


def test_the_time_of_an_erased_report_ends_with_its_erasure():
    result = split_time(START, make_events(("didisposisi", "pupr")), START + 9 * HOUR, WORKING_DAYS, START + 3 * HOUR)
    assert (result.whole, result.handling) == (3 * HOUR, {"pupr": 2 * HOUR})


def test_a_label_hands_on_what_was_routed_alone_until_a_person_disposes():
    events = make_events("diverifikasi", ("didisposisi", "perhubungan"))
    early = Naming("rsud", "pupr", START + timedelta(minutes=90))
    blind = Naming("satpol-pp", "perhubungan", START + timedelta(minutes=150))
    lying = Lying("perhubungan", "human", True)
    assert needs_receipt(lying, events, [early, blind])
    assert not needs_receipt(lying, events, [blind])
    moved = trace(START, lying, "pupr", events, [early, blind], was_routed_alone=True)
    assert [(one.type, one.agency) for one in moved if one.agency] == [
        (ROUTED, "pupr"),
        ("diverifikasi", "pupr"),
        (ROUTED, "rsud"),
        ("didisposisi", "perhubungan"),
    ]
    result = split_time(START, moved, START + 3 * HOUR, WORKING_DAYS)
    assert (result.verification, result.misrouted, result.handling) == (
        timedelta(0),
        2 * HOUR,
        {"perhubungan": HOUR},
    )
    asked_first = trace(START, lying, "pupr", events, [early, blind])
    assert [one.type for one in asked_first] == ["diverifikasi", "didisposisi"]


def test_the_words_of_a_clock_say_for_whom_it_runs():
    deadline = find_deadline(START, 3, CityCalendar())
    alone = explain(deadline, VERIFICATION, is_confirmed=True, is_at_agency=True)
    assert "bagi unit yang langsung menerimanya" in alone
    assert "untuk verifikasi" not in alone
    assert "untuk verifikasi" in explain(deadline, VERIFICATION, is_confirmed=True, is_at_agency=False)


def test_the_wait_for_the_reporter_is_nobodys():
    result = split(("didisposisi", "pupr"), "perlu_lengkapi", "dilengkapi", "ditanggapi")
    assert result.reporter == HOUR
    assert result.handling == {"pupr": 2 * HOUR}


def test_the_time_ends_with_the_answer_that_holds():
    ended = split(("didisposisi", "pupr"), "ditanggapi", "selesai", hours=90)
    assert ended.whole == 2 * HOUR
    reopened = split(("didisposisi", "pupr"), "ditanggapi", "dibuka_kembali", "diproses", "selesai", hours=90)
    assert reopened.rest == HOUR
    assert reopened.handling == {"pupr": 3 * HOUR}
