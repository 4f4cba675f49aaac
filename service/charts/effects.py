"""What changed: a series before and after a mark, and topics above what is usual."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from service.charts.bands import Bands
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
    pin_y,
)
from service.charts.words import Words

if TYPE_CHECKING:
    import altair as alt


def policy_effect(
    rows: Sequence[Row], words: Words, *, mark: Row, measure: str = "", is_share: bool = False
) -> Picture:
    """Points, the fitted segments before and after a mark, and where the first would have led.

    ``rows``: day, n, fitted, counterfactual (None before the mark). ``mark``: day, title.
    """
    import altair as alt

    title = words.say("policy_effect", title=mark["title"])
    if not rows:
        return empty_picture("policy_effect", words, title)
    start = day_of(mark)
    told: list[Row] = [{**row, "after": day_of(row) >= start, "when": words.short_day(day_of(row))} for row in rows]
    form = ".0%" if is_share else ",.4~r"
    x = alt.X("day:T", title=None, axis=days_axis(), scale=alt.Scale(type="utc"))
    y = alt.Y("n:Q", title=measure or words.say("reports"), axis=alt.Axis(tickCount=4, format=form))
    tips = [
        alt.Tooltip("when:N", title=words.say("day")),
        alt.Tooltip("n:Q", title=measure or words.say("reports"), format=form),
    ]
    base = alt.Chart(inline(told)).encode(x=x)
    rule = alt.Chart(inline([{"day": mark["day"], "title": mark["title"]}])).encode(x=x)
    # Beside a late mark there is no room to the right.
    is_late = start > day_of(rows[len(rows) * 2 // 3])
    place = {"align": "right", "dx": -4} if is_late else {"align": "left", "dx": 4}
    text = rule.mark_text(**cast("Any", place), baseline="top", color=INK, fontSize=10, limit=170)
    lines = _draw_lines(told, words, x)
    layers = [
        rule.mark_rule(color=ORANGE, strokeWidth=1.5),
        text.encode(y=pin_y(0), text=alt.Text("title:N")),
        base.mark_point(color=GREY, filled=True, size=26, opacity=0.9).encode(y=y, tooltip=tips),
        *lines,
    ]
    return picture("policy_effect", words, title, _describe(rows, words, mark, is_share), layers, height=240)


def emerging(rows: Sequence[Row], words: Words, *, head: str = "topic") -> Picture:
    """Topics above what is usual: a dot for now, a bar for the usual range.

    ``rows``: label, observed, expected, low, high (the usual range). A proposed topic's label is its own name.
    """
    import altair as alt

    title = words.say("emerging")
    if not rows:
        return empty_picture("emerging", words, title)
    bands = Bands(rows, words, head)
    told: list[Row] = [{**row, "name": bands.names[str(row["label"])]} for row in rows]
    y = bands.y()
    x = alt.X("observed:Q", title=words.say("reports"), axis=alt.Axis(tickCount=5), scale=alt.Scale(zero=True))
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("observed:Q", title=words.say("now"), format=","),
        alt.Tooltip("expected:Q", title=words.say("usual"), format=",.1f"),
    ]
    base = alt.Chart(inline(told)).encode(y=y)
    remarks = {
        str(row["label"]): f"{words.number(number_of(row, 'observed') or 0)} · {words.say('usual')} "
        f"{words.number(number_of(row, 'expected') or 0, 1)}"
        for row in rows
    }
    layers = [
        base.mark_bar(size=9, yOffset=bands.lower, color=GREY, opacity=0.4).encode(
            x=alt.X("low:Q"), x2=alt.X2("high:Q")
        ),
        base.mark_tick(size=13, thickness=2, yOffset=bands.lower, color=GREY).encode(x=alt.X("expected:Q")),
        base.mark_point(filled=True, size=80, opacity=1, yOffset=bands.lower, color=ORANGE).encode(x=x, tooltip=tips),
        *bands.draw_names(remarks),
    ]
    top = rows[0]
    description = words.say(
        "emerging_text",
        n=len(rows),
        name=bands.names[str(top["label"])],
        observed=words.number(number_of(top, "observed") or 0.0),
        expected=words.number(number_of(top, "expected") or 0.0, 1),
    )
    return picture("emerging", words, title, description, layers, height=bands.height)


def _draw_lines(rows: Sequence[Row], words: Words, x: "alt.X") -> "list[alt.Chart]":
    import altair as alt

    kinds = [words.say("fitted"), words.say("counterfactual")]
    listed: list[Row] = [
        {"day": row["day"], "value": value, "which": words.say(which), "piece": f"{which}{row['after']}"}
        for row in rows
        for which in ("fitted", "counterfactual")
        if (value := number_of(row, which)) is not None
    ]
    legend = alt.Legend(columns=2)
    colour = alt.Color("which:N", scale=alt.Scale(domain=kinds, range=[BLUE, ORANGE]), legend=legend)
    dash = alt.StrokeDash("which:N", scale=alt.Scale(domain=kinds, range=[[1, 0], [5, 4]]), legend=legend)
    line = alt.Chart(inline(listed)).mark_line(strokeWidth=2)
    return [line.encode(x=x, y=alt.Y("value:Q"), color=colour, strokeDash=dash, detail=alt.Detail("piece:N"))]


def _describe(rows: Sequence[Row], words: Words, mark: Row, is_share: bool) -> str:
    def write(value: float | None) -> str:
        if value is None:
            return words.say("not_enough")
        return words.percent(value, 1) if is_share else words.number(value, 1)

    return words.say(
        "policy_effect_text",
        start=words.short_day(day_of(rows[0])),
        end=words.short_day(day_of(rows[-1])),
        title=mark["title"],
        day=words.short_day(day_of(mark)),
        fitted=write(number_of(rows[-1], "fitted")),
        counterfactual=write(number_of(rows[-1], "counterfactual")),
    )
