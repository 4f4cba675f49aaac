"""Heads at the edge of what can be learnt: two labels, three hundred, thirty rows, a label that never comes back."""

import numpy as np
import pytest

from model.classifier import load_classifier
from training.build import Sources, TrainingError, train
from training.config import TrainingConfig

from .conftest import DATASETS, make_frame

OPEN = Sources(None, DATASETS)


def make_open_frame(n_labels, rows_of_each, first_day=0):
    """Rows with open topics, each told by a word of its own."""
    frame = make_frame(n_labels * rows_of_each, first_day=first_day)
    places = np.arange(len(frame)) % n_labels
    frame["topic"] = [f"topik-{place}" for place in places]
    letters = "abcdefghijklmnopqrst"
    frame["text"] = [
        f"{text} kata{letters[place // 20]}{letters[place % 20]} sekali"
        for text, place in zip(frame["text"], places, strict=True)
    ]
    return frame


def train_topic(frame, folder, test=None, minimum_rows=3):
    config = TrainingConfig(heads=("topic",), open_labels=True, minimum_rows=minimum_rows, calibration_folds=2)
    return train(frame, config, OPEN, folder.joinpath, test)


def test_a_head_of_two_labels_works(tmp_path):
    test = make_open_frame(2, 20, first_day=100)
    trained = train_topic(make_open_frame(2, 40), tmp_path, test)
    judged = trained.evaluation.heads["topic"]
    assert judged.accuracy.value == 1
    answer = load_classifier(trained.folder).classify("jalan kataab sekali").heads["topic"]
    assert answer.label == "topik-1"
    assert len(answer.alternatives) == 1
    assert answer.confidence + answer.alternatives[0][1] == pytest.approx(1, abs=1e-3)


def test_a_head_of_three_hundred_labels_works(tmp_path):
    trained = train_topic(make_open_frame(300, 5), tmp_path, make_open_frame(300, 1, first_day=2000))
    assert trained.evaluation.heads["topic"].accuracy.value > 0.9
    (head,) = load_classifier(trained.folder).heads
    assert len(head.labels) == 300


def test_a_label_that_never_comes_in_the_test_does_not_count_in_macro_f1(tmp_path):
    test = make_open_frame(4, 10, first_day=400)
    test = test[test["topic"] != "topik-3"].reset_index(drop=True)
    judged = train_topic(make_open_frame(4, 30), tmp_path, test).evaluation.heads["topic"]
    assert {label.label for label in judged.labels if label.n_true} == {"topik-0", "topik-1", "topik-2"}
    assert judged.macro_f1.value == 1


def test_thirty_rows_are_learnt_and_decide_nothing(tmp_path):
    trained = train_topic(make_open_frame(3, 10), tmp_path)
    answer = load_classifier(trained.folder).classify("jalan kataaa sekali").heads["topic"]
    assert answer.label == "topik-0"
    assert answer.decision != "auto"
    assert answer.why


def test_thirty_rows_of_thirty_labels_are_refused_with_the_reason(tmp_path):
    with pytest.raises(TrainingError, match=r"topic has two labels with at least 3 rows each among 30 rows"):
        train_topic(make_open_frame(30, 1), tmp_path)
