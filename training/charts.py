"""The charts of a report: pure functions from judgements to altair charts, and a chart as SVG text.

Words are Indonesian. Lines and letters take the colour of the page they stand on, so that a chart reads on paper, on
white and on black; nothing is told by colour alone.
"""

import hashlib
import re
from collections.abc import Callable, Sequence

import altair as alt
import vl_convert

from training.describing import LENGTH_STEPS
from training.judging import CoveragePoint, HeadJudgement, LabelJudgement, ReliabilityBin, wilson_interval

N_CONFUSED_LABELS = 15
N_SHOWN_LABELS = 30
OTHERS = "(label lain)"
_BLUE, _ORANGE, _GREY = "#3b7cc4", "#d9731a", "#8c8c8c"
# Arial and Helvetica have the same widths, so the layout holds where Liberation Sans is missing.
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_LOCALE = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["Rp", ""]}
_NAMED_THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95)
_NAMED_DISTANCE = 0.04
_CLIP_ID = re.compile(r'(?<=id=")clip\d+(?=")|(?<=url\(#)clip\d+(?=\))')
_TAG = re.compile(r"<[^>]+>")
_ROLE = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')

Name = Callable[[str], str]
Chart = alt.Chart | alt.LayerChart | alt.FacetChart | alt.VConcatChart | alt.HConcatChart
Values = list[dict[str, str | float | int]]


def reliability_chart(bins: Sequence[ReliabilityBin]) -> alt.TopLevelMixin:
    """Share of right answers over confidence, each bin with its 95 % interval, the diagonal, and the rows below."""
    values: Values = []
    for entry in bins:
        low, high = wilson_interval(round(entry.share_right * entry.n_rows), entry.n_rows)
        values.append(
            {"keyakinan": entry.confidence, "benar": entry.share_right, "low": low, "high": high, "n": entry.n_rows}
        )
    shares = alt.Scale(domain=[0, 1], padding=0)
    x = alt.X("keyakinan:Q", title="keyakinan", scale=shares, axis=alt.Axis(format="%"))
    base = alt.Chart(_inline(values))
    diagonal = alt.Chart(_inline([{"keyakinan": 0, "benar": 0}, {"keyakinan": 1, "benar": 1}]))
    upper = alt.layer(
        diagonal.mark_line(color=_GREY, strokeDash=[5, 4]).encode(x=x, y=alt.Y("benar:Q")),
        base.mark_rule(color=_BLUE).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_point(color=_BLUE, filled=True, size=45, opacity=1).encode(
            x=x, y=alt.Y("benar:Q", title="yang benar", scale=shares, axis=alt.Axis(format="%"))
        ),
    ).properties(width=380, height=300)
    lower = base.mark_bar(color=_GREY, size=5).encode(x=x, y=alt.Y("n:Q", title="laporan", axis=alt.Axis(tickCount=3)))
    return _finish(alt.vconcat(upper, lower.properties(width=380, height=60)))


