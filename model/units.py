"""Finds the units of government that a text names, and the one it complains of: a unit or office, never a person.

Names come from ``units.csv``. Who is accused is judged from the names and from the scores of the agencies; who is
asked to look into it is not accused.
"""

import csv
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from model.errors import DatasetError
from model.offices import LOCAL_OFFICES, resolve_district, resolve_office
from model.places import Gazetteer
from model.prediction import About, Place, Span
from model.table import Floats
from model.tokens import Tokens, find_forms

ACCUSATION = "pengaduan-pengawasan"
COMPLAINT = "pengaduan"
INSPECTORATE = "inspektorat"
_EVERYDAY_NOTE = "kata umum"
_COLUMNS = ("agency", "form", "note")
# What a name adds to the score of its agency; chosen on the corpus (bench/needs.py).
_NAMED, _NAMED_BY_EVERYDAY_WORD = 1.0, 0.5
# A place fewer tokens than these behind the name of a village or district office is that of the office.
_NEAR_OFFICE = 3
_DISTRICT_WORDS = frozenset("camat camaik kacamatan kec kecamatan sekcam".split())


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of an agency at the tokens ``start`` to ``stop - 1``; ``is_everyday`` where it is also a common word."""

    agency: str
    start: int
    stop: int
    is_everyday: bool


class UnitNames:
    """Looks the names of units up by their token sequences, longest first."""

    def __init__(self, names: Iterable[tuple[str, str, bool]]) -> None:
        self._units = {tuple(find_forms(form)): (agency, is_everyday) for agency, form, is_everyday in names}
        lengths: dict[str, set[int]] = {}
        for forms in self._units:
            lengths.setdefault(forms[0], set()).add(len(forms))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def find(self, forms: Sequence[str]) -> tuple[Mention, ...]:
        """Mentions in reading order, without overlaps."""
        found: list[Mention] = []
        stop = 0
        for start, form in enumerate(forms):
            # Most words begin no name.
            if start >= stop and form in self._lengths and (mention := self._match(forms, start)):
                found.append(mention)
                stop = mention.stop
        return tuple(found)

    def _match(self, forms: Sequence[str], start: int) -> Mention | None:
        for length in self._lengths[forms[start]]:
            words = tuple(forms[start : start + length])
            if len(words) == length and words in self._units:
                agency, is_everyday = self._units[words]
                return Mention(agency, start, start + length, is_everyday)
        return None


def parse_units(content: str, name: str) -> UnitNames:
    """Read the content of ``units.csv``; ``name`` is for messages.

    Raises
    ------
    DatasetError
        A column is missing.
    """
    reader = csv.DictReader(content.splitlines())
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise DatasetError(f"{name}: column {', '.join(missing)} is missing from the header.")
    return UnitNames((row["agency"], row["form"], _EVERYDAY_NOTE in row["note"]) for row in reader)


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names: its tokens, the units among them, and the places."""

    tokens: Tokens
    mentions: tuple[Mention, ...]
    places: tuple[Place, ...]


class UnitFinder:
    """Finds the unit complained of, for a bundle with these agencies (in the order of their scores)."""

    def __init__(self, agencies: Sequence[str], gazetteer: Gazetteer) -> None:
        self._column_of = {agency: column for column, agency in enumerate(agencies)}
        self._agencies = tuple(agencies)
        self._gazetteer = gazetteer

    def find(self, named: Named, scores: Floats, kind: str) -> About | None:
        """The unit that a text complains of, where it is not simply the agency that must act.

        An accusation is always against somebody. Another complaint is about a village or district office when such
        an office must act and the text says which. Other units named in a complaint are mostly asked to help: counted
        on the corpus, a unit named beside words of misconduct was not once the one complained of.

        Parameters
        ----------
        scores
            Scores (K,) of the agencies for the whole text.
        kind
            The label of the head ``kind``.
        """
        if kind == ACCUSATION and self._column_of.keys() - {INSPECTORATE}:
            return self._find_accused(named, scores)
        if kind == COMPLAINT and self._agencies[int(scores.argmax())] == LOCAL_OFFICES:
            office = self._find_office(named)
            return None if office is None else About(office, _find_span(named, LOCAL_OFFICES))
        return None

    def _find_accused(self, named: Named, scores: Floats) -> About:
        weights = scores.astype(np.float64)
        if INSPECTORATE in self._column_of:
            weights[self._column_of[INSPECTORATE]] = -np.inf
        for agency, is_everyday in {mention.agency: mention.is_everyday for mention in named.mentions}.items():
            if agency in self._column_of:
                weights[self._column_of[agency]] += _NAMED_BY_EVERYDAY_WORD if is_everyday else _NAMED
        unit = self._agencies[int(weights.argmax())]
        span = _find_span(named, unit)
        office = self._find_office(named) if unit == LOCAL_OFFICES else None
        return About(office or unit, span)

    def _find_office(self, named: Named) -> str | None:
        """The office by its place: the district's where the text names the district office, else the village's.

        A place behind the name of an office goes before all others, such as where the reporter lives.
        """
        mentions = [mention for mention in named.mentions if mention.agency == LOCAL_OFFICES]
        words = {form for mention in mentions for form in named.tokens.forms[mention.start : mention.stop]}
        resolve = resolve_district if words & _DISTRICT_WORDS else resolve_office
        near = [place for place in named.places if _is_near(place, mentions, named.tokens)]
        return resolve(near, self._gazetteer) or resolve(named.places, self._gazetteer)


def _is_near(place: Place, mentions: Sequence[Mention], tokens: Tokens) -> bool:
    """Whether a place stands right behind a name of an office, or in it: "lurah Durian", "kantor desa Salak"."""
    start = bisect_left(tokens.starts, place.span[0])
    return any(mention.start <= start < mention.stop + _NEAR_OFFICE for mention in mentions)


def _find_span(named: Named, agency: str) -> Span | None:
    """Where the text names the agency first, everyday words last."""
    mentions = [mention for mention in named.mentions if mention.agency == agency]
    if not mentions:
        return None
    first = min(mentions, key=lambda mention: (mention.is_everyday, mention.start))
    return named.tokens.starts[first.start], named.tokens.ends[first.stop - 1]
