"""How answers of the figures are written: JSON in the shape of their dataclasses, CSV with a line for each row."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Final, Literal, TypeVar

from pydantic import TypeAdapter
from starlette.responses import Response

from service.csv_cells import neutralise_cell
from service.statistics import Answer, Part

Format = Literal["json", "csv"]
Told = TypeVar("Told", bound=Answer)
Cell = str | int | float | bool | None
_PLACES: Final = 6


Declared = dict[int | str, dict[str, object]]


def in_both_forms(declared: Declared) -> Declared:
    """The answers of a route, its 200 also as a table."""
    return {**declared, 200: {**declared[200], "content": {"text/csv": {"schema": {"type": "string"}}}}}


def write_answer(adapter: TypeAdapter[Told], answer: Told, rows: Sequence[object], form: Format) -> Response:
    """The answer in the form asked for; ``rows`` are what a table of it lists."""
    if form == "csv":
        return Response(
            _write_csv(answer, rows).encode(),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{answer.definition}.csv"'},
        )
    return Response(adapter.dump_json(answer), media_type="application/json")


def _write_csv(answer: Answer, rows: Sequence[object]) -> str:
    """Each row with what every answer carries, so that a line alone tells what it means."""
    origin: dict[str, Cell] = {
        "definition": answer.definition,
        "start": answer.period.start.isoformat(),
        "end": answer.period.end.isoformat(),
        "bundles": " ".join(answer.bundles),
    }
    lines = [dict(_flatten("", row)) | origin for row in rows]
    names = list(dict.fromkeys(name for line in lines for name in line)) or list(origin)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(names)
    for line in lines:
        writer.writerow([neutralise_cell(line.get(name)) for name in names])
    # Spreadsheet programs show accents only after a byte order mark.
    return "\ufeff" + stream.getvalue()


def _flatten(name: str, value: object) -> Iterator[tuple[str, Cell]]:
    inner = _open(value)
    if inner is None:
        yield name, _write(value)
    for key, one in inner or ():
        yield from _flatten(f"{name}_{key}" if name else key, one)


def _open(value: object) -> list[tuple[str, object]] | None:
    """What a value is made of, None for a plain one."""
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, tuple | list):
        return [(_name_place(one, place), one) for place, one in enumerate(value)]
    return None


def _write(value: object) -> Cell:
    if isinstance(value, float):
        return round(value, _PLACES)
    return value if value is None or isinstance(value, str | int) else str(value)


def _name_place(value: object, place: int) -> str:
    """A part of a time is named by itself, anything else by its number."""
    return value.part if isinstance(value, Part) else str(place + 1)
