import io
import json
import re
import zipfile

import openpyxl
import pytest

from service.charts import words_in
from service.reporting.composing import compose
from service.reporting.document import Column, Document, Page, Table
from service.reporting.typesetting import photograph, typeset
from service.reporting.webpage import write_webpage
from service.reporting.workbook import write_workbook


@pytest.mark.parametrize("name", ["large", "small", "empty"])
def test_a_document_becomes_the_same_bytes_each_time(months, documents, name):
    document = documents[name, "id"]
    again = compose(getattr(months, f"{name}_month")(), words_in("id"))
    for write in (typeset, write_webpage, write_workbook):
        assert write(document) == write(again)


def test_the_first_page_is_one_page_and_a_unit_has_one_of_its_own(documents):
    document = documents["large", "id"]
    assert len(photograph(document)) == len(document.pages)


def test_a_pdf_is_tagged_and_carries_its_appendix(documents):
    pdf = typeset(documents["large", "id"])
    assert pdf.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in pdf
    assert b"appendix.json" in pdf
    assert b"pdfuaid" in pdf


def test_a_webpage_stands_alone(documents):
    page = write_webpage(documents["large", "en"])
    outside = re.findall(r'(?:src|href|url\()\s*=?\s*["\']?(?!#)[^"\'\s)>]+', page.split("<main>")[1])
    assert not [link for link in outside if "#" not in link]
    assert set(re.findall(r"https?://[^\s\"'<)]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "<script>" not in page
    appendix = json.loads(page.split('id="appendix">')[1].split("</script>")[0])
    assert appendix["month"] == "2026-10"
    assert len(appendix["sentences"]) > 10


def test_a_workbook_has_a_sheet_for_each_table_and_numbers_stay_numbers(documents):
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(documents["large", "id"])))
    assert book.sheetnames[0] == "Ringkasan"
    assert {"Topik", "Wilayah", "Semua unit", "Bundel yang berlaku", "Kepala rantai buku besar"} < set(book.sheetnames)
    sheet = book["Semua unit"]
    assert [sheet["A2"].value, sheet["B2"].value, sheet["F2"].value] == [
        "Dinas Pekerjaan Umum dan Penataan Ruang",
        88,
        0.69,
    ]
    assert sheet["F2"].number_format == "0.0%"
    assert book["Lampiran"].max_row > 20


def test_a_workbook_holds_no_formula_and_no_time_of_its_making(documents):
    table = Table("places", "=A1", (Column("@x"), Column("n", "count")), (("=HYPERLINK(1)", 3), ("-2+3", 4)))
    document = documents["empty", "id"]
    made = Document(
        document.title, document.month, document.fixed_on, document.words, "", "", (Page("p", "P", tables=(table,)),)
    )
    written = write_workbook(made)
    sheet = openpyxl.load_workbook(io.BytesIO(written)).worksheets[1]
    assert [cell.value for cell in sheet["A"]] == ["'@x", "'=HYPERLINK(1)", "'-2+3"]
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-10-31T00:00:00Z" in archive.read("docProps/core.xml")


def test_words_of_outside_are_no_markup(documents):
    document = documents["empty", "id"]
    evil = "#panic() *x* <b>&</b> $1$ \\u{41}"
    made = Document(
        evil, document.month, document.fixed_on, document.words, evil, evil, (Page("p", evil, remarks=(evil,)),)
    )
    assert typeset(made).startswith(b"%PDF-")
    assert "<b>" not in write_webpage(made)
