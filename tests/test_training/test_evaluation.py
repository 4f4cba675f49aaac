import pytest

from training.config import TrainingConfig
from training.evaluation import evaluate, format_evaluation
from training.preparing import prepare_rows
from training.progress import Silence

from .conftest import make_frame


@pytest.fixture(scope="module")
def evaluated(classifier):
    frame = make_frame(30, seed=7, first_day=300)
    frame.loc[:4, "topic"] = ""
    frame.loc[5:6, "topic"] = "listrik"
    frame["urgency"] = ""
    rows = prepare_rows(frame.drop(columns="aspect"), TrainingConfig(), drop_rare=False)
    return evaluate(classifier, rows, Silence())


def test_a_head_is_judged_on_the_rows_that_have_its_label(evaluated):
    assert {head: judged.n_rows for head, judged in evaluated.heads.items()} == {"kind": 30, "agency": 30, "topic": 25}


def test_labels_that_were_never_learnt_are_counted_and_count_as_errors(evaluated):
    assert evaluated.unknown_labels == {"kind": {}, "agency": {}, "topic": {"listrik": 2}}
    listrik = next(label for label in evaluated.heads["topic"].labels if label.label == "listrik")
    assert (listrik.n_true, listrik.n_both) == (2, 0)


def test_says_when_the_rows_arrived(evaluated):
    plain = evaluated.to_json()
    assert (plain["first_day"], plain["last_day"]) == ("2026-11-01", "2026-11-30")


def test_the_lines_for_a_terminal_say_what_stays_undecided(evaluated):
    text = format_evaluation(evaluated)
    assert "topic    accuracy 0.920 [" in text
    assert "from confidence 0.90:" in text
    assert "not decided" in text
    assert "1 labels of 2 rows were never learnt and count as errors" in text
