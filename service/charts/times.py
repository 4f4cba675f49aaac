"""Time: its split between office, units and reporter, and how many reports end within how many days, and how."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from service.charts.bands import Bands
from service.charts.picture import (
    BLUE,
    BROWN,
    GREY,
    HUES,
    INK,
    ORANGE,
    PURPLE,
    Picture,
    Row,
    empty_picture,
    inline,
    number_of,
    picture,
    pin_y,
)
from service.charts.words import Words

if TYPE_CHECKING:
    import altair as alt

# In the order in which a report meets them.
PARTS: Final = ("verification", "misrouted", "handling", "reporter")
OUTCOMES: Final = ("answered", "transferred", "returned", "rejected", "archived", "merged", "erased")
# Between the curve of answers, which is mostly high, and those of other ends.
_LABEL_DOWN: Final = 110
# An axis of days shows so many, so that its steps are whole.
_FEWEST_DAYS: Final = 5.0
_DASHES: Final = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3], [10, 4])


def time_split(rows: Sequence[Row], words: Words, *, head: str = "agency", title: str = "") -> Picture:
    """Working days of each unit's reports by whose they were; medians do not add up, so no total is told.

    ``rows``: label, part (one of `PARTS`), days; and n where known.
    """
    import altair as alt

    title = title or words.say("time_split")
    if not rows:
        return empty_picture("time_split", words, title)
    bands = Bands(rows, words, head)
    names = {part: words.say(part) for part in PARTS}
    told: list[Row] = [
        {
            **row,
            "name": bands.names[str(row["label"])],
            "whose": names[str(row["part"])],
            "place": PARTS.index(str(row["part"])),
        }
        for row in rows
    ]
    scale = alt.Scale(domain=list(names.values()), range=[BROWN, ORANGE, BLUE, GREY])
    bar = alt.Chart(inline(told)).mark_bar(size=12, yOffset=bands.lower, stroke="white", strokeWidth=0.6)
    drawn = bar.encode(
        y=bands.y(),
        x=alt.X(
            "days:Q",
            stack="zero",
            title=words.say("working_days"),
            axis=alt.Axis(tickCount=5, format=",d"),
            scale=alt.Scale(domain=[0, max(_FEWEST_DAYS, *_add_up(rows))]),
        ),
        color=alt.Color("whose:N", scale=scale, legend=alt.Legend(columns=2)),
        order=alt.Order("place:O"),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("whose:N", title=" "),
            alt.Tooltip("days:Q", title=words.say("working_days"), format=",.1f"),
        ],
    )
    description = words.say("time_split_text", n=len(bands.slugs))
    return picture("time_split", words, title, description, [drawn, *bands.draw_names({})], height=bands.height)


def cumulative_incidence(
    rows: Sequence[Row], words: Words, *, deadline_days: int | None = None, title: str = ""
) -> Picture:
    """The share of reports that ended in each way up to each working day, competing ways beside each other.

    ``rows``: outcome (one of `OUTCOMES`), days, share; low and high where known (drawn for answers).
    """
    import altair as alt

    title = title or words.say("cumulative_incidence")
    if not rows:
        return empty_picture("cumulative_incidence", words, title)
    present = [outcome for outcome in OUTCOMES if any(row["outcome"] == outcome for row in rows)]
    names = [words.say(outcome) for outcome in present]
    told: list[Row] = [{**row, "how": words.say(str(row["outcome"]))} for row in rows]
    places = [OUTCOMES.index(outcome) for outcome in present]
    legend = alt.Legend(columns=3)
    hues = (BLUE, ORANGE, PURPLE, *HUES[2:3], BROWN, GREY, GREY)
    colour = alt.Color("how:N", scale=alt.Scale(domain=names, range=[hues[place] for place in places]), legend=legend)
    dash = alt.StrokeDash(
        "how:N", scale=alt.Scale(domain=names, range=[_DASHES[place] for place in places]), legend=legend
    )
    longest = max(*(number_of(row, "days") or 0.0 for row in rows), (deadline_days or 0) + 1)
    domain = alt.Scale(domain=[0, longest], nice=False)
    x = alt.X("days:Q", title=words.say("working_days"), axis=alt.Axis(tickCount=6, grid=False), scale=domain)
    y = alt.Y("share:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", tickCount=5))
    tips = [
        alt.Tooltip("how:N", title=" "),
        alt.Tooltip("days:Q", title=words.say("working_days")),
        alt.Tooltip("share:Q", title=words.say("share"), format=".1%"),
    ]
    lines = alt.Chart(inline(told)).mark_line(interpolate="step-after", strokeWidth=2)
    layers = [lines.encode(x=x, y=y, color=colour, strokeDash=dash, tooltip=tips)]
    banded = [row for row in told if row["outcome"] == "answered" and number_of(row, "low") is not None]
    if banded:
        area = alt.Chart(inline(banded)).mark_area(interpolate="step-after", color=BLUE, opacity=0.18)
        layers.insert(0, area.encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")))
    if deadline_days is not None:
        layers += _draw_clock(deadline_days, longest, words, x)
    return picture("cumulative_incidence", words, title, _describe(told, words, present), layers, height=240)


def _draw_clock(deadline_days: int, longest: float, words: Words, x: "alt.X") -> "list[alt.Chart]":
    import altair as alt

    clock = alt.Chart(inline([{"days": deadline_days, "name": words.say("deadline", n=deadline_days)}])).encode(x=x)
    if deadline_days > longest / 2:
        text = clock.mark_text(align="right", dx=-4, baseline="top", color=INK, fontSize=10)
    else:
        text = clock.mark_text(align="left", dx=4, baseline="top", color=INK, fontSize=10)
    return [
        clock.mark_rule(color=INK, strokeDash=[3, 3]),
        text.encode(y=pin_y(_LABEL_DOWN), text=alt.Text("name:N")),
    ]


def _add_up(rows: Sequence[Row]) -> list[float]:
    """How far the bars reach."""
    totals: dict[str, float] = {}
    for row in rows:
        totals[str(row["label"])] = totals.get(str(row["label"]), 0.0) + (number_of(row, "days") or 0.0)
    return list(totals.values())


def _describe(rows: Sequence[Row], words: Words, present: Sequence[str]) -> str:
    last = max(number_of(row, "days") or 0.0 for row in rows)
    ends = {
        outcome: max(number_of(row, "share") or 0.0 for row in rows if row["outcome"] == outcome) for outcome in present
    }
    shares = ", ".join(f"{words.say(outcome)} {words.percent(share)}" for outcome, share in ends.items())
    return words.say("cumulative_incidence_text", last=words.number(last), shares=shares)
