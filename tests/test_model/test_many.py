"""Many texts at once are classified as each alone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.classifier import Classifier
from model.compiled import CompiledSums
from model.many import ManyClassifier
from model.prediction import Prediction

TEXTS = (
    "Lampu mati, kabel putus menyambar! Tolong cepat",
    "lampu jalan mati di Talawi, sampah juga menumpuk di jalan, air pun mati",
    "pungli di kelurahan: oknum lurah minta uang pelicin",
    "🙏",
    "",
    "jalan " * 2_500,
)


def round_off(prediction: Prediction) -> Prediction:
    """The prediction without what rounding may change."""
    heads = {
        head: replace(answer, confidence=round(answer.confidence, 3), alternatives=(), why=None)
        for head, answer in prediction.heads.items()
    }
    alarms = tuple(replace(alarm, confidence=round(alarm.confidence, 3)) for alarm in prediction.alarms)
    also = tuple(replace(need, confidence=round(need.confidence, 3)) for need in prediction.also)
    return replace(prediction, heads=heads, alarms=alarms, also=also, gates=None)


@pytest.mark.parametrize("is_compiled", [False, True])
def test_many_texts_are_classified_as_each_alone(needing: Classifier, is_compiled: bool) -> None:
    many = ManyClassifier(needing, CompiledSums(needing.table) if is_compiled else None)
    predictions = many.classify([needing.read(text) for text in TEXTS])
    alone = [needing.classify(text, with_explanation=False) for text in TEXTS]
    assert [round_off(one) for one in predictions] == [round_off(one) for one in alone]
    assert any(one.also for one in alone)
    assert any(one.alarms for one in alone)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_texts_keep_their_order(needing: Classifier, texts: list[str]) -> None:
    predictions = ManyClassifier(needing).classify([needing.read(text) for text in texts])
    assert [one.text for one in predictions] == [needing.classify(text).text for text in texts]
