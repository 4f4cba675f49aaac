import json
from dataclasses import replace

import pytest

from model.bundle import read_bundle
from model.classifier import load_classifier
from training.build import Sources, TrainingError, config_of, train
from training.config import TrainingConfig

from .conftest import DATASETS, make_frame

_TOPIC = TrainingConfig(heads=("topic",), calibration_folds=1)


@pytest.fixture
def train_topic(sources, tmp_path):
    """Trains the topic alone, quickly, and gives the bundle's files."""

    def train_it(frame, sources=sources, **settings):
        return read_bundle(train(frame, replace(_TOPIC, **settings), sources, tmp_path.joinpath).folder)

    return train_it


def _head(files):
    return files.manifest["heads"][0]


def test_a_bundle_answers_in_all_five_heads_and_says_what_it_learnt_from(trained, classifier):
    prediction = classifier.classify("Tolong, lubang di jalan ini bahaya, aspal rusak")
    assert list(prediction.heads) == ["kind", "agency", "topic", "urgency", "aspect"]
    assert prediction.heads["agency"].label == "dinas-pupr"
    assert prediction.heads["topic"].label == "jalan-rusak"
    assert classifier.manifest["dataset"]["n_rows"] == 150
    assert trained.evaluation.heads["agency"].accuracy.value > 0.9
    assert trained.evaluation.unknown_labels["topic"] == {"sampah": 4}


def test_every_bundle_holds_what_people_read(trained):
    names = {path.name for path in trained.folder.iterdir()}
    assert {"metrics.json", "MODEL_CARD.md", "report.html", "keywords.json", "config.json"} <= names
    assert set(read_bundle(trained.folder).manifest["metrics"]) == {"kind", "agency", "topic", "urgency", "aspect"}


def test_a_bundle_carries_its_thresholds_and_says_them_in_its_manifest(trained, classifier):
    files = read_bundle(trained.folder)
    assert json.loads(files.read_text("thresholds.json")) == files.manifest["thresholds"]
    assert classifier.thresholds.to_json() == files.manifest["thresholds"]
    assert files.manifest["thresholds"]["heads"]["agency"]["budget"] == 0.05
    assert classifier.thresholds.heads["urgency"].budget is None


def test_training_twice_on_the_same_rows_gives_the_same_bytes(trained, sources, tmp_path):
    test = make_frame(60, seed=1, first_day=150)
    test.loc[:3, "topic"] = "sampah"
    again = train(make_frame(150), TrainingConfig(), sources, tmp_path.joinpath, test)
    first = {path.relative_to(trained.folder): path for path in trained.folder.rglob("*") if path.is_file()}
    second = {path.relative_to(again.folder): path for path in again.folder.rglob("*") if path.is_file()}
    assert first.keys() == second.keys()
    assert [str(name) for name in first if first[name].read_bytes() != second[name].read_bytes()] == []


def test_labels_that_are_none_of_the_taxonomy_are_refused_by_name(train_topic):
    frame = make_frame(60)
    frame.loc[:, "topic"] = frame["topic"].replace("jalan-rusak", "Jalan Rusak")
    with pytest.raises(TrainingError, match=r"1 label is none of the taxonomy: topic 'Jalan Rusak' \(\d+ rows\)"):
        train_topic(frame)


def test_without_test_rows_nothing_is_claimed(train_topic):
    files = train_topic(make_frame(60))
    metrics = json.loads(files.read_text("metrics.json"))
    assert (metrics["heads"], files.manifest["metrics"]) == ({}, {})
    assert metrics["rehearsal"]["topic"]["n_rows"] == 24


def test_trains_only_the_heads_that_were_asked_for(train_topic):
    assert [head["name"] for head in train_topic(make_frame(60)).manifest["heads"]] == ["topic"]


def test_a_label_with_too_few_rows_is_left_out_and_said_so(train_topic):
    frame = make_frame(60)
    frame.loc[:3, "topic"] = "listrik"
    head = _head(train_topic(frame))
    assert "listrik" not in head["labels"]
    assert head["left_out"] == {"listrik": 4}
    assert "listrik" in _head(train_topic(frame, minimum_rows=4))["labels"]


def test_merged_labels_are_learnt_as_one(train_topic):
    head = _head(train_topic(make_frame(60), merge={"topic": {"lalu-lintas": ("parkir", "jalan-*")}}))
    assert head["labels"] == ["lalu-lintas", "puskesmas"]


def test_rows_may_bring_labels_of_their_own(train_topic):
    frame = make_frame(60)
    frame["topic"] = "Topik " + frame["topic"].str.upper()
    files = train_topic(frame, sources=Sources(None, DATASETS), open_labels=True)
    assert files.manifest["taxonomy"] is None
    assert "Topik PARKIR" in _head(files)["labels"]
    assert not (files.folder / "taxonomy").exists()


def test_a_word_of_one_reporter_enters_no_file_of_the_bundle(train_topic):
    frame = make_frame(60)
    frame["reporter_ref"] = [f"u{row}" for row in range(60)]
    frame.loc[:9, "reporter_ref"] = "u0"
    frame.loc[:9, "text"] += " zulfikarnain"
    files = train_topic(frame)
    assert "zulfikarnain" not in files.arrays.tokens
    assert "zulfikarnain" not in files.read_text("report.html")
    frame["reporter_ref"] = [f"u{row}" for row in range(60)]
    assert "zulfikarnain" in train_topic(frame).arrays.tokens


def test_refuses_rows_with_too_few_of_every_label(sources, tmp_path):
    with pytest.raises(TrainingError, match=r"No head has two labels with at least 10 rows each among 8 rows\. Add"):
        train(make_frame(8), TrainingConfig(), sources, tmp_path.joinpath)


def test_refuses_a_head_that_was_asked_for_and_has_one_label(sources, tmp_path):
    frame = make_frame(60)
    frame["topic"] = "parkir"
    with pytest.raises(TrainingError, match="topic has two labels with at least 10 rows"):
        train(frame, _TOPIC, sources, tmp_path.joinpath)


def test_a_head_whose_labels_come_late_is_trained_but_not_calibrated(train_topic):
    frame = make_frame(60)
    frame.loc[:35, "topic"] = ""
    files = train_topic(frame, minimum_rows=2)
    assert _head(files)["n_calibrated"] == 0
    prediction = load_classifier(files.folder).classify("jalan rusak berlubang")
    assert prediction.heads["topic"].label == "jalan-rusak"


def test_a_bundle_reads_further_rows_as_it_read_its_own(classifier):
    assert config_of(classifier, {"text": "isi"}) == replace(TrainingConfig(), columns={"text": "isi"})


def test_a_detector_is_a_column_of_the_bundle_and_the_alarm_stands_on_it(sources, tmp_path):
    frame = make_frame(240)
    frame.loc[frame["urgency"] == "tinggi", "urgency"] = "darurat"
    config = replace(_TOPIC, heads=("topic", "urgency"), calibration_folds=2, false_alarms={"darurat": 0.1})
    classifier = load_classifier(train(frame, config, sources, tmp_path.joinpath).folder)
    assert classifier.manifest["detectors"] == ["urgency"]
    assert [head.detector for head in classifier.heads] == [None, 5]
    alarm = classifier.thresholds.alarms["darurat"]
    assert alarm.urgent is not None
    (raised,) = classifier.classify("bahaya segera celaka").alarms
    assert raised.confidence > alarm.urgent
    assert classifier.classify("kapan-kapan nanti").alarms == ()
