"""A page for each unit, and one on which all stand beside each other in the order of the taxonomy."""

from collections.abc import Sequence

from service.charts import (
    Picture,
    Row,
    Words,
    aspect_heat,
    cumulative_incidence,
    observed_expected,
    share_bars,
    time_split,
    topic_series,
)
from service.reporting.document import Cell, Column, Figure, Form, Page, Sentence, Table, tell
from service.reporting.mayor import say_kept, say_withheld
from service.reporting.view import MonthView, UnitView
from service.reporting.wording import term

_COLUMNS: tuple[tuple[str, str, Form], ...] = (
    ("month_column", "n", "count"),
    ("before_column", "before", "count"),
    ("year_column", "year", "count"),
    ("n_column", "n_judged", "count"),
    ("kept_column", "kept", "share"),
    ("low_column", "kept_low", "share"),
    ("high_column", "kept_high", "share"),
    ("expected_column", "expected", "share"),
    ("pooled_column", "pooled", "share"),
    ("overdue_column", "overdue", "count"),
)
# Units in one picture, so that it fits a page.
_AT_ONCE = 9
# What is hidden in one month would be the rest of twelve.
_NOT_FOR_ALL = frozenset({"before", "year"})


def compose_overview(view: MonthView, words: Words) -> Page:
    """All units: observed beside expected, what fails where, and the table."""
    compared = [row for unit in view.units if (row := _compare(unit)) is not None]
    pictures = [
        observed_expected(compared[place : place + _AT_ONCE], words, title=term(words, "kept_title"))
        for place in range(0, len(compared), _AT_ONCE)
    ]
    if view.aspects:
        pictures.append(aspect_heat(view.aspects, words))
    remarks = [term(words, "no_ranks")]
    if view.quiet:
        remarks.append(term(words, "quiet_units", names=", ".join(words.label("agency", slug) for slug in view.quiet)))
    if view.is_public:
        remarks.append(term(words, "withheld_note"))
    tables = (_tabulate(view, words),) if view.units else ()
    return Page("units", term(words, "units"), pictures=tuple(pictures), tables=tables, remarks=tuple(remarks))


def compose_unit(unit: UnitView, view: MonthView, words: Words) -> Page:
    """The page of one unit."""
    window = view.window
    subtitle = term(words, "unit_subtitle", start=words.month(window.year_start), end=words.month(window.year_end))
    remarks = () if unit.is_verified else (term(words, "unverified"),)
    return Page(
        f"unit-{unit.slug}",
        words.label("agency", unit.slug),
        subtitle,
        sentences=tuple(_say(unit, view, words)),
        pictures=tuple(_draw(unit, words)),
        remarks=remarks,
    )


def _say(unit: UnitView, view: MonthView, words: Words) -> list[Sentence]:
    figures, window, minimum = unit.figures, view.window, view.figures["minimum"]
    months = {"month": words.month(window.month), "before_month": words.month(window.before)}
    if view.is_public and figures["n"].is_withheld:
        said = [say_withheld(words, "tile_came_in", figures["n"])]
    elif view.is_public:
        said = [tell(words, "unit_in_public", {"n": figures["n"]}, month=months["month"])]
    else:
        said = [tell(words, "unit_in", {name: figures[name] for name in ("n", "before", "year")}, **months)]
    if (kept := figures.get("kept")) is not None:
        said.append(say_kept(words, kept, minimum))
        said += _say_compared(unit, words)
    said += _say_days(unit, words, minimum)
    said += [
        sentence
        for name, key in (
            ("misrouted", "unit_misrouted"),
            ("reopened", "unit_reopened"),
            ("satisfied", "unit_satisfied"),
        )
        if (sentence := _say_share(figures.get(name), key, words, minimum)) is not None
    ]
    if "overdue" in figures:
        said.append(_say_overdue(figures["overdue"], words.day(window.as_of), words))
    return said + _say_aspect(unit, words, minimum)


def _say_overdue(n: Figure, as_of: str, words: Words) -> Sentence:
    if n.is_withheld:
        return say_withheld(words, "tile_overdue", n)
    return tell(words, "overdue_none" if n.value == 0 else "overdue", {"n": n}, as_of=as_of)


def _say_compared(unit: UnitView, words: Words) -> list[Sentence]:
    figures, said = unit.figures, []
    if _is_known(expected := figures.get("expected")) and _is_known(pooled := figures.get("pooled")) and unit.verdict:
        compared = {"expected": expected, "pooled": pooled}
        said.append(tell(words, "unit_expected", compared, verdict=term(words, unit.verdict)))  # type: ignore[arg-type]  # known
    if _is_known(change := figures.get("kept_change")) and change is not None:
        said.append(tell(words, "unit_past", {"change": change}))
    return said


