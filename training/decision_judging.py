"""Judges decisions: whether what was decided alone kept its error budget, and whether alarms were raised in time.

Pure counting over decisions and true labels; knows no classifier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.prediction import AlarmLevel, HeadPrediction, JsonValue
from training.judging import Figure, judge_share

Labels = NDArray[np.str_]
Verdict = Literal["kept", "not kept", "too few rows to tell", "nothing was decided alone"]
# Fewer decided rows say nothing about a budget of a few in a hundred.
MINIMUM_DECIDED = 60


@dataclass(frozen=True, slots=True)
class KeptFrom:
    """The lowest confidence from which the budget would have been kept, and the rows it would have decided."""

    confidence: float
    n_decided: int


@dataclass(frozen=True, slots=True)
class BudgetJudgement:
    """What a head decided alone on n rows with a true label, ``n_wrong`` of the ``n_auto`` wrongly.

    ``kept_from`` is hindsight: found on the same rows, among those that neither an alarm nor a rule left to a person;
    None where no threshold that decides ``MINIMUM_DECIDED`` rows would have kept the budget.
    """

    budget: float
    n_rows: int
    n_auto: int
    n_wrong: int
    kept_from: KeptFrom | None

    @property
    def error(self) -> Figure | None:
        """Share of wrong answers among what was decided alone, None where nothing was."""
        return judge_share(self.n_wrong, self.n_auto) if self.n_auto else None

    @property
    def verdict(self) -> Verdict:
        """Kept: the share is within the budget, on at least ``MINIMUM_DECIDED`` rows. Not kept: its interval is not."""
        error = self.error
        if error is None:
            return "nothing was decided alone"
        if error.low > self.budget:
            return "not kept"
        is_kept = self.n_auto >= MINIMUM_DECIDED and error.value <= self.budget
        return "kept" if is_kept else "too few rows to tell"

    def to_json(self) -> dict[str, JsonValue]:
        """The judgement as it stands in ``metrics.json``."""
        kept = self.kept_from
        return {
            "budget": self.budget,
            "n_rows": self.n_rows,
            "n_auto": self.n_auto,
            "n_wrong": self.n_wrong,
            "coverage": round(self.n_auto / self.n_rows, 4),
            "error": self.error.to_json() if self.error else None,
            "verdict": self.verdict,
            "kept_from": None if kept is None else {"confidence": kept.confidence, "n_decided": kept.n_decided},
        }


@dataclass(frozen=True, slots=True)
class AlarmJudgement:
    """Rows that carry a label which must not be missed, and how many of them and of the others raised its alarm.

    ``n_urgent_found`` of those found and ``n_urgent_alarms`` of the other alarms were urgent.
    """

    n_positive: int
    n_found: int
    n_others: int
    n_alarms: int
    n_urgent_found: int = 0
    n_urgent_alarms: int = 0

    @property
    def recall(self) -> Figure | None:
        """Share of the rows with the label that raised its alarm, None where no row has it."""
        return judge_share(self.n_found, self.n_positive) if self.n_positive else None

    @property
    def alarm_rate(self) -> Figure | None:
        """Share of the other rows that raised it all the same, None where there is none."""
        return judge_share(self.n_alarms, self.n_others) if self.n_others else None

    def to_json(self) -> dict[str, JsonValue]:
        """The judgement as it stands in ``metrics.json``."""
        return {
            "n_positive": self.n_positive,
            "n_found": self.n_found,
            "n_others": self.n_others,
            "n_alarms": self.n_alarms,
            "n_urgent_found": self.n_urgent_found,
            "n_urgent_alarms": self.n_urgent_alarms,
            "recall": self.recall.to_json() if self.recall else None,
            "alarm_rate": self.alarm_rate.to_json() if self.alarm_rate else None,
        }


def judge_budget(truth: Labels, answers: Sequence[HeadPrediction], budget: float) -> BudgetJudgement:
    """Judge the decisions of one head on rows whose true labels (n,) are known."""
    is_right = np.array([answer.label for answer in answers]) == truth
    is_auto = np.array([answer.decision == "auto" for answer in answers])
    may_decide = np.array([answer.decision != "human" for answer in answers])
    confidence = np.array([answer.confidence for answer in answers])
    return BudgetJudgement(
        budget=budget,
        n_rows=len(truth),
        n_auto=int(is_auto.sum()),
        n_wrong=int((is_auto & ~is_right).sum()),
        kept_from=_find_kept(confidence[may_decide], is_right[may_decide], budget),
    )


def judge_alarms(truth: Labels, raised: Sequence[Mapping[str, AlarmLevel]], label: str) -> AlarmJudgement:
    """Judge the alarms of one label: ``raised`` are the labels that alarmed and their level, for each of the rows."""
    has_alarm = np.array([label in levels for levels in raised])
    is_urgent = np.array([levels.get(label) == "urgent" for levels in raised])
    is_positive = truth == label
    return AlarmJudgement(
        n_positive=int(is_positive.sum()),
        n_found=int((is_positive & has_alarm).sum()),
        n_others=int((~is_positive).sum()),
        n_alarms=int((~is_positive & has_alarm).sum()),
        n_urgent_found=int((is_positive & is_urgent).sum()),
        n_urgent_alarms=int((~is_positive & is_urgent).sum()),
    )


def _find_kept(confidence: NDArray[np.float64], is_right: NDArray[np.bool_], budget: float) -> KeptFrom | None:
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    n_decided = np.searchsorted(-ordered, -ordered, side="right")  # rows of equal confidence are decided together
    n_wrong = np.cumsum(~is_right[order])[n_decided - 1]
    kept = np.flatnonzero((n_wrong <= budget * n_decided) & (n_decided >= MINIMUM_DECIDED))
    return KeptFrom(float(ordered[kept[-1]]), int(n_decided[kept[-1]])) if len(kept) else None
