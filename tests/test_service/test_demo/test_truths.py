"""Builds the whole demo with the shipped bundle and looks for what docs/demo.md says is planted."""

import runpy
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median

import pytest
from sqlalchemy import func, select

from service import tables
from service.callers import Caller
from service.demo import truths
from service.demo.building import build
from service.demo.cast import read_cast
from service.demo.dating import Order
from service.demo.drafting import Task, write_share
from service.demo.places import find_home, prepare
from service.demo.truths import plant
from service.engine import open_engine, reading
from service.handling.clock import local_day
from service.ledger.verifying import verify_ledger
from service.people.accounts import list_accounts
from service.settings import Settings
from service.statistics.asking import Period, Question
from service.statistics.burst import emerging
from service.statistics.effects import effect
from service.statistics.marks import list_marks
from service.statistics.units import agencies
from service.workbench import read_cases, shipped_cases

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[3]
NOW = datetime.now(UTC)
PLANTED = plant(local_day(NOW))
CASE, STINT = tables.feedback_case.c, tables.stint.c
N_REPORTS = 6_496
N_FLOODED = 40
EVERYTHING = Caller("auditor", "account", "auditor", frozenset({"admin"}))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home whose champion learnt from the shipped reports."""
    home = tmp_path_factory.mktemp("home")
    runpy.run_path(str(ROOT / "docs" / "write_example.py"))["train_shipped"](home)
    return home


@pytest.fixture(scope="module")
def connection(home):
    """The store of a whole demo."""
    prepared = prepare(Settings(home=home, port=0))
    build(prepared, Order(NOW), lambda _stage, _share: None)
    with reading(open_engine(prepared.settings.store_url)) as connection:
        yield connection


@pytest.fixture(scope="module")
def answered(connection):
    """Working days of each stint that ended with an answer, by agency, with the day it began."""
    rows = connection.execute(select(STINT.agency, STINT.started_day, STINT.days).where(STINT.end == "answered"))
    found = {}
    for agency, day, days in rows:
        found.setdefault(agency, []).append((day, days))
    return found


def test_every_report_is_there_and_the_ledger_verifies(connection):
    assert connection.execute(select(func.count()).select_from(tables.feedback_case)).scalar_one() == N_REPORTS
    assert not list(verify_ledger(connection))


def test_the_slow_office_takes_longer_than_any_other_of_its_kind(answered):
    medians = {agency: median(days for _, days in found) for agency, found in answered.items()}
    assert medians[truths.SLOW_OFFICE] > 2 * median(medians.values())


def test_the_misled_office_gives_back_what_is_not_its_own(connection):
    given_back = Counter(connection.execute(select(STINT.agency).where(STINT.end == "returned")).scalars())
    most, next_most = given_back.most_common(2)
    assert most[0] == truths.MISLED_OFFICE
    assert most[1] > 3 * next_most[1]


def test_the_reform_steps_down_and_its_control_and_the_one_on_paper_do_not(answered):
    def compare(agency, day):
        # Of what began lately only the quick ones have ended; the topic that rises lies with the one on paper.
        ended = [(began, days) for began, days in answered[agency] if began < PLANTED.today - timedelta(days=60)]
        before = mean(days for began, days in ended if began < day)
        return mean(days for began, days in ended if began >= day) / before

    assert compare(truths.REFORMED_OFFICE, PLANTED.reformed_on) < 0.6
    assert 0.75 < compare(truths.CONTROL_OFFICE, PLANTED.reformed_on) < 1.33
    assert 0.75 < compare(truths.HOLLOW_OFFICE, PLANTED.announced_on) < 1.33


def test_the_task_moves_to_another_office(connection):
    moved = select(CASE.agency, CASE.last_day, CASE.day).where(CASE.topic == truths.MOVED_TOPIC)
    rows = connection.execute(moved).all()
    before = Counter(row.agency for row in rows if row.last_day < PLANTED.moved_on)
    after = Counter(row.agency for row in rows if row.day >= PLANTED.moved_on)
    assert before.most_common(1)[0][0] == truths.MOVED_FROM
    assert after.most_common(1)[0][0] == truths.MOVED_TO


def test_the_flood_is_one_incident_of_forty_reporters(connection):
    incident = tables.incident.c
    largest = connection.execute(select(tables.incident).order_by(incident.n_reports.desc()).limit(1)).one()
    assert largest.n_reports == largest.n_reporters == N_FLOODED
    assert local_day(largest.opened_at) == PLANTED.flooded_on
    assert largest.last_at - largest.opened_at < timedelta(days=2)


def test_the_topic_that_rises_is_above_its_usual(connection):
    days = connection.execute(select(CASE.day).where(CASE.topic == truths.BURST_TOPIC)).scalars().all()
    n_recent = sum(day > PLANTED.burst_from for day in days)
    usual = (len(days) - n_recent) * truths.BURST_DAYS / (3 * 365)
    assert n_recent > 5 * max(usual, 1)


def test_floods_and_school_entry_have_their_seasons(connection):
    def count(topic):
        days = connection.execute(select(CASE.day).where(CASE.topic == topic)).scalars().all()
        return Counter(day.month for day in days)

    floods, entries = count("banjir-longsor"), count("penerimaan-siswa")
    assert sum(floods[month] for month in (11, 12, 1)) > 3 * sum(floods[month] for month in (6, 7, 8))
    assert sum(entries[month] for month in (6, 7)) > sum(entries.values()) / 2


def test_figures_tell_the_slow_and_the_misled_office_from_the_others(connection):
    question = Question(Period(PLANTED.today - timedelta(days=365), PLANTED.today), PLANTED.today)
    units = {unit.agency: unit for unit in agencies(connection, EVERYTHING, question).units}
    slow, misled = units[truths.SLOW_OFFICE], units[truths.MISLED_OFFICE]
    for unit in units.values():
        if unit.kept.enough and unit is not slow:
            assert slow.kept.high < unit.kept.value
        if unit.given_back.enough and unit is not misled:
            assert misled.given_back.value > unit.given_back.value


def test_the_effect_is_seen_where_there_is_one_and_not_where_there_is_none(connection):
    marks = {mark.agency: mark for mark in list_marks(connection) if mark.type == "kebijakan"}
    verdicts = {agency: effect(connection, EVERYTHING, mark.id, "kept", NOW).verdict for agency, mark in marks.items()}
    assert verdicts == {truths.REFORMED_OFFICE: "rose", truths.HOLLOW_OFFICE: "no_change_seen"}


def test_the_topic_that_rises_is_the_only_one_that_emerges(connection):
    alarms = {burst.topic for burst in emerging(connection, EVERYTHING, NOW).topics if burst.is_alarm}
    assert alarms == {truths.BURST_TOPIC}


def test_the_last_days_are_alive(connection):
    open_cases = connection.execute(select(CASE.day).where(CASE.outcome == "open")).scalars().all()
    assert sum(day > PLANTED.today - timedelta(days=7) for day in open_cases) > 20
    feedback, emergency = tables.feedback.c, tables.emergency.c
    n_overdue = connection.execute(select(func.count()).where(feedback.due_at < NOW)).scalar_one()
    n_unseen = connection.execute(select(func.count()).where(emergency.acknowledged_at.is_(None))).scalar_one()
    n_waiting = connection.execute(select(func.count()).where(CASE.is_waiting)).scalar_one()
    assert min(n_overdue, n_waiting) > 3
    assert n_unseen == 1


def test_the_shipped_cases_are_those_of_the_demo_as_make_demo_cases_writes_them(home, connection, tmp_path):
    """A twentieth of it, since a report's story hangs on nothing but the seed, the instant and the report itself."""
    writing_cases = runpy.run_path(str(ROOT / "docs" / "write_cases.py"))
    settings = Settings(home=find_home(Settings(home=home)), port=0)
    cast = read_cast(list_accounts(connection))
    task = Task(Order(writing_cases["NOW"]), settings, cast, tmp_path / "draft.db", share=0, n_shares=20)
    for _ in write_share(task):
        pass
    n_cases = writing_cases["export_demo"](f"sqlite:///{tmp_path / 'draft.db'}", tmp_path / "cases.zip")
    assert n_cases > 250
    made, shipped = (Counter(list_whole(path)) for path in (tmp_path / "cases.zip", shipped_cases()))
    assert not made - shipped


def list_whole(path):
    """Cases with their stints, of a bundle whatever its id."""
    city = read_cases(path)
    stints = {}
    for number, *stint in city.stints.itertuples(index=False):
        stints.setdefault(number, []).append(str(stint))
    cases = city.cases.drop(columns="bundle").itertuples(index=False)
    return [(str(case), *stints.get(number, ())) for number, *case in cases]