def _say_days(unit: UnitView, words: Words, minimum: Figure) -> list[Sentence]:
    median, ninetieth = unit.figures.get("median"), unit.figures.get("ninetieth")
    if median is None or ninetieth is None:
        return []
    n = Figure("n_timed", median.n, "count", median.definition, median.query)
    if median.is_withheld or (median.n or 0) < (minimum.value or 0):
        return [tell(words, "unit_days_few", {"n": n, "minimum": minimum})]
    if median.value is None:
        return [tell(words, "unit_days_open", {"n": n})]
    if ninetieth.value is None:
        return [tell(words, "unit_days_half", {"median": median})]
    return [tell(words, "unit_days", {"median": median, "ninetieth": ninetieth})]


def _say_share(share: Figure | None, key: str, words: Words, minimum: Figure) -> Sentence | None:
    if share is None:
        return None
    is_always_told = key != "unit_satisfied"  # most units get no ratings at all: what is not there helps nobody
    if share.is_withheld:
        return None if not is_always_told else say_withheld(words, f"measure_{share.name}", share)
    n = Figure(f"n_{share.name}", share.n, "count", share.definition, share.query)
    if share.value is not None:
        return tell(words, key, {"share": share, "n": n})
    return tell(words, f"{key}_few", {"n": n, "minimum": minimum}) if is_always_told else None


def _say_aspect(unit: UnitView, words: Words, minimum: Figure) -> list[Sentence]:
    counted = [(float(row["n"]), str(row["label"])) for row in unit.aspects if isinstance(row["n"], int | float)]
    if not counted or "n_aspects" not in unit.figures:
        return []
    total = unit.figures["n_aspects"]
    if (total.value or 0) < (minimum.value or 0):
        return []
    most, slug = max(counted, key=lambda pair: pair[0])
    n = Figure("aspect_n", most, "count", total.definition, total.query)
    return [tell(words, "unit_aspect", {"n": n, "total": total}, name=words.label("aspect", slug))]


def _draw(unit: UnitView, words: Words) -> list[Picture]:
    pictures = []
    if unit.series:
        pictures.append(topic_series(unit.series, words, title=term(words, "series_title")))
    if unit.incidence:
        pictures.append(cumulative_incidence(unit.incidence, words, deadline_days=unit.deadline_days))
    if (row := _compare(unit)) is not None:
        pictures.append(observed_expected([row], words, title=term(words, "kept_title")))
    if unit.split:
        pictures.append(time_split(_name_split(unit.split, words), words, head="", title=term(words, "split_title")))
    if any(row["enough"] for row in unit.aspects):
        pictures.append(share_bars(unit.aspects, words, head="aspect", title=term(words, "aspects_title")))
    return pictures


def _name_split(rows: Sequence[Row], words: Words) -> list[Row]:
    return [{**row, "label": term(words, f"split_{row['label']}")} for row in rows]


def _compare(unit: UnitView) -> Row | None:
    """The unit's row of the plot of observed beside expected, where it has enough reports."""
    kept = unit.figures.get("kept")
    if kept is None or kept.is_withheld or kept.value is None:
        return None
    expected, pooled = unit.figures.get("expected"), unit.figures.get("pooled")
    return {
        "label": unit.slug,
        "n": kept.n,
        "observed": kept.value,
        "expected": expected.value if expected else None,
        "pooled": pooled.value if pooled else None,
        "low": pooled.low if pooled else None,
        "high": pooled.high if pooled else None,
    }


def _tabulate(view: MonthView, words: Words) -> Table:
    columns = (Column(term(words, "unit")), *(Column(term(words, head), form) for head, _, form in _COLUMNS))
    rows = tuple(
        (words.label("agency", unit.slug), *(_cell(unit, name, words) for _, name, _ in _COLUMNS))
        for unit in view.units
    )
    address = (view.queries or {}).get("agencies", "")
    return Table("units", term(words, "all_units"), columns, rows, "agencies", address, term(words, "table_dash"))


def _cell(unit: UnitView, name: str, words: Words) -> Cell:
    kept = unit.figures.get("kept")
    if name == "n_judged":
        return None if kept is None else (words.say("suppressed") if kept.is_withheld else kept.n)
    if name in {"kept_low", "kept_high"}:
        return None if kept is None or kept.is_withheld else (kept.low if name == "kept_low" else kept.high)
    figure = unit.figures.get(name)
    if figure is None:
        return None
    return words.say("suppressed") if figure.is_withheld else figure.value


def _is_known(figure: Figure | None) -> bool:
    return figure is not None and figure.value is not None and not figure.is_withheld
