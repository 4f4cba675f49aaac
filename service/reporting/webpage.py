"""A document as one HTML file that stands alone: pictures inside, no script that runs, nothing from other hosts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from service.charts import Picture
from service.reporting.appendix import write_appendix
from service.reporting.document import Document, Page, Table, write_cell
from service.reporting.drawing import draw

_TELEPHONE: Final = 352


@dataclass(frozen=True, slots=True)
class _Entry:
    """A page with its pictures drawn and the cells of its tables written."""

    page: Page
    drawn: tuple[tuple[Picture, Markup], ...]
    tables: tuple[tuple[Table, tuple[tuple[str, ...], ...]], ...]


def write_webpage(document: Document) -> str:
    """The document as HTML."""
    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    # Within a script element only "<" could end it.
    appendix = Markup(write_appendix(document).replace("<", "\\u003c"))  # noqa: S704  # JSON without "<"
    pages = [_prepare(page, document) for page in document.pages]
    contents = "Isi" if document.words.language == "id" else "Contents"
    template = environment.get_template("report.html")
    return template.render(document=document, pages=pages, appendix=appendix, contents=contents)


def _prepare(page: Page, document: Document) -> _Entry:
    drawn = tuple((picture, Markup(draw(picture, _TELEPHONE))) for picture in page.pictures)  # noqa: S704  # our own SVG
    tables = tuple((table, _write_rows(table, document)) for table in page.tables)
    return _Entry(page, drawn, tables)


def _write_rows(table: Table, document: Document) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(write_cell(cell, column.form, document.words) for cell, column in zip(row, table.columns, strict=True))
        for row in table.rows
    )
