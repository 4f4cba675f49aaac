from dataclasses import replace

import pytest

from model.thresholds import Thresholds
from training.card import NOT_JUDGED, render_card
from training.describing import read_facts
from training.evaluation import Evaluation
from training.portrait import read_portrait


@pytest.fixture(scope="module")
def portrait(trained, classifier):
    return read_portrait(trained.folder, classifier, trained.evaluation)


@pytest.fixture(scope="module")
def card(trained):
    return (trained.folder / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_names_the_bundle_and_its_rows(trained, card):
    assert card.startswith(f"# Model card: bundle {trained.bundle_id}\n")
    assert "- Rows: 150\n" in card
    assert "2026-01-05 to 2026-06-03" in card


def test_lists_heads_and_labels_with_their_rows(card):
    assert "### Instansi (`agency`)" in card
    assert "| Dinas Pekerjaan Umum dan Penataan Ruang | dinas-pupr | 47 |" in card


def test_says_how_it_was_fitted_and_calibrated(card):
    assert "C = 0.2 (agency 0.5), class weights to the power 0.5 (agency 1.0), seed 20261124" in card
    assert "the last 40% of the rows, in 2 slices" in card
    assert "| topic | 3 | 150 | 60 |" in card


def test_gives_figures_with_intervals_and_the_labels_never_learnt(card):
    assert "| topic | 60 | 0.933 \\[" in card
    assert "`topic` never learnt, counted as errors: sampah (4)." in card


def test_says_that_its_rows_were_written_for_the_project(card):
    assert "150 of its 150 rows were written for the project and are no texts of citizens." in card
    assert "Licence: the reference corpus of Pilah is CC BY 4.0" in card


def test_says_what_it_must_not_be_used_for(card):
    for limit in ("It advises; people decide.", "It is not an emergency line.", "must not be used to score persons"):
        assert limit in card


def test_names_the_units_that_the_city_has_not_confirmed(card):
    assert "not confirmed yet: Dinas Kesehatan, Pengendalian Penduduk dan KB" in card


def test_says_how_to_make_it_again(card, classifier):
    facts = read_facts(classifier.manifest)
    for digest in (facts.digest, facts.code, facts.lock, facts.taxonomy[1]):
        assert f"`{digest}`" in card


def test_without_test_rows_nothing_is_known(portrait):
    card = render_card(replace(portrait, evaluation=None))
    assert NOT_JUDGED in card
    assert "Rehearsal" not in card


def test_a_rehearsal_stands_beside_and_not_instead_of_a_test(portrait):
    card = render_card(replace(portrait, evaluation=None, rehearsal=Evaluation(dict(portrait.evaluation.heads), {})))
    assert NOT_JUDGED in card
    assert "Rehearsal: the slices of the calibration" in card


def test_rows_of_others_have_no_licence_that_it_could_give(portrait):
    card = render_card(replace(portrait, facts=replace(portrait.facts, sources={})))
    assert "Licence: not stated in the file; ask whoever gave the rows" in card
    assert "written for the project" not in card


def test_mixed_rows_keep_both_licences_apart(portrait):
    card = render_card(replace(portrait, facts=replace(portrait.facts, sources={"pilah": 100, "kota": 50})))
    assert "is CC BY 4.0 (`datasets/LICENSE`); of the other rows not stated" in card


def test_warns_when_test_rows_are_older_than_training_rows(portrait):
    early = replace(portrait.evaluation, days=portrait.facts.days)
    assert "these figures may flatter" in render_card(replace(portrait, evaluation=early))


def test_a_head_without_calibration_says_so(portrait):
    heads = tuple(replace(head, n_calibrated=0) for head in portrait.facts.heads)
    card = render_card(replace(portrait, facts=replace(portrait.facts, heads=heads)))
    assert "0: its confidence is not calibrated" in card


def test_left_out_labels_and_open_labels_are_told(portrait):
    head = replace(portrait.facts.heads[0], left_out={"Salah | satu": 3})
    card = render_card(replace(portrait, facts=replace(portrait.facts, heads=(head,), taxonomy=None)))
    assert "Not learnt, fewer than 10 rows: Salah \\| satu (3)." in card
    assert "Taxonomy: none: labels of the rows" in card


def test_a_label_cannot_break_a_table_or_bring_markup(portrait):
    card = render_card(replace(portrait, name=lambda *_: "a | b\n<script>"))
    assert "| a \\| b \\<script\\> |" in card


def test_equal_bundles_have_equal_cards(portrait):
    assert render_card(portrait) == render_card(portrait)


def test_says_from_where_each_head_decides_alone_or_why_nowhere(card):
    assert "## What it decides alone" in card
    assert "| kind | – | – | 0 | 0 | 0 | no error budget is set for kind: a person confirms |" in card
    assert "30 rows of rehearsal lie before the last slice, 50 are needed" in card
    reason = "no fit of the rehearsal knew darurat; the cautious default"
    assert f"| darurat | 95% | 0.1500 | – | 0 of 0 | 0 of 0 others | {reason} |" in card


def test_a_bundle_without_thresholds_decides_nothing(portrait):
    facts = replace(portrait.facts, thresholds=Thresholds())
    assert "Nothing: it was made without thresholds" in render_card(replace(portrait, facts=facts))
