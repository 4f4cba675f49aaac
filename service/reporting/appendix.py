"""The appendix that programs read: every sentence with its numbers, their definitions and where to get them again."""

import json
from collections.abc import Sequence
from datetime import date

from model.prediction import JsonValue
from service.reporting.document import Column, Document, Figure, Page, Sentence, Table


def list_sentences(page: Page) -> list[Sentence]:
    """All sentences of a page, those of its tiles first."""
    return [*(tile.sentence for tile in page.tiles), *page.sentences]


def describe(document: Document) -> dict[str, JsonValue]:
    """The appendix as JSON values."""
    return {
        "title": document.title,
        "month": document.month.strftime("%Y-%m"),
        "public": document.is_public,
        "language": document.words.language,
        "sentences": [
            {
                "page": page.name,
                "key": sentence.key,
                "text": sentence.text,
                "figures": [_describe_figure(figure) for figure in sentence.figures],
            }
            for page in document.pages
            for sentence in list_sentences(page)
        ],
        "tables": [{"page": page.name, **_describe_table(table)} for page in document.pages for table in page.tables],
        "pictures": [
            {"page": page.name, "name": picture.name, "title": picture.title, "shows": picture.description}
            for page in document.pages
            for picture in page.pictures
        ],
    }


def write_appendix(document: Document) -> str:
    """The appendix as text, the same for the same document."""
    return json.dumps(describe(document), ensure_ascii=False, indent=1) + "\n"


def _describe_figure(figure: Figure) -> dict[str, JsonValue]:
    return {
        "name": figure.name,
        "value": None if figure.is_withheld else figure.value,
        "n": None if figure.is_withheld else figure.n,
        "low": None if figure.is_withheld else figure.low,
        "high": None if figure.is_withheld else figure.high,
        "withheld": figure.is_withheld,
        "definition": figure.definition,
        "query": figure.query,
    }


def _describe_table(table: Table) -> dict[str, JsonValue]:
    return {
        "name": table.name,
        "title": table.title,
        "definition": table.definition,
        "query": table.query,
        "columns": [column.name for column in table.columns],
        "rows": [[cell.isoformat() if isinstance(cell, date) else cell for cell in row] for row in table.rows],
    }


def align_right(columns: Sequence[Column]) -> list[bool]:
    """Which columns hold numbers."""
    return [column.form not in {"text", "date"} for column in columns]
