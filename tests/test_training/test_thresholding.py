from dataclasses import replace

import numpy as np
import pytest

from model.calibration import identity
from model.thresholds import AlarmThreshold
from training.calibrating import MINIMUM_EARLIER_ROWS
from training.config import TrainingConfig
from training.rehearsing import NEVER, Rehearsal
from training.thresholding import (
    MINIMUM_LABEL_ROWS,
    MINIMUM_POSITIVES,
    MINIMUM_ROWS,
    choose_firsts,
    find_alarm_threshold,
    find_head_thresholds,
    find_thresholds,
    split_holm,
    walk_down,
    walk_down_from,
)


def _draw(n_rows, draws):
    """Probabilities and right answers whose error is 0 at probability 1 and rises to a half at 0."""
    raw = draws.random(n_rows)
    return raw, draws.random(n_rows) >= (1 - raw) ** 2 / 2


def _error_above(threshold):
    """The true error of all rows like those of `_draw` that reach a threshold."""
    return (1 - threshold) ** 2 / 6


def _flags(n_rows, *wrong):
    """Rows in order of falling probability, right but at the places that are named."""
    is_right = np.ones(n_rows, bool)
    is_right[list(wrong)] = False
    return np.linspace(1, 0.5, n_rows), is_right


def _rehearse(truth, given, confidence=None, slices=None, labels=("ada", "lain")):
    """A rehearsal of two labels, whose scores give `confidence` to the given one at temperature 1."""
    n_rows = len(truth)
    confidence = np.linspace(0.99, 0.51, n_rows) if confidence is None else confidence
    margin = np.log(confidence / (1 - confidence))
    chosen = np.array([labels.index(label) for label in given], np.int64)
    scores = np.zeros((n_rows, len(labels)), np.float32)
    scores[np.arange(n_rows), chosen] = margin
    targets = np.array([labels.index(label) if label in labels else -1 for label in truth], np.int64)
    slices = np.ones(n_rows, np.int64) if slices is None else slices
    return Rehearsal(labels, scores, targets, np.array(truth), np.array(given), slices)


def _with_earlier(n_rows, n_wrong=0, given="ada"):
    """A last slice of so many rows, the least sure of them wrong, after enough rows of an earlier one."""
    n_earlier = MINIMUM_EARLIER_ROWS
    given = [given] * (n_earlier + n_rows)
    truth = ["ada"] * (n_earlier + n_rows - n_wrong) + ["lain"] * n_wrong
    slices = np.repeat([0, 1], [n_earlier, n_rows])
    confidence = np.concatenate([np.full(n_earlier, 0.7), np.linspace(0.99, 0.51, n_rows)])
    return _rehearse(truth, given, confidence, slices)


@pytest.mark.parametrize("n_rows", [150, 800])
def test_the_budget_is_exceeded_in_at_most_one_of_twenty_slices(n_rows):
    budget, n_draws = 0.05, 400
    draws = np.random.default_rng(20261124)
    found = [
        walk_down_from(choose_firsts(n_rows, budget, 0.05), *_draw(n_rows, draws), budget, 0.05).raw
        for _ in range(n_draws)
    ]
    thresholds = np.array([raw for raw in found if raw is not None])
    n_exceeded = int((_error_above(thresholds) > budget).sum())
    assert len(thresholds) > n_draws / 8
    assert n_exceeded <= 30  # one of twenty is 20 of 400; with a true share of 0.05, more than 30 come once in 100


def test_several_groups_together_exceed_the_budget_in_at_most_one_of_twenty_slices():
    budget, n_draws = 0.1, 400
    draws = np.random.default_rng(7)
    n_exceeded = 0
    for _ in range(n_draws):
        walks = split_holm({name: _draw(300, draws) for name in "abc"}, budget)
        n_exceeded += any(walk.raw is not None and _error_above(walk.raw) > budget for walk in walks.values())
    assert n_exceeded <= 30


def test_rows_without_a_wrong_answer_are_all_decided():
    walk = walk_down(*_flags(130), 0.05, 0.05, MINIMUM_ROWS)
    assert (walk.raw, walk.n_decided, walk.n_wrong, walk.is_whole) == (0.5, 130, 0, True)


