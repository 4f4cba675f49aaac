"""Names, sentences, numbers and dates of charts and reports, in Indonesian or English.

Labels come from the taxonomy; English names from ``datasets/lexicons/english.csv``, and where it has none, the
taxonomy's own name stands. Units keep their Indonesian names, which are names.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Final, Literal

from model.prediction import JsonValue
from model.shipped import datasets_folder, taxonomy_in_force
from model.taxonomy import Taxonomy
from service.charts.sayings import SAYINGS

Language = Literal["id", "en"]

NO_BREAK_SPACE: Final = "\u00a0"
_MONTHS: Final[Mapping[Language, tuple[str, ...]]] = {
    "id": tuple("Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()),
    "en": tuple("January February March April May June July August September October November December".split()),
}
_SHORT_MONTHS: Final[Mapping[Language, tuple[str, ...]]] = {
    "id": tuple("Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des".split()),
    "en": tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()),
}
_DAYS: Final[Mapping[Language, tuple[str, ...]]] = {
    "id": tuple("Minggu Senin Selasa Rabu Kamis Jumat Sabtu".split()),
    "en": tuple("Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()),
}
_N_SHORT: Final = 3


@dataclass(frozen=True, slots=True)
class Words:
    """One language: what things are called and how numbers and dates are written."""

    language: Language
    taxonomy: Taxonomy
    english: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def label(self, head: str, slug: str) -> str:
        """The name of a label; what nobody knows keeps its slug.

        ``about`` is a unit or the office of a place, ``district`` a place: by code, such as ``13.73.01``.
        """
        if head in {"about", "district"} and (place := _read_places().get(slug)):
            return place
        head = "agency" if head == "about" else head
        if self.language == "en" and (name := self.english.get((head, slug))):
            return name
        return self.taxonomy.name(head, slug)

    def order(self, head: str, slug: str) -> tuple[int, str]:
        """Where a label stands in the taxonomy, the unknown after the known: the only order units are put in.

        Of what is no head of the taxonomy, all stand alike, and so as they were given.
        """
        head = "agency" if head == "about" else head
        if head not in self.taxonomy.heads:
            return (0, "")
        slugs = self.taxonomy.slugs(head)
        return (slugs.index(slug), slug) if slug in slugs else (len(slugs), slug)

    def say(self, key: str, /, **values: object) -> str:
        """A saying of `service.charts.sayings` with its values in place."""
        indonesian, english = SAYINGS[key]
        return (indonesian if self.language == "id" else english).format(**values)

    def number(self, value: float, n_digits: int = 0) -> str:
        """``1234.5`` as ``1.234,5`` or ``1,234.5``."""
        written = f"{value:,.{n_digits}f}"
        return written if self.language == "en" else written.translate(str.maketrans(",.", ".,"))

    def percent(self, share: float, n_digits: int = 0) -> str:
        """``0.123`` as ``12 %`` or ``12%``."""
        return f"{self.number(share * 100, n_digits)}{'' if self.language == 'en' else NO_BREAK_SPACE}%"

    def day(self, day: date) -> str:
        """``3 Maret 2026``."""
        return f"{day.day}{NO_BREAK_SPACE}{self.month(day)}"

    def month(self, day: date) -> str:
        """``Maret 2026``."""
        return f"{_MONTHS[self.language][day.month - 1]}{NO_BREAK_SPACE}{day.year}"

    def short_day(self, day: date) -> str:
        """``3 Mar 2026``."""
        return f"{day.day} {_SHORT_MONTHS[self.language][day.month - 1]} {day.year}".replace(" ", NO_BREAK_SPACE)

    def weekdays(self) -> tuple[str, ...]:
        """Short names of the days, from Monday."""
        days = [name[:_N_SHORT] for name in _DAYS[self.language]]
        return (*days[1:], days[0])

    def locale(self) -> dict[str, JsonValue]:
        """How vega writes numbers and dates: the part ``locale`` of its configuration."""
        if self.language == "en":
            number: dict[str, JsonValue] = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["Rp", ""]}
        else:
            number = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["Rp", ""], "percent": " %"}
        days, months = _DAYS[self.language], _MONTHS[self.language]
        time: dict[str, JsonValue] = {
            "dateTime": "%A, %-d %B %Y %H.%M.%S" if self.language == "id" else "%A, %-d %B %Y %H:%M:%S",
            "date": "%-d/%-m/%Y",
            "time": "%H.%M.%S" if self.language == "id" else "%H:%M:%S",
            "periods": ["AM", "PM"],
            "days": list(days),
            "shortDays": [name[:_N_SHORT] for name in days],
            "months": list(months),
            "shortMonths": list(_SHORT_MONTHS[self.language]),
        }
        return {"number": number, "time": time}


def words_in(language: Language, taxonomy: Taxonomy | None = None) -> Words:
    """The words of a language for a taxonomy, the shipped one where none is given."""
    return Words(language, taxonomy or _shipped_taxonomy(), _read_english())


@cache
def _shipped_taxonomy() -> Taxonomy:
    return taxonomy_in_force()


@cache
def _read_english() -> Mapping[tuple[str, str], str]:
    path = datasets_folder() / "lexicons" / "english.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["head"], row["slug"]): row["name"] for row in csv.DictReader(file)}


@cache
def _read_places() -> Mapping[str, str]:
    """Names of places by code."""
    path = datasets_folder() / "lexicons" / "places.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
