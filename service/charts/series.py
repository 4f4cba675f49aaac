"""Series over time: one topic with its interval, marks and changes of bundle; and many topics beside each other."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from service.charts.picture import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    Picture,
    Row,
    day_of,
    days_axis,
    empty_picture,
    inline,
    number_of,
    picture,
    pin_x,
    pin_y,
)
from service.charts.words import Words

if TYPE_CHECKING:
    import altair as alt

_STRIP: Final = 46
_FILLED: Final = 0.62


def topic_series(
    rows: Sequence[Row],
    words: Words,
    *,
    name: str = "",
    title: str = "",
    grain: str = "month",
    marks: Sequence[Row] = (),
    bundle_changes: Sequence[Row] = (),
) -> Picture:
    """Reports over time with their 95 % band.

    ``rows``: day, n, low, high (low and high may be absent where n is a plain count). ``marks``: day, title, until or
    None. ``bundle_changes``: day, bundle. Signs are numbered; `Picture.notes` says what the numbers mean.
    """
    title = title or words.say("topic_series", name=name or words.say("all_reports"))
    if not rows:
        return empty_picture("topic_series", words, title)
    signs, notes = _number_signs(words, marks, bundle_changes)
    layers = [*_draw_signs(signs), *draw_band(rows, words, grain)]
    return picture("topic_series", words, title, _describe(rows, words, grain), layers, height=220, notes=notes)


def draw_band(rows: Sequence[Row], words: Words, grain: str = "month") -> "list[alt.Chart]":
    """Band, line and points of a series."""
    import altair as alt

    told = [{**row, "when": _tell(row, words, grain), "range": _tell_range(row, words)} for row in rows]
    base = alt.Chart(inline(told)).encode(
        x=alt.X("day:T", title=None, axis=days_axis(grain), scale=alt.Scale(type="utc"))
    )
    y = alt.Y("n:Q", title=words.say(f"reports_per_{grain}"), axis=alt.Axis(tickCount=4, tickMinStep=1))
    tips = [
        alt.Tooltip("when:N", title=words.say("day" if grain != "month" else "month")),
        alt.Tooltip("n:Q", title=words.say("reports"), format=",.4~r"),
        alt.Tooltip("range:N", title=words.say("interval")),
    ]
    has_band = any(number_of(row, "low") is not None for row in rows)
    band = [base.mark_area(color=BLUE, opacity=0.2).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))] if has_band else []
    line = base.mark_line(color=BLUE, strokeWidth=1.6).encode(y=y)
    points = base.mark_point(color=BLUE, filled=True, opacity=1, size=22).encode(y=y, tooltip=tips)
    return [*band, line, points]


def small_multiples(rows: Sequence[Row], words: Words, *, head: str = "topic") -> Picture:
    """A strip for each topic, each on its own scale, in the order the topics first come in the rows.

    ``rows``: topic, day, n.
    """
    title = words.say("small_multiples")
    if not rows:
        return empty_picture("small_multiples", words, title)
    strips: dict[str, list[Row]] = {}
    for row in rows:
        strips.setdefault(str(row["topic"]), []).append(row)
    lasts = {topic: number_of(series[-1], "n") or 0.0 for topic, series in strips.items()}
    top = max(lasts, key=lambda topic: lasts[topic])
    values = {"name": words.label(head, top), "last": words.number(lasts[top])}
    told = words.say("small_multiples_text", n=words.number(len(strips)), **values)
    layers = _draw_strips(strips, words, head)
    return picture("small_multiples", words, title, told, layers, height=_STRIP * len(strips))


def _draw_strips(strips: Mapping[str, Sequence[Row]], words: Words, head: str) -> "list[alt.Chart]":
    import altair as alt

    drawn = [point for place, topic in enumerate(strips) for point in _place(strips[topic], place, words, head)]
    scale = alt.Scale(domain=[0, len(strips)], reverse=True, nice=False, zero=False)
    floor, top = (alt.Y(f"{key}:Q", scale=scale, axis=None) for key in ("floor", "top"))
    base = alt.Chart(inline(drawn)).encode(x=alt.X("day:T", title=None, axis=days_axis(), scale=alt.Scale(type="utc")))
    tips = [alt.Tooltip("label:N", title=" "), alt.Tooltip("when:N", title=words.say("day")), alt.Tooltip("n:Q")]
    names = alt.Chart(inline(_name_strips(strips, words, head))).encode(y=floor)
    up = -round(_STRIP * _FILLED) - 1
    left = names.mark_text(align="left", baseline="bottom", dy=up, color=INK, fontSize=11, limit=230)
    right = names.mark_text(align="right", baseline="bottom", dy=up, color=INK, fontSize=10, opacity=0.8)
    return [
        names.mark_rule(color=GREY, opacity=0.4),
        base.mark_area(color=BLUE, opacity=0.25).encode(y=floor, y2=alt.Y2("top:Q"), detail=alt.Detail("topic:N")),
        base.mark_line(color=BLUE, strokeWidth=1.4).encode(y=top, detail=alt.Detail("topic:N"), tooltip=tips),
        left.encode(x=pin_x(0), text=alt.Text("name:N")),
        right.encode(x=pin_x("width"), text=alt.Text("remark:N")),
    ]


def _place(series: Sequence[Row], place: int, words: Words, head: str) -> list[Row]:
    """The points of a strip, its highest ``_FILLED`` of a strip above its floor."""
    most = max(number_of(row, "n") or 0.0 for row in series) or 1.0
    return [
        {
            "topic": row["topic"],
            "label": words.label(head, str(row["topic"])),
            "day": row["day"],
            "n": row["n"],
            "when": words.short_day(day_of(row)),
            "floor": place + 1.0,
            "top": place + 1.0 - _FILLED * (number_of(row, "n") or 0.0) / most,
        }
        for row in series
    ]


def _name_strips(strips: Mapping[str, Sequence[Row]], words: Words, head: str) -> list[Row]:
    names: list[Row] = []
    for place, (topic, series) in enumerate(strips.items()):
        counts = [number_of(row, "n") or 0.0 for row in series]
        remark = words.say("strip", last=words.number(counts[-1]), most=words.number(max(counts)))
        names.append({"floor": place + 1.0, "name": words.label(head, topic), "remark": remark})
    return names


def _number_signs(words: Words, marks: Sequence[Row], changes: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """Signs with a letter or number each, and the note of each."""
    signs: list[Row] = []
    notes: list[str] = []
    for number, mark in enumerate(sorted(marks, key=day_of), start=1):
        until = mark.get("until")
        signs.append({"day": mark["day"], "until": until, "sign": str(number), "kind": "mark"})
        values = {"title": mark["title"], "day": words.short_day(day_of(mark))}
        if until:
            notes.append(
                f"{number} " + words.say("mark_period", until=words.short_day(day_of(mark, "until")), **values)
            )
        else:
            notes.append(f"{number} " + words.say("mark", **values))
    for place, change in enumerate(sorted(changes, key=day_of)):
        sign = chr(ord("A") + place % 26)
        signs.append({"day": change["day"], "until": None, "sign": sign, "kind": "bundle"})
        told = words.say("bundle_change", bundle=str(change["bundle"])[:8], day=words.short_day(day_of(change)))
        notes.append(f"{sign} {told}")
    return signs, notes


def _draw_signs(signs: Sequence[Row]) -> "list[alt.Chart]":
    import altair as alt

    layers = []
    hues: Mapping[str, tuple[str, list[int]]] = {"mark": (ORANGE, [1, 0]), "bundle": (GREY, [4, 3])}
    for kind, found in groupby(signs, key=lambda sign: str(sign["kind"])):
        hue, dash = hues[kind]
        listed = list(found)
        x = alt.X("day:T", title=None, scale=alt.Scale(type="utc"))
        periods = [sign for sign in listed if sign["until"]]
        if periods:
            layers.append(
                alt.Chart(inline(periods)).mark_rect(color=hue, opacity=0.12).encode(x=x, x2=alt.X2("until:T"))
            )
        base = alt.Chart(inline(listed)).encode(x=x)
        layers.append(base.mark_rule(color=hue, strokeDash=dash, strokeWidth=1.4))
        text = base.mark_text(align="left", baseline="top", dx=3, fontWeight="bold", color=INK, fontSize=10)
        layers.append(text.encode(y=pin_y(0), text=alt.Text("sign:N")))
    return layers


def _describe(rows: Sequence[Row], words: Words, grain: str) -> str:
    counted = [(number_of(row, "n"), row) for row in rows]
    known = [(n, row) for n, row in counted if n is not None]
    if not known:
        return words.say("nothing")
    most = max(known, key=lambda pair: pair[0])
    return words.say(
        "topic_series_text",
        start=_tell(rows[0], words, grain),
        end=_tell(rows[-1], words, grain),
        last=words.number(known[-1][0]),
        most=words.number(most[0]),
        peak=_tell(most[1], words, grain),
        least=words.number(min(n for n, _ in known)),
    )


def _tell(row: Row, words: Words, grain: str) -> str:
    return words.month(day_of(row)) if grain == "month" else words.short_day(day_of(row))


def _tell_range(row: Row, words: Words) -> str:
    low, high = number_of(row, "low"), number_of(row, "high")
    return "" if low is None or high is None else f"{words.number(low, 1)}–{words.number(high, 1)}"
