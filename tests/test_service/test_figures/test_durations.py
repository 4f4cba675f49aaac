import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from service.figures.durations import (
    count_rows,
    describe_all,
    describe_durations,
    find_incidence,
    find_quantile,
    find_share_within,
    read_histogram,
)
from service.figures.errors import FigureError
from service.figures.intervals import estimate_rate


def _rows(n=400, seed=1, n_causes=3):
    random = np.random.default_rng(seed)
    days = random.geometric(0.08, n) - 1
    seen = random.integers(0, 40, n)
    causes = np.where(days <= seen, random.integers(0, n_causes, n), -1)
    return np.minimum(days, seen), causes


@pytest.mark.parametrize("cause", [0, 1, 2])
def test_the_incidence_is_that_of_statsmodels(cause):
    days, causes = _rows()
    incidence = find_incidence(count_rows(days, causes, 3), cause)
    theirs = CumIncidenceRight(days, causes + 1)
    places = theirs.times.astype(int)
    assert incidence.value[places] == pytest.approx(theirs.cinc[cause], abs=1e-12)


def test_with_one_cause_value_and_variance_are_those_of_kaplan_and_meier():
    days, causes = _rows(n_causes=1)
    incidence = find_incidence(count_rows(days, causes, 1))
    theirs = SurvfuncRight(days, (causes >= 0).astype(int))
    places = theirs.surv_times.astype(int)
    assert incidence.value[places] == pytest.approx(1 - theirs.surv_prob, abs=1e-12)
    rest = theirs.surv_prob
    half = 1.959963984540054 * theirs.surv_prob_se / (rest * np.abs(np.log(rest)))
    inside = (rest > 0) & (rest < 1)
    assert incidence.high[places][inside] == pytest.approx((1 - rest ** np.exp(half))[inside], abs=1e-9)
    assert incidence.low[places][inside] == pytest.approx((1 - rest ** np.exp(-half))[inside], abs=1e-9)


def test_with_late_entry_it_is_that_of_statsmodels():
    random = np.random.default_rng(5)
    entry = random.integers(0, 6, 900)
    days = random.geometric(0.1, 900)
    days, entry = days[days >= entry], entry[days >= entry]
    causes = np.where(random.random(days.size) < 0.9, 0, -1)
    incidence = find_incidence(count_rows(days, causes, 1, entry))
    theirs = SurvfuncRight(days, causes + 1, entry=entry - 0.5)  # theirs enter after the events of their day
    assert incidence.value[theirs.surv_times.astype(int)] == pytest.approx(1 - theirs.surv_prob, abs=1e-12)


def _walk(days, causes, entry, cause):
    """The same, written out one age after the other as in the textbook."""
    value, free, found = 0.0, 1.0, []
    for age in range(days.max() + 1):
        at_risk = ((entry <= age) & (days >= age)).sum()
        ended = (days == age) & (causes >= 0)
        if at_risk:
            value += free * (ended & (causes == cause)).sum() / at_risk
            free *= 1 - ended.sum() / at_risk
        found.append(value)
    return found


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-1, 1), st.integers(0, 9)), min_size=1, max_size=30))
def test_any_rows_give_what_the_textbook_gives_step_by_step(rows):
    days, causes, entry = (np.array(column) for column in zip(*rows, strict=True))
    entry = np.minimum(entry, days)
    incidence = find_incidence(count_rows(days, causes, 2, entry), 1)
    assert incidence.value == pytest.approx(_walk(days, causes, entry, 1), abs=1e-12)
    seen = np.maximum.accumulate(incidence.at_risk) > 0
    assert (incidence.low[seen] <= incidence.value[seen] + 1e-9).all()
    assert (incidence.value[seen] <= incidence.high[seen] + 1e-9).all()


def test_the_variance_is_the_multinomial_one_where_all_are_seen_to_their_end():
    days = np.repeat([0, 1, 2, 3], [30, 20, 40, 10])
    causes = np.tile([0, 1], 50)
    incidence = find_incidence(count_rows(days, causes, 2))
    share = incidence.value[2]
    half = 1.959963984540054 * np.sqrt(share * (1 - share) / 100) / ((1 - share) * abs(np.log1p(-share)))
    assert incidence.high[2] == pytest.approx(1 - (1 - share) ** np.exp(half), abs=1e-9)


def test_rows_and_histograms_give_the_same():
    days, causes = _rows()
    counts = count_rows(days, causes, 3)
    again = read_histogram(counts.events, np.bincount(days[causes < 0]))
    assert find_incidence(again).value == pytest.approx(find_incidence(counts).value[: again.events.shape[1]])


def test_open_ones_lengthen_the_median_and_leaving_them_out_would_not():
    days, causes = np.r_[np.full(30, 2), np.full(70, 20)], np.r_[np.zeros(30), np.full(70, -1)].astype(int)
    told = describe_durations(count_rows(days, causes, 1), clock_days=14)
    assert told.median.value is None
    assert told.within_clock.value == pytest.approx(0.3)
    assert (told.n, told.n_ended, told.n_open) == (100, 30, 70)


def test_quantiles_and_shares_of_a_small_example_are_right():
    incidence = find_incidence(read_histogram([[10, 20, 10, 5, 5, 0, 0, 0, 0, 50]]))
    assert find_quantile(incidence, 0.5).value == 4
    assert find_quantile(incidence, 0.9).value == 9
    within, plain = find_share_within(incidence, 1), estimate_rate(30, 100)
    assert (within.value, within.low, within.high) == pytest.approx((0.3, plain.low, plain.high), abs=0.01)
    assert find_share_within(incidence, 40).value == pytest.approx(1.0)


def test_what_was_not_watched_so_long_is_not_told():
    incidence = find_incidence(read_histogram([[10, 10]], [0, 0, 30]))
    assert find_share_within(incidence, 1).enough
    assert not find_share_within(incidence, 14).enough


def test_nothing_and_few_are_told_as_too_few():
    assert not describe_durations(read_histogram(np.zeros((2, 0)))).enough
    told = describe_durations(read_histogram([[3, 4]], [12]), clock_days=5)
    assert (told.enough, told.n, told.median, told.within_clock) == (False, 19, None, None)


def test_rows_that_cannot_be_are_refused():
    with pytest.raises(FigureError, match="before it came"):
        count_rows([3], [0], 1, [4])
    with pytest.raises(FigureError, match="A cause"):
        count_rows([3], [2], 2)
    with pytest.raises(FigureError, match="came under observation"):
        read_histogram([[3]], [1], [5])


def test_many_together_are_told_as_each_alone():
    random = np.random.default_rng(3)
    many = [
        read_histogram(random.poisson(3, (2, n_days)), random.poisson(1, n_open))
        for n_days, n_open in ((1, 1), (30, 90), (120, 0), (2, 5), (60, 60))
    ]
    many.append(read_histogram([[0, 0, 0], [9, 20, 9]]))
    told = describe_all(many, clock_days=14)
    assert told == tuple(describe_durations(counts, clock_days=14) for counts in many)
    assert {one.enough for one in told} == {True, False}
    assert describe_all([]) == ()
