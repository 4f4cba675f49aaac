import csv
import json
import os

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.reading import ReadingError, read_rows
from training.rejects import write_rejects


def write_csv(path, rows, header=("id", "text")):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def count_rejected(rows):
    return rows.rejects["row"].nunique()


def describe(rows):
    return [(finding.row, finding.column, finding.reason) for finding in rows.findings if finding.severity == "error"]


def test_reads_types_and_row_numbers(tmp_path):
    header = ("id", "text", "received_at", "closed_at", "agency", "weight", "rating")
    rows = read_rows(
        write_csv(tmp_path / "a.csv", [["7", "Lampu mati", "2024-01-18 06:30", "", "pln", "", "4"]], header)
    )
    row = rows.frame.iloc[0]
    assert set(rows.frame.columns) == {"row", *header}
    assert (row["row"], row["id"], row["agency"], row["weight"], row["rating"]) == (2, "7", "pln", 1.0, 4.0)
    assert row["received_at"] == pd.Timestamp("2024-01-17 23:30", tz="UTC")
    assert row["closed_at"] is pd.NaT
    assert str(rows.frame["closed_at"].dtype) == "datetime64[us, UTC]"


def test_an_absent_label_is_empty_text_and_never_missing(tmp_path):
    frame = read_rows(write_csv(tmp_path / "a.csv", [["1", "jalan rusak", ""]], ("id", "text", "agency"))).frame
    assert frame["agency"].tolist() == [""]
    assert not frame.isna().any().any()


def test_maps_names_and_puts_the_map_first(tmp_path):
    path = write_csv(
        tmp_path / "a.csv", [["1", "x", "lama", "baru"]], ("id", "text", "agency", "Instansi Terdisposisi")
    )
    rows = read_rows(path, {"agency": "instansi terdisposisi"})
    assert rows.frame["agency"].tolist() == ["baru"]
    assert [finding.value for finding in rows.findings if finding.severity == "note"] == ["agency"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"agency": "Dinas"}, "no column 'Dinas'.*Found: id, text"),
        ({"dinas": "text"}, "'dinas' is no column of labelled"),
    ],
)
def test_refuses_a_map_that_leads_nowhere(tmp_path, names, message):
    with pytest.raises(ReadingError, match=message):
        read_rows(write_csv(tmp_path / "a.csv", [["1", "x"]]), names)


def test_refuses_a_file_without_texts_and_names_what_it_has(tmp_path):
    with pytest.raises(ReadingError, match=r'no column "text".*Found: id, isi'):
        read_rows(write_csv(tmp_path / "a.csv", [["1", "x"]], ("id", "isi")))


def test_refuses_a_needed_name_that_stands_twice(tmp_path):
    with pytest.raises(ReadingError, match="'text' 2 times"):
        read_rows(write_csv(tmp_path / "a.csv", [["1", "x", "y"]], ("id", "text", "Text ")))


def test_the_row_number_stands_in_for_an_id(tmp_path):
    rows = read_rows(write_csv(tmp_path / "a.csv", [["", "satu"], ["8", "dua"]]))
    assert rows.frame["id"].tolist() == ["row-2", "8"]
    assert any(finding.column == "id" and finding.severity == "warning" for finding in rows.findings)
    assert read_rows(write_csv(tmp_path / "b.csv", [["satu"]], ("text",))).frame["id"].tolist() == ["row-2"]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("text", " \t ", "is empty"),
        ("text", "\u200b\u00a0", "is empty"),
        ("text", "a" * 65537, "is longer than 64 KiB"),
        ("text", "é" * 40000, "is longer than 64 KiB"),
        ("text", "sampah\0", "NUL"),
        ("received_at", "31 Februari 2024", "no time"),
        ("closed_at", "kemarin", "no time"),
        ("weight", "0", "not above 0"),
        ("weight", "-1", "not above 0"),
        ("weight", "inf", "not finite"),
        ("weight", "1e400", "is no number|not finite"),
        ("weight", "nan", "not finite"),
        ("weight", "0,5", "no number"),
        ("rating", "bagus", "no number"),
    ],
)
def test_a_cell_that_cannot_be_used_costs_its_row_only(tmp_path, column, cell, reason):
    header = ("id", "text", *([column] if column != "text" else []))
    bad = {"id": "1", "text": "jalan rusak", column: cell}
    good = {"id": "2", "text": "lampu mati", column: "" if column != "text" else "lampu mati"}
    rows = read_rows(write_csv(tmp_path / "a.csv", [[row[name] for name in header] for row in (bad, good)], header))
    assert rows.frame["id"].tolist() == ["2"]
    assert rows.rejects[["row", "column"]].to_numpy().tolist() == [[2, column]]
    assert rows.rejects["reason"].str.contains(reason, regex=True).all()
    assert describe(rows)[0][:2] == (2, column)
    assert rows.rejects["id"].tolist() == ["1"]