def test_the_walk_stops_at_the_first_threshold_that_may_exceed_the_budget():
    walk = walk_down(*_flags(400, *range(100, 110)), 0.05, 0.05, MINIMUM_ROWS)
    assert (walk.n_decided, walk.n_wrong, walk.is_whole) == (100, 0, False)
    walk = walk_down(*_flags(400, 0, 1), 0.05, 0.05, MINIMUM_ROWS)
    assert (walk.raw, walk.n_decided, walk.n_wrong) == (None, 60, 2)
    assert walk.limit == pytest.approx(0.101, abs=5e-4)


def test_rows_of_equal_probability_are_decided_together():
    raw, is_right = _flags(200)
    raw[50:90] = raw[50]
    assert walk_down(raw, is_right, 0.05, 0.05, MINIMUM_ROWS).is_whole
    is_right[80:90] = False
    walk = walk_down(raw, is_right, 0.05, 0.05, MINIMUM_ROWS)
    assert (walk.raw, walk.n_decided, walk.n_wrong) == (None, 90, 10)


def test_a_second_beginning_saves_a_walk_that_early_errors_stop():
    raw, is_right = _flags(1000, 0, 1)
    firsts = choose_firsts(1000, 0.05, 0.05)
    assert firsts == (150, 250)
    is_right[[10, 20, 30]] = False
    assert walk_down(raw, is_right, 0.05, 0.025, firsts[0]).raw is None
    assert walk_down_from(firsts, raw, is_right, 0.05, 0.05).n_decided > 250


@pytest.mark.parametrize("error", [0.01, 0.025, 0.05])
@pytest.mark.parametrize("budget", [0.02, 0.05, 0.1])
def test_a_walk_begins_where_it_could_pass(budget, error):
    for n_rows in (100, 500, 2_000):
        firsts = choose_firsts(n_rows, budget, error)
        raw, is_right = _flags(n_rows)
        assert walk_down_from(firsts, raw, is_right, budget, error).is_whole == (n_rows >= firsts[0])


def test_more_budget_never_decides_less():
    draws = np.random.default_rng(1)
    raw, is_right = _draw(900, draws)
    decided = [walk_down(raw, is_right, budget, 0.05, 200).n_decided for budget in (0.1, 0.15, 0.2, 0.3)]
    assert decided == sorted(decided)


def test_a_group_that_passes_wholly_leaves_its_share_to_the_others():
    borderline = _flags(2_000, *range(0, 200, 10))
    firsts = choose_firsts(2_000, 0.1, 0.025)
    alone = walk_down_from(firsts, *borderline, 0.1, 0.025)
    shared = split_holm({"sure": _flags(300), "other": borderline}, 0.1)
    assert shared["sure"].is_whole
    assert shared["other"] == walk_down_from(firsts, *borderline, 0.1, 0.05)
    hopeless = split_holm({"hopeless": _flags(300, *range(0, 300, 2)), "other": borderline}, 0.1)
    assert hopeless["hopeless"].raw is None
    assert hopeless["other"] == alone
    assert shared["other"].n_decided >= alone.n_decided


def test_a_head_without_a_budget_has_no_threshold_and_says_so():
    found = find_head_thresholds(_with_earlier(100), identity(), None, "urgency")
    assert found.budget is None
    assert found.head.reason == "no error budget is set for urgency: a person confirms"


def test_the_threshold_is_kept_with_what_it_was_found_on():
    found = find_head_thresholds(_with_earlier(150), identity(), 0.05).head
    assert (found.n_rows, found.n_decided, found.n_wrong, found.reason) == (150, 150, 0, None)
    assert found.raw == pytest.approx(0.51)
    assert found.confidence == pytest.approx(0.51, abs=1e-4)


