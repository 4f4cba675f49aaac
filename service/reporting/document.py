"""What a report says before it has a form: pages of sentences, pictures and tables.

Every number of a sentence is a `Figure` that knows its definition and the address that gives the same number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from service.charts import Picture, Words
from service.reporting.wording import SENTENCES

Form = Literal["count", "share", "days", "number", "signed", "signed_share", "date", "text"]
Cell = str | float | date | None

NONE: Final = "–"
_MINUS: Final = "−"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number: how it is defined, where the interface gives it, over how many reports, and its 95 % interval.

    ``value`` is None where there are too few reports to tell, or where it is withheld.
    """

    name: str
    value: float | None
    form: Form
    definition: str
    query: str
    n: int | None = None
    low: float | None = None
    high: float | None = None
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement and the figures in it; ``key`` names its wording."""

    key: str
    text: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    form: Form = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the definition of its figures and the address that gives them."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    definition: str = ""
    query: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A number to be seen first, with the sentence that says it."""

    figure: Figure
    written: str
    label: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what it is about, what it says, and what it shows."""

    name: str
    title: str
    subtitle: str = ""
    tiles: tuple[Tile, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    paragraphs: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. ``fixed_on`` is the day that stands for the time of its making in files."""

    title: str
    month: date
    fixed_on: date
    words: Words
    banner: str
    footer: str
    pages: tuple[Page, ...]
    is_public: bool = False


def tell(words: Words, key: str, figures: Mapping[str, Figure] | None = None, /, **plain: str) -> Sentence:
    """The sentence of `service.reporting.wording` with its figures and plain words in place."""
    given = dict(figures or {})
    indonesian, english = SENTENCES[key]
    written = {
        name: write(figure.value, figure.form, words, is_withheld=figure.is_withheld) for name, figure in given.items()
    }
    ranges = {f"{name}_range": write_range(figure, words) for name, figure in given.items()}
    text = (indonesian if words.language == "id" else english).format(**written, **ranges, **plain)
    return Sentence(key, text, tuple(given.values()))


def write_cell(cell: Cell, form: Form, words: Words) -> str:
    """A cell of a table: a dash where there are too few reports."""
    return NONE if cell is None else write(cell, form, words)


def write(value: Cell, form: Form, words: Words, *, is_withheld: bool = False) -> str:
    """A value as people read it; too few reports and what is withheld are said in words."""
    if is_withheld:
        return words.say("suppressed")
    if value is None:
        return words.say("not_enough")
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return words.short_day(value)
    return _write_number(value, form, words)


def write_range(figure: Figure, words: Words) -> str:
    """The 95 % interval of a figure, such as ``62–71 %``; nothing where there is none."""
    if figure.low is None or figure.high is None or figure.value is None or figure.is_withheld:
        return ""
    low, high = (_write_number(end, figure.form, words) for end in (figure.low, figure.high))
    return f"{low} {words.say('to')} {high}" if figure.form.startswith("signed") else f"{low}–{high}"


def _write_number(value: float, form: Form, words: Words) -> str:
    sign = _MINUS if value < 0 else "+" if form.startswith("signed") and value > 0 else ""
    if form == "share":
        return words.percent(value)
    if form == "signed_share":
        return sign + words.say("points", n=words.number(abs(value) * 100))
    whole = form in {"count", "days", "signed"} and float(value).is_integer()
    return sign + words.number(abs(value), 0 if whole or form == "count" else 1)
