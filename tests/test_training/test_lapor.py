# ruff: noqa: DTZ001  # a spreadsheet holds times without a zone
from datetime import datetime, time

import openpyxl
import pandas as pd
import pytest

from training.reading import ReadingError, read_rows

HEADER = [
    "Tracking ID",
    "Tanggal Laporan Masuk",
    "Waktu Laporan Masuk",
    "Klasifikasi Laporan",
    "Kategori",
    "Judul Laporan",
    "Isi Laporan Awal",
    "Isi Laporan Akhir",
    "Sumber Laporan",
    "Instansi Terdisposisi",
    "Status Laporan",
    "Alasan Tunda/Arsip",
    "Kecamatan",
    "Kelurahan",
]
PREAMBLE = [["Judul Laporan", None, "Laporan Ringkas"], [], ["Nama Instansi", None, "Pemerintah Kota Contoh"], []]


def make_row(**cells):
    names = {"id": 0, "day": 1, "time": 2, "kind": 3, "topic": 4, "title": 5, "first": 6, "text": 7, "agency": 9}
    row = [None] * len(HEADER)
    row[0], row[1], row[7], row[8] = "900001", "18 Jan 2024", "Lampu jalan padam di depan balai", "Website"
    for name, cell in cells.items():
        row[names[name]] = cell
    return row


def export(tmp_path, *rows, preamble=PREAMBLE, header=HEADER):
    book = openpyxl.Workbook()
    for row in [*preamble, *([header] if header else []), *rows]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_reads_an_export_as_it_is(tmp_path):
    row = make_row(kind="Aspirasi", topic="Infrastruktur Jalan", title="Lampu padam", agency="Dinas Perhubungan")
    rows = read_rows(export(tmp_path, row))
    read = rows.frame.iloc[0]
    assert (read["row"], read["id"], read["title"], read["channel"]) == (6, "900001", "Lampu padam", "Website")
    assert (read["kind"], read["agency"], read["topic"]) == ("aspirasi", "Dinas Perhubungan", "Infrastruktur Jalan")
    assert (read["district"], read["village"], read["source"]) == ("", "", "sp4n-lapor")
    assert read["received_at"] == pd.Timestamp("2024-01-18", tz="Asia/Jakarta")


def test_columns_that_label_nothing_are_named_in_notes(tmp_path):
    findings = read_rows(export(tmp_path, make_row())).findings
    assert {finding.value for finding in findings} == {"Status Laporan", "Alasan Tunda/Arsip"}


def test_knows_an_export_whose_preamble_was_cut_off(tmp_path):
    assert read_rows(export(tmp_path, make_row(), preamble=[])).frame["source"].tolist() == ["sp4n-lapor"]


def test_an_export_saved_as_csv_is_read_alike(tmp_path):
    lines = [",".join(str(cell or "") for cell in row) for row in [[*PREAMBLE[0], *[None] * 11], HEADER, make_row()]]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    frame = read_rows(tmp_path / "a.csv").frame
    assert frame[["row", "id", "source"]].to_numpy().tolist() == [[3, "900001", "sp4n-lapor"]]


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("8 Agt 2023", None, "2023-08-08 00:00"),
        ("8 Des 2023", "13:45", "2023-12-08 13:45"),
        ("8 May 2023", time(13, 45), "2023-05-08 13:45"),
        (datetime(2023, 5, 8), time(7, 5, 9), "2023-05-08 07:05:09"),
        (datetime(2023, 5, 8, 9, 30), None, "2023-05-08 09:30"),
    ],
)
def test_joins_day_and_time_of_day(tmp_path, day, clock, expected):
    received = read_rows(export(tmp_path, make_row(day=day, time=clock))).frame["received_at"][0]
    assert received == pd.Timestamp(expected, tz="Asia/Jakarta")


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Pengaduan Tidak Berkadar Pengawasan", "pengaduan"),
        ("Permintaan Informasi", "permintaan-informasi"),
        (None, ""),
        ("Kiriman Lain", "Kiriman Lain"),
    ],
)
def test_translates_the_classification_where_it_is_sure(tmp_path, written, kind):
    assert read_rows(export(tmp_path, make_row(kind=written))).frame["kind"].tolist() == [kind]


def test_the_default_classification_is_no_kind_and_is_reported(tmp_path):
    path = export(tmp_path, make_row(kind="Pengaduan Berkadar Pengawasan"), make_row(id="900002"))
    rows = read_rows(path)
    assert rows.frame["kind"].tolist() == ["", ""]
    assert [finding.value for finding in rows.findings if finding.severity == "warning"] == [
        "Pengaduan Berkadar Pengawasan (1 rows)"
    ]


def test_a_map_of_the_classification_keeps_its_words(tmp_path):
    path = export(tmp_path, make_row(kind="Pengaduan Berkadar Pengawasan"))
    rows = read_rows(path, {"kind": "Klasifikasi Laporan"})
    assert rows.frame["kind"].tolist() == ["Pengaduan Berkadar Pengawasan"]
    assert not any(finding.severity == "warning" for finding in rows.findings)


def test_takes_the_first_text_where_the_last_is_empty(tmp_path):
    frame = read_rows(export(tmp_path, make_row(text=None, first="Got mampet"))).frame
    assert frame["text"].tolist() == ["Got mampet"]


def test_an_empty_report_is_rejected_with_its_cells(tmp_path):
    rejects = read_rows(export(tmp_path, make_row(text=None, title="Judul saja"))).rejects
    assert rejects[["row", "column", "reason"]].to_numpy().tolist() == [[6, "text", "is empty"]]
    assert rejects["Judul Laporan"].tolist() == ["Judul saja"]


def test_refuses_a_preamble_without_a_header(tmp_path):
    with pytest.raises(ReadingError, match="no row below says 'Tracking ID'"):
        read_rows(export(tmp_path, header=None))