@pytest.mark.parametrize(
    ("rehearsal", "reason"),
    [
        (_with_earlier(59), "59 rows of the slice are too few to prove a budget of 5% kept; everything is suggested"),
        (
            _with_earlier(150, n_wrong=148),
            "no threshold meets the budget of 5%: of the 60 surest rows 58 were wrong, so the error may be 99.4%",
        ),
        (
            _rehearse(["ada"] * 150, ["ada"] * 150),
            "0 rows of rehearsal lie before the last slice, 50 are needed for a curve that has not seen it",
        ),
        (_rehearse([], []), "0 rows of rehearsal lie before the last slice"),
    ],
)
def test_where_there_is_no_threshold_it_says_why(rehearsal, reason):
    found = find_head_thresholds(rehearsal, identity(), 0.05).head
    assert (found.raw, found.confidence) == (None, None)
    assert reason in found.reason


def test_a_label_of_many_rows_has_a_threshold_of_its_own_and_does_not_spoil_that_of_the_others():
    n_earlier, n_own, n_rest = MINIMUM_EARLIER_ROWS, MINIMUM_LABEL_ROWS, 150
    given = ["lain"] * n_earlier + ["ada"] * n_own + ["lain"] * n_rest
    truth = ["lain"] * n_earlier + ["lain"] * n_own + ["lain"] * n_rest
    slices = np.repeat([0, 1], [n_earlier, n_own + n_rest])
    found = find_head_thresholds(_rehearse(truth, given, slices=slices), identity(), 0.05)
    assert (found.head.n_rows, found.head.n_decided, found.head.n_wrong) == (n_rest, n_rest, 0)
    assert list(found.labels) == ["ada"]
    assert "no threshold of its own for ada meets the budget of 5%" in found.labels["ada"].reason


def test_a_label_of_few_rows_falls_back_to_the_threshold_of_the_head():
    assert find_head_thresholds(_with_earlier(MINIMUM_LABEL_ROWS - 1), identity(), 0.05).labels == {}


def _watch(n_positive, n_others, shares=None, scores_of_unknown=0):
    """A rehearsal in which `ada` has the probabilities `shares` on its reports, and 0.01 on others."""
    shares = np.linspace(0.9, 0.1, n_positive) if shares is None else shares
    of_ada = np.concatenate([shares, np.full(n_others, 0.01)])
    scores = np.column_stack([np.log(of_ada / (1 - of_ada)), np.zeros(len(of_ada))]).astype(np.float32)
    scores[:scores_of_unknown, 0] = NEVER
    truth = np.array(["darurat"] * n_positive + ["sedang"] * n_others)
    slices = np.zeros(len(truth), np.int64)
    return Rehearsal(("darurat", "sedang"), scores, np.zeros(len(truth), np.int64), truth, truth, slices)


def test_an_alarm_keeps_the_recall_that_was_asked_for():
    found = find_alarm_threshold("darurat", _watch(100, 300), identity(), 0.95)
    assert (found.n_positive, found.n_found, found.n_others, found.n_alarms) == (100, 96, 300, 0)
    assert (found.recall, found.reason) == (0.95, None)
    assert find_alarm_threshold("darurat", _watch(100, 300), identity(), 0.5).confidence > found.confidence


def test_an_urgent_alarm_is_reached_by_no_more_of_the_others_than_asked():
    watched = _watch(40, 400)
    others = np.linspace(-6, 2, 400).astype(np.float32)
    watched.scores[40:, 0] = others
    found = find_alarm_threshold("darurat", watched, identity(), 0.95, 0.01)
    assert sum(found.rate(score, 0.0) >= found.urgent for score in others.tolist()) == 4
    assert found.urgent > found.confidence
    assert find_alarm_threshold("darurat", watched, identity(), 0.95, 0.001).urgent is None
    assert find_alarm_threshold("darurat", watched, identity(), 0.95).urgent is None


def test_urgent_is_never_below_the_recall_threshold():
    found = find_alarm_threshold("darurat", _watch(40, 400), identity(), 0.95, 0.5)
    assert found.urgent == found.confidence


