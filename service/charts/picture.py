"""A picture: an altair chart with its title, its description in words, and how it is written for page, print or file.

Letters take the colour of the page they stand on and hues read on white and on near black, so one picture serves both.
Channels are written as objects (``alt.Text("name:N")``): for a bare word altair searches all its classes, 5 ms each.
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
        # Not checked against its schema each time, which took a quarter of the processor time; a test does it.
        written = cast("dict[str, JsonValue]", self.chart.to_dict(validate=False))
        rows = cast("Mapping[str, Sequence[JsonValue]]", written.get("datasets", {}))
        written["datasets"] = {name: list(values) for name, values in rows.items()}
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

    # All at once: each method of a chart copies it and its rows.
    chart = alt.layer(
        *layers,
        width=CONTAINER,
        height=height,
        description=f"{title}. {description}",
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        config=_configure(words),
    )
    return Picture(name, title, description, cast("alt.LayerChart", chart), tuple(notes))


def trust_charts() -> None:
    """Let altair not check each object against its schema, which takes half of a chart's time; tests have done it."""
    from altair.utils import schemapi

    schemapi.DEBUG_MODE = False


def empty_picture(name: str, words: Words, title: str) -> Picture:
    """A picture that says in words that there is nothing to draw."""
    import altair as alt

    nothing = words.say("nothing")
    text = alt.Chart(inline([{"text": nothing}])).mark_text(align="left", color=INK, fontSize=12)
    layer = text.encode(x=pin_x(0), y=pin_y(20), text=alt.Text("text:N"))
    return picture(name, words, title, nothing, [layer], height=40)


def inline(rows: Sequence[Row]) -> "alt.InlineData":
    """Rows within the specification; days as ISO dates."""
    import altair as alt

    # A tuple, which altair does not copy with the chart.
    plain = tuple({key: _plain(cell) for key, cell in row.items()} for row in rows)
    return alt.InlineData(values=cast("Any", plain))


def pin_x(value: float | str) -> "alt.XValue":
    """A place on the x axis in pixels, or the width."""
    import altair as alt

    return alt.XValue(value)  # type: ignore[no-untyped-call]  # so in altair


def pin_y(value: float | str) -> "alt.YValue":
    """A place on the y axis in pixels, or the height."""
    import altair as alt

    return alt.YValue(value)  # type: ignore[no-untyped-call]  # so in altair


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


def _configure(words: Words) -> "alt.Config":
    import altair as alt

    colours = {"labelColor": INK, "titleColor": INK, "tickColor": GREY, "domainColor": GREY}
    axis = {**colours, "gridColor": GREY, "gridOpacity": 0.25, "labelFontSize": 11, "titleFontSize": 12}
    legend = {"labelColor": INK, "titleColor": INK, "labelFontSize": 11, "labelLimit": 220, "orient": "top"}
    return alt.Config(
        font=FONT,
        background="transparent",
        locale=cast("Any", words.locale()),
        padding=4,
        lineBreak="\n",
        axis=alt.AxisConfig(**cast("Any", axis), titleFontWeight="normal"),
        legend=alt.LegendConfig(**cast("Any", legend), title=None, symbolStrokeWidth=2),
        view=alt.ViewConfig(stroke=None),
        text=alt.MarkConfig(color=INK, fontSize=11),
    )
