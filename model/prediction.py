"""What a prediction is: the one object that Python, the command line and HTTP hand out.

Only types and their JSON form; nothing here computes.
"""

from dataclasses import dataclass, field
from typing import Literal

Decision = Literal["auto", "suggest", "human"]
AlarmLevel = Literal["urgent", "watch"]
JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
Span = tuple[int, int]
# What a rule may demand, as it stands under `effect` of its hits.
EFFECT_DARURAT = "urgency at least darurat"
EFFECT_TINGGI = "urgency at least tinggi"
EFFECT_ACCUSATION = "a person decides: accusation"


@dataclass(frozen=True, slots=True)
class HeadPrediction:
    """The answer of one head.

    ``confidence`` is the calibrated probability in [0, 1] that ``label`` is right; ``alternatives`` are the next
    labels with theirs, most likely first. ``threshold`` is the confidence from which the head decides alone, None
    where none was found; ``why`` says why the decision is not ``auto``, and is None when it is.
    """

    label: str
    confidence: float
    decision: Decision
    threshold: float | None
    why: str | None
    alternatives: tuple[tuple[str, float], ...]

    def to_json(self) -> dict[str, JsonValue]:
        """The head as it stands in the JSON of a prediction."""
        return {
            "label": self.label,
            "confidence": self.confidence,
            "decision": self.decision,
            "threshold": self.threshold,
            "why": self.why,
            "alternatives": [[label, confidence] for label, confidence in self.alternatives],
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of the masked text and how much it speaks for the label that was chosen.

    ``weight`` is the fall of the score margin when the stretch is taken out of the text; negative speaks against.
    """

    span: Span
    text: str
    weight: float

    def to_json(self) -> dict[str, JsonValue]:
        """The stretch as it stands in the JSON of a prediction."""
        return {"span": list(self.span), "text": self.text, "weight": self.weight}


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer named in the text; ``ambiguous`` when the word may mean something else here."""

    code: str
    name: str
    span: Span
    ambiguous: bool

    def to_json(self) -> dict[str, JsonValue]:
        """The place as it stands in the JSON of a prediction."""
        return {"code": self.code, "name": self.name, "span": list(self.span), "ambiguous": self.ambiguous}


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A written rule that holds for the text: its name, what it does in words, and the words that set it off.

    A rule raises an urgency or asks for a person; it never changes a probability.
    """

    name: str
    effect: str
    span: Span

    def to_json(self) -> dict[str, JsonValue]:
        """The rule as it stands in the JSON of a prediction."""
        return {"name": self.name, "effect": self.effect, "span": list(self.span)}


@dataclass(frozen=True, slots=True)
class Alarm:
    """A label that must not be missed and may be right here: ``darurat`` or ``pengaduan-pengawasan``.

    ``level`` says how loudly: ``urgent`` is sure enough to wake somebody, ``watch`` asks that a person looks at it
    before others. ``cause`` says what raised it: the label itself was chosen, its ``confidence`` reached the recall
    ``threshold`` of the bundle, or a rule holds (named in ``rule``).
    """

    label: str
    level: AlarmLevel
    cause: Literal["label", "threshold", "rule"]
    confidence: float
    threshold: float | None
    rule: str | None

    def to_json(self) -> dict[str, JsonValue]:
        """The alarm as it stands in the JSON of a prediction."""
        return {
            "label": self.label,
            "level": self.level,
            "cause": self.cause,
            "confidence": self.confidence,
            "threshold": self.threshold,
            "rule": self.rule,
        }


@dataclass(frozen=True, slots=True)
class FurtherNeed:
    """A need of another agency in the same report: calibrated confidence in [0, 1], and the clause that tells it."""

    agency: str
    confidence: float
    span: Span

    def to_json(self) -> dict[str, JsonValue]:
        """The need as it stands under ``also`` in the JSON of a prediction."""
        return {"agency": self.agency, "confidence": self.confidence, "span": list(self.span)}


@dataclass(frozen=True, slots=True)
class About:
    """The unit complained of: an agency slug or a code of a place, and where the text names it."""

    unit: str
    span: Span | None

    def to_json(self) -> dict[str, JsonValue]:
        """The unit as it stands in the JSON of a prediction."""
        return {"unit": self.unit, "span": list(self.span) if self.span else None}


@dataclass(frozen=True, slots=True)
class Gates:
    """What must be known before a report can be worked on.

    ``is_feedback`` is the probability in [0, 1] that the text is a report at all. ``missing`` names what a report of
    its kind needs and lacks (``lokasi``, ``masalah``, ``waktu``), ``ask`` the question to send back in Indonesian,
    None where nothing is missing. ``in_authority`` is the probability that the matter is the city's own; it is low too
    where a text tells that it happened in another regency or city. ``authority`` is the likeliest agency outside, None
    where none is likelier than the city's own. Nothing here decides: a person does.
    """

    is_feedback: float
    missing: tuple[str, ...]
    ask: str | None
    in_authority: float
    authority: str | None

    def to_json(self) -> dict[str, JsonValue]:
        """The gates as they stand in the JSON of a prediction."""
        return {
            "is_feedback": self.is_feedback,
            "is_complete": {"missing": list(self.missing), "ask": self.ask},
            "in_authority": {"confidence": self.in_authority, "agency": self.authority},
        }


@dataclass(frozen=True, slots=True)
class Prediction:
    """Everything Pilah says about one text; spans are code-point offsets into ``text``, the masked text.

    ``unknown`` is the share of its words in [0, 1] that the bundle does not hold; 0 where there is no word.
    """

    bundle: str
    taxonomy: str
    text: str
    heads: dict[str, HeadPrediction]
    places: tuple[Place, ...] = ()
    language: dict[str, float] = field(default_factory=dict)
    explanation: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    cut_chars: int = 0
    also: tuple[FurtherNeed, ...] = ()
    about: About | None = None
    gates: Gates | None = None
    rules: tuple[RuleHit, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    unknown: float = 0.0

    def to_json(self) -> dict[str, JsonValue]:
        """The contract of the HTTP interface and the command line (``json.dumps`` takes it as it is)."""
        return {
            "bundle": self.bundle,
            "taxonomy": self.taxonomy,
            "text": self.text,
            "cut_chars": self.cut_chars,
            "heads": {head: prediction.to_json() for head, prediction in self.heads.items()},
            "also": [need.to_json() for need in self.also],
            "about": self.about.to_json() if self.about else None,
            "gates": self.gates.to_json() if self.gates else None,
            "places": [place.to_json() for place in self.places],
            "language": dict(self.language),
            "unknown": self.unknown,
            "rules": [hit.to_json() for hit in self.rules],
            "alarms": [alarm.to_json() for alarm in self.alarms],
            "explanation": {
                head: [stretch.to_json() for stretch in stretches] for head, stretches in self.explanation.items()
            },
        }