def test_an_alarm_stands_on_the_detector_where_there_is_one():
    watched = _watch(100, 300)
    detected = np.concatenate([np.linspace(9, 5, 100), np.full(300, -5)]).astype(np.float32)
    found = find_alarm_threshold("darurat", replace(watched, detected=detected), identity(), 0.95)
    assert found.rate(4.9, 0.0) < found.confidence <= found.rate(9.0, 0.0)


def test_the_next_report_raises_the_alarm_as_often_as_asked():
    draws = np.random.default_rng(3)
    n_found = 0
    for _ in range(400):
        *shares, following = draws.uniform(0.02, 0.98, 31)
        found = find_alarm_threshold("darurat", _watch(30, 5, np.array(shares)), identity(), 0.9)
        n_found += found.rate(np.log(following / (1 - following)), following) >= found.confidence
    assert n_found / 400 == pytest.approx(28 / 31, abs=0.045)


def test_an_alarm_stands_on_the_score_of_its_label_alone():
    found = find_alarm_threshold("darurat", _watch(100, 300), identity(), 0.95)
    low, high = (found.rate(score, 0.5) for score in (-4.0, 2.0))
    assert low < found.confidence < high
    assert AlarmThreshold(0.15).rate(-4.0, 0.5) == 0.5


def test_few_reports_of_a_label_give_the_cautious_default_and_say_so():
    found = find_alarm_threshold("darurat", _watch(MINIMUM_POSITIVES - 1, 40), identity(), 0.95)
    assert (found.confidence, found.n_positive, found.n_others) == (0.15, MINIMUM_POSITIVES - 1, 40)
    assert found.reason == "19 reports of the rehearsal carry darurat, 20 are needed; the cautious default"


def test_rows_whose_fit_did_not_know_the_label_say_nothing_of_it():
    found = find_alarm_threshold("darurat", _watch(60, 40, scores_of_unknown=30), identity(), 0.95)
    assert found.n_positive == 30


@pytest.mark.parametrize(
    ("label", "recall", "reason"),
    [
        ("darurat", None, "no recall is set for darurat"),
        ("pengaduan-pengawasan", 0.9, "no fit of the rehearsal knew pengaduan-pengawasan; the cautious default"),
    ],
)
def test_a_label_without_a_recall_or_a_row_alarms_from_the_default(label, recall, reason):
    found = find_alarm_threshold(label, _watch(60, 40), identity(), recall)
    assert found.confidence == {"darurat": 0.15, "pengaduan-pengawasan": 0.2}[label]
    assert reason in found.reason


def test_every_head_and_every_label_that_has_one_gets_its_thresholds():
    config = TrainingConfig(error_budget={"agency": 0.05})
    rehearsals = {"agency": _with_earlier(150), "urgency": _watch(60, 40)}
    found = find_thresholds(rehearsals, dict.fromkeys(rehearsals, identity()), config)
    assert found.heads["agency"].head.raw is not None
    assert found.heads["urgency"].budget is None
    assert list(found.alarms) == ["darurat"]


@pytest.mark.parametrize(("recall", "needed"), [(0.5, 20), (0.95, 20), (0.99, 99), (0.999, 999)])
def test_a_recall_that_so_few_reports_cannot_keep_gives_the_default(recall, needed):
    assert find_alarm_threshold("darurat", _watch(needed, 40), identity(), recall).reason is None
    found = find_alarm_threshold("darurat", _watch(needed - 1, 40), identity(), recall)
    assert (
        found.reason
        == f"{needed - 1} reports of the rehearsal carry darurat, {needed} are needed; the cautious default"
    )


def test_a_rehearsal_of_one_label_alone_gives_the_default():
    found = find_alarm_threshold("darurat", _watch(40, 0), identity(), 0.95)
    assert (found.confidence, found.slope) == (0.15, None)
    assert found.reason.startswith("every report of the rehearsal carries darurat")


def test_a_score_that_is_higher_for_other_reports_gives_the_default():
    watched = _watch(40, 60)
    found = find_alarm_threshold("darurat", replace(watched, scores=-watched.scores), identity(), 0.95)
    assert (found.confidence, found.slope) == (0.15, None)
    assert found.reason.startswith("reports that carry darurat have no higher scores")
