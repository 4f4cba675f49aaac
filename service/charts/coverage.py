"""The bundle at work: what it decided alone month by month, and whether its confidence comes true."""

from collections.abc import Sequence
from typing import Final

from service.charts.picture import (
    BLUE,
    GREY,
    ORANGE,
    Picture,
    Row,
    day_of,
    empty_picture,
    inline,
    number_of,
    picture,
)
from service.charts.words import Words

DECISIONS: Final = ("auto", "suggest", "human")


def coverage_bars(rows: Sequence[Row], words: Words) -> Picture:
    """The share of reports decided alone, suggested and left to people, month by month.

    ``rows``: month (its first day), decision (one of `DECISIONS`), n.
    """
    import altair as alt

    title = words.say("coverage_bars")
    if not rows:
        return empty_picture("coverage_bars", words, title)
    names = {decision: words.say(decision) for decision in DECISIONS}
    told: list[Row] = [
        {
            **row,
            "who": names[str(row["decision"])],
            "when": words.month(day_of(row, "month")),
            "place": DECISIONS.index(str(row["decision"])),
        }
        for row in rows
    ]
    scale = alt.Scale(domain=list(names.values()), range=[BLUE, ORANGE, GREY])
    axis = alt.Axis(format="%b %Y", labelOverlap=True, labelAngle=0, grid=False)
    bars = alt.Chart(inline(told)).mark_bar(stroke="white", strokeWidth=0.4)
    drawn = bars.encode(
        x=alt.X("yearmonth(month):O", title=None, axis=axis, timeUnit="utcyearmonth"),
        y=alt.Y("n:Q", stack="normalize", title=None, axis=alt.Axis(format=".0%", tickCount=5)),
        color=alt.Color("who:N", scale=scale, legend=alt.Legend(columns=3)),
        order=alt.Order("place:O"),
        tooltip=[
            alt.Tooltip("when:N", title=words.say("month")),
            alt.Tooltip("who:N", title=" "),
            alt.Tooltip("n:Q", title=words.say("reports"), format=","),
        ],
    )
    return picture("coverage_bars", words, title, _describe(rows, words), [drawn], height=200)


def reliability(rows: Sequence[Row], words: Words) -> Picture:
    """The share of right answers over confidence, with intervals and the line on which both agree.

    ``rows``: confidence, right, n, low, high.
    """
    import altair as alt

    title = words.say("reliability")
    if not rows:
        return empty_picture("reliability", words, title)
    scale = alt.Scale(domain=[0, 1], padding=0)
    axis = alt.Axis(format=".0%", tickCount=5)
    x = alt.X("confidence:Q", title=words.say("confidence"), scale=scale, axis=axis)
    y = alt.Y("right:Q", title=words.say("right"), scale=scale, axis=axis)
    base = alt.Chart(inline(rows)).encode(x=x)
    line = alt.Chart(inline([{"confidence": 0, "right": 0}, {"confidence": 1, "right": 1}]))
    tips = [
        alt.Tooltip("confidence:Q", title=words.say("confidence"), format=".1%"),
        alt.Tooltip("right:Q", title=words.say("right"), format=".1%"),
        alt.Tooltip("n:Q", title=words.say("reports"), format=","),
    ]
    size = alt.Size("n:Q", scale=alt.Scale(range=[20, 200]), legend=None)
    layers = [
        line.mark_line(color=GREY, strokeDash=[5, 4]).encode(x=x, y=y),
        base.mark_rule(color=BLUE, strokeWidth=1.5).encode(y=alt.Y("low:Q", scale=scale), y2=alt.Y2("high:Q")),
        base.mark_point(color=BLUE, filled=True, opacity=1).encode(y=y, size=size, tooltip=tips),
    ]
    gap = max(abs((number_of(row, "right") or 0.0) - (number_of(row, "confidence") or 0.0)) for row in rows)
    told = words.say("reliability_text", n=len(rows), gap=words.percent(gap, 1))
    return picture("reliability", words, title, told, layers, height=280)


def _describe(rows: Sequence[Row], words: Words) -> str:
    last = max(day_of(row, "month") for row in rows)
    counts = {str(row["decision"]): number_of(row, "n") or 0.0 for row in rows if day_of(row, "month") == last}
    total = sum(counts.values()) or 1.0
    shares = ", ".join(f"{words.say(which)} {words.percent(counts.get(which, 0.0) / total)}" for which in DECISIONS)
    return words.say("coverage_bars_text", month=words.month(last), shares=shares)
