"""Reads the real reports as they come; asserts counts only, never what they say."""

import pytest

from training.reading import read_rows

pytestmark = pytest.mark.real


def test_reads_a_year_of_reports_without_a_reject(real_reports):
    rows = read_rows(real_reports / "surabaya-2022.csv")
    assert (len(rows.frame), len(rows.rejects), rows.source.n_rows) == (8273, 0, 8273)
    assert rows.frame["received_at"].notna().all()
    assert rows.frame["received_at"].dt.tz_convert("Asia/Jakarta").dt.year.unique().tolist() == [2022]


def test_reads_the_lapor_export_without_a_hand_edit(real_reports):
    rows = read_rows(real_reports / "lapor-export-bandung.xlsx")
    assert (len(rows.frame), len(rows.rejects), rows.source.n_rows) == (1265, 0, 1265)
    assert rows.frame["id"].is_unique
    assert rows.frame["received_at"].notna().all()
    assert (rows.frame["agency"] != "").sum() == 1090
    assert rows.frame["kind"].value_counts()["permintaan-informasi"] == 109
