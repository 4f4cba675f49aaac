"""A report as an officer decides on it: what it says, what is proposed and why, what else it may be, its deadline.

Knows no requests. What is hidden from a blind audit never gets into the card.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from model.classifier import Classifier
from model.decisions import find_levels
from model.prediction import Prediction
from service.answers import Advice, StoredClock, StoredFeedback
from service.charts.words import Words
from service.handling.clock import local_day
from service.page import Part, cut_text
from service.page_findings import EMERGENCY_LABEL, FindingView, show_findings
from service.page_words import Language, translate, word_confidence
from service.pages.predictions import read_prediction
from service.routing import ACCUSATION

# In the order in which they decide: where it goes, which clock it has, how urgent it is, what it is about.
HEADS: Final = ("agency", "kind", "urgency", "topic", "aspect")

_NO_DOUBTS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Option:
    """A label that may be chosen; ``sureness`` words its confidence, empty where it has none."""

    value: str
    name: str
    sureness: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one head: the proposed and the next labels, and all others behind them."""

    head: str
    title: str
    options: tuple[Option, ...]
    others: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    has_marks: bool
    is_blind: bool
    why: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """A report under review; ``days_left`` are days of the calendar to its deadline, None where none runs.

    ``doubts`` are labels that were given blind and are others than those that stand, by head.
    """

    id: str
    report: StoredFeedback
    parts: tuple[Part, ...]
    questions: tuple[Question, ...]
    findings: tuple[FindingView, ...]
    advice: Advice | None
    alarm: str | None
    is_accusation: bool
    is_blind: bool
    clock: StoredClock | None
    days_left: int | None
    bundle: str
    doubts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a card is made with: the labels and their names, the language, the instant."""

    names: Words
    classifier: Classifier
    language: Language
    now: datetime


def show_card(
    desk: Desk,
    report: StoredFeedback,
    labels: Mapping[str, str | None],
    restriction: str | None,
    blind: Collection[str],
    doubts: Mapping[str, str] = _NO_DOUBTS,
) -> Card:
    """The card of a report whose ``labels`` stand; of the heads that are ``blind`` nothing that was predicted is told.

    Where one head is blind, the findings stay out too: they would tell of the rest. Of what may be an accusation no
    kind is proposed: who sends what is proposed as it is must not open it by that.
    """
    if restriction is not None:
        labels = {**labels, "kind": None}
    prediction = read_prediction(report.prediction)
    heads = [head for head in HEADS if not blind or head in blind]
    return Card(
        id=report.id,
        report=report,
        parts=cut_text(prediction.text, ()),
        questions=tuple(_ask(desk, prediction, head, labels.get(head), is_blind=head in blind) for head in heads),
        findings=() if blind else show_findings(prediction, desk.classifier, desk.language),
        advice=report.advice,
        alarm=None if blind else find_levels(prediction.alarms).get(EMERGENCY_LABEL),
        is_accusation=restriction is not None,
        is_blind=bool(blind),
        clock=report.clock,
        days_left=count_days_left(report.clock, desk.now),
        bundle=prediction.bundle,
        doubts={} if blind else doubts,
    )


def count_days_left(clock: StoredClock | None, now: datetime) -> int | None:
    """Days of the calendar up to the deadline of a clock that runs; negative once it is over."""
    if clock is None or clock.status != "running" or clock.due_at is None:
        return None
    return (local_day(clock.due_at) - local_day(now)).days


def _ask(desk: Desk, prediction: Prediction, head: str, label: str | None, *, is_blind: bool) -> Question:
    options = () if is_blind else _list_options(desk, prediction, head, label)
    shown = {option.value for option in options}
    evidence = () if is_blind else prediction.explanation.get(head, ())
    answer = prediction.heads.get(head)
    return Question(
        head=head,
        title=translate(head, desk.language),
        options=options,
        others=tuple(
            (slug, desk.names.label(head, slug))
            for slug, known in desk.names.taxonomy.heads[head].items()
            if slug not in shown and known.is_valid_on(local_day(desk.now))
        ),
        parts=cut_text(prediction.text, evidence),
        has_marks=any(stretch.weight > 0 for stretch in evidence),
        is_blind=is_blind,
        why=answer.why if answer is not None and not is_blind else None,
    )


def _list_options(desk: Desk, prediction: Prediction, head: str, label: str | None) -> tuple[Option, ...]:
    answer = prediction.heads.get(head)
    sureness = {} if answer is None else {answer.label: answer.confidence, **dict(answer.alternatives)}
    known = [slug for slug in sureness if slug in desk.names.taxonomy.heads[head]]
    if label is not None and label not in known:
        known.insert(0, label)
    return tuple(
        Option(
            slug,
            desk.names.label(head, slug),
            word_confidence(sureness[slug], desk.language) if slug in sureness else "",
            slug == label,
        )
        for slug in known
    )


def is_other_kind(kind: str) -> bool:
    """Whether a kind says that a report is no accusation."""
    return kind != ACCUSATION
