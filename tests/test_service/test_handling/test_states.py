from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.handling.states import (
    RESTING,
    STATES,
    EventType,
    IllegalEventError,
    Position,
    State,
    find_resumed,
    list_allowed,
    move,
)

EVENTS = get_args(EventType)
choices = st.lists(st.integers(0, 10_000), max_size=30)
starts = st.builds(Position, has_agency=st.booleans(), is_alarmed=st.booleans())


def walk(position, picks):
    """All positions on a way of legal events."""
    positions = [position]
    for pick in picks:
        allowed = list_allowed(positions[-1])
        positions.append(move(positions[-1], allowed[pick % len(allowed)]))
    return positions


def follow(*types, **start):
    position = Position(**start)
    for type_ in types:
        position = move(position, type_)
    return position


@settings(deadline=None)
@given(starts, choices)
def test_any_way_of_legal_events_goes_on_for_ever(start, picks):
    for position in walk(start, picks):
        assert position.state in get_args(State)
        assert list_allowed(position)


@settings(deadline=None)
@given(starts, choices, st.sampled_from(EVENTS))
def test_an_event_is_legal_or_refused_with_what_is_allowed(start, picks, type_):
    position = walk(start, picks)[-1]
    allowed = list_allowed(position)
    assert len(set(allowed)) == len(allowed)
    if type_ in allowed:
        move(position, type_)
        return
    with pytest.raises(IllegalEventError, match=type_) as caught:
        move(position, type_)
    assert caught.value.allowed == allowed


@settings(deadline=None)
@given(starts, choices)
def test_the_state_to_go_back_to_is_found_from_the_states_alone(start, picks):
    positions = walk(start, picks)
    assert find_resumed(position.state for position in positions[1:]) == positions[-1].resumes


@settings(deadline=None)
@given(starts, choices)
def test_asking_and_completing_leave_a_report_where_it_was(start, picks):
    position = walk(start, picks)[-1]
    if "perlu_lengkapi" in list_allowed(position):
        assert move(move(position, "perlu_lengkapi"), "dilengkapi") == position


@settings(deadline=None)
@given(starts, choices)
def test_coordinating_and_acknowledging_keep_the_state(start, picks):
    position = walk(start, picks)[-1]
    for type_ in {"koordinasi", "ditangani_darurat"} & set(list_allowed(position)):
        assert move(position, type_).state == position.state


@settings(deadline=None)
@given(starts, choices)
def test_an_emergency_is_acknowledged_once_in_whatever_state(start, picks):
    for position in walk(start, picks):
        assert ("ditangani_darurat" in list_allowed(position)) == position.is_alarmed
    assert "ditangani_darurat" not in list_allowed(Position(is_alarmed=False))


def test_every_state_and_every_event_is_used():
    assert set(STATES) == set(get_args(State))
    legal = {type_ for state in STATES for type_ in list_allowed(Position(state, None, True, True))}
    assert legal == set(EVENTS)
    assert set(STATES) >= RESTING


def test_a_report_goes_the_plain_way():
    assert follow("diverifikasi", "didisposisi", "diproses", "ditanggapi", "selesai", "arsip").state == "arsip"


def test_a_closed_report_only_reopens_or_is_archived():
    closed = follow("didisposisi", "selesai")
    assert list_allowed(closed) == ("dibuka_kembali", "arsip")
    assert follow("didisposisi", "selesai", "dibuka_kembali", "diproses").state == "diproses"


def test_an_agency_gives_back_and_another_takes_over():
    returned = follow("didisposisi", "dikembalikan")
    assert not returned.has_agency
    assert "diproses" not in list_allowed(returned)
    assert follow("didisposisi", "dikembalikan", "didisposisi", "diproses").state == "diproses"


def test_what_the_classifier_routed_is_taken_up_or_given_back_at_once():
    assert follow("diproses", has_agency=True).state == "diproses"
    assert follow("dikembalikan", has_agency=True).state == "dikembalikan"
    assert not {"diproses", "dikembalikan"} & set(list_allowed(Position()))


def test_a_report_is_handed_over_while_it_is_worked_on():
    assert follow("didisposisi", "diproses", "didisposisi").state == "didisposisi"


def test_who_does_not_complete_a_report_leaves_it_to_be_archived():
    assert follow("didisposisi", "perlu_lengkapi", "arsip").resumes is None
