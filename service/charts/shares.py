"""Shares of units and labels: bars with intervals, observed beside expected, and failed elements of service by unit.

Units come in the order of the taxonomy, and where data are too few the chart says so in place of a figure.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from service.charts.bands import Bands
from service.charts.picture import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    Picture,
    Row,
    empty_picture,
    inline,
    is_enough,
    number_of,
    picture,
    wrap,
)
from service.charts.words import Words

if TYPE_CHECKING:
    import altair as alt

WITHHELD: Final = "*"


def share_bars(rows: Sequence[Row], words: Words, *, head: str = "agency", title: str = "") -> Picture:
    """Bars of shares with their 95 % interval.

    ``rows``: label, n, share, low, high, enough.
    """
    import altair as alt

    title = title or words.say("share_bars")
    if not rows:
        return empty_picture("share_bars", words, title)
    bands = Bands(rows, words, head)
    kept = [_tell(row, words, bands, "share") for row in rows if is_enough(row)]
    base = alt.Chart(inline(kept)).encode(y=bands.y())
    x = _shares_axis("share:Q")
    tips = _tips(words, "share")
    bar = base.mark_bar(size=11, yOffset=bands.lower, color=BLUE, opacity=0.55).encode(x=x, tooltip=tips)
    whisker = base.mark_rule(yOffset=bands.lower, color=INK, strokeWidth=1.5).encode(
        x=_shares_axis("low:Q"), x2=alt.X2("high:Q")
    )
    layers = [bar, whisker, *bands.draw_names(_remark(rows, words, "share"))]
    return picture("share_bars", words, title, _describe(rows, words, bands), layers, height=bands.height)


def observed_expected(rows: Sequence[Row], words: Words, *, head: str = "agency", title: str = "") -> Picture:
    """Dots of the raw figure, of the pooled one with its interval, and of what the mix of cases leads to expect.

    ``rows``: label, n, observed, expected, pooled, low, high, enough; all shares.
    """
    import altair as alt

    title = title or words.say("observed_expected")
    if not rows:
        return empty_picture("observed_expected", words, title)
    bands = Bands(rows, words, head)
    kept = [_tell(row, words, bands, "pooled") for row in rows if is_enough(row)]
    dots: list[Row] = [
        {"label": row["label"], "name": row["name"], "which": words.say(which), "value": row[which], "place": place}
        for row in kept
        for place, which in enumerate(("observed", "pooled", "expected"))
        if row.get(which) is not None
    ]
    kinds = [words.say(which) for which in ("observed", "pooled", "expected")]
    colour = alt.Color(
        "which:N", scale=alt.Scale(domain=kinds, range=[GREY, BLUE, ORANGE]), legend=alt.Legend(columns=1)
    )
    shape = alt.Shape(
        "which:N", scale=alt.Scale(domain=kinds, range=["circle", "diamond", "stroke"]), legend=alt.Legend(columns=1)
    )
    whisker = alt.Chart(inline(kept)).mark_rule(yOffset=bands.lower, color=BLUE, strokeWidth=1.5)
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("which:N", title=" "),
        alt.Tooltip("value:Q", title=words.say("share"), format=".1%"),
    ]
    points = alt.Chart(inline(dots)).mark_point(yOffset=bands.lower, size=60, strokeWidth=2, opacity=1)
    layers = [
        whisker.encode(y=bands.y(), x=_shares_axis("low:Q"), x2=alt.X2("high:Q")),
        points.encode(y=bands.y(), x=_shares_axis("value:Q"), color=colour, shape=shape, tooltip=tips),
        *bands.draw_names(_remark(rows, words, "observed")),
    ]
    n_short = sum(not is_enough(row) for row in rows)
    told = words.say("observed_expected_text", n=len(bands.slugs), short=n_short)
    return picture("observed_expected", words, title, told, layers, height=bands.height)


def aspect_heat(rows: Sequence[Row], words: Words, *, head: str = "about") -> Picture:
    """Counts of failed elements of service by unit, darker where there are more; what is withheld says so.

    ``rows``: about, aspect, n (None: withheld).
    """
    import altair as alt

    title = words.say("aspect_heat")
    if not rows:
        return empty_picture("aspect_heat", words, title)
    bands = Bands(rows, words, head, "about")
    aspects = sorted({str(row["aspect"]) for row in rows}, key=lambda slug: words.order("aspect", slug))
    names = {slug: wrap(words.label("aspect", slug), 14) for slug in aspects}
    most = max((number_of(row, "n") or 0.0 for row in rows), default=0.0)
    told: list[Row] = [
        {
            **row,
            "unit": bands.names[str(row["about"])],
            "element": words.label("aspect", str(row["aspect"])),
            "column": names[str(row["aspect"])],
            "written": WITHHELD if row["n"] is None else words.number(number_of(row, "n") or 0),
        }
        for row in rows
    ]
    x = alt.X("column:N", sort=list(names.values()), title=None, scale=alt.Scale(domain=list(names.values())))
    x = x.axis(
        orient="top", labelAngle=-90, labelLimit=150, ticks=False, domain=False, labelExpr="split(datum.label, '\\n')"
    )
    base = alt.Chart(inline(told)).encode(x=x, y=bands.y())
    tips = [
        alt.Tooltip("unit:N", title=" "),
        alt.Tooltip("element:N", title=" "),
        alt.Tooltip("written:N", title=words.say("reports")),
    ]
    opacity = alt.Opacity("n:Q", scale=alt.Scale(domain=[0, most or 1], range=[0.03, 0.75]), legend=None)
    heat = base.mark_rect(color=BLUE, yOffset=bands.lower, height=18, stroke=GREY, strokeWidth=0.4, strokeOpacity=0.5)
    number = base.mark_text(dy=bands.lower, color=INK, fontSize=10).encode(text=alt.Text("written:N"))
    layers = [heat.encode(opacity=opacity, tooltip=tips), number, *bands.draw_names({})]
    notes = [f"{WITHHELD} {words.say('suppressed')}"] if any(row["n"] is None for row in rows) else []
    described = _describe_aspects(rows, words, aspects, len(bands.slugs))
    return picture("aspect_heat", words, title, described, layers, height=bands.height, notes=notes)


def _shares_axis(field: str) -> "alt.X":
    import altair as alt

    axis = alt.Axis(format=".0%", tickCount=5, labelOverlap=True)
    return alt.X(field, title=None, scale=alt.Scale(domain=[0, 1]), axis=axis)


def _tell(row: Row, words: Words, bands: Bands, key: str) -> Row:
    low, high = number_of(row, "low"), number_of(row, "high")
    told = "" if low is None or high is None else f"{words.percent(low, 1)}–{words.percent(high, 1)}"
    return {**row, "name": bands.names[str(row["label"])], "range": told, "value": row.get(key)}


def _tips(words: Words, key: str) -> "list[alt.Tooltip]":
    import altair as alt

    return [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip(f"{key}:Q", title=words.say("share"), format=".1%"),
        alt.Tooltip("range:N", title=words.say("interval")),
        alt.Tooltip("n:Q", title=words.say("reports"), format=","),
    ]


def _remark(rows: Sequence[Row], words: Words, key: str) -> dict[str, str]:
    """What stands at the right of each band: the figure, or that data are too few."""
    remarks = {}
    for row in rows:
        n, share = number_of(row, "n"), number_of(row, key)
        if not is_enough(row) or share is None:
            told = words.say("not_enough") if n is None else words.say("not_enough_n", n=words.number(n))
        else:
            told = f"{words.percent(share)}" if n is None else f"{words.percent(share)}  (n = {words.number(n)})"
        remarks[str(row["label"])] = told
    return remarks


def _describe(rows: Sequence[Row], words: Words, bands: Bands) -> str:
    known = [share for row in rows if is_enough(row) and (share := number_of(row, "share")) is not None]
    told = ""
    if known:
        told = words.say("share_range", least=words.percent(min(known)), most=words.percent(max(known)))
    return words.say("share_bars_text", n=len(bands.slugs), short=len(rows) - len(known), range=told).strip()


def _describe_aspects(rows: Sequence[Row], words: Words, aspects: Sequence[str], n_units: int) -> str:
    totals = {slug: sum(number_of(row, "n") or 0.0 for row in rows if row["aspect"] == slug) for slug in aspects}
    top = max(aspects, key=lambda slug: totals[slug])
    values = {"aspect": words.label("aspect", top), "most": words.number(totals[top])}
    return words.say("aspect_heat_text", n=n_units, columns=len(aspects), **values)
