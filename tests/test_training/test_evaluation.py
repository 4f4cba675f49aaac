from dataclasses import replace

import pytest

from model.bundle import read_bundle, to_json_bytes, write_bundle
from model.classifier import load_classifier
from model.thresholds import THRESHOLDS_FILE, HeadThresholds, Threshold
from training.card import render_card
from training.config import TrainingConfig
from training.evaluation import evaluate, format_evaluation
from training.portrait import read_portrait
from training.preparing import prepare_rows
from training.progress import Silence
from training.report import render_report

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
    assert "counted as errors, since never learnt: 1 label of 2 rows" in text


def test_every_head_with_an_error_budget_is_judged_by_it(evaluated):
    assert set(evaluated.budgets) == {"agency", "topic"}
    assert (evaluated.budgets["agency"].budget, evaluated.budgets["agency"].n_rows) == (0.05, 30)
    assert evaluated.to_json()["budgets"]["topic"]["verdict"] == "nothing was decided alone"
    assert "budget of 5%: nothing was decided alone; no threshold would have kept it" in format_evaluation(evaluated)


def test_a_label_that_the_bundle_never_learnt_has_no_alarms_to_judge(evaluated):
    assert evaluated.alarms == {}


@pytest.fixture(scope="module")
def judged_sure(trained, tmp_path_factory):
    """The bundle deciding every agency alone, and a rehearsed emergency in a third of its urgencies."""
    folder = tmp_path_factory.mktemp("sure") / "bundle"
    files = read_bundle(trained.folder)
    threshold = Threshold(0.0, 0.0, 60, 60, 0, None)
    thresholds = replace(
        load_classifier(trained.folder).thresholds,
        heads={"agency": HeadThresholds(0.05, threshold)},
    )
    others = {
        name: (trained.folder / name).read_bytes()
        for name in files.manifest["files"]
        if not name.endswith(".npy") and name != "tokens.txt"
    }
    heads = [
        {**head, "labels": [label.replace("tinggi", "darurat") for label in head["labels"]]}
        for head in files.manifest["heads"]
    ]
    manifest = {name: value for name, value in files.manifest.items() if name not in {"files", "format", "sha256"}}
    content = {**others, THRESHOLDS_FILE: to_json_bytes(thresholds.to_json())}
    write_bundle(folder, {**manifest, "heads": heads, "thresholds": thresholds.to_json()}, files.arrays, content)
    frame = make_frame(80, seed=9, first_day=300)
    frame["urgency"] = frame["urgency"].replace("tinggi", "darurat")
    rows = prepare_rows(frame, TrainingConfig(), drop_rare=False)
    sure = load_classifier(folder)
    return sure, folder, evaluate(sure, rows, Silence())


def test_what_was_decided_alone_is_set_against_the_budget(judged_sure):
    budget = judged_sure[2].budgets["agency"]
    assert (budget.n_auto, budget.n_wrong, budget.verdict) == (80, 0, "kept")
    text = format_evaluation(judged_sure[2])
    assert "decided alone 80 (100.0%), of them wrong 0.000 [0.000, 0.046]; budget of 5%: kept; confidence" in text


def test_alarms_are_judged_by_the_labels_that_must_not_be_missed(judged_sure):
    alarms = judged_sure[2].alarms
    assert list(alarms) == ["darurat"]
    assert alarms["darurat"].n_positive + alarms["darurat"].n_others == 80
    assert alarms["darurat"].recall.value > 0.9
    assert "darurat: an alarm for" in format_evaluation(judged_sure[2])


def test_card_and_report_say_what_was_decided_alone_and_what_alarmed(judged_sure):
    portrait = read_portrait(judged_sure[1], judged_sure[0], judged_sure[2])
    card, report = render_card(portrait), render_report(portrait)
    assert "| agency | 5% | 0.0000 | 60 | 60 (100.0%) | 0 |  |" in card
    assert "| agency | 5% | 80 (100.0%) | 0.000 \\[0.000, 0.046\\] | kept | from" in card
    assert "| darurat | " in card
    assert "Keputusan pada laporan uji" in report
    assert "dipatuhi" in report
    assert "Tanda bahaya pada laporan uji" in report
    assert "anggaran galat</text>" in report
