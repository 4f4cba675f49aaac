"""Judges a bundle on labelled rows, through the very code that serves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from model.classifier import Classifier
from model.prediction import JsonValue
from training.judging import HeadJudgement, judge_head
from training.preparing import PreparedRows
from training.progress import Progress

SHOWN_THRESHOLDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Judgements by head; the labels that the bundle never learnt, with their rows; first and last day of arrival."""

    heads: dict[str, HeadJudgement]
    unknown_labels: dict[str, dict[str, int]]
    days: tuple[date, date] | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """The evaluation as it stands in ``metrics.json``."""
        first, last = (day.isoformat() for day in self.days) if self.days else (None, None)
        return {
            "first_day": first,
            "last_day": last,
            "heads": {head: judgement.to_json() for head, judgement in self.heads.items()},
            "unknown_labels": {head: dict(labels) for head, labels in self.unknown_labels.items()},
        }


def evaluate(classifier: Classifier, rows: PreparedRows, progress: Progress, seed: int = 0) -> Evaluation:
    """Judge every head that both the bundle and the rows have; rows without a label of a head are left out there."""
    answers = [
        classifier.classify(text, with_explanation=False).heads for text in progress.track(rows.texts, "evaluate")
    ]
    judged, unknown = {}, {}
    for head in classifier.heads:
        truth = rows.labels.get(head.name)
        if truth is None or not (truth != "").any():
            continue
        is_labelled = truth != ""
        given = [answer[head.name] for answer in answers]
        judged[head.name] = judge_head(
            head.name,
            truth[is_labelled].astype(str),
            np.array([answer.label for answer in given])[is_labelled],
            np.array([answer.confidence for answer in given])[is_labelled],
            seed,
        )
        unknown[head.name] = _count_unknown(truth[is_labelled], head.labels)
    return Evaluation(judged, unknown, rows.days)


def format_evaluation(evaluation: Evaluation) -> str:
    """The figures as lines for a terminal."""
    lines = []
    for head, judged in evaluation.heads.items():
        lines.append(
            f"{head:8} accuracy {judged.accuracy}  macro-F1 {judged.macro_f1}  "
            f"excess calibration error {judged.excess_calibration_error:.3f}  ({judged.n_rows:,} rows)"
        )
        lines += [
            f"{'':8} from confidence {point.threshold:.2f}: {point.coverage:6.1%} decided, "
            f"{point.error:6.1%} of them wrong, {1 - point.coverage:6.1%} not decided"
            for point in judged.coverage
            if point.error is not None and point.threshold in SHOWN_THRESHOLDS
        ]
        unknown = evaluation.unknown_labels[head]
        if unknown:
            n_rows = sum(unknown.values())
            lines.append(f"{'':8} {len(unknown)} labels of {n_rows} rows were never learnt and count as errors")
    return "\n".join(lines)


def _count_unknown(truth: Sequence[str], known: Sequence[str]) -> dict[str, int]:
    labels, counts = np.unique(
        np.array([label for label in truth if label not in known], dtype=str), return_counts=True
    )
    return {str(label): int(count) for label, count in zip(labels, counts, strict=True)}
