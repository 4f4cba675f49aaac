"""Draws pictures beside the requests: altair takes a tenth of a second for each, in which others would wait."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from model.prediction import JsonValue
from service.charts import Picture, trust_charts


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture with its specification made; what ``ui.chart`` of a template takes."""

    title: str
    description: str
    notes: tuple[str, ...]
    made: dict[str, JsonValue]

    def spec(self, *, has_title: bool = False) -> dict[str, JsonValue]:
        """The specification, whose title stands in the page."""
        return {**self.made, "title": self.title} if has_title else self.made


async def draw(pictures: Mapping[str, Callable[[], Picture | None]]) -> dict[str, Drawn | None]:
    """Draw each picture by its name, in a thread; None where there is none."""
    return await asyncio.to_thread(_draw, pictures)


def _draw(pictures: Mapping[str, Callable[[], Picture | None]]) -> dict[str, Drawn | None]:
    trust_charts()
    return {name: _make(draw_one()) for name, draw_one in pictures.items()}


def _make(picture: Picture | None) -> Drawn | None:
    if picture is None:
        return None
    return Drawn(picture.title, picture.description, picture.notes, picture.spec(has_title=False))
