"""What a prediction is: the one object that Python, the command line and HTTP hand out.

Only types and their JSON form; nothing here computes.
"""

from dataclasses import dataclass, field
from typing import Literal

Decision = Literal["auto", "suggest", "human"]
JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
Span = tuple[int, int]


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
class Prediction:
    """Everything Pilah says about one text; spans are code-point offsets into ``text``, the masked text."""

    bundle: str
    taxonomy: str
    text: str
    heads: dict[str, HeadPrediction]
    places: tuple[Place, ...] = ()
    language: dict[str, float] = field(default_factory=dict)
    explanation: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    cut_chars: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """The contract of the HTTP interface and the command line (``json.dumps`` takes it as it is)."""
        return {
            "bundle": self.bundle,
            "taxonomy": self.taxonomy,
            "text": self.text,
            "cut_chars": self.cut_chars,
            "heads": {head: prediction.to_json() for head, prediction in self.heads.items()},
            "places": [place.to_json() for place in self.places],
            "language": dict(self.language),
            "explanation": {
                head: [stretch.to_json() for stretch in stretches] for head, stretches in self.explanation.items()
            },
        }
