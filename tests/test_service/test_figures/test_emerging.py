import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import nbinom
from statsmodels.stats.multitest import multipletests

from service.figures import exceedance
from service.figures.emerging import find_cut, find_emerging, find_emerging_cells
from service.figures.errors import FigureError
from service.figures.exceedance import Usual, find_mid_p, find_usual


def _history(n_topics=12, n_periods=156, seed=4):
    random = np.random.default_rng(seed)
    season = np.exp(0.4 * np.sin(2 * np.pi * np.arange(n_periods) / 52))
    mean = random.uniform(2, 30, n_topics)[:, None] * season
    return random.poisson(mean * random.gamma(12, 1 / 12, mean.shape))


def test_mid_p_is_that_of_scipys_negative_binomial():
    counts, mean, dispersion = np.array([0.0, 3, 40]), np.array([2.0, 5, 20]), np.array([0.5, 0.1, 0.02])
    size = 1 / dispersion
    share = size / (size + mean)
    expected = nbinom.sf(counts, size, share) + nbinom.pmf(counts, size, share) / 2
    assert find_mid_p(counts, Usual(mean, dispersion)) == pytest.approx(expected, rel=1e-9)


def test_the_usual_is_near_the_negative_binomial_fit_of_statsmodels():
    history = _history().astype(float)
    usual = find_usual(history, np.ones(156), 52)
    angle = 2 * np.pi * np.arange(156) / 52
    columns = [np.ones(156), np.arange(156) / 156 - 0.5, np.sin(angle), np.cos(angle), np.sin(2 * angle)]
    design = np.column_stack([*columns, np.cos(2 * angle)])
    for topic in range(12):
        fit = sm.GLM(history[topic, :151], design[:151], family=sm.families.NegativeBinomial(alpha=1 / 12)).fit()
        assert usual.mean[topic] == pytest.approx(fit.predict(design[-1:])[0], rel=0.15)


def test_without_a_prior_and_bursts_the_fit_is_that_of_statsmodels():
    history = _history(3).astype(float)[:, :60]
    rows = np.column_stack([np.ones(60), np.linspace(-0.5, 0.5, 60)])
    dispersion = np.full(3, 0.2)
    beta, covariance = exceedance._fit(history, rows, np.zeros(60), np.zeros(2), dispersion, np.ones_like(history))
    for topic in range(3):
        fit = sm.GLM(history[topic], rows, family=sm.families.NegativeBinomial(alpha=0.2)).fit()
        assert beta[topic] == pytest.approx(fit.params, abs=1e-4)
        assert covariance[topic] == pytest.approx(fit.cov_params(), rel=1e-3)


def test_a_burst_is_found_and_nothing_else():
    history = _history()
    history[5, -1] = 4 * history[5].max()
    found = find_emerging(history, 52)
    assert [one.is_alarm for one in found] == [topic == 5 for topic in range(12)]
    assert found[5].count == history[5, -1]
    assert found[5].expected < history[5].max()


def test_a_season_that_comes_every_year_is_no_news():
    random = np.random.default_rng(0)
    season = np.exp(np.sin(2 * np.pi * np.arange(157) / 52))
    history = random.poisson(10 * season[None, :157] * np.ones((4, 1)))[:, :118]  # ends at the height of the season
    assert history[:, -1].mean() > 1.5 * history.mean()
    assert not any(one.is_alarm for one in find_emerging(history, 52))


def test_a_burst_going_on_does_not_become_the_usual_at_once():
    history = _history()
    history[5, -4:] = 4 * history[5].max()
    assert find_emerging(history, 52)[5].is_alarm


def test_topics_that_grow_with_all_reports_are_no_news():
    history = _history(n_periods=110)
    exposure = np.where(np.arange(110) == 109, 3.0, 1.0)
    history[:, -1] = np.random.default_rng(7).poisson(3 * history[:, -10:-1].mean(axis=1))
    assert sum(one.is_alarm for one in find_emerging(history, 52)) > 3
    assert not any(one.is_alarm for one in find_emerging(history, 52, exposure=exposure))


def test_a_short_history_and_empty_months_are_told_and_not_judged():
    assert [one.enough for one in find_emerging(np.ones((2, 12)), 12)] == [False, False]
    empty = find_emerging(np.zeros((3, 40)), 12)
    assert not any(one.is_alarm for one in empty)
    assert empty[0].expected < 0.1
    assert find_emerging(np.zeros((0, 40)), 12) == ()
    assert not find_emerging(np.zeros((1, 0)), 12)[0].enough


def test_few_reports_of_a_topic_never_seen_are_no_burst_and_many_are():
    history = np.zeros((2, 60))
    history[:, -1] = [4, 12]
    assert [one.is_alarm for one in find_emerging(history, 12)] == [False, True]


def test_the_budget_is_shared_by_topics_and_looks():
    assert find_emerging(np.ones((10, 60)), 52, budget_per_year=5.2)[0].threshold == pytest.approx(0.01)


def test_only_cells_of_alarmed_topics_are_named():
    history = _history(6)
    history[[1, 4], -1] = 200
    found = find_emerging_cells(history, [0, 0, 0, 1, 1, 1], [True, False], 52)
    assert [cell for cell, one in enumerate(found) if one.is_alarm] == [1]


def test_the_step_up_is_that_of_statsmodels():
    random = np.random.default_rng(2)
    for _ in range(20):
        p = random.beta(0.4, 1, 15)
        rejected = multipletests(p, 0.1, "fdr_bh")[0]
        assert ((p <= find_cut(p, 0.1)) == rejected).all()


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(FigureError, match="exposure"):
        find_emerging(np.ones((2, 30)), 12, exposure=np.zeros(30))
    with pytest.raises(FigureError, match="negative"):
        find_emerging(-np.ones((2, 30)), 12)
    with pytest.raises(FigureError, match="topic_of_cell"):
        find_emerging_cells(np.ones((2, 30)), [0], [True], 12)
