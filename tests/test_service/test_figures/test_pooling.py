import numpy as np
import pytest
from scipy.stats import beta, betabinom

from service.figures import pooling
from service.figures.errors import FigureError
from service.figures.pooling import compare_units, pool_rates


def test_pooling_is_what_a_fine_integration_gives():
    hits, cases, expected = np.array([2, 30, 11]), np.array([25, 60, 90]), np.array([0.3, 0.35, 0.2])
    pooled = pool_rates(hits, cases, expected)
    spreads = np.linspace(0.01, np.sqrt(0.9), 4000) ** 2  # even steps of the square root: the prior is flat on it
    precision = 1 / spreads - 1
    weight = np.prod(
        [
            betabinom.pmf(k, n, e * precision, (1 - e) * precision)
            for k, n, e in zip(hits, cases, expected, strict=True)
        ],
        axis=0,
    )
    weight /= weight.sum()
    for unit, (k, n, e) in enumerate(zip(hits, cases, expected, strict=True)):
        first, second = e * precision + k, (1 - e) * precision + n - k
        assert pooled.value[unit] == pytest.approx((weight * first / (first + second)).sum(), abs=2e-3)
        assert weight @ beta.cdf(pooled.low[unit], first, second) == pytest.approx(0.025, abs=2e-3)
        assert weight @ beta.cdf(pooled.high[unit], first, second) == pytest.approx(0.975, abs=2e-3)


def test_the_precision_is_the_most_likely_one():
    random = np.random.default_rng(8)
    hits, cases = random.binomial(200, random.beta(6, 14, 40)), np.full(40, 200)
    pooled = pool_rates(hits, cases, np.full(40, 0.3))
    grid = np.linspace(5, 60, 500)
    log_likelihood = betabinom.logpmf(hits[:, None], 200, 0.3 * grid, 0.7 * grid).sum(axis=0)
    assert pooled.precision == pytest.approx(grid[np.argmax(log_likelihood)], rel=0.15)


def test_what_is_expected_has_an_error_too():
    # The same difference: seen against many cases of others it is told, against few it is not.
    hits, cases = np.array([[60], [160]]), np.array([[100], [200]])
    many = compare_units(np.vstack([hits, [[1600]]]), np.vstack([cases, [[2000]]]))
    few = compare_units([[60], [14]], [[100], [20]])
    assert (many[0].verdict, few[0].verdict) == ("below", "as_expected")


def test_few_cases_are_drawn_nearer_to_the_expectation_than_many():
    pooled = pool_rates([8, 80, 30, 31, 29, 30], [10, 100, 100, 100, 100, 100], np.full(6, 0.3))
    assert 0.3 < pooled.value[0] < pooled.value[1] < 0.8
    assert pooled.high[0] - pooled.low[0] > pooled.high[1] - pooled.low[1]


def test_a_unit_without_cases_has_its_expectation():
    assert pool_rates([0, 30, 33], [0, 100, 100], np.full(3, 0.3)).value[0] == pytest.approx(0.3)


def test_a_slow_unit_is_seen_and_its_fellows_are_as_expected():
    cases = np.full((8, 4), 100)
    hits = np.full((8, 4), 80)
    hits[3] = 50
    verdicts = [one.verdict for one in compare_units(hits, cases)]
    assert verdicts == ["as_expected"] * 3 + ["below"] + ["as_expected"] * 4


def test_a_unit_of_few_cases_is_told_nothing_but_their_number():
    one = compare_units([[3], [40]], [[19], [80]])[0]
    assert (one.verdict, one.n, one.raw, one.pooled, one.expected, one.past_change) == ("too_few", 19, *(None,) * 4)


def test_the_own_past_stands_beside_where_it_is_known():
    told = compare_units([[40], [40]], [[80], [80]], past=([20, 5], [80, 10]))
    assert told[0].past_change.value == pytest.approx(0.25)
    assert told[0].past_change.low > 0
    assert told[1].past_change is None


def test_no_case_at_all_is_no_error():
    assert [one.verdict for one in compare_units(np.zeros((2, 3)), np.zeros((2, 3)))] == ["too_few", "too_few"]


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(FigureError, match="more hits"):
        compare_units([[1]], [[2]], past=([3], [2]))
    with pytest.raises(FigureError, match="expected must"):
        pool_rates([1], [2], [1.5])


@pytest.mark.parametrize("share", [0.025, 0.5, 0.975])
def test_quantiles_of_mixtures_reach_their_share_however_sharp_or_flat(share):
    random = np.random.default_rng(4)
    mean = random.choice([1e-4, 0.003, 0.2, 0.5, 0.95, 0.9999], (60, 1))
    precision = np.exp(np.linspace(np.log(0.2), np.log(1e5), 12))
    weight = random.dirichlet(np.full(12, 0.3))
    first, second = mean * precision + random.integers(0, 40, (60, 1)), (1 - mean) * precision
    found = pooling._find_quantile(first, second, weight, share)
    reached = beta.cdf(found[:, None], first, second) @ weight
    # Where nearly all lies at 0 or 1 no double is as near as the share wants it.
    is_told = (found > 1e-6) & (found < 1 - 1e-6)
    assert reached[is_told] == pytest.approx(share, abs=1e-6)
    assert is_told.mean() > 0.5
