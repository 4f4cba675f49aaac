"""The first page: what came in, what changed, what is urgent, overdue and new, one sentence each with its number."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

from service.charts import Row, Words, district_tiles, emerging, small_multiples, topic_series
from service.reporting.document import Column, Figure, Page, Sentence, Table, Tile, tell, write
from service.reporting.view import MonthView
from service.reporting.wording import term

# Below this many reports a month the page says how little one month tells.
SMALL_MONTH: Final = 50
_NORMAL: Final = 1.96


def compose_mayor(view: MonthView, words: Words) -> Page:
    """The page for the mayor."""
    window = view.window
    title = term(words, "mayor", month=words.month(window.month))
    subtitle = term(words, "mayor_subtitle", as_of=words.day(window.as_of))
    if view.is_public:
        # Of all reports together the twelve months end with the month; in public they are a calendar year.
        year = {"start": words.month(window.year_start), "end": words.month(window.year_end)}
        subtitle = f"{subtitle} {term(words, 'year_shown', **year)}"
    series = topic_series(view.series, words, title=term(words, "series_title"), marks=view.marks)
    pictures = [series]
    if view.topic_series:
        pictures.append(small_multiples(view.topic_series, words))
    if view.emerging and not view.is_public:
        pictures.append(emerging(view.emerging, words))
    if view.places:
        pictures.append(district_tiles(view.places, words))
    return Page(
        "mayor",
        title,
        subtitle,
        tiles=tuple(_make_tiles(view, words)),
        sentences=tuple(_say_more(view, words)),
        pictures=tuple(pictures) if view.series else (),
    )


def compose_topics(view: MonthView, words: Words) -> Page:
    """The tables of topics and places, in the order of the taxonomy and of the file of places."""
    tables = [_tabulate(view, words, view.topics, "topic")]
    if view.places:
        tables.append(_tabulate(view, words, view.places, "place"))
    remarks = (term(words, "withheld_note"),) if view.is_public else ()
    title = term(words, "topics_places" if view.places else "topics")
    return Page("topics", title, tables=tuple(tables), remarks=remarks)


def _make_tiles(view: MonthView, words: Words) -> list[Tile]:
    figures = view.figures
    tiles = [_tile(words, "tile_came_in", figures["n"], _say_came_in(view, words))]
    if "change" in figures:
        tiles.append(_tile(words, "tile_changed", figures["change"], _say_changed(view, words)))
    tiles.append(_tile(words, "tile_urgent", figures["urgent"], _say_urgent(view, words)))
    if "overdue" in figures:
        tiles.append(_tile(words, "tile_overdue", figures["overdue"], _say_overdue(view, words)))
    if (n_emerging := figures.get("n_emerging")) is not None:
        tiles.append(_tile(words, "tile_emerging", n_emerging, _say_emerging(view, words)))
    kept = figures.get("kept")
    if kept is not None:
        tiles.append(_tile(words, "tile_kept", kept, say_kept(words, kept, figures["minimum"])))
    return tiles


def _say_came_in(view: MonthView, words: Words) -> Sentence:
    if view.figures["n"].is_withheld:
        return say_withheld(words, "tile_came_in", view.figures["n"])
    key = "came_in_none" if _is_none(view.figures["n"]) else "came_in"
    return tell(words, key, {"n": view.figures["n"]}, month=words.month(view.window.month))


def _say_changed(view: MonthView, words: Words) -> Sentence:
    figures = {"change": view.figures["change"], "before": view.figures["before"]}
    if figures["change"].is_withheld:
        return say_withheld(words, "tile_changed", figures["change"])
    key = "changed_none" if _is_none(figures["change"]) else "changed_little" if _is_little(view) else "changed"
    return tell(words, key, figures, before_month=words.month(view.window.before))


def _say_urgent(view: MonthView, words: Words) -> Sentence:
    n = view.figures["urgent"]
    if _is_none(n):
        return tell(words, "urgent_none", {"n": n})
    if n.is_withheld:
        return say_withheld(words, "tile_urgent", n)
    if view.figures["emergencies"].is_withheld:
        return tell(words, "urgent_alone", {"n": n})
    return tell(words, "urgent", {"n": n, "emergencies": view.figures["emergencies"]})


def _say_overdue(view: MonthView, words: Words) -> Sentence:
    figures = {"n": view.figures["overdue"]}
    if figures["n"].is_withheld:
        return say_withheld(words, "tile_overdue", figures["n"])
    key = "overdue_none" if _is_none(figures["n"]) else "overdue"
    return tell(words, key, figures, as_of=words.day(view.window.as_of))


def say_withheld(words: Words, key: str, figure: Figure) -> Sentence:
    """That a figure is withheld, and why."""
    return tell(words, "withheld", {"n": figure}, what=term(words, key))


def say_kept(words: Words, kept: Figure, minimum: Figure) -> Sentence:
    """The share that was finished in time, or that there are too few to tell."""
    if kept.is_withheld:
        return say_withheld(words, "tile_kept", kept)
    n = Figure("n_judged", kept.n, "count", kept.definition, kept.query)
    if kept.value is None:
        return tell(words, "kept_few", {"kept": kept, "n": n, "minimum": minimum})
    return tell(words, "kept", {"kept": kept, "n": n})


def _say_emerging(view: MonthView, words: Words) -> Sentence:
    n = view.figures["n_emerging"]
    if n.value is None and not n.is_withheld:
        return tell(words, "emerging_few", {"n": n, "least": view.figures["least_weeks"]})
    week = words.day(view.emerging_week[1] if view.emerging_week else view.window.as_of)
    if not view.emerging:
        return tell(words, "emerging_none", {"n": n}, week=week)
    top = view.emerging[0]
    if view.is_public:
        return tell(words, "emerging_public", {"n": n}, name=words.label("topic", str(top["label"])), week=week)
    observed = Figure("observed", _read(top, "observed"), "count", n.definition, n.query)
    expected = Figure("expected", _read(top, "expected"), "number", n.definition, n.query)
    name = words.label("topic", str(top["label"]))
    return tell(words, "emerging", {"observed": observed, "expected": expected, "n": n}, name=name, week=week)


def _say_more(view: MonthView, words: Words) -> list[Sentence]:
    n, said = view.figures["n"], []
    if n.value is not None and 0 < n.value < SMALL_MONTH:
        said.append(tell(words, "small_month", {"n": n}))
    told = [row for row in view.topics if row.get("n") and row.get("before") is not None]
    if told:
        said += _say_topics(told, view, words)
    return said


def _say_topics(rows: Sequence[Row], view: MonthView, words: Words) -> list[Sentence]:
    address = (view.queries or {}).get("topics", "")
    top = max(rows, key=lambda row: _read(row, "n"))
    n = Figure("topic_n", _read(top, "n"), "count", "intake", address)
    before = Figure("topic_before", _read(top, "before"), "count", "intake", address)
    named = {"name": words.label("topic", str(top["topic"])), "before_month": words.month(view.window.before)}
    said = [tell(words, "topic_most", {"n": n, "before": before}, **named)]
    grown = max(rows, key=lambda row: _read(row, "n") - _read(row, "before"))
    growth = _read(grown, "n") - _read(grown, "before")
    if growth > _NORMAL * sqrt(_read(grown, "n") + _read(grown, "before")):
        change = Figure("topic_change", growth, "signed", "intake", address)
        said.append(tell(words, "topic_grown", {"change": change}, name=words.label("topic", str(grown["topic"]))))
    return said


def _is_none(figure: Figure) -> bool:
    return figure.value == 0 and not figure.is_withheld


def _is_little(view: MonthView) -> bool:
    """Whether two counts differ by no more than two Poisson counts of one mean mostly do (1.96 standard errors)."""
    n, before = view.figures["n"].value, view.figures["before"].value
    return n is None or before is None or abs(n - before) <= _NORMAL * sqrt(n + before)


def _tabulate(view: MonthView, words: Words, rows: Sequence[Row], key: str) -> Table:
    columns = [Column(term(words, key)), Column(term(words, "month_column"), "count")]
    if not view.is_public:
        columns += [
            Column(term(words, "before_column"), "count"),
            Column(term(words, "change_column"), "signed"),
            Column(term(words, "year_column"), "count"),
        ]
    source, title = ("topics", "topics") if key == "topic" else ("districts", "places")
    return Table(
        title,
        term(words, title),
        tuple(columns),
        tuple(_tell_row(row, words, key)[: len(columns)] for row in rows),
        definition="intake",
        query=(view.queries or {}).get(source, ""),
    )


def _tell_row(row: Row, words: Words, key: str) -> tuple[str | float | None, ...]:
    name = words.label("topic", str(row["topic"])) if key == "topic" else str(row.get("village") or row["district"])
    counts = [_withhold(row, field, words) for field in ("n", "before", "year")]
    n, before, year = counts
    change = n - before if isinstance(n, float) and isinstance(before, float) else words.say("suppressed")
    return (name, n, before, change, year)


def _withhold(row: Row, field: str, words: Words) -> str | float:
    cell = row.get(field)
    return float(cell) if isinstance(cell, int | float) else words.say("suppressed")


def _tile(words: Words, label: str, figure: Figure, sentence: Sentence) -> Tile:
    written = write(figure.value, figure.form, words, is_withheld=figure.is_withheld)
    return Tile(figure, written, term(words, label), sentence)


def _read(row: Row, key: str) -> float:
    cell = row.get(key)
    return float(cell) if isinstance(cell, int | float) else 0.0
