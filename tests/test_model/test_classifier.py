import gc
import json
import weakref
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.bundle import MANIFEST, hash_file, seal_manifest, to_json_bytes, write_bundle
from model.bundle_contents import NEED_CURVE_FILE
from model.calibration import identity
from model.classifier import (
    CALIBRATION_FILE,
    MAX_SCORED_CHARS,
    MAX_SCORED_TOKENS,
    MAX_TEXT_BYTES,
    Classifier,
    load_classifier,
)
from model.errors import BundleCorruptError, BundleTaxonomyError, TextError
from model.prediction import EFFECT_DARURAT
from model.rulebook import RULEBOOK_FILES
from model.table import TableArrays
from model.taxonomy import read_taxonomy
from model.thresholds import THRESHOLDS_FILE, HeadThresholds, Threshold, Thresholds


def rewrite(folder: Path, target: Path, arrays: TableArrays, left_out: Sequence[str] = (), **changes: object) -> Path:
    """The bundle of ``folder`` with another manifest and without some files, its heads uncalibrated."""
    manifest = {**json.loads((folder / MANIFEST).read_bytes()), **changes}
    texts = [name for name in manifest.pop("files") if name.startswith(("lexicons/", "taxonomy/"))]
    files = {name: (folder / name).read_bytes() for name in texts if name not in left_out}
    files[CALIBRATION_FILE] = to_json_bytes({head["name"]: identity().to_json() for head in manifest["heads"]})
    write_bundle(target, manifest, arrays, files)
    return target


def test_a_bundle_that_is_replaced_is_gone_at_once_without_a_search_for_garbage(folder: Path) -> None:
    loaded = load_classifier(folder)
    loaded.classify("jalan rusak qwertz")
    gc.collect()
    gc.disable()
    try:
        seen = weakref.ref(loaded), weakref.ref(loaded.table)
        del loaded
        assert [ref() for ref in seen] == [None, None]
    finally:
        gc.enable()


def test_every_head_gets_a_label_with_its_runners_up(classifier: Classifier) -> None:
    heads = classifier.classify("jalan rusak").heads
    assert list(heads) == ["agency", "urgency"]
    assert len(heads["urgency"].alternatives) == 2
    assert sum([heads["urgency"].confidence, *(p for _, p in heads["urgency"].alternatives)]) == pytest.approx(
        1, abs=1e-3
    )


def test_without_an_error_budget_nothing_is_decided_alone(classifier: Classifier) -> None:
    answer = classifier.classify("jalan rusak").heads["agency"]
    assert (answer.decision, answer.threshold) == ("suggest", None)
    assert "error budget" in str(answer.why)


@pytest.mark.parametrize("text", ["", "   ", "🙏🙏", "\x00", "!!!"])
def test_a_text_without_a_word_is_left_to_a_person(classifier: Classifier, text: str) -> None:
    answer = classifier.classify(text)
    assert {head.decision for head in answer.heads.values()} == {"human"}
    assert answer.explanation == {"agency": (), "urgency": ()}


def test_personal_data_never_leave_the_classifier(classifier: Classifier) -> None:
    answer = json.dumps(classifier.classify("lampu mati, hubungi 0812-3456-7890 atas nama Budi Santoso").to_json())
    assert "7890" not in answer
    assert "Budi" not in answer


def test_full_width_digits_do_not_dodge_the_mask(classifier: Classifier) -> None:
    assert classifier.classify("hubungi ０８１２３４５６７８９０").text == "hubungi [TELEPON]"


@given(st.text(max_size=300))
def test_any_text_gets_an_answer_whose_spans_lie_in_the_text(classifier: Classifier, text: str) -> None:
    answer = classifier.classify(text)
    json.dumps(answer.to_json(), ensure_ascii=False).encode()
    for stretches in answer.explanation.values():
        assert all(answer.text[slice(*stretch.span)] == stretch.text for stretch in stretches)
    assert all(0 <= place.span[0] < place.span[1] <= len(answer.text) for place in answer.places)


@given(st.text(max_size=200))
def test_classifying_the_masked_text_gives_the_same_tags(classifier: Classifier, text: str) -> None:
    answer = classifier.classify(text)
    assert classifier.classify(answer.text).heads == answer.heads


