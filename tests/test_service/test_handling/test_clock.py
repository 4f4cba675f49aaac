import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.handling.clock import HANDLING, VERIFICATION, WIB, Pause, end_of, find_deadline, local_day, read_deadline
from service.handling.clock_words import explain
from service.handling.holidays import CityCalendar, DayOff

CALENDAR = CityCalendar()
instants = st.integers(0, 5 * 365 * 24 * 60).map(lambda n: datetime(2024, 1, 1, tzinfo=WIB) + timedelta(minutes=n))
n_days = st.integers(1, 70)


@st.composite
def pauses_after(draw, start):
    """Pauses in order, the last one perhaps open."""
    found, instant = [], start
    for _ in range(draw(st.integers(0, 4))):
        asked = instant + timedelta(minutes=draw(st.integers(0, 20_000)))
        instant = asked + timedelta(minutes=draw(st.integers(1, 20_000)))
        found.append(Pause(asked, instant))
    return tuple(found)


cases = instants.flatmap(lambda start: st.tuples(st.just(start), pauses_after(start)))


def list_working_days(first, last, calendar=CALENDAR):
    """The working days after ``first``, up to ``last``."""
    days = (first + timedelta(days=place) for place in range(1, (last - first).days + 1))
    return [day for day in days if calendar.name_day_off(day) is None]


@settings(deadline=None)
@given(cases, n_days)
def test_what_counts_and_what_was_paused_fill_the_days_up_to_the_deadline_exactly(case, n):
    start, pauses = case
    deadline = find_deadline(start, n, CALENDAR, pauses)
    days = list_working_days(local_day(start), local_day(deadline.due_at))
    paused = [day for day in days if any(pause.covers(end_of(day)) for pause in pauses)]
    assert len(days) == n + len(paused)
    assert deadline.n_paused_days == len(paused)


@settings(deadline=None)
@given(cases, n_days)
def test_a_deadline_is_the_end_of_a_working_day_after_the_start(case, n):
    start, pauses = case
    due_at = find_deadline(start, n, CALENDAR, pauses).due_at
    assert CALENDAR.name_day_off(local_day(due_at)) is None
    assert due_at == end_of(local_day(due_at))
    assert local_day(due_at) > local_day(start)


@settings(deadline=None)
@given(cases, n_days, st.integers(0, 100_000))
def test_who_starts_later_or_has_more_days_is_never_due_earlier(case, n, minutes):
    start, pauses = case
    due_at = find_deadline(start, n, CALENDAR, pauses).due_at
    assert find_deadline(start, n + 1, CALENDAR, pauses).due_at > due_at
    assert find_deadline(start + timedelta(minutes=minutes), n, CALENDAR, pauses).due_at >= due_at


@settings(deadline=None)
@given(cases, n_days, st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_another_day_off_makes_nothing_due_earlier(case, n, day):
    start, pauses = case
    changed = CityCalendar({day: DayOff(day, "Libur daerah", "city", is_off=True)})
    assert find_deadline(start, n, changed, pauses).due_at >= find_deadline(start, n, CALENDAR, pauses).due_at


@settings(deadline=None)
@given(cases, n_days)
def test_an_answer_that_is_awaited_stops_the_clock_unless_it_had_run_out(case, n):
    start, pauses = case
    plain = find_deadline(start, n, CALENDAR, pauses)
    asked = pauses[-1].completed_at if pauses else start
    stopped = find_deadline(start, n, CALENDAR, (*pauses, Pause(asked, None)))
    assert stopped.due_at == (plain.due_at if plain.due_at < asked else None)


@settings(deadline=None)
@given(cases, n_days)
def test_a_derivation_is_read_as_it_was_written(case, n):
    start, pauses = case
    deadline = find_deadline(start, n, CALENDAR, pauses)

    assert read_deadline(json.dumps(deadline.to_json()), start, deadline.due_at) == deadline


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        # A Monday; the 17th is Independence Day.
        ("2026-08-03T08:00", 14, "2026-08-24"),
        # The same day, whatever the hour; on Sunday night as on Monday.
        ("2026-08-03T23:59", 14, "2026-08-24"),
        ("2026-08-02T23:59", 14, "2026-08-21"),
        # Lebaran of 2026: off from Wednesday, 18 March to Tuesday, 24 March.
        ("2026-03-16T10:00", 3, "2026-03-26"),
        ("2026-03-19T10:00", 3, "2026-03-27"),
        # Lebaran of 2025: off from Friday, 28 March to Monday, 7 April.
        ("2025-03-27T16:00", 5, "2025-04-14"),
        # Christmas and New Year's Day between: 23, 28, 29, 30, 31 December, 4 January.
        ("2026-12-22T09:00", 6, "2027-01-04"),
        # The turn of 2025: 29, 30, 31 December, 2 January.
        ("2025-12-24T09:00", 4, "2026-01-02"),
        # 17 working days in March (Lebaran), 21 in April (Good Friday), 16 in May (five holidays), 6 in June.
        ("2026-02-27T09:00", 60, "2026-06-09"),
    ],
)
def test_deadlines_counted_by_hand(start, n, due):
    started_at = datetime.fromisoformat(start).replace(tzinfo=WIB)
    assert local_day(find_deadline(started_at, n, CALENDAR).due_at) == date.fromisoformat(due)


def test_a_day_is_that_of_western_indonesia():
    assert local_day(datetime.fromisoformat("2026-08-02T17:00:00+00:00")) == date(2026, 8, 3)


def test_asking_and_answering_on_one_day_adds_nothing():
    start = datetime(2026, 8, 3, 8, tzinfo=WIB)
    pause = Pause(start + timedelta(hours=1), start + timedelta(hours=5))
    assert find_deadline(start, 14, CALENDAR, (pause,)).due_at == find_deadline(start, 14, CALENDAR).due_at


def test_a_kind_without_days_is_never_due():
    deadline = find_deadline(datetime(2026, 8, 3, tzinfo=WIB), None, CALENDAR)
    assert deadline.due_at is None
    assert "tanpa batas waktu" in explain(deadline, HANDLING, is_confirmed=True)


def test_the_derivation_is_told_in_indonesian():
    start = datetime(2026, 8, 3, 9, tzinfo=WIB)
    pause = Pause(datetime(2026, 8, 5, 9, tzinfo=WIB), datetime(2026, 8, 10, 15, tzinfo=WIB))
    assert explain(find_deadline(start, 14, CALENDAR, (pause,)), HANDLING, is_confirmed=True) == (
        "14 hari kerja sejak Senin, 3 Agustus 2026; dilewati: Senin, 17 Agustus 2026 (Hari Kemerdekaan Republik "
        "Indonesia), Selasa, 25 Agustus 2026 (Maulid Nabi Muhammad); jeda 3 hari kerja karena menunggu pelapor; "
        "jatuh tempo Jumat, 28 Agustus 2026"
    )
    waiting = explain(find_deadline(start, 3, CALENDAR, (Pause(start, None),)), VERIFICATION, is_confirmed=False)
    assert waiting == (
        "3 hari kerja untuk verifikasi sejak Senin, 3 Agustus 2026; berhenti sejak Senin, 3 Agustus 2026 sampai "
        "pelapor melengkapi; lama waktu ini belum dipastikan oleh pemerintah kota"
    )
