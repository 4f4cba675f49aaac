import json

import numpy as np
import pytest

from model.prediction import HeadPrediction
from training.decision_judging import KeptFrom, judge_alarms, judge_budget


def _answers(n_right, n_wrong, decision="auto", confidence=0.9):
    """True labels, and as many right and wrong answers with one decision."""
    truth = ["pln"] * n_right + ["bpbd"] * n_wrong
    answer = HeadPrediction("pln", confidence, decision, 0.8, None, ())
    return truth, [answer] * len(truth)


def _judge(*groups, budget=0.05):
    truth = [label for group in groups for label in group[0]]
    return judge_budget(np.array(truth), [answer for group in groups for answer in group[1]], budget)


@pytest.mark.parametrize(
    ("n_right", "n_wrong", "verdict"),
    [
        (100, 0, "kept"),
        (380, 20, "kept"),
        (379, 21, "too few rows to tell"),
        (59, 0, "too few rows to tell"),
        (0, 0, "nothing was decided alone"),
        (90, 20, "not kept"),
        (10, 10, "not kept"),
    ],
)
def test_a_verdict_is_given_where_the_rows_allow_one(n_right, n_wrong, verdict):
    assert _judge(_answers(n_right, n_wrong), _answers(5, 5, "suggest", 0.2)).verdict == verdict


def test_only_what_was_decided_alone_counts():
    judged = _judge(_answers(95, 5), _answers(10, 90, "suggest", 0.5), _answers(0, 50, "human", 0.99))
    assert (judged.n_rows, judged.n_auto, judged.n_wrong) == (250, 100, 5)
    assert judged.error.value == 0.05


def test_hindsight_leaves_out_what_was_left_to_a_person():
    judged = _judge(
        _answers(70, 0, "auto", 0.9),
        _answers(28, 2, "suggest", 0.7),
        _answers(10, 90, "suggest", 0.5),
        _answers(0, 50, "human", 0.99),
    )
    assert judged.kept_from == KeptFrom(0.7, 100)


def test_rows_of_equal_confidence_are_decided_together():
    assert _judge(_answers(100, 20, "suggest", 0.7)).kept_from is None


def test_alarms_are_counted_among_both_sides():
    truth = np.array(["darurat"] * 4 + ["sedang"] * 6)
    accused = {"pengaduan-pengawasan": "urgent"}
    raised = [{"darurat": "urgent"}] * 2 + [{"darurat": "watch"}, {}, {"darurat": "watch", **accused}] + [accused] * 5
    judged = judge_alarms(truth, raised, "darurat")
    assert (judged.n_urgent_found, judged.n_urgent_alarms) == (2, 0)
    assert (judged.n_found, judged.n_positive, judged.n_alarms, judged.n_others) == (3, 4, 1, 6)
    assert (judged.recall.value, judged.alarm_rate.value) == (0.75, 0.1667)


def test_without_rows_there_is_no_share():
    judged = judge_alarms(np.array(["sedang"]), [{}], "darurat")
    assert judged.recall is None
    assert judge_alarms(np.array(["darurat"]), [{}], "darurat").alarm_rate is None
    assert json.loads(json.dumps(judged.to_json()))["recall"] is None


def test_the_judgement_is_plain_json():
    plain = json.loads(json.dumps(_judge(_answers(95, 5), _answers(0, 100, "suggest", 0.5)).to_json()))
    assert (plain["coverage"], plain["verdict"], plain["kept_from"]["n_decided"]) == (0.5, "kept", 100)
    assert _judge(_answers(10, 0)).to_json()["kept_from"] is None
