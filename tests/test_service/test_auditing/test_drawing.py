import pytest
from sqlalchemy import select

from service import tables
from service.auditing.drawing import Audits, find_probability, name_quarter
from service.home import Secret
from service.ledger.deriving import derive, rebuild

from .conftest import NOON


@pytest.fixture
def audits():
    return Audits(Secret(b"s" * 32))


def draws(town):
    return {row["feedback_id"]: row for row in town.connection.execute(select(tables.audit_draw)).mappings()}


@pytest.mark.parametrize(
    ("stratum", "n_auto", "probability"),
    [("plain", 0, 1), ("plain", 300, 0.1), ("near", 300, 0.3), ("plain", 9_000, 0.02), ("hazard", 9_000, 0.06)],
)
def test_two_in_a_hundred_or_thirty_a_quarter_are_drawn_and_more_where_an_error_costs(stratum, n_auto, probability):
    assert find_probability(stratum, n_auto) == pytest.approx(probability)


def test_a_quarter_is_that_of_local_time():
    assert name_quarter(NOON.replace(month=3, day=31, hour=17)) == "2026-Q2"


def test_of_topics_only_those_decided_alone_count_for_thirty_a_quarter(town, audits):
    alone = {"topic": {"label": "jalan-rusak", "decision": "auto"}}
    proposed = {"topic": {"label": "jalan-rusak", "decision": "suggest"}}
    for number in range(400):
        town.add(f"r{number}", decision="suggest", further=alone if number % 10 == 0 else proposed)
    heads = {"topic": ["jalan-rusak", 0.95, "auto"], "urgency": ["sedang", 0.9, "suggest"]}
    for number in range(10):
        town.add(f"late{number}", decision="suggest", hour=1, further=alone, heads=heads)
    derive(town.connection, audits)
    # Fifty are decided alone, not four hundred and ten: more than every second is drawn.
    probabilities = [one["probability"] for one in draws(town).values()]
    assert len(probabilities) >= 3
    assert all(30 / 60 <= one <= 30 / 50 + 1e-9 for one in probabilities)


def test_only_what_was_decided_alone_is_drawn(town, audits):
    town.add("a")
    town.add("b", decision="suggest")
    town.add("c", route="human")
    derive(town.connection, audits)
    assert list(draws(town)) == ["a"]


def test_rows_near_the_threshold_and_hazard_words_are_strata_of_their_own(town, audits):
    town.add("plain")
    town.add("near", confidence=0.82)
    town.add("hazard", rules=["kabel-putus"])
    derive(town.connection, audits)
    assert {name: row["stratum"] for name, row in draws(town).items()} == {
        "plain": "plain",
        "near": "near",
        "hazard": "hazard",
    }


def test_a_service_that_is_new_does_not_draw_everything(town, audits):
    for number in range(600):
        town.add(f"r{number}", hour=number / 600)
    while derive(town.connection, audits):
        pass
    # The first thirty, then one in n of the n-th thirty.
    assert 60 < len(draws(town)) < 200


def test_drawn_once_a_report_stays_drawn(town, audits):
    town.add("a")
    derive(town.connection, audits)
    before = draws(town)
    rebuild(town.connection, audits)
    assert draws(town) == before


def test_nobody_else_can_tell_which_are_drawn(town, audits):
    for number in range(2_000):
        town.add(f"r{number}")
    other = Audits(Secret(b"o" * 32), name="others")
    while derive(town.connection, audits):
        pass
    ours = set(draws(town))
    town.connection.execute(tables.audit_draw.delete())
    while derive(town.connection, other):
        pass
    theirs = set(draws(town))
    assert 15 < len(ours) < 90
    assert len(ours & theirs) < len(ours) / 2
