import sys
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from duckdb import ColumnExpression

from service.cases.case import Case, Stint
from service.cases.counting import count
from service.cases.summing import CELLS, SHEETS, Change

BENCH = Path(__file__).resolve().parents[3] / "bench"


@pytest.fixture
def bulk(monkeypatch):
    monkeypatch.syspath_prepend(BENCH)
    import bulk  # noqa: PLC0415  # found beside the benches alone

    yield bulk
    sys.modules.pop("bulk", None)


def read(memory, query, shape):
    rows = memory.table(query).select(*(ColumnExpression(field.name) for field in fields(shape))).fetchall()
    return [shape(*map(plain, row)) for row in rows]


def plain(value):
    return value.date() if isinstance(value, datetime) else value


def test_cells_that_are_grouped_in_bulk_are_those_that_are_counted_one_by_one(bulk):
    memory, change = duckdb.connect(), Change()
    for seed in (1, 2):
        made, given = bulk.make_cases(1_500, seed)
        memory.execute("CREATE OR REPLACE TABLE cases AS SELECT * FROM made")
        memory.execute("CREATE OR REPLACE TABLE stints AS SELECT * FROM given")
        of_case = {}
        for one in read(memory, "stints", Stint):
            of_case.setdefault(one.feedback_id, []).append(one)
        for case in read(memory, "cases", Case):
            change.add(count(case, of_case.get(case.feedback_id, [])))
        bulk.add_part(memory)
        assert min(case for case in made["day"]).date() >= date(2023, 10, 1)
        assert len(given) > len(made)
    grouped = dict(bulk.group_cells(memory))
    for table in (*CELLS, *SHEETS):
        rows = [tuple(map(plain, row)) for row in grouped[table.name]]
        assert len(rows) > 30
        assert sorted(rows, key=repr) == sorted(change.list_rows(table), key=repr), table.name
