import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.proportion import proportion_confint

from service.auditing.estimates import LEAST_JUDGED, estimate_share, measure_agreement


def test_equal_probabilities_give_the_plain_share_with_wilsons_interval():
    hits = np.array([1] * 45 + [0] * 5)
    found = estimate_share(hits, np.full(50, 0.1))
    assert found.value == pytest.approx(0.9)
    assert found.n_effective == pytest.approx(50)
    assert (found.low, found.high) == pytest.approx(proportion_confint(45, 50, method="wilson"))


def test_rows_drawn_more_often_count_for_less():
    # Half of the population is right, but wrong rows were drawn four times as often.
    found = estimate_share([1] * 10 + [0] * 40, [0.1] * 10 + [0.4] * 40)
    assert found.value == pytest.approx(0.5)
    assert found.n_effective < 50


def test_few_rows_say_nothing():
    found = estimate_share([1] * (LEAST_JUDGED - 1), [0.5] * (LEAST_JUDGED - 1))
    assert (found.n, found.value, found.low, found.high) == (LEAST_JUDGED - 1, None, None, None)


def test_a_probability_that_is_none_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        estimate_share([1] * 30, [0.0] * 30)


def test_the_interval_holds_the_truth_in_nearly_all_samples_of_unequal_probability():
    draws = np.random.default_rng(7)
    n_held = 0
    for _ in range(400):
        is_hard = draws.random(4_000) < 0.2
        is_right = draws.random(4_000) < np.where(is_hard, 0.7, 0.96)
        probability = np.where(is_hard, 0.09, 0.03)
        drawn = draws.random(4_000) < probability
        found = estimate_share(is_right[drawn], probability[drawn])
        n_held += found.low <= is_right.mean() <= found.high
    assert n_held >= 0.93 * 400


def test_kappa_is_that_of_scikit_learn():
    draws = np.random.default_rng(3)
    first = draws.choice(["a", "b", "c"], 200)
    second = np.where(draws.random(200) < 0.7, first, draws.choice(["a", "b", "c"], 200))
    found = measure_agreement(list(zip(first, second, strict=True)))
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second))
    assert found.observed == pytest.approx((first == second).mean())


def test_alpha_is_that_of_krippendorffs_worked_example():
    # Nominal data of four observers on twelve units with gaps (Krippendorff 2011, section C): alpha is 0.743.
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    units = [[label for label in unit if label is not None] for unit in zip(*observers, strict=True)]
    assert measure_agreement(units).alpha == pytest.approx(0.743, abs=0.0005)


@pytest.mark.parametrize("ratings", [[], [["a"], ["b"]]])
def test_without_two_opinions_there_is_no_agreement(ratings):
    assert measure_agreement(ratings).n == 0
    assert measure_agreement(ratings).alpha is None


def test_where_all_say_the_same_a_coefficient_is_undefined():
    assert measure_agreement([["a", "a"], ["a", "a"]]).kappa is None
