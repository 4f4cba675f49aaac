"""Pictures for a notebook, by the functions that draw those of the pages; on white, so that they fit a slide."""

from typing import Final

import altair as alt

from service import charts
from service.charts import Language, Picture, words_in
from service.pages import effects, series, unit_pictures
from service.pages.wording import words_of
from service.statistics import EffectAnswer, Emerging, Groups, Trends, Unit, Units
from service.statistics.ways import Ways
from service.workbench.city import City
from service.workbench.tabulating import tabulate

WIDTH: Final = 680
_RATES: Final = ("kept", "given_back", "reopened", "satisfied")


def show(picture: Picture, width: int = WIDTH) -> alt.LayerChart:
    """A picture as a chart of altair, with its title and the notes that its numbered signs refer to."""
    spec = picture.spec(width=width, has_title=False)
    title = {"text": picture.title, "anchor": "start", "fontSize": 14, "fontWeight": "bold"}
    notes = {"subtitle": list(picture.notes), "subtitleFontSize": 11} if picture.notes else {}
    return alt.LayerChart.from_dict({**spec, "title": {**title, **notes}, "background": "white"})


def draw_series(city: City, answer: Trends, name: str = "", language: Language = "id") -> alt.LayerChart:
    """The first series with its band, the marks that touch it, and where another bundle began to read reports."""
    names, one = words_in(language), answer.series[0]
    told = name or (names.label("topic", one.topic) if one.topic else names.say("all_reports"))
    period = answer.period
    own = [mark for mark in city.list_marks() if period.start <= mark.day <= period.end]
    if one.topic:
        own = [mark for mark in own if mark.topic in {None, one.topic} and mark.agency in {None, answer.agency}]
    return show(series.draw_series(one, names, answer.grain, told, own, answer.bundles))


def draw_strips(answer: Trends, language: Language = "id") -> alt.LayerChart:
    """Many topics beside each other, each on its own scale."""
    return show(series.draw_strips(answer, words_in(language)))


def draw_emerging(answer: Emerging, language: Language = "id") -> alt.LayerChart:
    """Topics above what is usual; says so where there is none."""
    names = words_in(language)
    return show(series.draw_bursts(answer.topics, names) or charts.emerging([], names))


def draw_districts(answer: Groups, language: Language = "id") -> alt.LayerChart:
    """Tiles of districts, darker where more reports came from; no map."""
    names = words_in(language)
    counts = [(names.label("district", group.key), group.n or 0) for group in answer.groups if group.key]
    return show(series.draw_places(counts, names) or charts.district_tiles([], names))


def draw_rates(answer: Units, rate: str, title: str, language: Language = "id") -> alt.LayerChart:
    """A rate of each agency (kept, given_back, reopened or satisfied) with its interval, or that data are too few.

    Raises
    ------
    ValueError
        There is no such rate.
    """
    if rate not in _RATES:
        raise ValueError(f"{rate!r} is no rate; expected one of {', '.join(_RATES)}.")
    rows: list[charts.Row] = [_describe_rate(unit, rate) for unit in answer.units if unit.agency]
    return show(charts.share_bars([row for row in rows if row["n"]], words_in(language), title=title))


def draw_beside(answer: Units, rate: str, title: str, language: Language = "id") -> alt.LayerChart:
    """What was observed (kept or given_back) beside what the mix of cases lets expect, and weighed; no ranks."""
    pairs = [(unit.agency, getattr(unit, f"{rate}_beside")) for unit in answer.units]
    beside = [(agency, found) for agency, found in pairs if found is not None]
    return show(unit_pictures.draw_beside(beside, words_in(language), title))


def draw_split(answer: Units, language: Language = "id") -> alt.LayerChart:
    """Whose the time of the reports of each agency was."""
    return show(unit_pictures.draw_split([unit for unit in answer.units if unit.agency], words_in(language)))


def draw_ways(answer: Ways, agency: str, language: Language = "id") -> alt.LayerChart:
    """In which ways the stints of an agency ended, up to each working day; open ones count as far as they are seen."""
    names, frame = words_in(language), tabulate(answer)
    rows = frame[frame["agency"] == agency].to_dict("records") if len(frame) else []
    title = f"{names.say('cumulative_incidence')}: {names.label('agency', agency)}"
    return show(charts.cumulative_incidence(rows, names, deadline_days=answer.deadline_days, title=title))  # type: ignore[arg-type]  # columns by name


def draw_effect(answer: EffectAnswer, language: Language = "id") -> alt.LayerChart:
    """The weeks, the fitted course before and after the mark, and where the first would have led."""
    return show(effects.draw_effect(answer, words_in(language), words_of(language)))


def _describe_rate(unit: Unit, name: str) -> charts.Row:
    rate = getattr(unit, name)
    return {
        "label": unit.agency,
        "n": int(rate.n),
        "share": rate.value,
        "low": rate.low,
        "high": rate.high,
        "enough": rate.enough,
    }
