import pytest

from training.reading import read_rows


def write(tmp_path, content, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter(tmp_path, delimiter):
    lines = [("id", "text", "topic"), ("1", "satu, dua; tiga", "x"), ("2", "empat | lima", "y")]
    content = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    rows = read_rows(write(tmp_path, content))
    assert rows.source.delimiter == delimiter
    assert rows.frame["topic"].tolist() == ["x", "y"]


def test_a_file_of_texts_alone_needs_no_delimiter(tmp_path):
    assert read_rows(write(tmp_path, "text\nlampu mati\njalan rusak\n")).frame["text"].tolist() == [
        "lampu mati",
        "jalan rusak",
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_keeps_quoted_line_breaks_and_counts_rows_as_a_spreadsheet_does(tmp_path, newline):
    frame = read_rows(write(tmp_path, newline.join(["id,text", '1,"a', 'b ""c"""', "2,d", ""]))).frame
    assert frame["text"].tolist() == [f'a{newline}b "c"', "d"]
    assert frame["row"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2,b,c", "has 3 cells, the header has 2"),
        ("2", "has 1 cells, the header has 2"),
        ('2,"b"x', "quote in the wrong"),
    ],
)
def test_a_broken_row_costs_itself_only(tmp_path, line, reason):
    rows = read_rows(write(tmp_path, f"id,text\n1,a\n{line}\n3,c\n"))
    assert rows.frame["id"].tolist() == ["1", "3"]
    assert rows.rejects["row"].tolist() == [3]
    assert reason in rows.rejects["reason"].item()
    assert rows.rejects["raw"].tolist() == [line]


def test_a_quote_that_is_not_closed_does_not_swallow_the_rows_behind_it(tmp_path):
    rows = read_rows(write(tmp_path, 'id,text\n1,a\n2,"b\n3,c\n4,d\n'))
    assert rows.frame["id"].tolist() == ["1", "3", "4"]
    assert rows.rejects["raw"].tolist() == ['2,"b']


def test_a_broken_row_of_several_lines_is_one_reject(tmp_path):
    rows = read_rows(write(tmp_path, 'id,text\n1,a\n2,"kata "dia" lalu\nbaris kedua, juga"\n3,c\n'))
    assert rows.frame["id"].tolist() == ["1", "3"]
    assert rows.source.n_rows == 3


def test_names_the_line_of_a_broken_row_where_it_is_not_its_row(tmp_path):
    rows = read_rows(write(tmp_path, 'id,text\n1,"a\nb\nc"\n2,b,c\n'))
    assert rows.findings[0].row == 3
    assert rows.findings[0].value.startswith("line 5: ")


def test_a_cell_beyond_the_limit_of_csv_is_a_reject(tmp_path):
    rows = read_rows(write(tmp_path, f"id,text\n1,{'a' * 200_000}\n2,b\n"))
    assert rows.frame["id"].tolist() == ["2"]
    assert "more than 131,072 characters" in rows.rejects["reason"].item()


def test_a_file_of_open_quotes_ends_and_loses_nothing(tmp_path):
    lines = ['x",",'] * 20_000
    rows = read_rows(write(tmp_path, "\n".join(["id,text", "1,a", *lines])))
    assert len(rows.frame) + rows.rejects["row"].nunique() == rows.source.n_rows
    assert sum(raw.count("\n") + 1 for raw in rows.rejects["raw"]) == len(lines)
