import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.calibration import Calibration, identity, read_calibration, softmax

_SCORES = st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=8)


@st.composite
def _curves(draw):
    inner = sorted(draw(st.lists(st.floats(0, 1), max_size=4)))
    values = sorted(draw(st.lists(st.floats(0, 1), min_size=len(inner) + 2, max_size=len(inner) + 2)))
    temperature = draw(st.floats(0.02, 5))
    return Calibration(temperature, (0.0, *inner, 1.0), tuple(values), 100)


@given(_curves(), _SCORES)
def test_probabilities_sum_to_one_and_keep_the_order_of_the_scores(curve, values):
    scores = np.array(values, dtype=np.float32)
    probabilities = curve.probabilities(scores)
    in_order = probabilities[np.argsort(-scores, kind="stable")]
    assert probabilities.sum() == pytest.approx(1)
    assert (probabilities >= 0).all()
    assert (np.diff(in_order) <= 1e-12).all()


@given(_curves(), st.lists(_SCORES.map(lambda row: (row * 4)[:8]), min_size=1, max_size=4))
def test_many_texts_at_once_get_what_each_gets_alone(curve, rows):
    scores = np.array(rows, dtype=np.float32)
    np.testing.assert_allclose(curve.probabilities(scores), [curve.probabilities(row) for row in scores])


@given(_curves(), st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_a_higher_raw_probability_never_means_a_lower_confidence(curve, raw):
    assert (np.diff(curve.confidence(np.array(sorted(raw)))) >= 0).all()


def test_says_of_the_top_label_what_the_curve_says():
    curve = Calibration(1.0, (0.0, 1.0), (0.5, 0.9), 100)
    scores = np.log(np.array([0.6, 0.3, 0.1], dtype=np.float32))
    np.testing.assert_allclose(curve.probabilities(scores), [0.74, 0.26 * 0.75, 0.26 * 0.25], rtol=1e-6)


def test_no_alternative_is_likelier_than_the_label_when_the_curve_pulls_it_down():
    curve = Calibration(1.0, (0.0, 1.0), (0.4, 0.4), 100)
    scores = np.log(np.array([0.5, 0.49, 0.01], dtype=np.float32))
    first, second, third = curve.probabilities(scores)
    assert (first, second) == (pytest.approx(0.4), pytest.approx(0.4))
    assert third == pytest.approx(0.2)


def test_the_top_label_never_falls_below_the_share_of_chance():
    curve = Calibration(1.0, (0.0, 1.0), (0.1, 0.1), 100)
    np.testing.assert_allclose(curve.probabilities(np.array([3, 1, 0, -2], dtype=np.float32)), 0.25)


def test_stays_finite_when_nothing_is_left_for_the_other_labels():
    curve = Calibration(0.02, (0.0, 1.0), (0.8, 0.8), 100)
    near, far = np.array([1, 0, 0], dtype=np.float32), np.array([1000, 0, 0], dtype=np.float32)
    for scores in (near, far):
        np.testing.assert_allclose(curve.probabilities(scores), [0.8, 0.1, 0.1])


def test_the_identity_is_the_softmax():
    scores = np.array([[0.2, -1.0, 0.4], [2.0, 2.0, 1.0]], dtype=np.float32)
    np.testing.assert_allclose(identity(0.7).probabilities(scores), softmax(scores, 0.7))


def test_a_single_label_is_certain():
    assert identity().probabilities(np.array([0.3], dtype=np.float32)).tolist() == [1.0]


def test_comes_back_from_its_json():
    curve = Calibration(0.3, (0.0, 0.4, 1.0), (0.1, 0.5, 0.9), 12)
    assert read_calibration(curve.to_json()) == curve


@pytest.mark.parametrize("wrong", [{"temperature": "warm"}, {"raw": 3}, {"calibrated": ["high"]}, {"n_rows": None}])
def test_refuses_a_field_of_another_type(wrong):
    with pytest.raises(TypeError, match="is no"):
        read_calibration(identity().to_json() | wrong)


@pytest.mark.parametrize(
    "damaged",
    [{"temperature": float("nan")}, {"temperature": 0.0}, {"calibrated": [0.0, float("inf")]}],
)
def test_a_curve_that_is_no_number_is_refused(damaged):
    with pytest.raises(ValueError, match=r"finite number|above 0"):
        read_calibration({**identity().to_json(), **damaged})


@given(_curves(), _SCORES)
def test_a_text_alone_gets_to_the_last_bit_what_it_gets_among_many(curve, values):
    scores = np.array([values, values], dtype=np.float32)
    raw, probabilities = curve.rate(scores)
    alone_raw, alone = curve.rate(scores[0])
    assert (float(raw[0]), probabilities[0].tolist()) == (float(alone_raw), alone.tolist())