def test_a_text_over_the_limit_is_refused_with_both_sizes(classifier: Classifier) -> None:
    with pytest.raises(TextError, match=r"65,537 bytes; at most 65,536"):
        classifier.classify("a" * (MAX_TEXT_BYTES + 1))


def test_what_is_not_read_of_a_long_text_is_said(classifier: Classifier) -> None:
    text = "jalan rusak " * 5_000
    answer = classifier.classify(text)
    assert answer.cut_chars >= len(answer.text) - MAX_SCORED_CHARS > 0


def test_places_are_found(classifier: Classifier) -> None:
    assert [place.code for place in classifier.classify("jalan rusak di Talawi Hilie").places] == ["13.73.04.2001"]


def test_labels_have_names_for_people(classifier: Classifier) -> None:
    assert classifier.name_label("agency", "pln") == "PT PLN"


def test_another_taxonomy_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "taxonomy"
    other.mkdir()
    for path in (folder / "taxonomy").iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    (other / "kinds.csv").write_bytes((other / "kinds.csv").read_bytes() + b"baru,Baru,,false\n")
    with pytest.raises(BundleTaxonomyError, match=r"was trained for taxonomy 2026\.1"):
        load_classifier(folder, read_taxonomy(other))


def _copy(folder: Path, copy: Path, thresholds: object) -> Path:
    """The bundle with a file of thresholds, its hashes in order."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for name in manifest["files"]:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((folder / name).read_bytes())
    (copy / THRESHOLDS_FILE).write_bytes(json.dumps(thresholds).encode())
    files = {**manifest["files"], THRESHOLDS_FILE: hash_file(copy / THRESHOLDS_FILE)}
    (copy / MANIFEST).write_bytes(seal_manifest({**manifest, "files": files}))
    return copy


def test_a_head_decides_alone_from_the_threshold_of_its_bundle_on(tmp_path: Path, folder: Path) -> None:
    sure = HeadThresholds(0.05, Threshold(0.0, 0.0, 100, 100, 0, None))
    never = HeadThresholds(0.05, Threshold(1.0, 1.0, 100, 60, 0, None))
    thresholds = Thresholds({"agency": sure, "urgency": never})
    bundle = load_classifier(_copy(folder, tmp_path, thresholds.to_json()))
    heads = bundle.classify("jalan rusak").heads
    assert (heads["agency"].decision, heads["agency"].why) == ("auto", None)
    assert heads["urgency"].decision == "suggest"
    assert {head.decision for head in bundle.classify("").heads.values()} == {"human"}


def test_a_text_of_unknown_words_alone_is_left_to_a_person(classifier: Classifier) -> None:
    heads = classifier.classify("qwzx vvkj").heads
    assert {(head.decision, head.why) for head in heads.values()} == {("human", "no word that this bundle knows")}


@pytest.mark.parametrize("text", ["081234567890", "[NAMA] [TELEPON]", "a@b.id, 081234567890"])
def test_a_text_of_masked_data_alone_is_left_to_a_person(classifier: Classifier, text: str) -> None:
    heads = classifier.classify(text).heads
    assert {(head.decision, head.why) for head in heads.values()} == {("human", "no word beside masked personal data")}


def test_a_text_that_was_cut_is_left_to_a_person(classifier: Classifier) -> None:
    heads = classifier.classify("jalan rusak " * 5_000).heads
    assert {head.decision for head in heads.values()} == {"human"}
    assert "characters at its end were not read" in str(heads["agency"].why)


@pytest.mark.parametrize("damaged", [[], {}, {"heads": {"agency": 3}, "alarms": {}}])
def test_damaged_thresholds_are_refused_by_name(tmp_path: Path, folder: Path, damaged: object) -> None:
    with pytest.raises(BundleCorruptError, match=r"thresholds\.json: .*train again"):
        load_classifier(_copy(folder, tmp_path, damaged))


def test_thresholds_that_were_changed_by_hand_are_refused_by_name(tmp_path: Path, folder: Path) -> None:
    _copy(folder, tmp_path, Thresholds().to_json())
    (tmp_path / THRESHOLDS_FILE).write_bytes(b"{}")
    with pytest.raises(BundleCorruptError, match=r"thresholds\.json was changed"):
        load_classifier(tmp_path)


@pytest.mark.parametrize(
    "fields",
    [
        {"heads": None},
        {"heads": [{"name": "agency"}]},
        {"heads": [{"name": "agency", "labels": ["a"]}]},
        {"detectors": ["agency"]},
        {"detectors": ["nobody"]},
        {"detectors": "agency"},
    ],
)
def test_a_manifest_that_does_not_fit_the_arrays_is_refused(
    tmp_path: Path, folder: Path, fields: dict[str, object]
) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for name in manifest["files"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((folder / name).read_bytes())
        assert hash_file(tmp_path / name) == manifest["files"][name]
    (tmp_path / MANIFEST).write_bytes(seal_manifest({**manifest, **fields}))
    with pytest.raises(BundleCorruptError, match="does not fit the files"):
        load_classifier(tmp_path)


def test_rules_hold_beside_the_probabilities_and_raise_an_alarm(classifier: Classifier) -> None:
    answer = classifier.classify("Pak Budi 0812-3456-7890: rumah kebakaran, anak di dalam!")
    (hit,) = answer.rules
    assert (hit.effect, answer.text[slice(*hit.span)]) == (EFFECT_DARURAT, "rumah kebakaran")
    assert [alarm.rule for alarm in answer.alarms] == [hit.name]


def test_rules_change_no_probability(classifier: Classifier, folder: Path, tmp_path: Path, arrays: TableArrays) -> None:
    bare = load_classifier(rewrite(folder, tmp_path / "bare", arrays, left_out=RULEBOOK_FILES))
    text = "rumah kebakaran, anak di dalam"
    answers = [each.classify(text) for each in (classifier, bare)]
    assert [bool(answer.rules) for answer in answers] == [True, False]
    confidences = [[(head.label, head.confidence, head.alternatives) for head in a.heads.values()] for a in answers]
    assert confidences[0] == confidences[1]


@pytest.mark.parametrize("missing", RULEBOOK_FILES)
def test_a_part_of_the_rules_is_refused_by_name(
    folder: Path, tmp_path: Path, arrays: TableArrays, missing: str
) -> None:
    with pytest.raises(BundleCorruptError, match=f"{missing} is missing beside other files of rules"):
        load_classifier(rewrite(folder, tmp_path / "part", arrays, left_out=[missing]))


def test_a_text_of_as_many_tokens_as_are_scored_is_read_whole(classifier: Classifier) -> None:
    whole = classifier.classify("lampu mati " * (MAX_SCORED_TOKENS // 2) + "!!!")
    assert whole.cut_chars == 0
    cut = classifier.classify("lampu mati " * (MAX_SCORED_TOKENS // 2) + "lagi")
    assert cut.cut_chars == len(" lagi")


def test_gates_need_a_taxonomy_and_the_heads_they_rest_on(
    classifier: Classifier, folder: Path, tmp_path: Path, arrays: TableArrays
) -> None:
    heads = [
        {"name": "kind", "labels": ["pengaduan", "bukan-laporan"]},
        {"name": "agency", "labels": ["dinas-pupr", "pln"]},
        {"name": "topic", "labels": ["jalan-rusak"]},
    ]
    full = load_classifier(rewrite(folder, tmp_path / "full", arrays, heads=heads)).classify("jalan rusak").gates
    assert full is not None
    assert 0 < full.is_feedback < 1
    assert classifier.classify("jalan rusak").gates is None
    opened = rewrite(folder, tmp_path / "open", arrays, heads=heads, taxonomy=None)
    assert load_classifier(opened).classify("jalan rusak").gates is None


def test_a_bundle_that_finds_needs_without_their_columns_is_refused(
    folder: Path, needing: Classifier, arrays: TableArrays, tmp_path: Path
) -> None:
    assert needing.need_curve is not None
    manifest = json.loads((folder / MANIFEST).read_bytes())
    files = {name: (folder / name).read_bytes() for name in manifest.pop("files") if (folder / name).suffix != ".npy"}
    files[NEED_CURVE_FILE] = to_json_bytes(needing.need_curve.to_json())
    write_bundle(tmp_path / "small", manifest, arrays, files)
    with pytest.raises(BundleCorruptError, match="columns"):
        load_classifier(tmp_path / "small")
