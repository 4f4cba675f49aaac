from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.classifier import load_classifier
from model.prediction import Alarm, Evidence
from service import page_words
from service.page import cut_text, load_templates, show_prediction
from service.page_words import SAMPLES, translate, word_confidence, write_share
from service.pages.formats import add_formats

from .conftest import BUNDLE_ID

TEMPLATES = Path(page_words.__file__).with_name("templates")


@st.composite
def texts_with_evidence(draw):
    text = draw(st.text(max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    evidence = [Evidence(span, text[span[0] : span[1]], draw(st.floats(-2, 2))) for span in spans]
    return text, draw(st.permutations(evidence))


@given(texts_with_evidence())
def test_the_pieces_joined_are_the_text_and_the_marked_ones_speak_for_it(drawn):
    text, evidence = drawn
    parts = cut_text(text, evidence)
    assert "".join(part.text for part in parts) == text
    assert [part.text for part in parts if part.is_marked] == [
        stretch.text for stretch in sorted(evidence, key=lambda stretch: stretch.span) if stretch.weight > 0
    ]


@pytest.mark.parametrize(
    ("levels", "is_urgent"),
    [
        ([("darurat", "urgent")], True),
        ([("darurat", "watch"), ("darurat", "urgent")], True),
        ([("darurat", "watch")], False),
        ([("pengaduan-pengawasan", "urgent")], False),
        ([], False),
    ],
)
def test_the_page_tells_to_call_only_where_an_emergency_is_urgent(champion, levels, is_urgent):
    classifier = load_classifier(champion / BUNDLE_ID)
    alarms = tuple(Alarm(label, level, "threshold", 0.2, 0.15, None) for label, level in levels)
    prediction = replace(classifier.classify("lampu mati"), alarms=alarms)
    assert show_prediction(prediction, classifier, "id").is_urgent == is_urgent


def test_masks_are_told_from_text():
    parts = cut_text("hubungi [TELEPON] atau [kantor]", [])
    assert [part.text for part in parts if part.is_mask] == ["[TELEPON]"]


@pytest.mark.parametrize(
    ("share", "indonesian", "english"),
    [(0.784, "78,4\u00a0%", "78.4%"), (1.0, "100,0\u00a0%", "100.0%"), (0.0004, "0,0\u00a0%", "0.0%")],
)
def test_shares_are_written_as_the_language_writes_them(share, indonesian, english):
    assert write_share(share, "id") == indonesian
    assert write_share(share, "en") == english


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.95, "sangat yakin"), (0.9, "sangat yakin"), (0.78, "cukup yakin"), (0.5, "agak yakin"), (0.2, "belum yakin")],
)
def test_confidence_has_words(confidence, words):
    assert word_confidence(confidence, "id") == words


def test_a_name_an_operator_set_is_said_as_it_is():
    assert translate("Posko Siaga Kota", "en") == "Posko Siaga Kota"


def test_there_are_five_samples_and_one_is_mixed_with_minang():
    assert len(SAMPLES) == 5
    assert any("ndak" in text for _, _, text in SAMPLES)


def test_every_template_can_be_loaded():
    templates = add_formats(load_templates())
    assert {path.name for path in TEMPLATES.glob("*.html")} == set(templates.list_templates())
    for name in templates.list_templates():
        templates.get_template(name)
