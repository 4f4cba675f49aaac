"""What the page shows of a prediction: names for labels, words for confidence, the text cut at what decided.

Owns the templates and what they are given. Knows no requests.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model.classifier import Classifier
from model.decisions import find_levels
from model.prediction import Evidence, Prediction
from model.tokens import MASK_KINDS
from service.assets import open_assets
from service.page_findings import EMERGENCY_LABEL, FindingView, show_findings
from service.page_words import Language, translate, word_confidence, write_share

# The head a reader looks for first comes first.
HEAD_ORDER = ("agency", "topic", "urgency", "kind", "aspect")
_TEMPLATES = Path(__file__).with_name("templates")
_MASK = re.compile(r"\[(" + "|".join(MASK_KINDS) + r")\]")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the text: plain, marked as deciding, or a mask."""

    text: str
    is_marked: bool
    is_mask: bool


@dataclass(frozen=True, slots=True)
class HeadView:
    """A head as the page shows it; ``percent`` is the length of its bar."""

    title: str
    label: str
    sureness: str
    share: str
    percent: int
    decision: str
    decision_words: str
    alternatives: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    has_marks: bool


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place that was found."""

    name: str
    code: str
    is_ambiguous: bool


@dataclass(frozen=True, slots=True)
class ResultView:
    """A prediction as the page shows it."""

    heads: tuple[HeadView, ...]
    masks: tuple[str, ...]
    places: tuple[PlaceView, ...]
    minang: str | None
    is_urgent: bool
    findings: tuple[FindingView, ...]
    is_cut: bool
    bundle: str
    taxonomy: str


def load_templates() -> Environment:
    """The templates; a name they use and are not given is an error."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["asset"] = open_assets().address_of
    return environment


def show_prediction(prediction: Prediction, classifier: Classifier, language: Language) -> ResultView:
    """What the page shows of a prediction."""
    names = sorted(prediction.heads, key=_rank)
    minang = prediction.language.get("minang", 0.0)
    return ResultView(
        heads=tuple(_show_head(name, prediction, classifier, language) for name in names),
        masks=_count_masks(prediction.text, language),
        places=tuple(
            {place.code: PlaceView(place.name, place.code, place.ambiguous) for place in prediction.places}.values()
        ),
        minang=write_share(minang, language) if minang > 0 else None,
        is_urgent=find_levels(prediction.alarms).get(EMERGENCY_LABEL) == "urgent",
        findings=show_findings(prediction, classifier, language),
        is_cut=prediction.cut_chars > 0,
        bundle=prediction.bundle,
        taxonomy=prediction.taxonomy,
    )


def cut_text(text: str, evidence: Sequence[Evidence]) -> tuple[Part, ...]:
    """The text in pieces, whose texts joined are the text again; what speaks for the label is marked."""
    spans = sorted(stretch.span for stretch in evidence if stretch.weight > 0)
    parts: list[Part] = []
    position = 0
    for start, end in spans:
        parts.extend(_cut_masks(text[position:start], is_marked=False))
        parts.extend(_cut_masks(text[start:end], is_marked=True))
        position = end
    parts.extend(_cut_masks(text[position:], is_marked=False))
    return tuple(parts)


def _cut_masks(text: str, *, is_marked: bool) -> list[Part]:
    if is_marked:
        return [Part(text, is_marked=True, is_mask=False)]
    pieces = _MASK.split(text)
    return [
        Part(f"[{piece}]" if place % 2 else piece, is_marked=False, is_mask=bool(place % 2))
        for place, piece in enumerate(pieces)
        if piece
    ]


def _show_head(name: str, prediction: Prediction, classifier: Classifier, language: Language) -> HeadView:
    answer = prediction.heads[name]
    evidence = prediction.explanation.get(name, ())
    return HeadView(
        title=translate(name, language),
        label=classifier.name_label(name, answer.label),
        sureness=word_confidence(answer.confidence, language),
        share=write_share(answer.confidence, language),
        percent=round(100 * answer.confidence),
        decision=answer.decision,
        decision_words=translate(answer.decision, language),
        alternatives=tuple(
            (classifier.name_label(name, label), write_share(confidence, language))
            for label, confidence in answer.alternatives
        ),
        parts=cut_text(prediction.text, evidence),
        has_marks=any(stretch.weight > 0 for stretch in evidence),
    )


def _count_masks(text: str, language: Language) -> tuple[str, ...]:
    """Such as "2 × nomor telepon", in the order in which they first stand in the text."""
    counts = Counter(_MASK.findall(text))
    return tuple(
        translate(kind, language) if count == 1 else f"{count}\u00a0× {translate(kind, language)}"
        for kind, count in counts.items()
    )


def _rank(head: str) -> tuple[int, str]:
    return (HEAD_ORDER.index(head) if head in HEAD_ORDER else len(HEAD_ORDER), head)
