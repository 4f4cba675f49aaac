import pytest

from model.errors import BundleCorruptError
from model.thresholds import HeadThresholds, Threshold, Thresholds
from training.config import TrainingConfig
from training.describing import LENGTH_STEPS, count_lengths, describe, read_facts
from training.preparing import prepare_rows

from .conftest import make_frame


@pytest.fixture(scope="module")
def manifest(sources):
    rows = prepare_rows(make_frame(40), TrainingConfig())
    labels = {"agency": ("dinas-kesehatan", "dinas-pupr")}
    return describe(rows, labels, {"agency": 12}, TrainingConfig(), sources.taxonomy)


def test_the_facts_are_what_the_manifest_says(manifest, sources):
    facts = read_facts(manifest)
    assert facts.bundle_id == manifest["bundle"]
    assert [day.isoformat() for day in facts.days] == ["2026-01-05", "2026-02-13"]
    assert facts.taxonomy == (sources.taxonomy.version, sources.taxonomy.digest)
    assert facts.config == TrainingConfig()
    assert sum(facts.lengths) == facts.n_rows == 40
    assert facts.sources == {"pilah": 40}
    assert (facts.heads[0].name, facts.heads[0].n_calibrated) == ("agency", 12)


def test_labels_stand_most_frequent_first(manifest):
    counts = list(read_facts(manifest).heads[0].n_rows.values())
    assert counts == sorted(counts, reverse=True)


def test_unconfirmed_units_are_those_of_this_bundle(manifest):
    assert set(read_facts(manifest).unverified) <= {"dinas-kesehatan", "dinas-pupr"}


def test_rows_without_times_have_no_days():
    frame = make_frame(40).drop(columns=["received_at", "source"])
    rows = prepare_rows(frame, TrainingConfig())
    facts = read_facts(describe(rows, {"kind": ("a", "b")}, {"kind": 0}, TrainingConfig(), None))
    assert (facts.days, facts.taxonomy, facts.unverified, facts.sources) == (None, None, (), {})


def test_a_source_of_few_rows_is_not_named():
    frame = make_frame(40)
    frame.loc[:3, "source"] = "surat dari seorang warga"
    assert prepare_rows(frame, TrainingConfig()).sources == {"pilah": 36}


@pytest.mark.parametrize(("n_tokens", "step"), [(0, 0), (5, 0), (6, 1), (320, 6), (321, 7), (9_999, 7)])
def test_each_length_falls_into_one_step(n_tokens, step):
    expected = [0] * (len(LENGTH_STEPS) + 1)
    expected[step] = 1
    assert count_lengths([n_tokens]) == tuple(expected)


@pytest.mark.parametrize("field", ["dataset", "heads", "packages", "unverified", "taxonomy"])
def test_refuses_a_manifest_that_lacks_a_field(manifest, field):
    with pytest.raises(BundleCorruptError, match=f"lacks '{field}'; train again"):
        read_facts({name: value for name, value in manifest.items() if name != field})


def test_refuses_a_field_of_another_type(manifest):
    with pytest.raises(BundleCorruptError, match="lacks a list where it has 3"):
        read_facts({**manifest, "heads": 3})


def test_a_manifest_of_before_there_were_thresholds_has_none(manifest):
    assert read_facts(manifest).thresholds == Thresholds()
    thresholds = Thresholds({"agency": HeadThresholds(0.05, Threshold(0.9, 0.8, 100, 60, 0, None))})
    assert read_facts({**manifest, "thresholds": thresholds.to_json()}).thresholds == thresholds
