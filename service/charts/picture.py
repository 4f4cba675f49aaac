"""A picture: an altair chart with its title, its description in words, and how it is written for page, print or file.

Letters take the colour of the page they stand on and hues read on white and on near black, so one picture serves both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

from model.prediction import JsonValue
from service.charts.words import Words

if TYPE_CHECKING:
    import altair as alt

Cell = str | float | bool | date | None
Row = Mapping[str, Cell]

# Told apart by people who do not see red or green (after Okabe and Ito 2008), 3:1 against white and #14181c.
BLUE: Final = "#3b7cc4"
ORANGE: Final = "#cf6a14"
TEAL: Final = "#16907a"
PURPLE: Final = "#a8628f"
BROWN: Final = "#8f7a2e"
GREY: Final = "#828282"
HUES: Final = (BLUE, ORANGE, TEAL, PURPLE, BROWN, GREY)
INK: Final = "currentColor"
# The same widths as Arial and Helvetica, so that the layout holds where Liberation Sans is missing.
FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
CONTAINER: Final = "container"
_WRAPPED: Final = 44


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as wide as its container, what it shows in words, and the notes that its numbered signs refer to."""

    name: str
    title: str
    description: str
    chart: "alt.LayerChart"
    notes: tuple[str, ...] = ()

    def spec(self, width: int | None = None, *, has_title: bool = True) -> dict[str, JsonValue]:
        """The Vega-Lite specification: as wide as its container, or ``width`` pixels; without title on request."""
        written = cast("dict[str, JsonValue]", self.chart.to_dict())
        if width is not None:
            written["width"] = width
            written["autosize"] = {"type": "fit-x", "contains": "padding"}
        if has_title:
            written["title"] = {"text": self.title, "anchor": "start", "color": INK, "fontSize": 13}
        return written


def picture(
    name: str,
    words: Words,
    title: str,
    description: str,
    layers: "Sequence[alt.Chart]",
    *,
    height: int,
    notes: Sequence[str] = (),
) -> Picture:
    """Layers put on top of each other, with the configuration of the house."""
    import altair as alt

    chart = alt.layer(*layers).properties(
        width=CONTAINER,
        height=height,
        description=f"{title}. {description}",
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return Picture(name, title, description, _configure(cast("alt.LayerChart", chart), words), tuple(notes))


def empty_picture(name: str, words: Words, title: str) -> Picture:
    """A picture that says in words that there is nothing to draw."""
    import altair as alt

    nothing = words.say("nothing")
    text = alt.Chart(inline([{"text": nothing}])).mark_text(align="left", color=INK, fontSize=12)
    layer = text.encode(x=alt.value(0), y=alt.value(20), text="text:N")
    return picture(name, words, title, nothing, [layer], height=40)


def inline(rows: Sequence[Row]) -> "alt.InlineData":
    """Rows within the specification; days as ISO dates."""
    import altair as alt

    plain = [{key: _plain(cell) for key, cell in row.items()} for row in rows]
    return alt.InlineData(values=cast("Any", plain))


def wrap(name: str, n_letters: int = _WRAPPED) -> str:
    """A name in lines of ``n_letters`` at most, but for a longer word."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > n_letters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def days_axis(grain: str = "month") -> "alt.Axis":
    """An axis of days with few, short names."""
    import altair as alt

    return alt.Axis(format="%b %Y" if grain == "month" else "%-d %b %Y", tickCount=5, labelOverlap=True, grid=False)


def day_of(row: Row, key: str = "day") -> date:
    """The day of a row, which may be written in ISO form."""
    cell = row[key]
    return cell if isinstance(cell, date) else date.fromisoformat(str(cell))


def number_of(row: Row, key: str) -> float | None:
    """The number of a row; None where there is none."""
    cell = row.get(key)
    return float(cell) if isinstance(cell, int | float) else None


def is_enough(row: Row) -> bool:
    """Whether a row has data enough for its figure."""
    return row.get("enough") is not False


def _plain(cell: Cell) -> JsonValue:
    return cell.isoformat() if isinstance(cell, date) else cell


def _configure(chart: "alt.LayerChart", words: Words) -> "alt.LayerChart":
    colours = {"labelColor": INK, "titleColor": INK, "tickColor": GREY, "domainColor": GREY}
    axis = {**colours, "gridColor": GREY, "gridOpacity": 0.25, "labelFontSize": 11, "titleFontSize": 12}
    legend = {"labelColor": INK, "titleColor": INK, "labelFontSize": 11, "labelLimit": 220, "orient": "top"}
    configured = chart.configure(
        font=FONT, background="transparent", locale=cast("Any", words.locale()), padding=4, lineBreak="\n"
    )
    configured = configured.configure_axis(**cast("Any", axis), titleFontWeight="normal")
    configured = configured.configure_legend(**cast("Any", legend), title=None, symbolStrokeWidth=2)
    return cast("alt.LayerChart", configured.configure_view(stroke=None).configure_text(color=INK, fontSize=11))
