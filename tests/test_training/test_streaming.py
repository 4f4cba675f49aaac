import csv

import pytest

from training.readers.table import ReadingError
from training.reading import read_rows
from training.streaming import RefusedRow, RefusedRows, StreamedRow, open_rows

CONTENT = (
    "id,text,received_at,Unit\n1,Jalan rusak,2025-01-07,=x\n2,kurang\n,Lampu mati,kemarin,\n,,,\n,sampah,2025-01-08,\n"
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(CONTENT, encoding="utf-8")
    return path


def stream(path, columns=None):
    with open_rows(path, columns or {}) as opened:
        return opened.columns, list(opened.rows)


def test_rows_are_those_that_reading_the_whole_file_gives(path):
    columns, rows = stream(path, {"agency": "Unit"})
    whole = read_rows(path, {"agency": "Unit"})
    used = [row for row in rows if isinstance(row, StreamedRow)]
    assert columns == ("id", "text", "received_at", "agency")
    assert [row.number for row in used] == whole.frame["row"].tolist()
    assert [row.values["id"] for row in used] == whole.frame["id"].tolist()
    assert [row.values["received_at"] for row in used] == whole.frame["received_at"].tolist()
    refused = [row for row in rows if isinstance(row, RefusedRow)]
    assert [row.number for row in refused] == whole.rejects["row"].tolist()
    assert [row.reason for row in refused] == whole.rejects["reason"].tolist()


def test_a_file_without_texts_is_refused(tmp_path):
    (tmp_path / "x.csv").write_text("id,isi\n1,jalan\n")
    with pytest.raises(ReadingError, match='no column "text"'):
        stream(tmp_path / "x.csv")


def test_refused_rows_are_written_without_formulas_and_only_when_there_are_any(tmp_path):
    path = tmp_path / "r.csv"
    with RefusedRows(path).writing():
        assert not path.exists()
    assert not path.exists()
    refused = RefusedRows(path)
    with refused.writing():
        refused.add(RefusedRow(3, "=1", "text", "+2", "is empty"))
    with path.open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["row", "id", "column", "value", "reason"]
    assert rows[1][:3] == ["3", "'=1", "text"]
    assert refused.n_rows == 1
