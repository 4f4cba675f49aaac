import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.findings import Finding, group_findings, report_rows, show_value, sort_findings


def find(severity="error", row=None, column=None, value="", reason="is wrong"):
    return Finding(severity, row, column, value, reason)


def test_the_gravest_come_first_and_then_the_rows_in_order():
    findings = [find("note"), find(row=9), find("warning", 1), find(row=2, column="text"), find(row=2, column="id")]
    assert [(each.severity, each.row, each.column) for each in sort_findings(findings)] == [
        ("error", 2, "id"),
        ("error", 2, "text"),
        ("error", 9, None),
        ("warning", 1, None),
        ("note", None, None),
    ]


@given(st.permutations([find(row=row, value=value) for row in (1, 2, None) for value in "ab"]))
def test_the_order_does_not_depend_on_how_they_came(findings):
    assert sort_findings(findings) == sort_findings(reversed(findings))


def test_a_group_counts_and_shows_the_first():
    group = group_findings([find(row=row, value=f"v{row}") for row in range(12, 1, -1)])[0]
    assert (group.n_findings, group.rows, group.n_values) == (11, (2, 3, 4, 5, 6), 11)
    assert group.values == ("v2", "v3", "v4", "v5", "v6")


def test_is_told_in_json():
    assert find(row=3, column="text", value="x").to_json() == {
        "severity": "error",
        "row": 3,
        "column": "text",
        "value": "x",
        "reason": "is wrong",
    }


@pytest.mark.parametrize("filler", [0, 20, 980, 985, 990, 995, 2_000])
def test_no_digits_of_a_number_are_shown_wherever_the_text_is_cut(filler):
    assert "345678" not in show_value(" " * filler + "0812 345678 90 12" + " kata" * 300)


@given(st.text(max_size=60))
def test_a_value_is_one_short_printable_line(text):
    shown = show_value(text)
    assert len(shown) <= 40
    assert shown.isprintable()


def test_spells_out_stray_bytes():
    assert show_value("a\udc92b \ud800") == "a\\x92b \\ud800"


def test_five_rows_are_named_each_and_six_together():
    assert [each.row for each in report_rows("error", "topic", "x", "is wrong", [2, 3, 4, 5, 6])] == [2, 3, 4, 5, 6]
    (together,) = report_rows("error", "topic", "x", "is wrong", [2, 3, 4, 5, 6, 7])
    assert together == find(row=2, column="topic", value="x", reason="is wrong (6 rows: 2, 3, 4, 5, 6, …)")
