import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

from service.figures.errors import FigureError
from service.figures.intervals import (
    estimate_clustered_rate,
    estimate_rate,
    find_change,
    find_design_effect,
    find_effect_of_sums,
    find_wilson,
)


@pytest.mark.parametrize(("k", "n"), [(0, 20), (1, 20), (7, 31), (31, 31), (500, 1000)])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_wilson_is_that_of_statsmodels(k, n, level):
    assert find_wilson(k, n, level) == pytest.approx(proportion_confint(k, n, 1 - level, "wilson"), abs=1e-12)


def test_wilson_is_that_of_the_published_example():
    # Newcombe (1998), Stat. Med. 17, 857-872, table I: 81 of 263 and 15 of 148, method 3.
    assert find_wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert find_wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


@given(n=st.integers(1, 10_000), share=st.floats(0, 1))
def test_an_interval_holds_its_rate_and_lies_within_0_and_1(n, share):
    k = round(share * n)
    low, high = find_wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1


def test_below_the_least_number_nothing_is_told():
    few = estimate_rate(5, 19)
    assert (few.enough, few.n, few.k, few.value, few.low, few.high) == (False, 19, 5, None, None, None)
    assert estimate_rate(5, 20).value == 0.25


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 30)])
def test_hits_that_are_no_part_of_the_tries_are_refused(k, n):
    with pytest.raises(FigureError, match="no rate"):
        estimate_rate(k, n)


def test_the_change_is_newcombes_of_statsmodels():
    for k, n, k_before, n_before in [(56, 70, 48, 80), (5, 56, 0, 29), (10, 10, 0, 20)]:
        change = find_change(k, n, k_before, n_before)
        expected = confint_proportions_2indep(k, n, k_before, n_before, method="newcomb", compare="diff")
        assert (change.low, change.high) == pytest.approx(expected, abs=1e-9)


def _rows(n_clusters=60, seed=3):
    random = np.random.default_rng(seed)
    incident = np.repeat(np.arange(n_clusters), random.integers(1, 6, n_clusters))
    hits = random.random(incident.size) < random.beta(1, 2, n_clusters)[incident]
    reporter = random.integers(0, 50, incident.size)
    return hits.astype(float), incident, reporter


def test_the_design_effect_is_the_cluster_variance_of_statsmodels():
    hits, incident, reporter = _rows()
    n, share = hits.size, hits.mean()
    fit = sm.OLS(hits, np.ones(n)).fit()
    plain = share * (1 - share) / n
    one = cov_cluster(fit, incident, use_correction=False)[0, 0] * 60 / 59
    assert find_design_effect(hits, incident) == pytest.approx(one / plain, rel=1e-9)
    two, _, _ = cov_cluster_2groups(fit, incident, reporter, use_correction=False)
    assert find_design_effect(hits, incident, reporter) == pytest.approx(two[0, 0] / plain, rel=0.04)


def test_the_design_effect_of_sums_is_that_of_rows():
    hits, incident, _ = _rows()
    size, sums = np.bincount(incident), np.bincount(incident, weights=hits)
    of_sums = find_effect_of_sums(
        hits.sum(), hits.size, (sums**2).sum(), (sums * size).sum(), (size.astype(float) ** 2).sum()
    )
    assert of_sums * 60 / 59 == pytest.approx(find_design_effect(hits, incident))


def test_rows_that_repeat_nobody_have_the_plain_interval():
    hits = np.r_[np.ones(30), np.zeros(70)]
    clustered, plain = estimate_clustered_rate(hits, np.arange(100)), estimate_rate(30, 100)
    assert (clustered.low, clustered.high) == pytest.approx((plain.low, plain.high), abs=1e-3)


def test_reports_that_repeat_each_other_widen_the_interval():
    hits = np.repeat(np.r_[np.ones(9), np.zeros(21)], 10)
    clustered = estimate_clustered_rate(hits, np.repeat(np.arange(30), 10))
    assert clustered.design_effect == pytest.approx(10 * 30 / 29)
    plain = estimate_rate(9, 30)
    assert clustered.high - clustered.low > plain.high - plain.low


def test_unanimous_clusters_count_as_one_row_each():
    clustered = estimate_clustered_rate(np.ones(400), np.repeat(np.arange(20), 20))
    assert clustered.low < find_wilson(20, 20)[0] + 0.01


def test_too_few_clusters_are_not_enough_however_many_rows():
    assert not estimate_clustered_rate(np.ones(500), np.repeat(np.arange(5), 100)).enough
    assert not estimate_clustered_rate([], []).enough


def test_groupings_of_another_length_are_refused():
    with pytest.raises(FigureError, match="differ"):
        estimate_clustered_rate([1, 0, 1], [1, 2])
    with pytest.raises(FigureError, match="one or two"):
        estimate_clustered_rate([1, 0, 1])
