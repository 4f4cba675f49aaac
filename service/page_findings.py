"""What the page says of a prediction beside its heads: what to ask, further needs, the unit complained of, rules.

Only findings that are there; words and order are for a clerk, numbers stay in the interface.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from model.classifier import Classifier
from model.decisions import find_levels
from model.prediction import Alarm, AlarmLevel, Prediction
from service.page_words import Language, translate, write_share

EMERGENCY_LABEL = "darurat"
ACCUSATION_LABEL = "pengaduan-pengawasan"
# An urgent emergency is told at the top of the page, with the numbers to call.
_NOTES: Mapping[tuple[str, AlarmLevel], str] = {
    (EMERGENCY_LABEL, "watch"): "emergency_note",
    (ACCUSATION_LABEL, "urgent"): "accusation_note",
    (ACCUSATION_LABEL, "watch"): "accusation_watch_note",
}


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding: what it is, and its lines."""

    title: str
    lines: tuple[str, ...]


def show_findings(prediction: Prediction, classifier: Classifier, language: Language) -> tuple[FindingView, ...]:
    """The findings in the order in which a clerk needs them."""
    listed = {
        "attention": (translate(note, language) for note in _list_notes(prediction.alarms)),
        "ask": _list_questions(prediction),
        "outside": _list_authority(prediction, classifier),
        "also": (
            f"{classifier.name_label('agency', need.agency)} ({write_share(need.confidence, language)})"
            for need in prediction.also
        ),
        "about": _list_units(prediction, classifier),
        # A rule never changes a label, however much its demand sounds like one.
        "rules": (
            f"{hit.name}: “{prediction.text[slice(*hit.span)]}” → {translate(hit.effect, language)}"
            for hit in prediction.rules
        ),
    }
    found = ((title, tuple(lines)) for title, lines in listed.items())
    return tuple(FindingView(translate(f"found_{title}", language), lines) for title, lines in found if lines)


def _list_notes(alarms: Sequence[Alarm]) -> Iterator[str]:
    levels = find_levels(alarms)
    return (note for alarm, note in _NOTES.items() if alarm in levels.items())


def _list_questions(prediction: Prediction) -> Iterator[str]:
    if prediction.gates is not None and prediction.gates.ask:
        yield prediction.gates.ask


def _list_authority(prediction: Prediction, classifier: Classifier) -> Iterator[str]:
    if prediction.gates is not None and prediction.gates.authority:
        yield classifier.name_label("agency", prediction.gates.authority)


def _list_units(prediction: Prediction, classifier: Classifier) -> Iterator[str]:
    if prediction.about is not None:
        place = classifier.gazetteer.entries.get(prediction.about.unit)
        yield place.name if place else classifier.name_label("agency", prediction.about.unit)
