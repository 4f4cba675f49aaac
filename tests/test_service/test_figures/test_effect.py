import numpy as np
import pytest
import statsmodels.api as sm

from service.figures.effect import MINIMUM_PERIODS, estimate_effect, make_design
from service.figures.errors import FigureError
from service.figures.robust import find_bandwidth, find_contrasts


def _noise(n, autocorrelation=0.3, seed=0):
    random = np.random.default_rng(seed)
    noise = random.standard_normal(n + 50)
    for period in range(1, n + 50):
        noise[period] += autocorrelation * noise[period - 1]
    return noise[50:]


@pytest.mark.parametrize(("mark", "start", "year"), [(30, 30, 0), (30, 33, 0), (36, 36, 12)])
def test_estimates_and_errors_are_those_of_statsmodels(mark, start, year):
    series = 10 + 0.1 * np.arange(72) + _noise(72)
    kept = np.r_[0:mark, start:72]
    design = make_design(72, mark, start, year)
    found = find_contrasts(series[kept], design, 0.95)
    rows = np.array(design.rows)
    n_lags = find_bandwidth(kept.size)
    fit = sm.OLS(series[kept], rows).fit(cov_type="HAC", cov_kwds={"maxlags": n_lags, "use_correction": True})
    for place, contrast in enumerate(design.contrasts):
        theirs = fit.t_test(np.array(contrast))
        assert found.value[place] == pytest.approx(theirs.effect[0], abs=1e-9)
        assert found.error[place] == pytest.approx(theirs.sd[0, 0], rel=1e-6)


def test_a_step_and_a_bend_without_noise_are_found_as_they_are():
    time = np.arange(60)
    after = time >= 30
    effect = estimate_effect(5 + 0.2 * time + 3 * after - 0.1 * after * (time - 30), 30)
    assert effect.level.value == pytest.approx(3)
    assert effect.slope.value == pytest.approx(-0.1)
    assert effect.mean.value == pytest.approx(3 - 0.1 * 5.5)
    assert effect.verdict == "rose"
    assert effect.without[-1] == pytest.approx(5 + 0.2 * 59)


def test_a_step_out_of_the_noise_is_told_and_noise_is_not():
    series = _noise(80)
    assert estimate_effect(series, 40).verdict == "no_change_seen"
    series[40:] -= 5
    assert estimate_effect(series, 40).verdict == "fell"


def test_a_series_that_never_changes_shows_no_change():
    assert estimate_effect(np.full(60, 0.3), 30).verdict == "no_change_seen"


@pytest.mark.parametrize("mark", [0, MINIMUM_PERIODS - 1, 60 - MINIMUM_PERIODS + 1, 60])
def test_too_few_periods_on_a_side_are_never_judged(mark):
    effect = estimate_effect(np.arange(60.0), mark)
    assert (effect.verdict, effect.mean, effect.level, effect.fitted) == ("too_short", None, None, None)
    assert effect.n_before + effect.n_after == 60


def test_a_control_takes_out_what_both_share():
    time = np.arange(80)
    shared = np.where(time >= 40, 6.0, 0.0) + 0.05 * time
    series, control = shared + _noise(80, seed=1), shared + _noise(80, seed=2)
    assert estimate_effect(series, 40).verdict == "rose"
    with_control = estimate_effect(series, 40, control=control)
    assert with_control.verdict == "no_change_seen"
    assert with_control.has_control


def test_the_season_is_no_effect():
    time = np.arange(60)
    series = 4 * np.sin(2 * np.pi * time / 12) + 0.1 * _noise(60)
    effect = estimate_effect(series, 30, periods_per_year=12)
    assert effect.has_season
    assert abs(effect.level.value) < 0.3
    assert not estimate_effect(series, 30, periods_per_year=52).has_season


def test_periods_of_a_transition_count_for_neither_side():
    series = _noise(80)
    wild = series.copy()
    wild[40:44] += 100
    one, other = (estimate_effect(values, 40, resumes=44) for values in (series, wild))
    assert one.mean == other.mean
    assert (one.n_before, one.n_after) == (40, 36)


def test_the_same_series_has_the_same_interval_every_time():
    assert estimate_effect(_noise(60), 30).mean == estimate_effect(_noise(60), 30).mean


def test_other_units_change_nothing_but_the_unit():
    plain, scaled = estimate_effect(_noise(60), 30), estimate_effect(100 + 60 * _noise(60), 30)
    assert scaled.mean.low == pytest.approx(60 * plain.mean.low)
    assert scaled.verdict == plain.verdict


def test_series_that_do_not_fit_are_refused():
    with pytest.raises(FigureError, match="missing value"):
        estimate_effect([1, np.nan], 1)
    with pytest.raises(FigureError, match="control has"):
        estimate_effect(np.ones(60), 30, control=np.ones(59))
    with pytest.raises(FigureError, match="outside"):
        estimate_effect(np.ones(60), 61)
