"""Asks of a city what pages ask of the store: the very questions of `service.statistics`, with dates that default."""

from collections.abc import Sequence
from datetime import date

from service import statistics
from service.charts.words import Language
from service.pages.effects import say_effect as say
from service.pages.wording import words_of
from service.statistics import EffectAnswer, Emerging, Groups, Measure, Period, Question, TrendQuestion, Trends, Units
from service.statistics.series import Grain
from service.statistics.ways import Ways, ways
from service.workbench.city import READER, City

_MONTHS = 12


def ask_trends(
    city: City,
    topics: Sequence[str] = (),
    *,
    grain: Grain = "month",
    start: date | None = None,
    end: date | None = None,
    agency: str | None = None,
    district: str | None = None,
) -> Trends:
    """Series of topics (none: all reports together), corrected where the audit of a bundle allows it.

    Without dates, all whole months that the city tells of.
    """
    period = _choose(start, end, city.whole_months)
    with city.connect() as connection:
        return statistics.trends(connection, READER, TrendQuestion(period, grain, tuple(topics), agency, district))


def ask_emerging(city: City) -> Emerging:
    """Topics with more reports in the last whole week than their season explains, and where those came from."""
    with city.connect() as connection:
        return statistics.emerging(connection, READER, city.made_at)


def ask_topics(city: City, *, start: date | None = None, end: date | None = None, kind: str | None = None) -> Groups:
    """Reports by topic; without dates, of the last twelve whole months, as all questions below."""
    with city.connect() as connection:
        return statistics.topics(connection, READER, _ask(city, start, end, kind))


def ask_districts(city: City, *, start: date | None = None, end: date | None = None, kind: str | None = None) -> Groups:
    """Reports by district."""
    with city.connect() as connection:
        return statistics.districts(connection, READER, _ask(city, start, end, kind))


def ask_agencies(city: City, *, start: date | None = None, end: date | None = None, kind: str | None = None) -> Units:
    """How agencies handle what reaches them: each beside its own past and what its mix of cases lets expect."""
    with city.connect() as connection:
        return statistics.agencies(connection, READER, _ask(city, start, end, kind))


def ask_ways(city: City, *, start: date | None = None, end: date | None = None, kind: str | None = None) -> Ways:
    """In which ways the stints of each agency ended, and within how many working days."""
    with city.connect() as connection:
        return ways(connection, READER, _ask(city, start, end, kind))


def ask_effect(city: City, mark: int, measure: Measure) -> EffectAnswer:
    """What changed at a mark (its row in ``city.marks``): the mark was entered before anybody saw its effect.

    Raises
    ------
    IndexError
        There is no such mark.
    """
    with city.connect() as connection:
        found = statistics.effect(connection, READER, str(mark), measure, city.made_at)
    if found is None:
        raise IndexError(f"There is no mark {mark}; city.marks has {len(city.marks)}, counted from 0.")
    return found


def say_effect(answer: EffectAnswer, language: Language = "id") -> str:
    """What changed, by how much and how sure that is, in the sentence of the page."""
    return say(answer, words_of(language), language)


def _choose(start: date | None, end: date | None, otherwise: Period) -> Period:
    return Period(start or otherwise.start, end or otherwise.end)


def _ask(city: City, start: date | None, end: date | None, kind: str | None) -> Question:
    return Question(_choose(start, end, city.last_months(_MONTHS)), city.today, kind)
