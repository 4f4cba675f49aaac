from dataclasses import replace

import numpy as np
import pytest

from training.calibrating import fit_calibration
from training.config import TrainingConfig
from training.preparing import prepare_rows
from training.progress import Silence
from training.rehearsing import NEVER, judge_rehearsals, rehearse

from .conftest import make_frame

_CONFIG = TrainingConfig(heads=("topic",), calibration_folds=2, calibration_share=0.5, minimum_rows=2)


def _rehearse(frame):
    return rehearse(prepare_rows(frame, _CONFIG), ["topic"], _CONFIG, Silence())["topic"]


def test_answers_the_last_rows_once_each():
    rehearsal = _rehearse(make_frame(80))
    assert len(rehearsal.truth) == len(rehearsal.given) == len(rehearsal.targets) == 40
    assert rehearsal.truth.tolist() == make_frame(80)["topic"].tolist()[40:]


def test_a_label_that_first_comes_late_is_a_wrong_answer_and_not_an_error():
    frame = make_frame(80)
    frame.loc[70:, "topic"] = "listrik"
    rehearsal = _rehearse(frame)
    assert (rehearsal.targets[30:] == -1).all()
    assert "listrik" not in rehearsal.given


def test_a_label_that_earlier_fits_did_not_know_never_wins_in_their_slices():
    frame = make_frame(80)
    frame.loc[45:58, "topic"] = "listrik"
    rehearsal = _rehearse(frame)
    assert rehearsal.scores.shape == (40, 4)
    assert "listrik" not in rehearsal.given[:20]
    assert (rehearsal.scores[:20].argmax(axis=1) < 3).all()


def test_a_label_too_rare_to_be_learnt_is_a_wrong_answer():
    frame = make_frame(80)
    frame.loc[79, "topic"] = "listrik"
    rehearsal = _rehearse(frame)
    assert (rehearsal.truth[-1], rehearsal.targets[-1]) == ("listrik", -1)


def test_the_judgement_is_that_of_the_answers():
    rehearsal = _rehearse(make_frame(80))
    curve = fit_calibration(rehearsal.scores, rehearsal.targets)
    judged = judge_rehearsals({"topic": rehearsal}, {"topic": curve}, seed=0).heads["topic"]
    assert judged.accuracy.value == pytest.approx(np.mean(rehearsal.truth == rehearsal.given), abs=5e-5)


def test_a_head_without_answers_is_not_judged():
    frame = make_frame(80)
    frame.loc[:, "topic"] = ""
    rehearsal = _rehearse(frame)
    assert len(rehearsal.truth) == 0
    assert not judge_rehearsals(
        {"topic": rehearsal}, {"topic": fit_calibration(rehearsal.scores, rehearsal.targets)}, 0
    ).heads


def test_every_answer_knows_its_slice_and_the_column_of_its_label():
    frame = make_frame(80)
    frame.loc[45:58, "topic"] = "listrik"
    rehearsal = _rehearse(frame)
    assert rehearsal.slices.tolist() == [0] * 20 + [1] * 20
    assert rehearsal.labels[-1] == "listrik"
    known = rehearsal.targets >= 0
    assert [rehearsal.labels[target] for target in rehearsal.targets[known]] == rehearsal.truth[known].tolist()
    last = rehearsal.take(rehearsal.is_last)
    assert (last.labels, last.truth.tolist()) == (rehearsal.labels, rehearsal.truth.tolist()[20:])


def test_a_detector_is_rehearsed_beside_its_head_and_silent_where_a_fit_had_none():
    frame = make_frame(80)
    frame.loc[45:79:2, "urgency"] = "darurat"
    config = replace(_CONFIG, heads=("urgency",))
    urgency = rehearse(prepare_rows(frame, config), ["urgency"], config, Silence())["urgency"]
    assert (urgency.detected[:20] == NEVER).all()
    assert (urgency.detected[20:] > NEVER).all()
    assert _rehearse(frame).detected is None
    assert len(urgency.take(urgency.is_last).detected) == 20


def _rehearse_two(frame):
    config = replace(_CONFIG, heads=("topic", "urgency"))
    return rehearse(prepare_rows(frame, config), ["topic", "urgency"], config, Silence())


def test_a_head_that_was_not_labelled_lately_is_rehearsed_on_slices_of_its_own():
    frame = make_frame(80)
    frame["urgency"] = [("rendah", "tinggi")[number % 2] if number < 40 else "" for number in range(80)]
    both = _rehearse_two(frame)
    assert len(both["topic"].truth) == 40
    assert both["urgency"].truth.tolist() == frame["urgency"].tolist()[20:40]
    assert both["urgency"].slices.tolist() == [0] * 10 + [1] * 10


def test_a_head_that_was_labelled_as_ever_keeps_the_common_slices():
    frame = make_frame(80)
    frame["urgency"] = [("rendah", "tinggi")[number // 2 % 2] if number % 2 else "" for number in range(80)]
    both = _rehearse_two(frame)
    assert both["urgency"].truth.tolist() == [label for label in frame["urgency"].tolist()[40:] if label]
    assert both["topic"].truth.tolist() == _rehearse(frame).truth.tolist()
