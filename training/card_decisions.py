"""The parts of a model card about decisions: thresholds, whether error budgets held, and alarms."""

from collections.abc import Iterator

from model.thresholds import HeadThresholds, Threshold
from training.card_parts import write_table
from training.evaluation import Evaluation
from training.portrait import Portrait


def write_decisions(portrait: Portrait) -> Iterator[str]:
    """From where each head decides alone, or why nowhere; from where labels that must not be missed alarm."""
    thresholds = portrait.facts.thresholds
    if not thresholds.heads:
        yield "Nothing: it was made without thresholds, and every answer is a suggestion."
        return
    yield (
        "The thresholds were looked for on the last slice of the rehearsal, with the curve of the slices before, by "
        "fixed-sequence testing: for rows like that slice the error among what is decided alone stays within the "
        "budget with 95 % confidence. An alarm, a rule, a text cut short or without a known word is left to a person."
    )
    yield write_table(
        ("Head", "Budget", "Threshold", "Rows of the slice", "Decided", "Wrong among them", "Why none"),
        [row for head, found in thresholds.heads.items() for row in _list_rows(head, found)],
    )
    yield write_table(
        ("Alarm", "Wanted recall", "From probability", "Urgent from", "Found", "False alarms", "Remark"),
        [
            (
                label,
                "–" if alarm.recall is None else f"{alarm.recall:.0%}",
                f"{alarm.confidence:.4f}",
                "–" if alarm.urgent is None else f"{alarm.urgent:.4f}",
                f"{alarm.n_found:,} of {alarm.n_positive:,}",
                f"{alarm.n_alarms:,} of {alarm.n_others:,} others",
                alarm.reason or "",
            )
            for label, alarm in thresholds.alarms.items()
        ],
    )


def judge_decisions(evaluation: Evaluation) -> Iterator[str]:
    """Whether budgets held and alarms were raised on the test rows."""
    if evaluation.budgets:
        yield write_table(
            ("Head", "Budget", "Decided alone", "Wrong among them", "Budget", "Would have kept it"),
            [
                (
                    head,
                    f"{100 * judged.budget:g}%",
                    f"{judged.n_auto:,} ({judged.n_auto / judged.n_rows:.1%})",
                    str(judged.error or "–"),
                    judged.verdict,
                    f"from {judged.kept_from.confidence:.4f}" if judged.kept_from else "no threshold",
                )
                for head, judged in evaluation.budgets.items()
            ],
        )
    if evaluation.alarms:
        yield write_table(
            ("Alarm", "Rows with the label", "Recall", "Urgent", "Other rows", "False alarms", "Urgent"),
            [
                (
                    label,
                    f"{judged.n_positive:,}",
                    str(judged.recall or "–"),
                    f"{judged.n_urgent_found:,}",
                    f"{judged.n_others:,}",
                    str(judged.alarm_rate or "–"),
                    f"{judged.n_urgent_alarms:,}",
                )
                for label, judged in evaluation.alarms.items()
            ],
        )


def _list_rows(head: str, found: HeadThresholds) -> Iterator[tuple[str, ...]]:
    budget = "–" if found.budget is None else f"{100 * found.budget:g}%"
    for name, threshold in ((head, found.head), *((f"{head}: {label}", own) for label, own in found.labels.items())):
        yield (name, budget, *_list_figures(threshold))


def _list_figures(threshold: Threshold) -> tuple[str, ...]:
    share = f" ({threshold.n_decided / threshold.n_rows:.1%})" if threshold.n_rows else ""
    return (
        "–" if threshold.confidence is None else f"{threshold.confidence:.4f}",
        f"{threshold.n_rows:,}",
        f"{threshold.n_decided:,}{share}",
        f"{threshold.n_wrong:,}",
        threshold.reason or "",
    )
