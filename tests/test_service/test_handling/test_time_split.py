from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from service.handling.history import Event
from service.handling.states import Position, list_allowed, move
from service.handling.time_split import split_time

START = datetime(2026, 8, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


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


def split(*steps, hours=None):
    events = make_events(*steps)
    return split_time(START, events, START + HOUR * (hours if hours is not None else len(steps)))


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
    result = split_time(START, found, at + timedelta(minutes=minutes))
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
    result = split("dikembalikan", ("didisposisi", "perhubungan"), hours=3)
    assert (result.verification, result.misrouted) == (timedelta(0), 2 * HOUR)
    verified = split("diverifikasi", "dikembalikan", ("didisposisi", "perhubungan"), hours=3)
    assert (verified.verification, verified.misrouted) == (HOUR, 2 * HOUR)


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
