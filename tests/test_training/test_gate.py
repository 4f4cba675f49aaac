from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.gate import (
    Gate,
    PairedAnswers,
    bound_share,
    check_agency,
    check_alarm,
    check_false_alarms,
    check_golden,
    check_golden_alarm,
    check_head,
)

GATE = Gate(n_resamples=200)


def answer(n_rows, n_wrong_before, n_wrong_after, confidence=0.9):
    """Answers of which some, anywhere, are wrong; two labels, half of the rows each."""
    truth = np.array(["a", "b"] * (n_rows // 2))
    wrong = np.where(truth == "a", "b", "a")
    number = np.random.default_rng(1).permutation(n_rows)
    return PairedAnswers(
        truth,
        np.where(number < n_wrong_before, wrong, truth),
        np.where(number < n_wrong_after, wrong, truth),
        np.full(n_rows, confidence),
        np.full(n_rows, confidence),
    )


def outcomes(checks):
    return [check.outcome for check in checks]


def flags(n_true, n_rows):
    return np.arange(n_rows) < n_true


def test_a_challenger_that_answers_alike_holds_everything():
    assert outcomes(check_head("topic", answer(400, 40, 40), GATE)) == ["holds"] * 4


def test_a_challenger_that_is_worse_loses_and_the_line_says_by_how_much():
    accuracy, macro, brier, calibration = check_head("topic", answer(400, 40, 80), GATE)
    assert outcomes([accuracy, macro, brier, calibration]) == ["lost"] * 4
    assert str(accuracy).startswith("accuracy of topic: 0.900 → 0.800, change -0.100 [-0.1")
    assert "on 400 rows; allowed: -0.020; lost" in str(accuracy)


def test_a_better_challenger_holds():
    assert outcomes(check_head("topic", answer(400, 80, 40), GATE)) == ["holds"] * 4


def test_few_rows_do_not_tell_even_where_nothing_changed():
    assert outcomes(check_head("topic", answer(60, 6, 6), GATE)) == ["too few rows to tell"] * 4


def test_a_small_loss_that_may_be_luck_is_no_answer():
    accuracy, *_ = check_head("topic", answer(200, 20, 23), GATE)
    assert accuracy.outcome == "too few rows to tell"
    assert accuracy.low < -0.02 < accuracy.after - accuracy.before


def test_a_calibrated_challenger_holds_whatever_the_champion_was():
    answers = answer(1_000, 100, 100)
    better = replace(answers, confidence_before=np.full(1_000, 0.5))
    assert outcomes(check_head("topic", better, GATE))[3] == "holds"
    worse = replace(answers, confidence_after=np.full(1_000, 0.99))
    assert outcomes(check_head("topic", worse, GATE))[3] == "lost"


def test_one_emergency_fewer_is_a_loss_at_any_number():
    check = check_alarm("darurat", flags(1_000, 1_000), flags(999, 1_000), GATE)
    assert check.outcome == "lost"
    assert "1 newly missed, 0 newly found" in check.what


@pytest.mark.parametrize(
    ("n_rows", "outcome"), [(0, "too few rows to tell"), (35, "too few rows to tell"), (36, "holds")]
)
def test_no_loss_among_few_emergencies_is_no_answer(n_rows, outcome):
    found = flags(n_rows, n_rows)
    assert check_alarm("darurat", found, found, GATE).outcome == outcome


def test_as_many_found_as_newly_missed_holds_only_where_these_are_few():
    before, after = flags(99, 100), ~flags(1, 100)
    assert check_alarm("darurat", before, after, GATE).outcome == "holds"
    before, after = flags(90, 100), ~flags(10, 100)
    assert check_alarm("darurat", before, after, GATE).outcome == "too few rows to tell"


def test_a_challenger_that_alarms_at_everything_is_refused():
    assert check_false_alarms("darurat", flags(2, 300), flags(300, 300), GATE).outcome == "lost"
    assert check_false_alarms("darurat", flags(2, 300), flags(2, 300), GATE).outcome == "holds"
    assert check_false_alarms("darurat", flags(0, 0), flags(0, 0), GATE).outcome == "too few rows to tell"


def test_an_agency_falls_where_it_is_shown_to():
    assert check_agency("dinas-pupr", flags(20, 20), flags(10, 20), GATE).outcome == "lost"
    assert check_agency("dinas-pupr", flags(20, 20), flags(19, 20), GATE).outcome == "holds"


def test_the_golden_set_vetoes_falls_over_five_points_and_any_loss_of_safety():
    assert outcomes(check_golden("topic", answer(200, 20, 32), GATE)) == ["lost", "lost"]
    assert outcomes(check_golden("topic", answer(200, 20, 28), GATE)) == ["holds", "holds"]
    assert check_golden_alarm("darurat", flags(60, 60), flags(59, 60)).outcome == "lost"
    assert check_golden_alarm("darurat", flags(59, 60), flags(60, 60)).outcome == "holds"


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_bound_lies_above_the_share_and_falls_with_the_rows(n_hits, n_more):
    n_rows = n_hits + n_more
    bound = bound_share(n_hits, n_rows, 0.95)
    assert (n_hits / n_rows if n_rows else 1.0) <= bound <= 1
    assert bound_share(n_hits, n_rows + 1, 0.95) <= bound