def coverage_chart(points: Sequence[CoveragePoint], budget: float | None = None) -> alt.TopLevelMixin:
    """Share of wrong answers over the share that a threshold would decide alone; some thresholds are named.

    A dashed line shows the error budget of the head, where it has one.
    """
    decided = [point for point in points if point.error is not None]
    named = _choose_named(decided)
    values: Values = [
        {
            "diputuskan": point.coverage,
            "salah": point.error or 0.0,
            "ambang": f"{point.threshold:.2f}".replace(".", ",") if point in named else "",
            "urutan": point.threshold,
        }
        for point in decided
    ]
    highest = max(0.05, budget or 0.0, *(point.error or 0.0 for point in decided))
    errors = alt.Scale(domain=[0, highest], nice=True)
    base = alt.Chart(_inline(values)).encode(
        x=alt.X("diputuskan:Q", title="diputuskan sendiri", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        y=alt.Y("salah:Q", title="salah di antaranya", scale=errors, axis=alt.Axis(format="%")),
        order="urutan:Q",
    )
    line = base.mark_line(color=_BLUE, point=alt.OverlayMarkDef(filled=True, color=_BLUE, size=30))
    names = base.mark_text(dx=6, dy=9, align="left", color="currentColor").encode(text="ambang:N")
    limits = _draw_budget(budget, errors) if budget is not None else ()
    return _finish(alt.layer(*limits, line, names).properties(width=380, height=260))


def _draw_budget(budget: float, errors: alt.Scale) -> tuple[alt.Chart, alt.Chart]:
    base = alt.Chart(_inline([{"salah": budget, "nama": "anggaran galat", "ujung": 1}]))
    y = alt.Y("salah:Q", scale=errors)
    name = base.mark_text(align="right", dy=-6, color="currentColor").encode(x="ujung:Q", y=y, text="nama:N")
    return base.mark_rule(color=_ORANGE, strokeDash=[6, 3]).encode(y=y), name


def confusion_chart(judged: HeadJudgement, name: Name) -> alt.TopLevelMixin:
    """Heat map of true (rows) against given labels (columns), of the ``N_CONFUSED_LABELS`` most frequent ones."""
    shown = [label.label for label in judged.labels if label.n_true][:N_CONFUSED_LABELS]
    names = _name_uniquely(shown, name)
    counts = {(label.label, label.label): label.n_both for label in judged.labels}
    counts |= {(true, given): n_rows for true, given, n_rows in judged.confusions}
    cells: dict[tuple[str, str], int] = {}
    for (true, given), n_rows in counts.items():
        if true in names and n_rows:
            place = names[true], names.get(given, OTHERS)
            cells[place] = cells.get(place, 0) + n_rows
    totals = {names[label.label]: label.n_true for label in judged.labels if label.label in names}
    values: Values = [
        {"benar": true, "dijawab": given, "n": n_rows, "bagian": round(n_rows / totals[true], 4)}
        for (true, given), n_rows in cells.items()
    ]
    order = list(names.values())
    base = alt.Chart(_inline(values)).encode(
        x=alt.X("dijawab:N", sort=[*order, OTHERS], title="label yang dijawab", axis=alt.Axis(labelAngle=-50)),
        y=alt.Y("benar:N", sort=order, title="label yang benar"),
    )
    shade = alt.Opacity("bagian:Q", scale=alt.Scale(domain=[0, 1], range=[0.05, 0.7]), legend=None)
    heat = base.mark_rect(color=_BLUE, stroke=_GREY, strokeWidth=0.3).encode(opacity=shade)
    return _finish(
        alt.layer(heat, base.mark_text(fontSize=9, color="currentColor").encode(text="n:Q")).properties(
            width=alt.Step(27), height=alt.Step(21)
        )
    )


def label_chart(labels: Sequence[LabelJudgement], name: Name) -> alt.TopLevelMixin:
    """Rows of each label as bars, and its F1 as dots beside them; the ``N_SHOWN_LABELS`` most frequent."""
    shown = [label for label in labels if label.n_true][:N_SHOWN_LABELS]
    names = _name_uniquely([label.label for label in shown], name)
    values: Values = [
        {"label": names[label.label], "n": label.n_true, "f1": round(label.f1, 4), "nol": 0} for label in shown
    ]
    order = list(names.values())
    base = alt.Chart(_inline(values))
    left = base.mark_bar(color=_GREY).encode(
        x=alt.X("n:Q", title="laporan", axis=alt.Axis(tickCount=4)), y=alt.Y("label:N", sort=order, title=None)
    )
    bare = alt.Y("label:N", sort=order, title=None, axis=None)
    scale = alt.Scale(domain=[0, 1])
    right = alt.layer(
        base.mark_rule(color=_ORANGE, strokeWidth=1).encode(
            x=alt.X("nol:Q", title="F1", scale=scale), x2="f1:Q", y=bare
        ),
        base.mark_point(color=_ORANGE, filled=True, size=45, opacity=1).encode(
            x=alt.X("f1:Q", title="F1", scale=scale), y=bare
        ),
    )
    return _finish(
        alt.hconcat(left.properties(width=170, height=alt.Step(15)), right.properties(width=170, height=alt.Step(15)))
    )


def length_chart(lengths: Sequence[int]) -> alt.TopLevelMixin:
    """Texts in each step of `training.describing.LENGTH_STEPS`."""
    names = name_steps()
    values: Values = [{"kata": step, "n": count} for step, count in zip(names, lengths, strict=True)]
    bars = alt.Chart(_inline(values)).mark_bar(color=_BLUE)
    return _finish(
        bars.encode(
            x=alt.X("kata:N", sort=list(names), title="kata dalam laporan", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("n:Q", title="laporan"),
        ).properties(width=380, height=160)
    )


def name_steps() -> tuple[str, ...]:
    """What the steps of lengths are called: "0–5", "6–10" and so on, the last ">320"."""
    starts = (0, *(step + 1 for step in LENGTH_STEPS[:-1]))
    steps = [f"{start}–{stop}" for start, stop in zip(starts, LENGTH_STEPS, strict=True)]
    return (*steps, f">{LENGTH_STEPS[-1]}")


def chart_svg(chart: alt.TopLevelMixin) -> str:
    """The chart as an ``<svg>`` element that asks for nothing outside itself; equal charts give equal bytes.

    Letters stay letters, so that they can be searched, copied and read aloud. The ids of clip paths, which the
    renderer counts through all charts of a process, are renamed after the chart, so several can share a page. Parts
    have no roles of their own: the page says what the whole chart shows, and its table the rest.
    """
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict(), format_locale=_LOCALE, allowed_base_urls=[])
    svg = _TAG.sub(lambda tag: _ROLE.sub("", tag.group()), svg)
    found = list(dict.fromkeys(_CLIP_ID.findall(svg)))
    plain = _CLIP_ID.sub("clip", svg)
    prefix = hashlib.sha256(plain.encode()).hexdigest()[:8]
    ids = {old: f"c{prefix}-{place}" for place, old in enumerate(found)}
    return _CLIP_ID.sub(lambda match: ids[match.group()], svg)


def _choose_named(points: Sequence[CoveragePoint]) -> list[CoveragePoint]:
    """Points whose threshold is written beside them: some round ones, none on top of another."""
    chosen: list[CoveragePoint] = []
    for point in reversed(points):
        is_round = point.threshold in _NAMED_THRESHOLDS
        if is_round and (not chosen or point.coverage - chosen[-1].coverage >= _NAMED_DISTANCE):
            chosen.append(point)
    return chosen


def _inline(values: Values) -> alt.InlineData:
    return alt.InlineData(values=values)


def _name_uniquely(labels: Sequence[str], name: Name) -> dict[str, str]:
    """Names for people; a label whose name another one has already taken keeps its slug beside it."""
    names: dict[str, str] = {}
    for label in labels:
        readable = name(label)
        names[label] = f"{readable} ({label})" if readable in names.values() else readable
    return names


def _finish(chart: Chart) -> alt.TopLevelMixin:
    colours = {"labelColor": "currentColor", "titleColor": "currentColor", "tickColor": _GREY, "domainColor": _GREY}
    axis = {**colours, "gridColor": _GREY, "gridOpacity": 0.25, "labelLimit": 190}
    finished: alt.TopLevelMixin = (
        chart.configure(font=_FONT, background="transparent", aria=False, padding=8)
        .configure_axis(**axis, labelFontSize=11, titleFontSize=12)
        .configure_view(stroke=None)
    )
    return finished
