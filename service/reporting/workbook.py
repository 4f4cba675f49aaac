"""A document as a workbook: what it says on the first sheet, each table on a sheet of its own, the appendix last.

Numbers stay numbers with a format; text that a spreadsheet would take for a formula is neutralised.
"""

import re
import zipfile
from collections.abc import Sequence
from datetime import datetime, time
from io import BytesIO
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from service.csv_cells import neutralise_cell
from service.reporting.appendix import list_sentences
from service.reporting.document import Cell, Document, Form, Table

_FORMATS: Final[dict[Form, str]] = {
    "count": "#,##0",
    "share": "0.0%",
    "days": "#,##0.0",
    "number": "#,##0.0",
    "signed": "+#,##0;-#,##0;0",
    "signed_share": "+0.0%;-0.0%;0.0%",
    "date": "yyyy-mm-dd",
}
_NO_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\']")
_MAX_NAME: Final = 31
_MAX_WIDTH: Final = 70
# The first moment a zip file can hold, in place of when it was made.
_FIXED: Final = (1980, 1, 1, 0, 0, 0)
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def write_workbook(document: Document) -> bytes:
    """The document as XLSX; equal documents give equal bytes."""
    book = Workbook()
    is_indonesian = document.words.language == "id"
    first = book.active or book.create_sheet()
    first.title = "Ringkasan" if is_indonesian else "Summary"
    _fill(first, ["", document.title], [["", document.banner], *_list_statements(document)], [])
    for table in (table for page in document.pages for table in page.tables):
        _fill_table(book.create_sheet(_name_sheet(table.title, book.sheetnames)), table)
    listed = book.create_sheet("Lampiran" if is_indonesian else "Appendix")
    heads = ["page", "key", "text", "figure", "value", "n", "low", "high", "definition", "query"]
    _fill(listed, heads, _list_figures(document), [])
    made = datetime.combine(document.fixed_on, time())
    book.properties.creator, book.properties.title = "Pilah", document.title
    book.properties.created = book.properties.modified = made
    written = BytesIO()
    book.save(written)
    return _fix_times(written.getvalue(), made)


def _list_statements(document: Document) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for page in document.pages:
        rows += [["", ""], [page.title, page.subtitle]]
        rows += [["", sentence.text] for sentence in list_sentences(page)]
        rows += [[head, line] for head, body in page.paragraphs for line in body.split("\n")]
        rows += [["", remark] for remark in page.remarks]
    return rows


def _list_figures(document: Document) -> list[list[Cell]]:
    return [
        [
            page.name,
            sentence.key,
            sentence.text,
            figure.name,
            *([None] * 4 if figure.is_withheld else [figure.value, figure.n, figure.low, figure.high]),
            figure.definition,
            figure.query,
        ]
        for page in document.pages
        for sentence in list_sentences(page)
        for figure in sentence.figures
    ]


def _fill_table(sheet: Worksheet, table: Table) -> None:
    forms = [_FORMATS.get(column.form, "General") for column in table.columns]
    _fill(sheet, [column.name for column in table.columns], table.rows, forms)
    for note in (table.note, table.definition, table.query):
        if note:
            sheet.append([neutralise_cell(note)])


def _fill(sheet: Worksheet, heads: Sequence[str], rows: Sequence[Sequence[Cell]], forms: Sequence[str]) -> None:
    sheet.append([neutralise_cell(head) for head in heads])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for row in rows:
        sheet.append([neutralise_cell(cell) for cell in row])
        for cell, form in zip(sheet[sheet.max_row], forms, strict=False):
            cell.number_format = form
    sheet.freeze_panes = "A2"
    for place, head in enumerate(heads):
        longest = max([len(head), *(len(str(row[place])) for row in rows if row[place] is not None)], default=8)
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(longest + 2, _MAX_WIDTH)


def _name_sheet(title: str, taken: Sequence[str]) -> str:
    """A name a workbook allows and has not yet."""
    name = _NO_SHEET_NAME.sub(" ", title)[:_MAX_NAME].strip() or "-"
    number = 2
    while name in taken:
        name = f"{name[: _MAX_NAME - 4].strip()} {number}"
        number += 1
    return name


def _fix_times(written: bytes, made: datetime) -> bytes:
    """The workbook with the same moment everywhere, in place of when it was written."""
    fixed = BytesIO()
    with zipfile.ZipFile(BytesIO(written)) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + made.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), content)
            entry = zipfile.ZipInfo(name, _FIXED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return fixed.getvalue()
