import numpy as np
import pytest

from service.figures.errors import FigureError
from service.figures.series import MINIMUM_REST, MINIMUM_SAID, correct_series, read_audit, read_topic_counts


def _audit(bundle, n_said, n_right, n_rest, n_missed, probability=0.1):
    said = np.r_[np.ones(n_said), np.zeros(n_rest)].astype(bool)
    so = np.r_[np.arange(n_said) < n_right, np.arange(n_rest) < n_missed]
    return np.full(said.size, bundle), said, so, np.full(said.size, probability)


def _join(*audits):
    return read_audit(*(np.concatenate(column) for column in zip(*audits, strict=True)))


NOBODY = read_audit([], [], [], [])


def test_the_correction_is_the_post_stratified_estimate_worked_by_hand():
    counts = read_topic_counts([4, 0], [[30], [60]], [[200], [300]])
    audit = _join(_audit(0, 20, 15, 100, 4))
    series = correct_series(counts, audit)
    assert series.value == pytest.approx([4 + 30 * 0.75 + 170 * 0.04, 60 * 0.75 + 240 * 0.04])
    said, rest = 16 / 22, 5 / 102
    variance = 30**2 * said * (1 - said) / 20 + 30 * said * (1 - said)
    variance += 170**2 * rest * (1 - rest) / 100 + 170 * rest * (1 - rest)
    assert series.high[0] == pytest.approx(series.value[0] + 1.959963984540054 * np.sqrt(variance))
    assert series.is_corrected.all()
    assert series.breaks == ()


def test_the_correction_is_the_prediction_powered_one_where_rows_are_drawn_alike():
    # With one draw probability the post-stratified estimate over all rows is n_said + the mean difference by stratum.
    counts = read_topic_counts([0], [[50]], [[500]])
    series = correct_series(counts, _join(_audit(0, 25, 20, 75, 3)))
    differences_said, differences_rest = -5 / 25, 3 / 75
    assert series.value[0] == pytest.approx(50 + 50 * differences_said + 450 * differences_rest)


def test_rows_drawn_more_often_count_for_less():
    counts = read_topic_counts([0], [[100]], [[400]])
    # Ten doubtful rows drawn surely, all wrong; ten sure ones drawn one in ten, all right.
    said = (np.zeros(20, int), np.ones(20, bool), np.arange(20) >= 10, np.repeat([1.0, 0.1], 10))
    series = correct_series(counts, _join(said, _audit(0, 0, 0, 60, 0)))
    assert series.value[0] == pytest.approx(100 * 100 / 110)


def test_a_persons_label_counts_as_it_is():
    series = correct_series(read_topic_counts([7, 9], np.zeros((2, 0)), np.zeros((2, 0))), NOBODY)
    assert series.value.tolist() == series.low.tolist() == series.high.tolist() == [7, 9]


def test_a_thin_audit_leaves_raw_counts_and_a_break_at_the_change_of_bundle():
    alone = [[30, 0], [30, 0], [5, 40], [0, 45]]
    counts = read_topic_counts([1, 1, 1, 1], alone, 5 * np.array(alone))
    thin = _audit(0, MINIMUM_SAID - 1, 5, MINIMUM_REST, 1)
    series = correct_series(counts, _join(thin))
    assert series.value.tolist() == series.raw.tolist() == [31, 31, 46, 46]
    assert not series.is_corrected.any()
    assert series.breaks == (2,)


def test_a_bundle_audited_and_one_that_is_not_are_not_compared():
    alone = [[30, 0], [0, 45]]
    counts = read_topic_counts([0, 0], alone, 5 * np.array(alone))
    series = correct_series(counts, _join(_audit(0, 20, 16, 80, 2)))
    assert series.is_corrected.tolist() == [True, False]
    assert series.breaks == (1,)


def test_two_audited_bundles_make_no_break():
    alone = [[30, 0], [0, 0], [0, 45]]
    counts = read_topic_counts([0, 3, 0], alone, 5 * np.array(alone))
    series = correct_series(counts, _join(_audit(0, 20, 16, 80, 2), _audit(1, 20, 19, 80, 1)))
    assert series.breaks == ()
    assert series.value[1] == series.low[1] == 3


def test_an_interval_stays_between_what_is_certain_and_what_is_there():
    series = correct_series(read_topic_counts([3], [[1]], [[4]]), _join(_audit(0, 20, 10, 60, 30)))
    assert 3 <= series.low[0] <= series.value[0] <= series.high[0] <= 7


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(FigureError, match="within"):
        read_audit([0], [True], [True], [0.0])
    with pytest.raises(FigureError, match="differ in length"):
        read_audit([0, 1], [True], [True], [0.5])
    with pytest.raises(FigureError, match="more hits"):
        read_topic_counts([0], [[5]], [[4]])
    with pytest.raises(FigureError, match="differ in their periods"):
        read_topic_counts([0, 0], [[5]], [[6]])
