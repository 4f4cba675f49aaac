import pytest

from training.reading import read_rows

ROWS = "id,text\n1,jalan “rusak” – é\n2,lampu mati\n"


def read(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    return read_rows(tmp_path / "a.csv")


def test_plain_utf8_is_worth_no_word(tmp_path):
    rows = read(tmp_path, ROWS.encode())
    assert rows.frame["text"][0] == "jalan “rusak” – é"
    assert rows.findings == ()


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-32", "utf-32"), ("cp1252", "cp1252")],
)
def test_other_encodings_are_read_and_reported(tmp_path, encoding, named):
    rows = read(tmp_path, ROWS.encode(encoding))
    assert rows.frame["text"][0] == "jalan “rusak” – é"
    assert rows.source.encoding == named
    assert any(named in finding.reason for finding in rows.findings)


def test_utf16_of_either_order_is_read_by_its_mark(tmp_path):
    rows = read(tmp_path, b"\xfe\xff" + ROWS.encode("utf-16-be"))
    assert rows.frame["id"].tolist() == ["1", "2"]


def test_a_stray_byte_in_utf8_costs_its_row_only(tmp_path):
    rows = read(tmp_path, "id,text\n1,é\n2,ok\n".encode() + b"3,a\x92b\n" + "4,ü\n".encode())
    assert rows.frame["id"].tolist() == ["1", "2", "4"]
    assert rows.rejects["row"].tolist() == [4]
    assert rows.rejects["text"].tolist() == ["a\\x92b"]
    assert "bytes that are no text" in rows.rejects["reason"].item()


def test_what_cp1252_cannot_be_is_left_to_charset_normalizer(tmp_path):
    text = "Проспект разбит и фонарь не горит. Нужен ремонт. Рядом школа. "
    rows = read(tmp_path, b"id,text\n" + "".join(f"{n},{text * 3}Я\n" for n in range(20)).encode("cp866"))
    assert rows.source.encoding != "cp1252"
    assert len(rows.frame) == 20


def test_utf16_that_breaks_off_in_a_character_loses_no_row(tmp_path):
    rows = read(tmp_path, ROWS.encode("utf-16")[:-1])
    assert len(rows.frame) + rows.rejects["row"].nunique() == rows.source.n_rows == 2
