"""A document as PDF, or as pictures of its pages: typst sets it with fonts of its own, so bytes are the same anywhere.

The template reads words from a JSON file, so that no word can be taken for markup. The PDF is tagged (PDF/UA-1) and
carries the appendix as an attachment.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final

import typst

from model.prediction import JsonValue
from service.charts import Picture
from service.reporting.appendix import align_right, write_appendix
from service.reporting.document import Document, Page, Table, write_cell
from service.reporting.drawing import draw

_TEMPLATE: Final = Path(__file__).with_name("report.typ")
_HALF_PAGE: Final = 370
# What title, axis and legend take beside a picture's own height.
_ROOM: Final = 70.0
_PPI: Final = 110


def typeset(document: Document) -> bytes:
    """The document as PDF."""
    pages = typst.compile(  # type: ignore[call-overload]  # its stub leaves out that files may come as a dict
        _gather(document),
        format="pdf",
        ignore_system_fonts=True,
        timestamp=round(datetime.combine(document.fixed_on, time(), UTC).timestamp()),
        pdf_standards=["ua-1"],
    )
    return bytes(pages)


def photograph(document: Document) -> list[bytes]:
    """A PNG of each page."""
    pages = typst.compile(  # type: ignore[call-overload]  # as above
        _gather(document), format="png", ignore_system_fonts=True, ppi=_PPI
    )
    return [pages] if isinstance(pages, bytes) else list(pages)


def _gather(document: Document) -> dict[str, bytes]:
    """All files of the job by name."""
    files = {"main.typ": _TEMPLATE.read_bytes(), "appendix.json": write_appendix(document).encode()}
    pages: list[JsonValue] = []
    for place, page in enumerate(document.pages):
        names = [f"picture-{place}-{number}.svg" for number in range(len(page.pictures))]
        for name, picture in zip(names, page.pictures, strict=True):
            files[name] = draw(picture, _HALF_PAGE).encode()
        pages.append(_describe_page(page, names, document))
    words = document.words
    report: dict[str, JsonValue] = {
        "title": document.title,
        "author": "Pilah",
        "keywords": [document.month.strftime("%Y-%m")],
        "description": document.banner,
        "language": words.language,
        "banner": document.banner,
        "footer": document.footer,
        "appendix": "Angka, definisi dan alamat" if words.language == "id" else "Figures, definitions and addresses",
        "pages": pages,
    }
    files["report.json"] = json.dumps(report, ensure_ascii=False).encode()
    return files


def _describe_page(page: Page, names: list[str], document: Document) -> dict[str, JsonValue]:
    return {
        "title": page.title,
        "subtitle": page.subtitle,
        "tiles": [{"written": tile.written, "label": tile.label, "text": tile.sentence.text} for tile in page.tiles],
        "sentences": [sentence.text for sentence in page.sentences],
        "columns": _arrange(page.pictures, names),
        "tables": [_describe_table(table, document) for table in page.tables],
        "paragraphs": [list(paragraph) for paragraph in page.paragraphs],
        "remarks": list(page.remarks),
    }


def _arrange(pictures: Sequence[Picture], names: Sequence[str]) -> list[JsonValue]:
    """Pictures in two columns, each put below the shorter one."""
    columns: tuple[list[JsonValue], list[JsonValue]] = ([], [])
    heights = [0.0, 0.0]
    for picture, name in zip(pictures, names, strict=True):
        place = heights.index(min(heights))
        columns[place].append(_describe_picture(picture, name))
        height = picture.spec()["height"]
        heights[place] += _ROOM + (float(height) if isinstance(height, int | float) else 0.0)
    return list(columns)


def _describe_picture(picture: Picture, name: str) -> dict[str, JsonValue]:
    return {"file": name, "title": picture.title, "alt": picture.description, "notes": " · ".join(picture.notes)}


def _describe_table(table: Table, document: Document) -> dict[str, JsonValue]:
    return {
        "title": table.title,
        "note": table.note,
        "columns": [
            {"name": column.name, "is_number": is_number}
            for column, is_number in zip(table.columns, align_right(table.columns), strict=True)
        ],
        "rows": [
            [write_cell(cell, column.form, document.words) for cell, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ],
    }
