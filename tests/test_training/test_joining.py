import numpy as np
import pytest

from model.tokens import tokenize
from training.joining import ROWS_FOR_EACH, Told, join_reports


def make_reports(agencies, text="jalan rusak di depan pasar", n_reports=4 * ROWS_FOR_EACH):
    return [Told(f"{text} {place}.", frozenset({agencies[place % len(agencies)]}), place) for place in range(n_reports)]


def test_a_joined_report_holds_both_texts_and_names_both_agencies():
    reports = make_reports(["pln", "rsud"])
    joined = join_reports(reports, seed=0)
    assert len(joined) == len(reports) // ROWS_FOR_EACH
    texts = {report.text.rstrip("."): report.agencies for report in reports}
    for report in joined:
        parts = [text for text in texts if tokenize(report.text).forms[:6] == tokenize(text).forms]
        assert len(parts) == 1
        assert report.row == -1
        assert texts[parts[0]] < report.agencies or texts[parts[0]] == report.agencies
        assert len(tokenize(report.text).forms) >= 12


def test_the_same_seed_joins_the_same_reports():
    reports = make_reports(["pln", "rsud", "bpbd"])
    assert join_reports(reports, seed=1) == join_reports(reports, seed=1)
    assert join_reports(reports, seed=1) != join_reports(reports, seed=2)


@pytest.mark.parametrize(
    "reports",
    [
        [],
        make_reports(["inspektorat"]),
        make_reports(["pln"], text="jalan rusak " * 30),
        [Told("dua", frozenset({"pln", "rsud"}), place) for place in range(40)],
        make_reports(["pln"], n_reports=ROWS_FOR_EACH - 1),
    ],
    ids=["none", "accusations", "long ones", "two needs already", "few"],
)
def test_what_is_long_or_an_accusation_or_has_two_needs_is_not_joined(reports):
    assert join_reports(reports, seed=0) == []


def test_accusations_stay_out_where_others_are_joined():
    joined = join_reports(make_reports(["inspektorat", "pln"]), seed=0)
    assert joined
    assert all(report.agencies == {"pln"} for report in joined)
    assert np.all([report.row == -1 for report in joined])
