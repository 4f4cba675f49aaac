from datetime import date

import numpy as np
import pandas as pd
import pytest

from model.taxonomy import NO_ELEMENT
from training.config import TrainingConfig
from training.preparing import count_labels, join_titles, prepare_rows

from .conftest import make_frame


def test_rows_stand_in_order_of_time_and_those_without_one_first():
    frame = make_frame(4).iloc[[2, 0, 3, 1]].reset_index(drop=True)
    frame.loc[2, "received_at"] = pd.NaT
    rows = prepare_rows(frame, TrainingConfig())
    assert rows.ids == ["r3", "r0", "r1", "r2"]
    assert rows.days == (date(2026, 1, 5), date(2026, 1, 7))


def test_rows_without_times_stay_in_the_order_of_the_file():
    frame = make_frame(4).iloc[[2, 0, 3, 1]].drop(columns="received_at")
    rows = prepare_rows(frame, TrainingConfig())
    assert (rows.ids, rows.days) == (["r2", "r0", "r3", "r1"], None)


def test_only_the_masked_text_goes_on():
    frame = make_frame(1)
    frame.loc[0, "text"] = "<p>Lampu mati, hubungi 0812-3456-7890</p>"
    rows = prepare_rows(frame, TrainingConfig())
    assert "[TELEPON]" in rows.texts[0]
    assert "7890" not in rows.texts[0]
    assert rows.forms[0][:2] == ["lampu", "mati"]


def test_rare_labels_are_left_out_of_training_and_kept_for_judging():
    frame = make_frame(30)
    frame.loc[:1, "topic"] = "listrik"
    config = TrainingConfig(minimum_rows=3)
    training_rows, test_rows = prepare_rows(frame, config), prepare_rows(frame, config, drop_rare=False)
    assert training_rows.left_out["topic"] == {"listrik": 2}
    assert training_rows.labels["topic"][:2].tolist() == ["", ""]
    assert test_rows.labels["topic"][:2].tolist() == ["listrik", "listrik"]
    assert test_rows.left_out["topic"] == {}


def test_labels_are_merged_before_they_are_counted():
    config = TrainingConfig(minimum_rows=30, merge={"topic": {"semua": ("*",)}})
    assert count_labels(prepare_rows(make_frame(30), config).labels["topic"]) == {"semua": 30}


def test_only_chosen_heads_are_prepared():
    assert list(prepare_rows(make_frame(5), TrainingConfig(heads=("topic",))).labels) == ["topic"]


def test_an_empty_aspect_is_an_answer_where_kind_and_urgency_are_given():
    frame = make_frame(4).assign(
        kind=["pengaduan", "pengaduan", "", "pengaduan"], urgency=["sedang", "sedang", "rendah", ""]
    )
    frame["aspect"] = ["waktu", "", "", ""]
    assert prepare_rows(frame, TrainingConfig(), drop_rare=False).labels["aspect"].tolist() == [
        "waktu",
        NO_ELEMENT,
        "",
        "",
    ]


def test_a_file_that_names_no_aspect_says_nothing_of_it():
    frame = make_frame(2).assign(kind="pengaduan", urgency="sedang", aspect="")
    assert prepare_rows(frame, TrainingConfig(), drop_rare=False).labels["aspect"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("title", "joined"),
    [("", "Lampu mati"), ("Lampu", "Lampu mati"), ("PJU", "PJU\nLampu mati")],
)
def test_a_title_leads_the_text_unless_the_text_repeats_it(title, joined):
    assert list(join_titles(pd.DataFrame({"title": [title], "text": ["Lampu mati"]}))) == [joined]


def test_weights_are_one_where_none_is_given():
    frame = make_frame(3)
    assert prepare_rows(frame, TrainingConfig()).weights.tolist() == [1, 1, 1]
    frame["weight"] = [0.5, np.nan, 2]
    assert prepare_rows(frame, TrainingConfig()).weights.tolist() == [0.5, 1, 2]


def test_reporters_are_known_only_when_every_row_names_one():
    frame = make_frame(3)
    frame["reporter_ref"] = ["a", "b", "a"]
    rows = prepare_rows(frame, TrainingConfig())
    assert rows.take_reporters(np.array([2, 1])) == ["a", "b"]
    frame.loc[0, "reporter_ref"] = ""
    assert prepare_rows(frame, TrainingConfig()).take_reporters(np.array([2, 1])) is None


def test_labels_are_counted_most_frequent_first_and_then_by_name():
    labels = np.array(["b", "", "a", "c", "c"], dtype=object)
    assert list(count_labels(labels).items()) == [("c", 2), ("a", 1), ("b", 1)]
