# ruff: noqa: DTZ001  # a spreadsheet holds times without a zone
import zipfile
from datetime import datetime

import openpyxl
import pandas as pd
import pytest

from training.readers import archive, workbook
from training.reading import ReadingError, read_rows

SHEET = "xl/worksheets/sheet1.xml"


def write(path, rows, *more_sheets):
    book = openpyxl.Workbook()
    for number, cells in enumerate([rows, *more_sheets]):
        sheet = book.active if number == 0 else book.create_sheet(f"Lembar {number}")
        for row in cells:
            sheet.append(row)
    book.save(path)
    return path


def rewrite(path, name, content):
    """Replace or add one member of a workbook."""
    with zipfile.ZipFile(path) as old:
        members = {entry: old.read(entry) for entry in old.namelist()}
    members[name] = content(members.get(name, b"")) if callable(content) else content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry, held in members.items():
            new.writestr(entry, held)
    return path


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "a.xlsx", [["id", "text"], [155340, "lampu mati"]])


def test_reads_numbers_dates_and_row_numbers(tmp_path):
    rows = [
        ["id", "text", "received_at"],
        [7, "a", datetime(2024, 1, 18, 7)],
        [None, None, None],
        [8, "b_x000D_", None],
    ]
    frame = read_rows(write(tmp_path / "a.xlsx", rows)).frame
    assert frame["id"].tolist() == ["7", "8"]
    assert frame["row"].tolist() == [2, 4]
    assert frame["received_at"][0] == pd.Timestamp("2024-01-18", tz="UTC")
    assert frame["text"][1] == "b\r"


def test_content_decides_and_not_the_name(path):
    assert len(read_rows(path.rename(path.with_suffix(".csv"))).frame) == 1


def test_a_formula_is_not_evaluated(tmp_path):
    rows = read_rows(write(tmp_path / "a.xlsx", [["id", "text"], ["1", '=CONCATENATE("a","b")'], ["2", "c"]]))
    assert rows.frame["id"].tolist() == ["2"]
    assert rows.rejects["reason"].tolist() == ["is empty"]


def test_cells_right_of_the_header_reject_their_row(tmp_path):
    rows = read_rows(write(tmp_path / "a.xlsx", [["id", "text"], ["1", "a", None, "lebih"], ["2", "b"]]))
    assert rows.frame["id"].tolist() == ["2"]
    assert "right of the header" in rows.rejects["reason"].item()


def test_reads_the_first_filled_sheet_and_names_the_others(tmp_path):
    rows = read_rows(write(tmp_path / "a.xlsx", [], [["id", "text"], ["1", "a"]], [["catatan"]]))
    assert (rows.source.sheet, len(rows.frame)) == ("Lembar 1", 1)
    assert any(finding.value == "Lembar 2" and finding.severity == "warning" for finding in rows.findings)


def test_a_wrong_size_in_the_sheet_is_not_believed(tmp_path):
    path = write(tmp_path / "a.xlsx", [["id", "text"], ["1", "a"], ["2", "b"]])
    rewrite(path, SHEET, lambda xml: xml.replace(b'ref="A1:B3"', b'ref="A1:A1"'))
    assert read_rows(path).frame["id"].tolist() == ["1", "2"]


def test_refuses_a_zip_bomb_before_unpacking_it(path):
    with pytest.raises(ReadingError, match=r"zip bomb.*xl/bom.xml"):
        read_rows(rewrite(path, "xl/bom.xml", b"<a>" + b"0" * (8 << 20)))


def test_refuses_what_unpacks_beyond_the_limit(path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 1_000)
    with pytest.raises(ReadingError, match=r"unpacks to .* at most 1,000"):
        read_rows(path)


def test_refuses_too_large_a_file_and_too_many_members(path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    with pytest.raises(ReadingError, match="members"):
        read_rows(path)
    monkeypatch.setattr(archive, "MAX_FILE_BYTES", 10)
    with pytest.raises(ReadingError, match="at most 10 are read"):
        read_rows(path)


ENTITY = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize("name", [SHEET, "xl/workbook.xml", "[Content_Types].xml"])
def test_refuses_entities_in_any_member(path, name):
    rewrite(path, name, lambda xml: ENTITY + xml.split(b"?>", 1)[-1])
    with pytest.raises(ReadingError, match="declares a DTD"):
        read_rows(path)


def test_defusedxml_refuses_entities_that_hide_behind_a_long_comment(path):
    hidden = b"<!--" + bytes(range(65, 91)) * 3_000 + b"-->" + ENTITY
    rewrite(path, SHEET, lambda xml: hidden + xml.split(b"?>", 1)[-1])
    with pytest.raises(ReadingError, match="declares entities"):
        read_rows(path)


def test_refuses_more_rows_and_columns_than_a_sheet_has(path, tmp_path, monkeypatch):
    wide = write(tmp_path / "w.xlsx", [["id", "text", *map(str, range(300))]])
    with pytest.raises(ReadingError, match="more than 256 columns"):
        read_rows(wide)
    rewrite(path, SHEET, lambda xml: xml.replace(b'<row r="2"', b'<row r="2000000000"'))
    monkeypatch.setattr(workbook, "MAX_ROWS", 5_000)
    with pytest.raises(ReadingError, match="more than 5,000 rows"):
        read_rows(path)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["mimetype", "content.xml"], "OpenDocument"),
        (["xl/workbook.bin"], "binary workbook"),
        (["word/document.xml"], "Word document"),
        (["a.csv"], "zip archive but no workbook"),
    ],
)
def test_names_other_files_in_a_zip(tmp_path, names, message):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    with pytest.raises(ReadingError, match=message):
        read_rows(tmp_path / "a.xlsx")


def test_refuses_a_protected_member(path):
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ReadingError, match="password"):
        read_rows(path)


@pytest.mark.parametrize("damage", [lambda xml: xml[: len(xml) // 2], lambda xml: xml.replace(b'r="A2"', b'r="??"')])
def test_refuses_a_damaged_sheet(path, damage):
    with pytest.raises(ReadingError, match="damaged workbook"):
        read_rows(rewrite(path, SHEET, damage))


def test_refuses_a_truncated_zip(path):
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(ReadingError, match="damaged or protected"):
        read_rows(path)


def test_refuses_a_workbook_without_content(tmp_path):
    with pytest.raises(ReadingError, match="no visible sheet with content"):
        read_rows(write(tmp_path / "a.xlsx", []))