def test_a_text_of_exactly_64_kib_is_used(tmp_path):
    assert len(read_rows(write_csv(tmp_path / "a.csv", [["1", "a" * 65536]])).frame) == 1


def test_every_wrong_cell_of_a_row_is_told(tmp_path):
    rows = read_rows(write_csv(tmp_path / "a.csv", [["1", "", "x", "-1"]], ("id", "text", "received_at", "weight")))
    assert [column for _, column, _ in describe(rows)] == ["received_at", "text", "weight"]
    assert (len(rows.rejects), count_rejected(rows), rows.source.n_rows) == (3, 1, 1)


def test_findings_show_no_personal_data_and_no_control_characters(tmp_path):
    cell = "hubungi 0812-3456-7890 \x1b[31m " + "x" * 100
    finding = read_rows(write_csv(tmp_path / "a.csv", [["1", "teks", cell]], ("id", "text", "received_at"))).findings[0]
    assert "7890" not in finding.value
    assert "\x1b" not in finding.value
    assert len(finding.value) <= 40


def test_blank_rows_are_counted_in_a_note(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,a b\n\n,\n2,c d\n", encoding="utf-8")
    rows = read_rows(path)
    assert rows.frame["row"].tolist() == [2, 5]
    assert [finding.value for finding in rows.findings] == ["2 rows"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b" \r\n\n", "only blank lines"),
        ("a.csv", bytes(range(256)) * 8, "binary"),
        ("a.csv", "id,text\n1,a\n".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        ("a.xls", b"<html><table><tr><td>id</td></tr></table></html>", "HTML"),
        ("a.xls", b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "HTML or XML"),
        ("a.xls", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "old Excel file"),
        ("a.xlsx", bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("a.csv", b"\x1f\x8b\x08" + bytes(40), "packed"),
        ("a.csv", b"%PDF-1.7", "PDF"),
        ("a.json", b'[{"id": 1}]', "JSON array"),
        ("a.parquet", b"PAR1" + bytes(40) + b"PAR1", "no Parquet file"),
    ],
)
def test_refuses_what_is_no_table_and_says_what_to_do(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReadingError, match=message):
        read_rows(tmp_path / name)


def test_refuses_a_missing_file_a_folder_and_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, message in (("none.csv", "is missing"), (".", "is a folder"), ("pipe", "no regular file")):
        with pytest.raises(ReadingError, match=message):
            read_rows(tmp_path / name)


def test_rejects_are_written_with_formulas_neutralised_and_can_be_read_again(tmp_path):
    header = ("id", "text", "received_at")
    rows = read_rows(write_csv(tmp_path / "a.csv", [["=1+1", "@cmd", "kapan"], ["+62", "-x", "lusa"]], header))
    write_rejects(rows.rejects, tmp_path / "rejects.csv")
    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [row["id"] for row in written] == ["'=1+1", "'+62"]
    assert [row["text"] for row in written] == ["'@cmd", "'-x"]
    again = read_rows(tmp_path / "rejects.csv")
    assert again.rejects["value"].tolist() == ["kapan", "lusa"]


def test_a_column_named_like_one_of_the_rejects_keeps_its_cells(tmp_path):
    rejects = read_rows(write_csv(tmp_path / "a.csv", [["1", "", "hilang?"]], ("id", "text", "reason"))).rejects
    assert rejects["reason (3)"].tolist() == ["hilang?"]


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('\n\r\t",;|'), max_size=12)
GOOD = st.tuples(st.integers(1, 10**6).map(str), st.just("jalan rusak"), CELLS, st.just("2024-01-18"))
BAD = st.one_of(
    st.tuples(st.just("1"), st.just(" "), CELLS, st.just("")),
    st.tuples(st.just("1"), st.just("teks"), CELLS, st.sampled_from(["besok", "99/99/2024", "2024-13-01"])),
    st.tuples(st.just("1"), st.just("teks"), st.just("koma")),
    st.tuples(st.just("1"), st.just("teks"), st.just("a"), st.just(""), st.just("lebih")),
)


@given(lines=st.lists(st.one_of(GOOD, BAD), max_size=25), name=st.sampled_from(["a.csv", "a.jsonl"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_row_is_lost(tmp_path, lines, name):
    header = ("id", "text", "topic", "received_at")
    path = tmp_path / name
    if name == "a.csv":
        write_csv(path, lines, header)
    else:
        objects = [json.dumps(dict(zip(header, line, strict=False))) for line in lines]
        path.write_text("\n".join([*objects, '{"text": "akhir"}']) + "\n", encoding="utf-8")
    rows = read_rows(path)
    expected = len(lines) + (name == "a.jsonl")
    assert len(rows.frame) + count_rejected(rows) == rows.source.n_rows == expected
    assert not set(rows.frame["row"]) & set(rows.rejects["row"])
    assert (rows.frame["text"] != "").all()
    assert (rows.frame["id"] != "").all()
