"""The thresholds of a bundle: from where a head decides alone, and from where a label that must not be missed alarms.

Only the types and their file; `model.decisions` applies them, training finds them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from model.prediction import JsonValue

THRESHOLDS_FILE = "thresholds.json"
NO_THRESHOLD = "no threshold: this bundle was trained without an error budget"
# From these probabilities on a label alarms where too few reports carry it to find a threshold. Of ordinary real
# reports 5 in 100 reach that of `darurat`; of emergencies told calmly, those the head ranks second do. That of an
# accusation lies a little above the share that each of six kinds has where a text says nothing of its kind.
DEFAULT_ALARM_CONFIDENCES: Mapping[str, float] = {"darurat": 0.15, "pengaduan-pengawasan": 0.2}
_STEEPEST = 500.0  # beyond it the exponential leaves the numbers, and the probability is 0 or 1
NO_ALARM_THRESHOLD = "no threshold was looked for; the cautious default"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From where a head decides alone, or why nowhere.

    ``raw`` is the probability of the chosen label before the monotone curve of the calibration, which is compared;
    ``confidence`` the same point behind the curve, which is shown. Both are None where none was found, and ``reason``
    says why. Of ``n_rows`` rows that it was looked for on, ``n_decided`` reach it (where none was found: were tried
    first), ``n_wrong`` of them wrongly.
    """

    raw: float | None = None
    confidence: float | None = None
    n_rows: int = 0
    n_decided: int = 0
    n_wrong: int = 0
    reason: str | None = NO_THRESHOLD

    def to_json(self) -> dict[str, JsonValue]:
        """The threshold as it is kept in a bundle."""
        return {
            "raw": self.raw,
            "confidence": self.confidence,
            "n_rows": self.n_rows,
            "n_decided": self.n_decided,
            "n_wrong": self.n_wrong,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class HeadThresholds:
    """The error budget of a head (None where none is set), its threshold, and those of labels that have their own."""

    budget: float | None
    head: Threshold
    labels: Mapping[str, Threshold] = field(default_factory=dict)

    def to_json(self) -> dict[str, JsonValue]:
        """The thresholds of the head as they are kept in a bundle."""
        return {
            "budget": self.budget,
            "head": self.head.to_json(),
            "labels": {label: threshold.to_json() for label, threshold in self.labels.items()},
        }


@dataclass(frozen=True, slots=True)
class AlarmThreshold:
    """The probability from which a label that must not be missed alarms, whatever label won.

    It is the probability of the label by its own score alone, ``1 / (1 + exp(-(slope * score + offset)))``: that score
    says whether a text looks like an emergency at all, while the shares of a head also weigh the other labels against
    each other, and one unsure between two harmless ones would leave more to the third. Where ``slope`` is None it is
    the share of the label in its head.

    ``recall`` is the share of its reports that was wanted to reach it, None where none was; of ``n_positive`` reports
    that carry the label ``n_found`` reach it, of ``n_others`` that do not, ``n_alarms``. ``reason`` says why
    ``confidence`` is the default, None where it was found.

    From ``urgent`` on, never below ``confidence``, the alarm is urgent; None where only the label itself or a rule
    makes it so. ``false_alarms`` is the share of other reports that was wanted to reach it at most.
    """

    confidence: float
    recall: float | None = None
    n_positive: int = 0
    n_found: int = 0
    n_others: int = 0
    n_alarms: int = 0
    reason: str | None = NO_ALARM_THRESHOLD
    slope: float | None = None
    offset: float = 0.0
    urgent: float | None = None
    false_alarms: float | None = None

    def rate(self, score: float, share: float) -> float:
        """The probability to compare, from the score of the label and its share in the head."""
        if self.slope is None:
            return share
        return 1 / (1 + math.exp(-min(max(self.slope * score + self.offset, -_STEEPEST), _STEEPEST)))

    def to_json(self) -> dict[str, JsonValue]:
        """The threshold as it is kept in a bundle."""
        return {
            "confidence": self.confidence,
            "recall": self.recall,
            "n_positive": self.n_positive,
            "n_found": self.n_found,
            "n_others": self.n_others,
            "n_alarms": self.n_alarms,
            "reason": self.reason,
            "slope": self.slope,
            "offset": self.offset,
            "urgent": self.urgent,
            "false_alarms": self.false_alarms,
        }


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All thresholds of a bundle, by head and by label; empty for a bundle that was made before there were any."""

    heads: Mapping[str, HeadThresholds] = field(default_factory=dict)
    alarms: Mapping[str, AlarmThreshold] = field(default_factory=dict)

    def find_alarm(self, label: str) -> AlarmThreshold:
        """The threshold of a label that must not be missed, else the cautious default."""
        return self.alarms.get(label, AlarmThreshold(DEFAULT_ALARM_CONFIDENCES[label]))

    def find(self, head: str, label: str) -> Threshold:
        """The threshold that an answer of a head has to reach: that of its label, else that of the head."""
        found = self.heads.get(head)
        return Threshold() if found is None else found.labels.get(label, found.head)

    def to_json(self) -> dict[str, JsonValue]:
        """The content of ``thresholds.json``."""
        return {
            "heads": {head: thresholds.to_json() for head, thresholds in self.heads.items()},
            "alarms": {label: threshold.to_json() for label, threshold in self.alarms.items()},
        }


def read_thresholds(fields: object) -> Thresholds:
    """Inverse of `Thresholds.to_json`.

    Raises
    ------
    KeyError, TypeError, ValueError
        A field is missing, not of its type, or out of range.
    """
    content = _object(fields)
    return Thresholds(
        {head: _read_head(_object(thresholds)) for head, thresholds in _object(content["heads"]).items()},
        {label: _read_alarm(_object(threshold)) for label, threshold in _object(content["alarms"]).items()},
    )


def _read_head(fields: Mapping[str, object]) -> HeadThresholds:
    return HeadThresholds(
        budget=_share_or_none(fields["budget"]),
        head=_read_threshold(_object(fields["head"])),
        labels={label: _read_threshold(_object(threshold)) for label, threshold in _object(fields["labels"]).items()},
    )


def _read_threshold(fields: Mapping[str, object]) -> Threshold:
    threshold = Threshold(
        raw=_share_or_none(fields["raw"]),
        confidence=_share_or_none(fields["confidence"]),
        n_rows=_count(fields["n_rows"]),
        n_decided=_count(fields["n_decided"]),
        n_wrong=_count(fields["n_wrong"]),
        reason=_words_or_none(fields["reason"]),
    )
    is_found = threshold.raw is not None, threshold.confidence is not None, threshold.reason is None
    if any(is_found) != all(is_found):
        raise ValueError(f"{threshold} is neither a whole threshold nor a reason for none")
    return threshold


def _read_alarm(fields: Mapping[str, object]) -> AlarmThreshold:
    return AlarmThreshold(
        confidence=_share(fields["confidence"]),
        recall=_share_or_none(fields["recall"]),
        n_positive=_count(fields["n_positive"]),
        n_found=_count(fields["n_found"]),
        n_others=_count(fields["n_others"]),
        n_alarms=_count(fields["n_alarms"]),
        reason=_words_or_none(fields["reason"]),
        slope=None if fields["slope"] is None else _number(fields["slope"]),
        offset=_number(fields["offset"]),
        urgent=_share_or_none(fields.get("urgent")),  # a bundle of before there were levels has neither
        false_alarms=_share_or_none(fields.get("false_alarms")),
    )


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r} is no object")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is no finite number")
    return float(value)


def _share(value: object) -> float:
    share = _number(value)
    if not 0 <= share <= 1:
        raise ValueError(f"{value!r} lies outside 0 to 1")
    return share


def _share_or_none(value: object) -> float | None:
    return None if value is None else _share(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    if value < 0:
        raise ValueError(f"{value!r} is below 0")
    return value


def _words_or_none(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
