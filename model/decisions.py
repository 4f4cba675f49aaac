"""Decides what is done alone and what a person must see, from probabilities, rules and the thresholds of a bundle.

Owns the thresholds and the alarms. Changes no label and no probability.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from model.prediction import (
    EFFECT_ACCUSATION,
    EFFECT_DARURAT,
    EFFECT_TINGGI,
    Alarm,
    AlarmLevel,
    Decision,
    HeadPrediction,
    RuleHit,
)
from model.thresholds import AlarmThreshold, Threshold, Thresholds

# The label that must not be missed, and the heads that are left to a person once it may be right: an accusation must
# never be routed by machine, least of all to the unit accused.
HEADS_OF_ALARM: Mapping[str, tuple[str, ...]] = {"darurat": ("urgency",), "pengaduan-pengawasan": ("kind", "agency")}
# The label of a head that has a detector. An accusation has none: the column of its head tells it as well.
DETECTED_OF_HEAD: Mapping[str, str] = {"urgency": "darurat"}
_ALARM_OF_EFFECT = {EFFECT_DARURAT: "darurat", EFFECT_ACCUSATION: "pengaduan-pengawasan"}
_WORDS_OF_ALARM = {"darurat": "an emergency", "pengaduan-pengawasan": "an accusation against an official"}
_URGENT_LABELS = ("tinggi", "darurat")
# Who thanks the fire brigade tells of a fire that is out: there the words of a rule need a probability beside them.
_PRAISE = "apresiasi"
# Answers that only a person may give, whatever budget a head has: they end the way of a report.
_LEFT_TO_PEOPLE = {("kind", "bukan-laporan"): "only a person says that a text is no report"}


@dataclass(frozen=True, slots=True)
class HeadAnswer:
    """What a head says before anything is decided.

    ``ranked`` are its likeliest labels with their calibrated probabilities, the chosen one first; ``raw`` is the
    probability of the chosen one before the monotone curve, on which thresholds stand; ``watched`` are the
    probabilities of those labels of the head that must not be missed.
    """

    ranked: tuple[tuple[str, float], ...]
    raw: float
    watched: Mapping[str, float] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The label that was chosen."""
        return self.ranked[0][0]


def raise_alarms(
    answers: Mapping[str, HeadAnswer], thresholds: Thresholds, hits: Sequence[RuleHit]
) -> tuple[Alarm, ...]:
    """An alarm for each label that must not be missed and was chosen or is likely enough, and for each rule that asks.

    The labels come in the order of ``HEADS_OF_ALARM``, each first by its head, then by rules in the order of ``hits``.
    An alarm by the label is urgent, one by the probability where that is high enough, one by a rule too, but in praise
    only where the probability is as high. All others are watched.
    """
    return tuple(alarm for label in HEADS_OF_ALARM for alarm in _raise_alarms_of(label, answers, thresholds, hits))


def find_levels(alarms: Sequence[Alarm]) -> dict[str, AlarmLevel]:
    """The loudest level of each label that alarms."""
    levels: dict[str, AlarmLevel] = {alarm.label: "watch" for alarm in alarms}
    return levels | {alarm.label: alarm.level for alarm in alarms if alarm.level == "urgent"}


def decide(
    answers: Mapping[str, HeadAnswer],
    thresholds: Thresholds,
    alarms: Sequence[Alarm],
    hits: Sequence[RuleHit],
    unread: str | None = None,
) -> dict[str, HeadPrediction]:
    """The decision of each head.

    A head decides alone only where its answer reaches the threshold, and neither an alarm, nor a rule, nor an unread
    part of the text leaves it to a person.

    Parameters
    ----------
    alarms
        Of `raise_alarms`.
    unread
        What of the text could not be read, in words; None where all was. Every head is then left to a person.
    """
    stops = dict(_find_stops(answers, alarms, hits))
    return {head: _decide_head(head, answer, thresholds, unread or stops.get(head)) for head, answer in answers.items()}


def _raise_alarms_of(
    label: str, answers: Mapping[str, HeadAnswer], thresholds: Thresholds, hits: Sequence[RuleHit]
) -> Iterator[Alarm]:
    answer = answers.get(HEADS_OF_ALARM[label][0])
    share = answer.watched.get(label, 0.0) if answer else 0.0
    limit = thresholds.find_alarm(label)
    confidence = round(share, 4)
    if answer is not None and answer.label == label:
        yield Alarm(label, "urgent", "label", confidence, limit.confidence, None)
    elif answer is not None and label in answer.watched and share >= limit.confidence:
        yield Alarm(label, _weigh(share, limit), "threshold", confidence, limit.confidence, None)
    is_praise = "kind" in answers and answers["kind"].label == _PRAISE
    level = _weigh(share, limit) if is_praise and limit.urgent is not None else "urgent"
    names = dict.fromkeys(hit.name for hit in hits if _ALARM_OF_EFFECT.get(hit.effect) == label)
    for name in names:
        yield Alarm(label, level, "rule", confidence, limit.confidence, name)


def _weigh(share: float, limit: AlarmThreshold) -> AlarmLevel:
    return "urgent" if limit.urgent is not None and share >= limit.urgent else "watch"


def _find_stops(
    answers: Mapping[str, HeadAnswer], alarms: Sequence[Alarm], hits: Sequence[RuleHit]
) -> Iterator[tuple[str, str]]:
    """Heads left to a person and why; what is yielded later goes before what was yielded earlier."""
    urgency = answers.get("urgency")
    if urgency is not None and urgency.label not in _URGENT_LABELS:
        for hit in reversed(hits):
            if hit.effect == EFFECT_TINGGI:
                yield "urgency", f"rule {hit.name}: {hit.effect}"
    for alarm in reversed(alarms):
        for head in HEADS_OF_ALARM[alarm.label]:
            yield head, _explain_alarm(alarm)


def _explain_alarm(alarm: Alarm) -> str:
    words = _WORDS_OF_ALARM[alarm.label]
    if alarm.cause == "rule":
        return f"may be {words}: rule {alarm.rule}"
    if alarm.cause == "label":
        return f"reads like {words}: a person must look"
    return f"may be {words}: {alarm.label} has a probability of {alarm.confidence:.4f}, enough for a person to look"


def _decide_head(head: str, answer: HeadAnswer, thresholds: Thresholds, stop: str | None) -> HeadPrediction:
    limit = thresholds.find(head, answer.label)
    (label, confidence), *others = answer.ranked
    left = _LEFT_TO_PEOPLE.get((head, label))
    decision, why = ("human", stop) if stop else ("suggest", left) if left else _compare(answer, limit)
    return HeadPrediction(label, confidence, decision, limit.confidence, why, tuple(others))


def _compare(answer: HeadAnswer, limit: Threshold) -> tuple[Decision, str | None]:
    if limit.raw is None or limit.confidence is None:
        return "suggest", limit.reason
    if answer.raw >= limit.raw:
        return "auto", None
    confidence = answer.ranked[0][1]
    if confidence < limit.confidence:
        return "suggest", f"confidence {confidence:.4f} is below the threshold {limit.confidence:.4f}"
    return "suggest", f"confidence {confidence:.4f} is that of the threshold, but the score behind it is lower"
