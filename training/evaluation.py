"""Judges a bundle on labelled rows, through the very code that serves it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.decisions import HEADS_OF_ALARM, find_levels
from model.prediction import AlarmLevel, HeadPrediction, JsonValue
from training.decision_judging import AlarmJudgement, BudgetJudgement, judge_alarms, judge_budget
from training.judging import HeadJudgement, judge_head
from training.preparing import PreparedRows
from training.progress import Progress

RowAnswer = tuple[Mapping[str, HeadPrediction], Mapping[str, AlarmLevel]]
SHOWN_THRESHOLDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Judgements by head; the labels that the bundle never learnt, with their rows; first and last day of arrival.

    ``budgets`` judges the heads that have an error budget, ``alarms`` the labels that must not be missed.
    """

    heads: dict[str, HeadJudgement]
    unknown_labels: dict[str, dict[str, int]]
    days: tuple[date, date] | None = None
    budgets: Mapping[str, BudgetJudgement] = field(default_factory=dict)
    alarms: Mapping[str, AlarmJudgement] = field(default_factory=dict)

    def to_json(self) -> dict[str, JsonValue]:
        """The evaluation as it stands in ``metrics.json``."""
        first, last = (day.isoformat() for day in self.days) if self.days else (None, None)
        return {
            "first_day": first,
            "last_day": last,
            "heads": {head: judgement.to_json() for head, judgement in self.heads.items()},
            "unknown_labels": {head: dict(labels) for head, labels in self.unknown_labels.items()},
            "budgets": {head: judgement.to_json() for head, judgement in self.budgets.items()},
            "alarms": {label: judgement.to_json() for label, judgement in self.alarms.items()},
        }


@dataclass(frozen=True, slots=True)
class _Answers:
    """The answers to the rows that have a true label of one head."""

    truth: NDArray[np.str_]
    given: list[HeadPrediction]
    raised: list[Mapping[str, AlarmLevel]]


def evaluate(classifier: Classifier, rows: PreparedRows, progress: Progress, seed: int = 0) -> Evaluation:
    """Judge every head that both the bundle and the rows have; rows without a label of a head are left out there."""
    answers = dict(_gather(classifier, rows, progress))
    labels_of = {head.name: head.labels for head in classifier.heads}
    judged = {}
    for head, answered in answers.items():
        given = np.array([answer.label for answer in answered.given])
        confidence = np.array([answer.confidence for answer in answered.given])
        judged[head] = judge_head(head, answered.truth, given, confidence, seed)
    return Evaluation(
        judged,
        {head: _count_unknown(answered.truth.tolist(), labels_of[head]) for head, answered in answers.items()},
        rows.days,
        {
            head: judge_budget(answers[head].truth, answers[head].given, thresholds.budget)
            for head, thresholds in classifier.thresholds.heads.items()
            if head in answers and thresholds.budget is not None
        },
        {
            label: judge_alarms(answers[heads[0]].truth, answers[heads[0]].raised, label)
            for label, heads in HEADS_OF_ALARM.items()
            if heads[0] in answers and label in labels_of[heads[0]]
        },
    )


def format_evaluation(evaluation: Evaluation) -> str:
    """The figures as lines for a terminal."""
    lines = [line for head in evaluation.heads for line in _format_head(evaluation, head)]
    for label, judged in evaluation.alarms.items():
        lines.append(
            f"{label}: an alarm for {judged.n_found} of {judged.n_positive} rows (recall {judged.recall or '–'}) "
            f"and for {judged.n_alarms} of {judged.n_others} others ({judged.alarm_rate or '–'}); "
            f"urgent {judged.n_urgent_found} and {judged.n_urgent_alarms}"
        )
    return "\n".join(lines)


def format_budget(judged: BudgetJudgement) -> str:
    """What a head decided alone, and whether that kept its error budget, as a line for a terminal."""
    kept = judged.kept_from
    hindsight = (
        f"confidence {kept.confidence:.4f} would have kept it, with {kept.n_decided / judged.n_rows:.1%} decided"
        if kept
        else "no threshold would have kept it"
    )
    return (
        f"decided alone {judged.n_auto} ({judged.n_auto / judged.n_rows:.1%}), of them wrong {judged.error or '–'}; "
        f"budget of {100 * judged.budget:g}%: {judged.verdict}; {hindsight}"
    )


def _format_head(evaluation: Evaluation, head: str) -> Iterator[str]:
    judged = evaluation.heads[head]
    yield (
        f"{head:8} accuracy {judged.accuracy}  macro-F1 {judged.macro_f1}  "
        f"excess calibration error {judged.excess_calibration_error:.3f}  ({judged.n_rows:,} rows)"
    )
    for point in judged.coverage:
        if point.error is not None and point.threshold in SHOWN_THRESHOLDS:
            yield (
                f"{'':8} from confidence {point.threshold:.2f}: {point.coverage:6.1%} decided, "
                f"{point.error:6.1%} of them wrong, {1 - point.coverage:6.1%} not decided"
            )
    if head in evaluation.budgets:
        yield f"{'':8} {format_budget(evaluation.budgets[head])}"
    unknown = evaluation.unknown_labels[head]
    if unknown:
        labels, rows = _count(len(unknown), "label"), _count(sum(unknown.values()), "row")
        yield f"{'':8} counted as errors, since never learnt: {labels} of {rows}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def answer_rows(classifier: Classifier, rows: PreparedRows, progress: Progress) -> list[RowAnswer]:
    """What a bundle says of each row: the answers of its heads, and the labels that alarm with their level."""
    answers: list[RowAnswer] = []
    for text in progress.track(rows.texts, "evaluate"):
        prediction = classifier.classify(text, with_explanation=False)
        answers.append((prediction.heads, find_levels(prediction.alarms)))
    return answers


def _gather(classifier: Classifier, rows: PreparedRows, progress: Progress) -> Iterator[tuple[str, _Answers]]:
    answers = answer_rows(classifier, rows, progress)
    for head in classifier.heads:
        truth = rows.labels.get(head.name)
        if truth is None or not (truth != "").any():
            continue
        places = np.flatnonzero(truth != "")
        yield (
            head.name,
            _Answers(
                truth[places].astype(str),
                [answers[place][0][head.name] for place in places],
                [answers[place][1] for place in places],
            ),
        )


def _count_unknown(truth: Sequence[str], known: Sequence[str]) -> dict[str, int]:
    labels, counts = np.unique(
        np.array([label for label in truth if label not in known], dtype=str), return_counts=True
    )
    return {str(label): int(count) for label, count in zip(labels, counts, strict=True)}
