from dataclasses import replace

import numpy as np
import pytest

from model.calibration import Calibration, identity
from training.calibrating import (
    MINIMUM_CURVE_ROWS,
    MINIMUM_EARLIER_ROWS,
    calibrate,
    fit_calibration,
    fit_curve,
    fit_temperature,
)
from training.rehearsing import Rehearsal


def _draw(n_rows, sharpness, seed=0):
    """Scores and right labels that come true as softmax(sharpness * scores) says."""
    draws = np.random.default_rng(seed)
    scores = draws.normal(size=(n_rows, 4)).astype(np.float32)
    powers = np.exp(sharpness * scores)
    chances = powers / powers.sum(axis=1, keepdims=True)
    targets = (chances.cumsum(axis=1) < draws.random((n_rows, 1))).sum(axis=1)
    return scores, targets.clip(max=3)


def test_no_row_gives_the_identity_and_says_so():
    assert fit_calibration(np.zeros((0, 3), np.float32), np.zeros(0, np.int64)) == identity()


def test_finds_the_temperature_that_the_answers_came_from():
    assert fit_calibration(*_draw(4_000, 2.5)).temperature == pytest.approx(1 / 2.5, rel=0.1)


def test_few_rows_get_a_temperature_but_no_curve():
    curve = fit_calibration(*_draw(MINIMUM_CURVE_ROWS - 1, 2.0))
    assert (curve.raw, curve.calibrated, curve.n_rows) == ((0.0, 1.0), (0.0, 1.0), MINIMUM_CURVE_ROWS - 1)


def test_confidence_comes_true_on_new_rows():
    curve = fit_calibration(*_draw(4_000, 2.0))
    scores, targets = _draw(4_000, 2.0, seed=1)
    probabilities = curve.probabilities(scores)
    confidence, is_right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        rows = (confidence >= low) & (confidence < high)
        assert is_right[rows].mean() == pytest.approx(confidence[rows].mean(), abs=0.06)


def test_no_label_becomes_likelier_than_the_one_with_the_highest_score():
    scores, targets = _draw(300, 1.0)
    probabilities = fit_calibration(scores, targets).probabilities(scores)
    of_the_highest = probabilities[np.arange(300), scores.argmax(axis=1)]
    assert (of_the_highest == probabilities.max(axis=1)).all()


def test_the_curve_never_falls_and_is_never_certain():
    curve = fit_calibration(*_draw(500, 3.0))
    assert (np.diff(curve.raw) >= 0).all()
    assert (np.diff(curve.calibrated) >= 0).all()
    assert 0 < curve.calibrated[0] <= curve.calibrated[-1] < 1


def test_a_right_label_that_the_fit_did_not_know_counts_as_wrong():
    scores, targets = _draw(400, 3.0)
    half_unknown = np.where(np.arange(400) % 2, targets, -1)
    assert fit_calibration(scores, half_unknown).calibrated[-1] < fit_calibration(scores, targets).calibrated[-1]


def test_rows_that_all_carry_unknown_labels_give_low_confidence_instead_of_failing():
    scores, _ = _draw(100, 1.0)
    curve = fit_calibration(scores, np.full(100, -1))
    assert isinstance(curve, Calibration)
    assert curve.calibrated[-1] < 0.05


def _rehearse(n_earlier, n_last):
    scores, targets = _draw(n_earlier + n_last, 2.0)
    names = targets.astype(str)
    slices = np.repeat([0, 1], [n_earlier, n_last])
    return Rehearsal(("0", "1", "2", "3"), scores, targets, names, scores.argmax(axis=1).astype(str), slices)


def test_the_temperature_has_not_seen_the_slice_of_the_thresholds_but_the_curve_has():
    rehearsal = _rehearse(300, 200)
    curve = calibrate(rehearsal)
    assert curve.temperature == fit_temperature(rehearsal.scores[:300], rehearsal.targets[:300])
    assert curve.n_rows == 500


@pytest.mark.parametrize("n_earlier", [0, MINIMUM_EARLIER_ROWS - 1])
def test_with_few_earlier_rows_the_temperature_comes_from_all(n_earlier):
    rehearsal = _rehearse(n_earlier, 200)
    assert calibrate(rehearsal) == fit_calibration(rehearsal.scores, rehearsal.targets)


def test_what_came_lately_weighs_more():
    rehearsal = _rehearse(200, 200)
    wrong = np.where(np.arange(400) < 200, -1, rehearsal.targets)
    late_right = calibrate(replace(rehearsal, targets=wrong))
    alike = fit_calibration(rehearsal.scores, wrong, late_right.temperature)
    raw = np.linspace(0.3, 0.95, 10)
    assert (late_right.confidence(raw) > alike.confidence(raw)).all()


def test_a_curve_still_rises_where_the_steps_of_the_rows_are_flat():
    draws = np.random.default_rng(3)
    raw = draws.random(300)
    _, values = fit_curve(raw, draws.random(300) < raw)
    assert len(set(values)) > len(values) * 0.9


def test_a_score_that_says_the_opposite_gives_a_level_curve():
    raw = np.linspace(0.01, 0.99, 400)
    _, values = fit_curve(raw, raw < 0.5)
    assert values[0] == pytest.approx(0.5, abs=0.01)
    assert values[-1] == pytest.approx(values[0], abs=0.01)
