"""A world in which some reports tell two needs, and say so."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.bundle_contents import NEED_CURVE_FILE
from model.classifier import load_classifier
from model.needs import SIGNALS
from training.build import train
from training.config import TrainingConfig
from training.needs import LEAST_PRECISION, MINIMUM_NEEDS, NeedAnswers, fit_needs
from training.preparing import prepare_rows
from training.provenance import digest_rows

ASKING = {
    "dinas-pupr": "mohon dinas pupr mengaspal jalan berlubang rusak",
    "dinas-perhubungan": "tolong dishub menertibkan parkir motor trotoar",
    "dinas-kesehatan": "minta dinkes menambah obat dokter puskesmas",
}
N_ROWS = 260


def make_frame() -> pd.DataFrame:
    draws = np.random.default_rng(0)
    rows = []
    for number in range(N_ROWS):
        first, second = draws.choice(list(ASKING), 2, replace=False)
        has_two = bool(draws.integers(2))
        text = f"{ASKING[first]} di kota kami" + (f", selain itu {ASKING[second]}" if has_two else "")
        rows.append((f"r{number}", text, "pengaduan", first, second if has_two else ""))
    frame = pd.DataFrame(rows, columns=["id", "text", "kind", "agency", "also"])
    frame.loc[::3, "kind"] = "aspirasi"
    frame["received_at"] = pd.Timestamp("2026-01-05T03:00:00Z") + pd.to_timedelta(np.arange(N_ROWS), unit="D")
    return frame


@pytest.fixture(scope="module")
def frame():
    return make_frame()


@pytest.fixture(scope="module")
def classifier(frame, sources, tmp_path_factory):
    return load_classifier(train(frame, TrainingConfig(), sources, tmp_path_factory.mktemp("needs").joinpath).folder)


def test_rows_with_further_agencies_teach_to_find_them(classifier):
    text = f"{ASKING['dinas-kesehatan']} kami, satu lagi {ASKING['dinas-perhubungan']}"
    answer = classifier.classify(text)
    (need,) = answer.also
    assert {answer.heads["agency"].label, need.agency} == {"dinas-kesehatan", "dinas-perhubungan"}
    assert need.confidence >= LEAST_PRECISION


def test_a_report_with_one_need_gets_no_other(classifier):
    assert all(classifier.classify(text).also == () for text in ASKING.values())


def test_an_accusation_is_told_to_nobody_else(frame, sources, tmp_path):
    frame = frame.assign(kind=["pengaduan-pengawasan"] * (N_ROWS - 20) + ["pengaduan"] * 20)
    classifier = load_classifier(train(frame, TrainingConfig(), sources, tmp_path.joinpath).folder)
    assert NEED_CURVE_FILE in classifier.manifest["files"]
    for text in frame["text"][:10]:
        answer = classifier.classify(text)
        assert answer.heads["kind"].label == "pengaduan-pengawasan"
        assert answer.also == ()
        assert answer.about is not None


@pytest.mark.parametrize("also", [None, ""])
def test_rows_without_further_agencies_teach_nothing(frame, sources, tmp_path, also):
    frame = frame.drop(columns="also") if also is None else frame.assign(also=also)
    trained = train(frame, TrainingConfig(), sources, tmp_path.joinpath)
    assert not (trained.folder / NEED_CURVE_FILE).exists()
    assert load_classifier(trained.folder).classify(frame["text"][0]).also == ()


def test_the_heads_answer_the_same_with_and_without_needs(classifier, frame, sources, tmp_path):
    trained = train(frame.drop(columns="also"), TrainingConfig(), sources, tmp_path.joinpath)
    without = load_classifier(trained.folder)
    assert [without.classify(text).heads for text in frame["text"][:20]] == [
        classifier.classify(text).heads for text in frame["text"][:20]
    ]


@settings(max_examples=50)
@given(st.lists(st.sampled_from([*ASKING.values(), "Pak", "kades Sikalang", "selain itu", "\n", "0812-3456-7890"])))
def test_spans_of_needs_and_unit_lie_in_the_masked_text(classifier, pieces):
    answer = classifier.classify(" ".join(pieces), with_explanation=False)
    spans = [need.span for need in answer.also] + ([answer.about.span] if answer.about and answer.about.span else [])
    assert all(0 <= start < stop <= len(answer.text) for start, stop in spans)
    assert answer.heads["agency"].label not in {need.agency for need in answer.also}


def test_further_agencies_are_read_merged_and_belong_to_the_digest(frame):
    config = TrainingConfig(merge={"agency": {"pln": ("Dinas *",)}})
    rows = prepare_rows(frame.assign(also=["Dinas A; Dinas B;rsud", *[""] * (N_ROWS - 1)]), config)
    assert rows.also is not None
    assert rows.also[:2] == (frozenset({"pln", "rsud"}), frozenset())
    assert digest_rows(rows) != digest_rows(replace(rows, also=None))


def make_answers(n_rows: int, share: float) -> NeedAnswers:
    """One line a row; the first signal tells needs, and ``share`` of what it tells is true."""
    draws = np.random.default_rng(1)
    signals = np.zeros((n_rows, len(SIGNALS)))
    signals[:, 0] = draws.random(n_rows) < 0.3
    is_need = (signals[:, 0] > 0) & (draws.random(n_rows) < share)
    return NeedAnswers(signals, is_need, is_need, np.arange(n_rows))


def test_the_threshold_keeps_the_precision():
    answers = make_answers(1_000, 0.9)
    curve = fit_needs(answers)
    is_given = curve.confidence(answers.signals) >= curve.threshold
    assert answers.is_named[is_given].mean() >= LEAST_PRECISION
    assert curve.n_rows == 1_000


def test_signals_that_tell_too_little_give_no_need():
    assert fit_needs(make_answers(1_000, 0.4)) is None


def test_too_few_needs_teach_nothing():
    answers = make_answers(1_000, 0.9)
    few = np.cumsum(answers.is_need) < MINIMUM_NEEDS
    assert fit_needs(replace(answers, is_need=answers.is_need & few)) is None


def test_joined_reports_teach_weights_but_say_nothing_of_how_often_needs_occur():
    answers = make_answers(1_000, 0.9)
    told = np.zeros_like(answers.signals)
    told[:, 1] = 1.0
    always = np.ones(1_000, np.bool_)
    both = NeedAnswers(
        np.concatenate([answers.signals, told]),
        np.concatenate([answers.is_need, always]),
        np.concatenate([answers.is_named, always]),
        np.concatenate([answers.rows, np.full(1_000, -1)]),
    )
    curve = fit_needs(both)
    assert curve.n_rows == 1_000
    assert curve.weights[1] > fit_needs(answers).weights[1]
    assert curve.confidence(answers.signals).mean() == pytest.approx(answers.is_named.mean(), abs=0.02)
