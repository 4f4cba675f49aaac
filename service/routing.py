"""Where a report goes at first: agency, office, how that came about, and who must not see it.

The classifier advises; here its answer becomes a route. Knows no store.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from model.decisions import find_levels
from model.offices import LOCAL_OFFICES, resolve_office
from model.places import Gazetteer
from model.prediction import AlarmLevel, Decision, Prediction
from service.visibility import ADMIN, OVERSIGHT

ACCUSATION = "pengaduan-pengawasan"
EMERGENCY = "darurat"
INSPECTORATE = "inspektorat"
# Texts name the inspectorate mostly to ask it for help; named behind such a word, its own people are meant.
_OF_THE_INSPECTORATE = re.compile(
    r"\b(?:oknum|pegawai|auditor|staff?|pejabat|orang|urang|asn|pns|anggota)\s+(?:(?:di|dari|kantor|nan)\s+){0,2}"
    r"inspektorat\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a report goes: ``decision`` says whether it went there by itself (``auto``) or a person must look first.

    ``unit`` is the code of the village or district office. ``alarm`` is ``urgent`` or ``watch`` for a possible
    emergency, ``confidence`` the probability that the agency is right. ``restriction`` says who alone may see it.
    """

    agency: str | None
    unit: str | None
    decision: Decision
    confidence: float | None
    alarm: AlarmLevel | None
    restriction: Literal["oversight", "admin"] | None


@dataclass(frozen=True, slots=True)
class Router:
    """Routes predictions: which owners lie outside the city, and which office does the triage."""

    gazetteer: Gazetteer
    external: Collection[str]
    triage_office: str

    def route(self, prediction: Prediction, about: str | None = None) -> Route:
        """The route of a report; ``about`` is the unit its sender named, if any."""
        agency = prediction.heads.get("agency")
        restriction = self._restrict(prediction, about)
        label = agency.label if agency else None
        confidence = agency.confidence if agency else None
        unit = resolve_office(prediction.places, self.gazetteer) if label == LOCAL_OFFICES else None
        decision: Decision = agency.decision if agency else "human"
        if restriction or (label == LOCAL_OFFICES and unit is None):
            decision = "human"
        elif decision == "auto" and label in self.external:
            # Nothing leaves the city without a person.
            decision = "suggest"
        return Route(label, unit, decision, confidence, find_alarm(prediction), restriction)

    def _restrict(self, prediction: Prediction, about: str | None) -> Literal["oversight", "admin"] | None:
        return self.shut_away(prediction, about) if may_accuse(prediction) else None

    def shut_away(self, prediction: Prediction, about: str | None = None) -> Literal["oversight", "admin"]:
        """Who alone may see an accusation: not the office it may be against."""
        accused = {about, prediction.about.unit if prediction.about else None}
        if _OF_THE_INSPECTORATE.search(prediction.text):
            accused.add(INSPECTORATE)
        return ADMIN if accused & {INSPECTORATE, self.triage_office} else OVERSIGHT


def may_accuse(prediction: Prediction) -> bool:
    """Whether a report is an accusation against an official or may be one; without a head of kinds it may.

    What must be told at once is not shut away for a mere possibility: somebody may be in danger.
    """
    kind = prediction.heads.get("kind")
    if kind is None or kind.label == ACCUSATION:
        return True
    level = find_levels(prediction.alarms).get(ACCUSATION)
    return level == "urgent" or (level == "watch" and find_alarm(prediction) != "urgent")


def find_alarm(prediction: Prediction) -> AlarmLevel | None:
    """Whether a report is an emergency that must be told at once, or may be one that a person looks at first."""
    return find_levels(prediction.alarms).get(EMERGENCY)
