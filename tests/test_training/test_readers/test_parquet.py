# ruff: noqa: DTZ001  # files hold times without a zone, read as WIB
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from training.reading import ReadingError, read_rows


def write(tmp_path, columns):
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


def test_reads_ids_times_and_absent_cells(tmp_path):
    received = [datetime(2024, 1, 18, 6, 0), None]
    closed = pa.array([datetime(2024, 1, 18, 6, 0, tzinfo=UTC), None], pa.timestamp("us", "UTC"))
    columns = {"id": [1.0, 2.0], "text": ["a", "b"], "received_at": received, "closed_at": closed, "topic": ["x", None]}
    frame = read_rows(write(tmp_path, columns)).frame
    assert frame["id"].tolist() == ["1", "2"]
    assert frame["topic"].tolist() == ["x", ""]
    assert frame["received_at"][0] == pd.Timestamp("2024-01-17 23:00", tz="UTC")
    assert frame["closed_at"][0] == pd.Timestamp("2024-01-18 06:00", tz="UTC")
    assert frame["row"].tolist() == [1, 2]


def test_reads_categories_as_pandas_writes_them(tmp_path):
    pd.DataFrame({"id": ["1", "2"], "text": ["a", "b"], "topic": pd.Categorical(["x", "x"])}).to_parquet(tmp_path / "a")
    assert read_rows(tmp_path / "a").frame["topic"].tolist() == ["x", "x"]


def test_bytes_that_are_no_utf8_cost_their_row_only(tmp_path):
    texts = pa.array([b"a\xff", b"b"], pa.binary()).view(pa.string())
    rows = read_rows(write(tmp_path, {"id": ["1", "2"], "text": texts}))
    assert rows.frame["id"].tolist() == ["2"]
    assert rows.rejects["row"].tolist() == [1]


def test_reads_more_rows_than_one_batch(tmp_path):
    numbers = list(range(2_500))
    frame = read_rows(write(tmp_path, {"id": numbers, "text": [f"laporan {number}" for number in numbers]})).frame
    assert frame["id"].tolist() == [str(number) for number in numbers]


def test_refuses_a_damaged_file(tmp_path):
    path = write(tmp_path, {"id": ["1"], "text": ["a"]})
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ReadingError, match="no Parquet file that can be read"):
        read_rows(path)
