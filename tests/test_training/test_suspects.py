import numpy as np

from training.config import TrainingConfig
from training.suspects import SUSPECT_COLUMNS, find_suspects

from .conftest import make_frame


def test_planted_wrong_labels_are_found_with_the_right_ones():
    frame = make_frame(240)
    wrong = np.random.default_rng(5).choice(240, 12, replace=False)
    right = dict(zip(frame.loc[wrong, "id"], frame.loc[wrong, "agency"], strict=True))
    frame.loc[wrong, "agency"] = frame.loc[wrong, "agency"].map(
        {"dinas-pupr": "dinas-kesehatan", "dinas-kesehatan": "dinas-perhubungan", "dinas-perhubungan": "dinas-pupr"}
    )
    found = find_suspects(frame, TrainingConfig(), heads=["agency"])
    named = dict(zip(found["id"], found["likely"], strict=True))
    assert len(named.keys() & right.keys()) >= 11
    assert all(named[id_] == right[id_] for id_ in named.keys() & right.keys())
    assert len(found) <= 20
    assert found["quality"].is_monotonic_increasing
    assert (found["confidence"] > found["quality"]).all()


def test_rows_that_do_not_teach_a_head_are_not_suspect_there():
    frame = make_frame(120)
    frame.loc[:29, "agency"] = ""
    found = find_suspects(frame, heads=["agency"])
    assert not set(found["id"]) & {f"r{number}" for number in range(30)}


def test_a_head_of_one_label_has_no_suspects():
    frame = make_frame(60).assign(agency="dinas-pupr")
    assert list(find_suspects(frame, heads=["agency"]).columns) == list(SUSPECT_COLUMNS)
