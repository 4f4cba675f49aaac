"""What must be known before a report can be worked on: is it feedback, what does it lack, whose matter is it.

Gates inform and ask; nothing here rejects, closes or sends a report back. A person does.
"""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from model.elsewhere import Regions
from model.errors import DatasetError
from model.phrases import Cue, PhraseIndex
from model.places import Gazetteer
from model.prediction import Gates, Place
from model.senses import Reading
from model.taxonomy import Taxonomy
from model.tokens import find_forms, is_mask

NEEDS = ("lokasi", "masalah", "waktu")
NOT_FEEDBACK = "bukan-laporan"
# Kinds that tell of something to mend; the others need neither a place nor a time.
KINDS_THAT_NEED = frozenset({"pengaduan", "aspirasi"})
KINDS_THAT_TELL = frozenset({"pengaduan", "pengaduan-pengawasan", "aspirasi", "permintaan-informasi"})
# A picture without a word may still be a report, so the probability of a text without words, or of masked personal
# data alone, is small, not zero.
MOST_WITHOUT_WORDS = 0.05
LIKELIER_THAN_NOT = 0.5
# What broke in another regency or city is hardly ours, whatever agency would have the duty here.
MOST_ELSEWHERE = 0.1
QUESTIONS = {
    "masalah": "apa yang terjadi atau apa yang perlu dibantu",
    "lokasi": "di mana tepatnya (nama jalan, RT/RW, desa atau kelurahan, dan patokan terdekat)",
    "waktu": "sejak kapan (hari dan jam)",
}
_OUTAGE, _TIME = "putus-layanan", "waktu"
_CUES = (
    "jalan-bernama",
    "nomor-tempat",
    "patokan",
    "penanda",
    "bukan-nama",
    "sisipan-nama",
    _TIME,
    _OUTAGE,
    "basa-basi",
)
# "RT 3", "RT II", "blok C4".
_LONGEST_NUMBER = 2
_WHOLE_CITY = "kota"
_AT = frozenset({"di", "ke", "dari"})
NO_REGIONS = Regions()


@dataclass(frozen=True, slots=True)
class TopicNeeds:
    """What a complaint on a topic must name, where one of the words of the cue ``when`` stands in it (None: always)."""

    names: frozenset[str]
    when: str | None


@dataclass(frozen=True, slots=True)
class Chances:
    """Calibrated probabilities of every label of ``kind`` and ``agency``, and the label chosen as ``topic``."""

    kind: Mapping[str, float]
    agency: Mapping[str, float]
    topic: str | None


@dataclass(frozen=True, slots=True)
class GateWords:
    """The words that gates look for, by the name of their cue in ``cues.csv``: any phrase, or single words."""

    phrases: Mapping[str, PhraseIndex]
    single: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Gatekeeper:
    """Judges texts for one bundle.

    ``needs`` say what a complaint on a topic must name, ``external`` are the agencies outside the city, ``whole`` the
    codes of places too large to find anything in, ``whole_names`` the words of their names, ``regions`` the other
    regencies and cities.
    """

    needs: Mapping[str, TopicNeeds]
    external: frozenset[str]
    whole: frozenset[str]
    whole_names: frozenset[str]
    words: GateWords
    regions: Regions = field(default_factory=Regions)

    def judge(self, reading: Reading, places: Collection[Place], chances: Chances) -> Gates:
        """The gates of one text."""
        is_feedback = 1 - chances.kind.get(NOT_FEEDBACK, 0.0)
        if all(is_mask(form) for form in reading.forms):
            is_feedback = min(is_feedback, MOST_WITHOUT_WORDS)
        outside = {agency: share for agency, share in chances.agency.items() if agency in self.external}
        in_authority = min(max(1 - sum(outside.values()), 0.0), 1.0)
        authority = _likeliest(outside) if in_authority < LIKELIER_THAN_NOT else None
        if not places and self.regions.has_happened_elsewhere(reading):
            in_authority = min(in_authority, MOST_ELSEWHERE)
        lacking = self._find_missing(reading, places, chances)
        missing = tuple(need for need in NEEDS if need in lacking)
        return Gates(
            is_feedback=round(is_feedback, 4),
            missing=missing,
            ask=write_question(missing),
            in_authority=round(in_authority, 4),
            authority=authority,
        )

    def _find_missing(self, reading: Reading, places: Collection[Place], chances: Chances) -> frozenset[str]:
        kind = _likeliest(chances.kind)
        missing = set()
        if kind in KINDS_THAT_TELL and not self._tells(reading):
            missing.add("masalah")
        needs = self._find_needs(reading, chances.topic) if kind in KINDS_THAT_NEED else frozenset()
        if "lokasi" in needs and not self.has_place(reading, places):
            missing.add("lokasi")
        if "waktu" in needs and self._has(reading, _OUTAGE) and not self._has(reading, _TIME):
            missing.add("waktu")
        return frozenset(missing)

    def _find_needs(self, reading: Reading, topic: str | None) -> frozenset[str]:
        needs = self.needs.get(topic or "")
        if needs is None or (needs.when and not self._has(reading, needs.when)):
            return frozenset()
        return needs.names

    def has_place(self, reading: Reading, places: Collection[Place]) -> bool:
        """Whether the text says where: a place smaller than the city, a street or house number, or a landmark."""
        if any(place.code not in self.whole for place in places):
            return True
        filling = self.words.single["sisipan-nama"]
        named = [place for place, form in enumerate(reading.forms) if form not in filling]
        return any(self._points(reading, cue, following) for cue, following in pairwise(named))

    def _points(self, reading: Reading, cue: int, following: int) -> bool:
        """Whether two words that follow each other say where."""
        single, form, name = self.words.single, reading.forms[cue], reading.forms[following]
        if form in single["nomor-tempat"] and (name.isdigit() or len(name) <= _LONGEST_NUMBER):
            return True
        is_name = len(name) > _LONGEST_NUMBER and not (
            is_mask(name) or name in single["bukan-nama"] or name in self.whole_names
        )
        if form in single["jalan-bernama"]:
            return is_name or name.isdigit()
        if form in single["patokan"] and name in single["penanda"]:
            return True
        is_led_in = form in single["patokan"] or form in _AT
        return is_led_in and is_name and name not in single["penanda"] and reading.is_capitalised(following)

    def _tells(self, reading: Reading) -> bool:
        """Whether a word is left beside greetings, numbers and masked personal data."""
        polite = self.words.single["basa-basi"]
        return any(form not in polite and not form.isdigit() and not is_mask(form) for form in reading.forms)

    def _has(self, reading: Reading, cue: str) -> bool:
        return any(True for _ in self.words.phrases[cue].find(reading.forms))


