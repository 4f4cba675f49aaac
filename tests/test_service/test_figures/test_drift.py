import numpy as np
import pytest
from scipy.stats import chi2_contingency
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from service.figures.drift import (
    ByLabel,
    Contradicted,
    find_lower_confidence,
    find_mix_change,
    find_other_labels,
    find_unknown_words,
    share_budget,
)
from service.figures.errors import FigureError

THRESHOLD = share_budget(52, 3)


def _by_label(n, mean, variance=0.02):
    return ByLabel(np.array(n, float), np.array(mean, float), np.full(len(n), variance))


def test_the_mix_is_tested_as_scipy_does():
    now, reference = [120, 80, 100], [300, 400, 300]
    sign = find_mix_change(now, reference, THRESHOLD)
    assert sign.p == pytest.approx(chi2_contingency([now, reference], correction=False).pvalue)
    assert sign.change == pytest.approx(0.4 - 0.8 / 3)
    assert sign.is_alarm


def test_confidence_of_one_label_is_tested_as_statsmodels_does():
    random = np.random.default_rng(0)
    now, before = random.normal(0.7, 0.1, 250), random.normal(0.75, 0.1, 900)
    sides = (ByLabel(*(np.array([x]) for x in (side.size, side.mean(), side.var(ddof=1)))) for side in (now, before))
    sign = find_lower_confidence(*sides, THRESHOLD)
    theirs = CompareMeans(DescrStatsW(before), DescrStatsW(now)).ztest_ind("larger", "unequal")
    assert sign.p == pytest.approx(theirs[1], rel=1e-6)
    assert sign.is_alarm


def test_a_change_of_mix_alone_is_not_lower_confidence():
    now, reference = _by_label([400, 100], [0.6, 0.9]), _by_label([100, 400], [0.6, 0.9])
    sign = find_lower_confidence(now, reference, THRESHOLD)
    assert sign.change == pytest.approx(0)
    assert not sign.is_alarm
    assert find_mix_change(now.n, reference.n, THRESHOLD).is_alarm


def test_new_words_within_the_same_labels_alarm():
    now, reference = _by_label([300, 300], [0.11, 0.09], 0.004), _by_label([600, 600], [0.05, 0.04], 0.004)
    assert find_unknown_words(now, reference, THRESHOLD).is_alarm
    assert not find_lower_confidence(reference, reference, THRESHOLD).is_alarm


def test_a_sure_but_small_change_alarms_nobody():
    now, reference = _by_label([10**6], [0.79]), _by_label([10**6], [0.8])
    sign = find_lower_confidence(now, reference, THRESHOLD)
    assert sign.p < 1e-6
    assert not sign.is_alarm


def test_a_known_event_is_told_and_alarms_nobody():
    sign = find_mix_change([300, 100], [100, 900], THRESHOLD, is_known=True)
    assert (sign.is_known, sign.is_alarm) == (True, False)
    assert sign.change > 0.5


def test_too_few_reports_are_told_and_not_judged():
    few = find_mix_change([100, 99], [900, 900], THRESHOLD)
    assert (few.enough, few.change, few.p, few.is_alarm) == (False, None, None, False)
    assert not find_lower_confidence(_by_label([150], [0.1]), _by_label([500], [0.9]), THRESHOLD).enough


def test_false_alarms_stay_within_the_budget():
    random = np.random.default_rng(1)
    share = random.dirichlet(np.full(20, 0.5))
    reference = random.multinomial(4000, share)
    looks = [find_mix_change(random.multinomial(400, share), reference, 0.01) for _ in range(2000)]
    assert np.mean([look.p <= 0.01 for look in looks]) < 0.02


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(FigureError, match="labels"):
        find_mix_change([1, 2], [1], THRESHOLD)
    with pytest.raises(FigureError, match="labels"):
        find_lower_confidence(_by_label([1, 2], [1, 1]), _by_label([1], [1]), THRESHOLD)


def _contradicted(n, hits):
    return Contradicted(np.array(n, float), np.array(hits, float))


def test_other_labels_are_tested_as_statsmodels_does():
    now, before = _contradicted([90, 60], [30, 9]), _contradicted([400, 500], [60, 40])
    sign = find_other_labels(now, before, THRESHOLD)
    tables = [
        np.array([[hits, n - hits], [hits_before, n_before - hits_before]])
        for n, hits, n_before, hits_before in zip(
            now.n, now.n_contradicted, before.n, before.n_contradicted, strict=True
        )
    ]
    theirs = StratifiedTable(tables).test_null_odds(correction=False)
    assert sign.p == pytest.approx(theirs.pvalue / 2, rel=1e-9)
    assert sign.change == pytest.approx((90 * (30 / 90 - 0.15) + 60 * (9 / 60 - 0.08)) / 150)
    assert sign.is_alarm


def test_a_label_that_is_contradicted_as_ever_but_comes_more_often_is_no_other_label():
    sign = find_other_labels(_contradicted([300, 20], [90, 1]), _contradicted([50, 400], [15, 20]), THRESHOLD)
    assert sign.change == pytest.approx(0)
    assert not sign.is_alarm


def test_few_labels_are_told_and_not_judged():
    sign = find_other_labels(_contradicted([99], [99]), _contradicted([900], [0]), THRESHOLD)
    assert (sign.enough, sign.change, sign.p, sign.is_alarm, sign.n) == (False, None, None, False, 99)


def test_people_who_never_contradict_raise_no_alarm():
    assert find_other_labels(_contradicted([200], [0]), _contradicted([900], [0]), THRESHOLD).p == 1


def test_false_alarms_over_other_labels_stay_within_the_budget():
    random = np.random.default_rng(2)
    rate, n, before = random.uniform(0.02, 0.6, 30), random.integers(1, 30, 30), random.integers(1, 200, 30)
    looks = [
        find_other_labels(
            _contradicted(n, random.binomial(n, rate)), _contradicted(before, random.binomial(before, rate)), 0.01
        )
        for _ in range(2_000)
    ]
    assert np.mean([look.p <= 0.01 for look in looks]) < 0.02
