from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select, true
from typer.testing import CliRunner

from pilah.app import app
from service import tables
from service.callers import Caller
from service.cases.derivation import Cases
from service.cases.folding import fold
from service.cases.records import read_facts
from service.engine import writing
from service.feedback import find_feedback
from service.handling.clock import local_day
from service.handling.history import read_events
from service.handling.holding import ROUTED
from service.handling.holidays import CityCalendar, read_calendar
from service.handling.sending import trace_report
from service.handling.time_split import split_time
from service.handling.workdays import WorkingDays
from service.ledger.deriving import derive, rebuild
from service.statistics import Period, Question
from service.statistics.urgencies import urgencies
from service.writer import recording

from .conftest import AGENCIES, OFFICER, City, read_cells, scan, upgrade_anew


@pytest.mark.parametrize("seed", range(6))
def test_cells_are_what_a_full_scan_and_a_rebuild_give(engine, seed):
    city = City(engine, seed)
    for step in range(150):
        city.act()
        if step % 10 == 0:
            with writing(engine) as connection:
                derive(connection, Cases(), limit=7)
    with writing(engine) as connection:
        while derive(connection, Cases(), limit=50):
            pass
        kept = read_cells(connection)
        scanned = scan(connection)
        assert {name: kept[name] for name in scanned} == scanned
        n_reports = connection.execute(select(func.count()).select_from(tables.feedback)).scalar()
        assert len(kept["feedback_case"]) == n_reports > 20
        assert all(kept.values())
        rebuild(connection, Cases())
        assert read_cells(connection) == kept


def test_urgencies_of_an_earlier_store_are_summed_from_its_cases(engine):
    city = City(engine, 4)
    for _ in range(60):
        city.act()
    with writing(engine) as connection:
        while derive(connection, Cases()):
            pass
        kept = read_cells(connection)
    upgrade_anew(engine, "0008", "0009")
    with writing(engine) as connection:
        assert read_cells(connection) == kept


def test_urgencies_are_those_of_the_days_and_of_an_agency_only_what_lies_there(engine):
    city = City(engine, 5)
    for _ in range(90):
        city.act()
    with writing(engine) as connection:
        while derive(connection, Cases()):
            pass
        cases = connection.execute(select(tables.feedback_case)).all()
        days = sorted(case.day for case in cases)
        start, end = days[len(days) // 4], days[-len(days) // 4]
        liaison = Caller("x", "account", "X", frozenset({"triage"}), AGENCIES[0])
        for caller, kind in ((OFFICER, None), (OFFICER, "pengaduan"), (liaison, None)):
            told = urgencies(connection, caller, Question(Period(start, end), days[-1], kind))
            wanted = [
                case.urgency
                for case in cases
                if start <= case.day <= end and kind in {None, case.kind}
                if caller is OFFICER
                or (case.agency == AGENCIES[0] and case.agency_basis != "suggest" and not case.restriction)
            ]
            assert {one.urgency: one.n for one in told.urgencies if one.n} == Counter(wanted) != {}
            assert told.n == len(wanted)
    assert any(case.agency_basis == "suggest" and case.agency == AGENCIES[0] for case in cases)


@pytest.mark.parametrize("seed", [17, 18, 19])
def test_the_story_and_the_figures_say_alike_whose_the_time_was(engine, seed):
    city = City(engine, seed)
    for step in range(150):
        city.act()
        if step % 3 == 2 and city.ids:
            city.now += timedelta(hours=1)
            with recording(engine, city.now) as transaction:
                city.say(transaction, city.ids[-1], "agency", city.chance.choice(AGENCIES))
    n_sent_on = 0
    with writing(engine) as connection:
        working_days = WorkingDays(read_calendar(connection))
        for facts in read_facts(connection, city.ids):
            case, stints = fold(facts, working_days)
            record = find_feedback(connection, facts.feedback_id, true())
            events = read_events(connection, facts.feedback_id)
            moved = trace_report(connection, record, events)
            n_sent_on += sum(one.type == ROUTED for one in moved) > 1
            received_at = min(record.feedback.received_at, record.feedback.stored_at)
            split = split_time(received_at, moved, city.now, working_days, record.feedback.erased_at)
            days = [local_day(one.at) for one in moved]
            agencies = {one.agency for one in stints if not is_astray(one, moved)}
            assert set(split.handling) == agencies
            assert days == [one.at for one in facts.happenings]
            # What took working days took time; a time that took none may lie within a day.
            assert split.verification or not case.verification_days
            assert split.misrouted or not case.misrouted_days
            assert split.reporter or not case.reporter_days
    assert n_sent_on > 3


def is_astray(stint, moved):
    """Whether a stint was no time of the agency's own."""
    worked = {"diproses", "ditanggapi", "selesai"}
    has_worked = any(one.type in worked and one.agency == stint.agency for one in moved)
    return stint.end == "returned" or (stint.end == "transferred" and not has_worked)


def test_a_report_routed_alone_is_its_agencys_time_in_story_and_figures(engine):
    city = City(engine, 3)
    while True:
        with recording(engine, city.now) as transaction:
            city.receive(transaction)
            record = find_feedback(transaction.connection, city.ids[-1], true())
            if record.feedback.is_at_agency:
                break
    agency = record.feedback.agency
    with writing(engine) as connection:
        (facts,) = read_facts(connection, city.ids[-1:])
        case, (stint,) = fold(facts, WorkingDays(read_calendar(connection)))
        moved = trace_report(connection, record, [])
        split = split_time(record.feedback.stored_at, moved, city.now + timedelta(days=9), WorkingDays(CityCalendar()))
    assert (stint.agency, stint.end, case.verification_days) == (agency, "open", 0)
    assert (split.verification, set(split.handling)) == (timedelta(0), {agency})


def test_one_command_derives_figures_anew(engine, tmp_path):
    city = City(engine, 1)
    for _ in range(20):
        city.act()
    url = f"sqlite:///{tmp_path / 'store.db'}"
    result = CliRunner().invoke(app, ["rebuild", "cases", "--home", str(tmp_path), "--database-url", url])
    assert result.exit_code == 0, result.output
    assert "cases: derived anew from" in result.output
    with writing(engine) as connection:
        kept, scanned = read_cells(connection), scan(connection)
    assert {name: kept[name] for name in scanned} == scanned