def _likeliest(chances: Mapping[str, float]) -> str | None:
    return max(chances, key=lambda label: chances[label], default=None)


def write_question(missing: Iterable[str]) -> str | None:
    """One polite Indonesian question for all that is missing; None where nothing is."""
    asked = [QUESTIONS[need] for need in missing]
    if not asked:
        return None
    return f"Terima kasih atas laporannya. Agar dapat ditindaklanjuti, mohon beri tahu kami {', dan '.join(asked)}."


def make_gatekeeper(
    needs: Mapping[str, TopicNeeds],
    named: Mapping[str, Cue],
    taxonomy: Taxonomy,
    gazetteer: Gazetteer,
    regions: Regions = NO_REGIONS,
) -> Gatekeeper:
    """The gatekeeper of a bundle; without ``regions`` the city is the only one it knows.

    Raises
    ------
    DatasetError
        A cue that gates look for is missing.
    """
    agencies = taxonomy.heads["agency"]
    whole = [entry for entry in gazetteer.entries.values() if entry.kind == _WHOLE_CITY]
    names = " ".join(name for entry in whole for name in (entry.name, *entry.variants))
    return Gatekeeper(
        needs=needs,
        external=frozenset(slug for slug, label in agencies.items() if label.details["scope"] == "external"),
        whole=frozenset(entry.code for entry in whole),
        whole_names=frozenset(find_forms(names)),
        words=_make_words(named, [need.when for need in needs.values() if need.when]),
        regions=regions,
    )


def _make_words(named: Mapping[str, Cue], conditions: Iterable[str]) -> GateWords:
    missing = sorted({*_CUES, *conditions} - named.keys())
    if missing:
        raise DatasetError(f"cues.csv: the cue {', '.join(missing)} is missing; gates look for it.")
    phrases = {name: PhraseIndex() for name in {_TIME, _OUTAGE, *conditions}}
    for name, index in phrases.items():
        for phrase in sorted(named[name]):
            index.add(phrase, 0)
    single = {name: frozenset(phrase[0] for phrase in named[name] if len(phrase) == 1) for name in _CUES}
    return GateWords(phrases, single)


def parse_needs(content: str, name: str) -> dict[str, TopicNeeds]:
    """Read the content of ``completeness.csv``; ``name`` is for messages.

    Raises
    ------
    DatasetError
        A column is missing, or a need is none of ``NEEDS``.
    """
    reader = csv.DictReader(content.splitlines())
    missing = [column for column in ("topic", "needs", "when") if column not in (reader.fieldnames or ())]
    if missing:
        raise DatasetError(f"{name}: column {', '.join(missing)} is missing from the header.")
    needs = {row["topic"]: TopicNeeds(frozenset(row["needs"].split(";")), row["when"] or None) for row in reader}
    unknown = sorted({named for need in needs.values() for named in need.names} - frozenset(NEEDS))
    if unknown:
        raise DatasetError(f"{name}: {', '.join(unknown)} is none of {', '.join(NEEDS)}.")
    return needs
