"""Tiles of places and the calendar of days: where and when reports came in."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil, sqrt
from typing import TYPE_CHECKING, Final

from service.charts.picture import (
    BLUE,
    GREY,
    INK,
    Picture,
    Row,
    day_of,
    empty_picture,
    inline,
    number_of,
    picture,
    wrap,
)
from service.charts.words import Words

if TYPE_CHECKING:
    import altair as alt

_COLUMNS: Final = 5
_WIDE_COLUMNS: Final = 6
_TILE: Final = 58
# Above so many districts tiles are smaller, so that they fit a page.
_FEW: Final = 16
_SMALL_TILE: Final = 42
_HEAD: Final = 0.45


def district_tiles(rows: Sequence[Row], words: Words) -> Picture:
    """A tile for each place, darker where more reports came from; villages stand in a block under their district.

    ``rows``: district, n (None: withheld), and village where a row tells of one. Any city's places will do: tiles are
    laid out from the rows, and say that they are no map. Rows may bring their own ``column`` and ``row``.
    """
    import altair as alt

    title = words.say("district_tiles")
    if not rows:
        return empty_picture("district_tiles", words, title)
    tiles, heads, depth = _lay_out(rows, words)
    scale = alt.Scale(domain=[0, _count_columns(tiles)], nice=False, zero=False)
    down = alt.Scale(domain=[0, depth], reverse=True, nice=False, zero=False)
    most = max((number_of(row, "n") or 0.0 for row in rows), default=0.0)
    tile = _TILE if len(rows) <= _FEW or heads else _SMALL_TILE
    base = alt.Chart(inline(tiles))
    x, y = alt.X("left:Q", scale=scale, axis=None), alt.Y("top:Q", scale=down, axis=None)
    opacity = alt.Opacity("n:Q", scale=alt.Scale(domain=[0, most or 1], range=[0.05, 0.75]), legend=None)
    tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("written:N", title=words.say("reports"))]
    square = base.mark_rect(color=BLUE, stroke=GREY, strokeWidth=0.5, cornerRadius=3)
    middle = alt.X("middle:Q", scale=scale, axis=None)
    name = base.mark_text(color=INK, fontSize=9, baseline="top", dy=4, lineBreak="\n", lineHeight=10)
    number = base.mark_text(color=INK, fontSize=12, fontWeight="bold", baseline="bottom", dy=-3)
    head = alt.Chart(inline(heads)).mark_text(color=INK, fontSize=11, align="left", baseline="middle")
    layers = [
        square.encode(x=x, x2=alt.X2("right:Q"), y=y, y2=alt.Y2("bottom:Q"), opacity=opacity, tooltip=tips),
        name.encode(x=middle, y=y, text=alt.Text("short:N")),
        number.encode(x=middle, y=alt.Y("bottom:Q", scale=down, axis=None), text=alt.Text("written:N")),
        *([head.encode(x=x, y=y, text=alt.Text("name:N"))] if heads else []),
    ]
    top = max(rows, key=lambda row: number_of(row, "n") or 0.0)
    told = words.say("district_tiles_text", n=len(rows), name=_name(top), most=words.number(most))
    return picture("district_tiles", words, title, told, layers, height=round(depth * tile))


def intake_calendar(rows: Sequence[Row], words: Words) -> Picture:
    """Days as squares, a column for each week, darker where more reports came in.

    ``rows``: day, n; days that are not there are left empty.
    """
    import altair as alt

    title = words.say("intake_calendar")
    if not rows:
        return empty_picture("intake_calendar", words, title)
    names = words.weekdays()
    told: list[Row] = [
        {
            "week": day_of(row) - timedelta(days=day_of(row).weekday()),
            "weekday": names[day_of(row).weekday()],
            "n": row["n"],
            "when": words.short_day(day_of(row)),
        }
        for row in rows
    ]
    counts = [(number_of(row, "n") or 0.0, day_of(row)) for row in rows]
    most, peak = max(counts)
    square = alt.Chart(inline(told)).mark_rect(color=BLUE, stroke=GREY, strokeWidth=0.3, strokeOpacity=0.5)
    drawn = square.encode(
        x=alt.X("week:O", timeUnit="utcyearmonthdate", title=None, axis=_name_months()),
        y=alt.Y("weekday:N", sort=list(names), title=None, axis=alt.Axis(ticks=False, domain=False)),
        opacity=alt.Opacity("n:Q", scale=alt.Scale(domain=[0, most or 1], range=[0.03, 0.9]), legend=None),
        tooltip=[
            alt.Tooltip("when:N", title=words.say("day")),
            alt.Tooltip("n:Q", title=words.say("reports"), format=","),
        ],
    )
    description = words.say(
        "intake_calendar_text",
        start=words.short_day(min(day for _, day in counts)),
        end=words.short_day(max(day for _, day in counts)),
        total=words.number(sum(n for n, _ in counts)),
        most=words.number(most),
        peak=words.short_day(peak),
    )
    return picture("intake_calendar", words, title, description, [drawn], height=140)


def _name_months() -> "alt.Axis":
    """An axis of weeks that names each month once, at its first week."""
    import altair as alt

    first = "utcdate(datum.value) <= 7 ? utcFormat(datum.value, '%b %Y') : ''"
    return alt.Axis(
        labelExpr=first, labelOverlap="greedy", labelAngle=0, ticks=False, domain=False, labelAlign="left", grid=False
    )


def _lay_out(rows: Sequence[Row], words: Words) -> tuple[list[Row], list[Row], float]:
    """Tiles, names of blocks, and how deep all of it is, in tiles."""
    if not any(row.get("village") for row in rows):
        n_columns = min(4, ceil(sqrt(len(rows)))) if len(rows) <= _FEW else _WIDE_COLUMNS
        return _lay_block(rows, words, 0.0, n_columns)
    tiles: list[Row] = []
    heads: list[Row] = []
    depth = 0.0
    for district in dict.fromkeys(str(row["district"]) for row in rows):
        block = [row for row in rows if str(row["district"]) == district]
        counts = [number_of(row, "n") for row in block]
        known = [n for n in counts if n is not None]
        # A total beside all but one would tell what is withheld.
        total = f"  {words.number(sum(known))}" if len(known) == len(counts) else ""
        heads.append({"name": f"{district}{total}", "left": 0.0, "top": depth + _HEAD / 2})
        placed, _, depth = _lay_block(block, words, depth + _HEAD, _COLUMNS)
        tiles += placed
    return tiles, heads, depth


def _lay_block(rows: Sequence[Row], words: Words, start: float, n_columns: int) -> tuple[list[Row], list[Row], float]:
    tiles: list[Row] = []
    for place, row in enumerate(rows):
        column, line = number_of(row, "column"), number_of(row, "row")
        left = column if column is not None else float(place % n_columns)
        top = start + (line if line is not None else place // n_columns)
        n = number_of(row, "n")
        name = _name(row)
        tile: Row = {
            "name": name,
            "short": wrap(name, 11),
            "n": n,
            "written": words.say("suppressed") if n is None else words.number(n),
            "left": left + 0.02,
            "right": left + 0.98,
            "middle": left + 0.5,
            "top": top + 0.02,
            "bottom": top + 0.98,
        }
        tiles.append(tile)
    return tiles, [], max(number_of(tile, "bottom") or 0.0 for tile in tiles) + 0.02


def _count_columns(tiles: Sequence[Row]) -> int:
    return ceil(max(number_of(tile, "right") or 1.0 for tile in tiles))


def _name(row: Row) -> str:
    return str(row.get("village") or row["district"])
