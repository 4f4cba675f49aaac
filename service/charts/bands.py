"""Charts with a band for each label: the name stands above its marks, so that long names fit on a telephone.

Bands come in the order of the taxonomy. Nothing here sorts by a figure: there are no ranks.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from service.charts.picture import FONT, INK, Row, inline, pin_x, wrap
from service.charts.words import Words

if TYPE_CHECKING:
    import altair as alt

_LINE: Final = 13
_ROOM: Final = 27
_SHORT: Final = 38


class Bands:
    """The bands of some rows: one for each label of a head, in the order of the taxonomy."""

    def __init__(self, rows: Sequence[Row], words: Words, head: str, key: str = "label") -> None:
        slugs = {str(row[key]): None for row in rows}
        self.slugs = sorted(slugs, key=lambda slug: words.order(head, slug))
        self.names = {slug: words.label(head, slug) for slug in self.slugs}
        self._written = {slug: wrap(name, _SHORT) for slug, name in self.names.items()}
        self._n_lines = max((name.count("\n") + 1 for name in self._written.values()), default=1)
        self._key = key

    @property
    def height(self) -> int:
        """Pixels of the whole chart."""
        return len(self.slugs) * self._band

    @property
    def lower(self) -> float:
        """How far below the middle of a band its marks stand, in pixels."""
        return self._band / 2 - 11

    @property
    def _band(self) -> int:
        return _ROOM + _LINE * self._n_lines

    def y(self) -> "alt.Y":
        """The bands as an axis without letters of its own."""
        import altair as alt

        return alt.Y(f"{self._key}:N", sort=self.slugs, axis=None, scale=alt.Scale(domain=self.slugs, padding=0))

    def draw_names(self, remarks: Mapping[str, str]) -> "list[alt.Chart]":
        """The names at the left, and a remark for each at the right, both just above the marks."""
        import altair as alt

        rows = [{self._key: slug, "name": self._lower(slug), "remark": remarks.get(slug, "")} for slug in self.slugs]
        base = alt.Chart(inline(rows)).encode(y=self.y())
        up = 3 - self._band / 2
        name = base.mark_text(
            align="left", baseline="top", dy=up, color=INK, fontSize=11, font=FONT, lineBreak="\n", lineHeight=_LINE
        )
        down = up + _LINE * (self._n_lines - 1)
        remark = base.mark_text(align="right", baseline="top", dy=down, color=INK, fontSize=10, opacity=0.8)
        return [
            name.encode(x=pin_x(0), text=alt.Text("name:N")),
            remark.encode(x=pin_x("width"), text=alt.Text("remark:N")),
        ]

    def _lower(self, slug: str) -> str:
        """The name, led by empty lines where others are longer, so that it ends just above its marks."""
        written = self._written[slug]
        return "\n" * (self._n_lines - 1 - written.count("\n")) + written
