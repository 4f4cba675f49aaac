"""Figures of units: those of twelve months beside those of the month and the month before."""

from collections.abc import Mapping, Sequence
from typing import Final

from model.shipped import taxonomy_in_force
from service.charts import Row
from service.figures.durations import Durations, Quantile
from service.figures.intervals import estimate_rate
from service.figures.pooling import Comparison
from service.reporting.asking import Asked
from service.reporting.document import Figure
from service.reporting.gathering_series import list_unit_series
from service.reporting.view import UnitView
from service.statistics import Failing, Unit, agencies, aspects
from service.statistics.asking import order_labels
from service.statistics.ways import Ways, ways

_NO_ELEMENT: Final = ("", "tidak-ada")


def gather_units(asked: Asked) -> tuple[list[UnitView], list[str]]:
    """Units that had a report within twelve months, in the order of the taxonomy, and the city's own that had none."""
    year = {unit.agency: unit for unit in agencies(asked.connection, asked.caller, asked.question("year")).units}
    month, before = (
        {unit.agency: unit for unit in agencies(asked.connection, asked.caller, asked.question(span)).units}
        for span in ("month", "before")
    )
    year = {slug: year.get(slug) or month[slug] for slug in order_labels("agency", {*year, *month})}
    failing = aspects(asked.connection, asked.caller, asked.question("year"), by="agency")
    elements = {unit.unit: _tell_aspects(unit, failing.aspects) for unit in failing.units}
    courses = ways(asked.connection, asked.caller, asked.question("year"))
    series = list_unit_series(asked, list(year))
    taxonomy = taxonomy_in_force()
    unverified = set(taxonomy.unverified())
    views = [
        UnitView(
            slug,
            _count(asked, unit, month.get(slug), before.get(slug))
            | _rate(asked, unit)
            | _time(asked, unit)
            | _count_aspects(asked, elements.get(slug, ())),
            verdict=_find_verdict(unit.kept_beside),
            is_verified=slug not in unverified,
            series=series.get(slug, ()),
            incidence=_tell_ways(courses, slug),
            deadline_days=courses.deadline_days,
            split=_tell_split(unit),
            aspects=elements.get(slug, ()),
        )
        for slug, unit in year.items()
        if slug and (_has_any(unit) if not asked.is_public else _has_public(unit, month[slug]))
    ]
    named = {view.slug for view in views}
    external = set(taxonomy.external_agencies())
    own = [asked.caller.agency] if asked.caller.agency else taxonomy.slugs("agency")
    return views, [slug for slug in own if slug not in named and slug not in external]


def _has_any(unit: Unit) -> bool:
    return unit.n is None or unit.n > 0 or bool(unit.n_overdue) or unit.kept.n > 0


def _has_public(year: Unit, month: Unit) -> bool:
    return month.n != 0 or year.kept.enough or year.stint is not None


def _count(asked: Asked, unit: Unit, month: Unit | None, before: Unit | None) -> dict[str, Figure]:
    spans = (("n", month, "month"), ("before", before, "before"), ("year", unit, "year"))
    figures = {
        name: asked.count(name, 0 if of is None else of.n, "intake", asked.query("agencies", span))  # type: ignore[arg-type]  # spans
        for name, of, span in spans
    }
    address = asked.query("agencies", "year")
    if asked.tells_late:
        figures["overdue"] = asked.count("overdue", unit.n_overdue, "overdue", address)
    return figures


def _count_aspects(asked: Asked, rows: Sequence[Row]) -> dict[str, Figure]:
    if not rows:
        return {}
    total = sum(float(row["n"]) for row in rows if isinstance(row["n"], int | float))
    return {"n_aspects": asked.count("n_aspects", total, "aspect", asked.query("aspects", "year", by="agency"))}


def _rate(asked: Asked, unit: Unit) -> dict[str, Figure]:
    address = asked.query("agencies", "year")
    figures = {
        "kept": asked.rate("kept", unit.kept, "deadline", address),
        "misrouted": asked.rate("misrouted", unit.given_back, "given_back", address),
        "reopened": asked.rate("reopened", unit.reopened, "reopened", address),
        "satisfied": asked.rate("satisfied", unit.satisfied, "satisfied", address),
    }
    beside = unit.kept_beside
    if beside is not None and beside.pooled is not None:
        n = int(beside.n)
        figures["expected"] = Figure("expected", beside.expected, "share", "expected", address, n)
        figures["pooled"] = Figure(
            "pooled", beside.pooled, "share", "expected", address, n, beside.pooled_low, beside.pooled_high
        )
        if beside.past_change is not None:
            past = beside.past_change
            figures["kept_change"] = Figure(
                "kept_change", past.value, "signed_share", "deadline", address, n, past.low, past.high
            )
    return figures


def _time(asked: Asked, unit: Unit) -> dict[str, Figure]:
    if unit.stint is None:
        return {}
    address, took = asked.query("agencies", "year"), unit.stint
    return {
        "median": _read_quantile("median", took, took.median, address),
        "ninetieth": _read_quantile("ninetieth", took, took.ninetieth, address),
    }


def _read_quantile(name: str, took: Durations, quantile: Quantile | None, address: str) -> Figure:
    if quantile is None:
        return Figure(name, None, "days", "stint", address, took.n)
    return Figure(name, quantile.value, "days", "stint", address, took.n, quantile.low, quantile.high)


def _find_verdict(beside: Comparison | None) -> str:
    return beside.verdict if beside is not None and beside.verdict in {"above", "below", "as_expected"} else ""


def _tell_ways(courses: Ways, slug: str) -> tuple[Row, ...]:
    rows: list[Row] = []
    for way in courses.ways:
        if way.agency == slug:
            rows += [
                {"outcome": way.end, "days": days, "share": share, "low": low, "high": high}
                for days, (share, low, high) in enumerate(zip(way.share, way.low, way.high, strict=True))
            ]
    return tuple(rows)


def _tell_split(unit: Unit) -> tuple[Row, ...]:
    """The median of each part, and the 90th percentile, where there is enough of all parts."""
    rows: list[Row] = []
    for part in unit.parts:
        took = part.durations
        for name, quantile in (("median", took.median), ("ninetieth", took.ninetieth)):
            if quantile is not None and quantile.value is not None:
                rows.append({"label": name, "part": part.part, "days": float(quantile.value), "n": took.n})
    return tuple(rows)


def _tell_aspects(failing: Failing, names: Sequence[str]) -> tuple[Row, ...]:
    """Elements that failed in a unit's reports, each as a share of all reports that name one."""
    counts: Mapping[str, int | None] = dict(zip(names, failing.counts, strict=True))
    if None in counts.values():
        return ()  # shares of what is shown alone would be none of the whole
    failed = {name: n for name, n in counts.items() if name not in _NO_ELEMENT and n}
    total = sum(failed.values())
    rows: list[Row] = []
    for name, n in failed.items():
        rate = estimate_rate(n, total)
        rows.append(
            {"label": name, "n": n, "share": rate.value, "low": rate.low, "high": rate.high, "enough": rate.enough}
        )
    return tuple(rows)
