"""What the page says of a prediction beside its heads: what to ask, further needs, the unit complained of, rules.

Only findings that are there; words and order are for a clerk, numbers stay in the interface.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from model.classifier import Classifier
from model.prediction import Prediction
from service.page_words import Language, translate, write_share

ACCUSATION_LABEL = "pengaduan-pengawasan"


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding: what it is, and its lines."""

    title: str
    lines: tuple[str, ...]


def show_findings(prediction: Prediction, classifier: Classifier, language: Language) -> tuple[FindingView, ...]:
    """The findings in the order in which a clerk needs them."""
    listed = {
        "accusation": _list_accusation(prediction, language),
        "ask": _list_questions(prediction),
        "outside": _list_authority(prediction, classifier),
        "also": (
            f"{classifier.name_label('agency', need.agency)} ({write_share(need.confidence, language)})"
            for need in prediction.also
        ),
        "about": _list_units(prediction, classifier),
        "rules": (f"{hit.name}: “{prediction.text[slice(*hit.span)]}”" for hit in prediction.rules),
    }
    found = ((title, tuple(lines)) for title, lines in listed.items())
    return tuple(FindingView(translate(f"found_{title}", language), lines) for title, lines in found if lines)


def _list_accusation(prediction: Prediction, language: Language) -> Iterator[str]:
    if any(alarm.label == ACCUSATION_LABEL for alarm in prediction.alarms):
        yield translate("accusation_note", language)


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
