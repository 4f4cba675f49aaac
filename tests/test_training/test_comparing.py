import json
from dataclasses import replace

import pandas as pd
import pytest

from model.classifier import load_classifier
from training.build import train
from training.comparing import ComparisonError, compare, digest_rows_file, format_verdict
from training.config import TrainingConfig
from training.gate import Gate

from .conftest import make_frame

GATE = Gate(n_resamples=100, macro_f1_margin=0.1, accuracy_margin=0.1)


@pytest.fixture(scope="module")
def corrupted(sources, tmp_path_factory):
    """A bundle that learnt agencies and topics of other reports than their own."""
    frame = make_frame(150)
    for head in ("agency", "topic"):
        frame[head] = list(frame[head])[1:] + list(frame[head])[:1]
    folder = tmp_path_factory.mktemp("corrupted")
    return load_classifier(train(frame, TrainingConfig(), sources, folder.joinpath).folder)


@pytest.fixture(scope="module")
def later():
    """Ten rows that both fits may have seen, one without a day, and 250 later ones."""
    frame = pd.concat([make_frame(10), make_frame(250, seed=5, first_day=200)], ignore_index=True)
    undated = frame.tail(1).copy()
    undated["received_at"] = frame["received_at"].where(frame.index < 0)
    return pd.concat([frame, undated], ignore_index=True)


@pytest.fixture(scope="module")
def alike(classifier, later):
    return compare(classifier, classifier, later, gate=GATE)


@pytest.fixture(scope="module")
def refused(classifier, corrupted, later):
    golden = make_frame(60, seed=11)
    return compare(classifier, corrupted, later, golden, gate=GATE)


def test_rows_not_later_than_both_fits_are_counted_and_left_out(alike):
    assert (alike.n_rows, alike.n_seen, alike.n_undated) == (250, 10, 1)
    assert "left out: 10 not later than both fits, 1 without a day" in format_verdict(alike)


def test_a_bundle_beside_itself_is_allowed_with_every_check_held(alike):
    assert alike.reasons == ()
    assert alike.is_allowed
    assert format_verdict(alike).endswith(f"Allowed: pilah models promote {alike.challenger}")
    asked = {check.what for check in alike.checks}
    assert {"accuracy of agency", "macro-F1 of topic", "Brier score of kind", "recall of dinas-pupr"} <= asked


def test_corrupted_labels_are_refused_with_every_reason_and_what_to_do(refused):
    assert not refused.is_allowed
    text = format_verdict(refused)
    for part in ("accuracy of agency", "macro-F1 of topic", "recall of dinas-pupr", "golden set: accuracy of agency"):
        (reason,) = [reason for reason in refused.reasons if reason.startswith(f"{part}:")]
        assert "lost" in reason
        assert "train again" in reason
        assert reason in text
    assert not [reason for reason in refused.reasons if "kind" in reason]


def test_the_golden_set_is_read_whatever_its_days(refused):
    assert (refused.n_rows, refused.n_golden) == (250, 60)


def test_a_head_with_few_later_rows_is_judged_with_the_golden_set(classifier, later):
    little = later.assign(urgency="")
    alone = compare(classifier, classifier, little, gate=GATE)
    assert [reason for reason in alone.reasons if reason.startswith("accuracy of urgency: ")]
    joined = compare(classifier, classifier, little, make_frame(150, seed=12), gate=GATE)
    assert joined.is_allowed
    assert "accuracy of urgency (golden set included)" in {check.what for check in joined.checks}


def test_an_agency_with_few_rows_is_named_and_not_judged(classifier, later):
    strict = replace(GATE, agency_rows=10_000)
    verdict = compare(classifier, classifier, later, gate=strict)
    assert set(verdict.unjudged) == {"dinas-pupr", "dinas-perhubungan", "dinas-kesehatan"}
    assert "too few rows to judge alone" in format_verdict(verdict)


def test_a_head_that_the_challenger_lacks_is_a_reason(classifier, sources, later, tmp_path):
    without = train(make_frame(150).drop(columns="aspect"), TrainingConfig(), sources, tmp_path.joinpath)
    verdict = compare(classifier, load_classifier(without.folder), later, gate=GATE)
    assert verdict.missing == ("aspect",)
    assert "head aspect" in verdict.reasons[0]


@pytest.mark.parametrize("change", ["early", "undated"])
def test_without_later_rows_nothing_is_compared(classifier, change):
    frame = make_frame(30) if change == "early" else make_frame(30, first_day=300).drop(columns="received_at")
    with pytest.raises(ComparisonError, match="later"):
        compare(classifier, classifier, frame, gate=GATE)


def test_a_bundle_of_undated_rows_cannot_be_compared(classifier, sources, later, tmp_path):
    undated = train(make_frame(150).drop(columns="received_at"), TrainingConfig(), sources, tmp_path.joinpath)
    with pytest.raises(ComparisonError, match="up to which day"):
        compare(classifier, load_classifier(undated.folder), later, gate=GATE)


def test_the_verdict_is_plain_and_names_bundles_rows_and_settings(alike, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,text\n", encoding="utf-8")
    plain = json.loads(json.dumps(alike.to_json(digest_rows_file(path))))
    assert (plain["champion"], plain["challenger"], plain["allowed"]) == (alike.champion, alike.challenger, True)
    assert plain["rows"]["sha256"] == digest_rows_file(path)
    assert plain["gate"]["confidence"] == 0.95
