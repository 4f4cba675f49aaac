"""Reads a stored prediction back into the object that the classifier gave, so that pages show both in one way."""

from model.prediction import (
    About,
    Alarm,
    Evidence,
    FurtherNeed,
    Gates,
    HeadPrediction,
    Place,
    Prediction,
    RuleHit,
    Span,
)
from service import answers


def read_prediction(stored: answers.Prediction) -> Prediction:
    """The prediction as the classifier gave it."""
    return Prediction(
        bundle=stored.bundle,
        taxonomy=stored.taxonomy,
        text=stored.text,
        heads={name: _read_head(head) for name, head in stored.heads.items()},
        places=tuple(Place(one.code, one.name, _read_span(one.span), one.ambiguous) for one in stored.places),
        language=stored.language,
        explanation={
            head: tuple(Evidence(_read_span(one.span), one.text, one.weight) for one in stretches)
            for head, stretches in stored.explanation.items()
        },
        cut_chars=stored.cut_chars,
        unknown=stored.unknown,
        also=tuple(FurtherNeed(one.agency, one.confidence, _read_span(one.span)) for one in stored.also),
        about=_read_about(stored.about),
        gates=_read_gates(stored.gates),
        rules=tuple(RuleHit(one.name, one.effect, _read_span(one.span)) for one in stored.rules),
        alarms=tuple(
            Alarm(one.label, one.level, one.cause, one.confidence, one.threshold, one.rule) for one in stored.alarms
        ),
    )


def _read_head(head: answers.Head) -> HeadPrediction:
    alternatives = tuple((str(label), float(confidence)) for label, confidence in head.alternatives)
    return HeadPrediction(head.label, head.confidence, head.decision, head.threshold, head.why, alternatives)


def _read_about(about: answers.About | None) -> About | None:
    if about is None:
        return None
    return About(about.unit, _read_span(about.span) if about.span is not None else None)


def _read_gates(gates: answers.Gates | None) -> Gates | None:
    if gates is None:
        return None
    complete, authority = gates.is_complete, gates.in_authority
    return Gates(gates.is_feedback, tuple(complete.missing), complete.ask, authority.confidence, authority.agency)


def _read_span(span: list[int]) -> Span:
    return span[0], span[1]
