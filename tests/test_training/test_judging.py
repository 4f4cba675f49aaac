import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss

from training.judging import N_BINS, Figure, bin_reliability, judge_head, measure_calibration, wilson_interval

_LABELS = np.array(["air", "jalan", "lampu", "sampah"])


def _draw(n_rows, seed):
    """True labels, given labels that are right as often as their confidence says, and that confidence."""
    draws = np.random.default_rng(seed)
    truth = draws.choice(_LABELS, n_rows, p=[0.5, 0.3, 0.15, 0.05])
    confidence = draws.uniform(0.3, 1.0, n_rows)
    others = draws.choice(_LABELS, n_rows)
    given = np.where(draws.random(n_rows) < confidence, truth, np.where(others == truth, "listrik", others))
    return truth, given, confidence


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_scikit_learn(seed):
    truth, given, confidence = _draw(200, seed)
    judged = judge_head("topic", truth, given, confidence, seed=0)
    is_right = (truth == given).astype(int)
    occurring = np.unique(truth)
    assert judged.accuracy.value == pytest.approx(accuracy_score(truth, given), abs=5e-5)
    assert judged.macro_f1.value == pytest.approx(f1_score(truth, given, labels=occurring, average="macro"), abs=5e-5)
    assert judged.brier.value == pytest.approx(brier_score_loss(is_right, confidence), abs=5e-5)
    assert judged.log_loss.value == pytest.approx(log_loss(is_right, confidence.clip(1e-6, 1 - 1e-6)), abs=5e-5)
    per_label = f1_score(truth, given, labels=[label.label for label in judged.labels], average=None, zero_division=0)
    assert [label.f1 for label in judged.labels] == pytest.approx(list(per_label))


def test_answers_that_come_true_show_no_excess_calibration_error():
    draws = np.random.default_rng(0)
    excess = []
    for seed in range(20):
        confidence = draws.uniform(0.2, 1.0, 400)
        error, above_luck = measure_calibration(confidence, draws.random(400) < confidence, seed)
        assert error > 0
        excess.append(above_luck)
    assert np.mean(excess) == pytest.approx(0, abs=0.006)


def test_boastful_answers_show_their_excess():
    draws = np.random.default_rng(0)
    confidence = draws.uniform(0.8, 1.0, 1_000)
    error, excess = measure_calibration(confidence, draws.random(1_000) < confidence - 0.2, 0)
    assert error == pytest.approx(0.2, abs=0.04)
    assert 0.14 < excess < error


@given(st.integers(1, 300).flatmap(lambda n_rows: st.tuples(st.integers(0, n_rows), st.just(n_rows))))
def test_the_interval_of_a_share_is_that_of_scipy(hits_and_rows):
    n_hits, n_rows = hits_and_rows
    expected = binomtest(n_hits, n_rows).proportion_ci(method="wilson")
    assert wilson_interval(n_hits, n_rows) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9, 0.97])
def test_the_interval_of_a_share_covers_it_nineteen_times_in_twenty(share):
    covering = [hits for hits in range(151) if wilson_interval(hits, 150)[0] <= share <= wilson_interval(hits, 150)[1]]
    assert binom.pmf(covering, 150, share).sum() == pytest.approx(0.95, abs=0.02)


def test_answers_without_an_error_are_not_certain_to_stay_so():
    labels = np.array(["a", "b"] * 30)
    accuracy = judge_head("topic", labels, labels, np.full(60, 0.9), 0).accuracy
    assert (accuracy.value, accuracy.low < 0.95, accuracy.high) == (1.0, True, 1.0)


@pytest.mark.parametrize("figure", ["accuracy", "macro_f1", "brier", "log_loss"])
def test_every_figure_lies_within_its_interval(figure):
    measured = getattr(judge_head("topic", *_draw(200, 5), seed=0), figure)
    assert measured.low < measured.value < measured.high


def test_the_same_seed_gives_the_same_intervals():
    assert judge_head("topic", *_draw(60, 0), seed=3) == judge_head("topic", *_draw(60, 0), seed=3)


def test_a_label_that_was_never_given_has_no_precision_and_counts_in_macro_f1():
    truth, given = np.array(["a", "a", "b"]), np.array(["a", "a", "a"])
    judged = judge_head("topic", truth, given, np.full(3, 0.9), 0)
    never_given = judged.labels[1]
    assert (never_given.label, never_given.precision, never_given.recall, never_given.f1) == ("b", 0.0, 0.0, 0.0)
    assert judged.macro_f1.value == pytest.approx((4 / 5 + 0) / 2)


def test_a_label_that_never_occurs_has_no_recall_and_no_say_in_macro_f1():
    truth, given = np.array(["a", "a", "a"]), np.array(["a", "a", "b"])
    judged = judge_head("topic", truth, given, np.full(3, 0.9), 0)
    assert [(label.label, label.n_true, label.recall) for label in judged.labels] == [("a", 3, 2 / 3), ("b", 0, 0.0)]
    assert judged.macro_f1.value == pytest.approx(4 / 5)


def test_lists_confusions_most_frequent_first():
    truth = np.array(["a", "a", "b", "c", "c"])
    given = np.array(["b", "b", "a", "c", "a"])
    judged = judge_head("topic", truth, given, np.full(5, 0.5), 0)
    assert judged.confusions == (("a", "b", 2), ("b", "a", 1), ("c", "a", 1))


def test_a_threshold_that_decides_nothing_has_no_error():
    judged = judge_head("topic", np.array(["a", "b"]), np.array(["a", "a"]), np.array([0.6, 0.2]), 0)
    by_threshold = {point.threshold: point for point in judged.coverage}
    assert (by_threshold[0.0].coverage, by_threshold[0.0].error) == (1.0, 0.5)
    assert (by_threshold[0.5].coverage, by_threshold[0.5].error, by_threshold[0.5].n_decided) == (0.5, 0.0, 1)
    assert (by_threshold[0.95].coverage, by_threshold[0.95].error) == (0.0, None)


def test_bins_hold_equal_numbers_of_rows_in_order_of_confidence():
    confidence = np.random.default_rng(0).random(3 * N_BINS)
    bins = bin_reliability(confidence, confidence > 0.5)
    assert [entry.n_rows for entry in bins] == [3] * N_BINS
    assert [entry.confidence for entry in bins] == sorted(entry.confidence for entry in bins)


def test_fewer_rows_than_bins_make_a_bin_each():
    assert [entry.n_rows for entry in bin_reliability(np.array([0.2, 0.9]), np.array([True, False]))] == [1, 1]


def test_certain_and_wrong_stays_finite():
    judged = judge_head("topic", np.array(["a", "b"]), np.array(["b", "b"]), np.array([1.0, 1.0]), 0)
    assert math.isfinite(judged.log_loss.value)


def test_figures_become_plain_json():
    plain = judge_head("topic", *_draw(50, 0), seed=0).to_json()
    assert plain["accuracy"] == Figure(**plain["accuracy"]).to_json()
    assert [entry["label"] for entry in plain["labels"]][:1] == ["air"]


def test_refuses_to_judge_nothing():
    nothing = np.array([], dtype=str)
    with pytest.raises(ValueError, match="agency: no row with a true label"):
        judge_head("agency", nothing, nothing, np.array([]), 0)
