"""Tags rows some hundreds at once, here or wherever the bundle is at hand; each row gets its tags or a reason.

What goes in and comes out is plain, so that it travels to another machine as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from model.classifier import Classifier, ReadText
from model.errors import TextError
from model.many import ManyClassifier
from model.prediction import Prediction
from training.writers import Record

_FINDINGS = ("alarms", "watch", "rules", "also", "about", "missing")


@dataclass(frozen=True, slots=True)
class Reject:
    """Why a row cannot be tagged, and the cell that is to blame (``column`` empty: the whole row)."""

    number: int
    row_id: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be tagged: its number in the file, its id, its title and text in one."""

    number: int
    row_id: str
    text: str


@dataclass(slots=True)
class Tagger:
    """Tags rows with one bundle; a third of the time that each alone takes. Not for many threads."""

    classifier: Classifier
    names: list[str] = field(init=False)
    _many: ManyClassifier = field(init=False)

    def __post_init__(self) -> None:
        """Prepare what many texts need."""
        self.names = list_names(self.classifier)
        self._many = ManyClassifier(self.classifier)

    def tag(self, rows: Sequence[Row | Reject]) -> list[Record | Reject]:
        """The tags of each row in its place; a reject stays, and a text that is none becomes one."""
        read = [row if isinstance(row, Reject) else self._read(row) for row in rows]
        predictions = iter(self._many.classify([one[1] for one in read if isinstance(one, tuple)]))
        return [one if isinstance(one, Reject) else self._describe(one[0], next(predictions)) for one in read]

    def _read(self, row: Row) -> tuple[str, ReadText] | Reject:
        try:
            return row.row_id, self.classifier.read(row.text)
        except TextError as error:
            return Reject(row.number, row.row_id, "text", row.text, str(error))

    def _describe(self, row_id: str, prediction: Prediction) -> Record:
        return dict(zip(self.names, [row_id, *_flatten(prediction)], strict=True))


def list_names(classifier: Classifier) -> list[str]:
    """The columns of tags."""
    heads = [head.name for head in classifier.heads]
    return ["id", *(f"{head}{suffix}" for head in heads for suffix in ("", "_confidence", "_decision")), *_FINDINGS]


def _flatten(prediction: Prediction) -> Iterator[str | float]:
    for answer in prediction.heads.values():
        yield answer.label
        yield answer.confidence
        yield answer.decision
    urgent = dict.fromkeys(alarm.label for alarm in prediction.alarms if alarm.level == "urgent")
    yield ";".join(urgent)
    yield ";".join(dict.fromkeys(alarm.label for alarm in prediction.alarms if alarm.label not in urgent))
    yield ";".join(hit.name for hit in prediction.rules)
    yield ";".join(need.agency for need in prediction.also)
    yield prediction.about.unit if prediction.about else ""
    yield ";".join(prediction.gates.missing) if prediction.gates else ""
