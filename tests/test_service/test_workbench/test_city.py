import json
import zipfile

import pandas as pd
import pytest

from service.demo.truths import HOLLOW_OFFICE, MOVED_TOPIC, REFORMED_OFFICE
from service.errors import StoreError
from service.workbench import ask_agencies, ask_effect, open_city, read_cases, say_effect, shipped_cases, tabulate


def rewrite(path, **members):
    """The shipped export with other members."""
    with zipfile.ZipFile(shipped_cases()) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, members.get(name.partition(".")[0], source.read(name)))
    return path


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"about": json.dumps({"format": 9})}, "format 9"),
        ({"cases": "case,day\n1,2026-01-01\n"}, "no column 'seen_day'"),
        ({"marks": "day,until,title,type,agency,topic,control_agency,control_topic\nkemarin,,x,y,,,,\n"}, "'day'"),
        ({"about": "{}"}, "format None"),
    ],
)
def test_a_file_that_is_no_export_is_refused_with_what_to_run(tmp_path, members, said):
    with pytest.raises(StoreError, match=said):
        read_cases(rewrite(tmp_path / "cases.zip", **members))


def test_another_file_and_none_are_refused_with_what_to_run(tmp_path):
    labels = tmp_path / "labels.ndjson"
    labels.write_text("{}\n")
    for path in (labels, tmp_path / "missing.zip"):
        with pytest.raises(StoreError, match="pilah export --cases"):
            read_cases(path)


def test_an_export_without_a_case_is_refused(shipped):
    with pytest.raises(StoreError, match="no case"):
        open_city(shipped.cases.iloc[:0], shipped.stints)


def test_frames_alone_make_the_city_they_were_read_from(shipped):
    again = open_city(shipped.cases, shipped.stints, made_at=shipped.made_at, marks=shipped.marks, rules=shipped.rules)
    pd.testing.assert_frame_equal(tabulate(ask_agencies(again)), tabulate(ask_agencies(shipped)))


def test_other_marks_change_effects_and_nothing_that_is_counted(shipped):
    alone = shipped.change(marks=shipped.marks.assign(control_agency=None))
    beside, without = (ask_effect(city, 0, "kept") for city in (shipped, alone))
    assert (beside.has_control, without.has_control) == (True, False)
    assert beside.n == without.n
    pd.testing.assert_frame_equal(tabulate(ask_agencies(alone)), tabulate(ask_agencies(shipped)))


def test_other_cases_are_counted_anew(shipped):
    half = shipped.change(cases=shipped.cases.iloc[::2])
    counted = [tabulate(ask_agencies(city))["n"].sum() for city in (half, shipped)]
    assert 0.4 < counted[0] / counted[1] < 0.6


def test_there_is_no_effect_of_a_mark_that_is_not_there(shipped):
    with pytest.raises(IndexError, match="no mark 9"):
        ask_effect(shipped, 9, "kept")


def test_what_is_planted_in_the_shipped_city_is_said(shipped):
    marks = shipped.marks.set_index("agency")
    rows = {agency: shipped.marks.index[shipped.marks["agency"] == agency][0] for agency in marks.index.dropna()}
    said = {agency: ask_effect(shipped, row, "kept") for agency, row in rows.items()}
    assert said[REFORMED_OFFICE].verdict == "rose"
    assert " naik " in say_effect(said[REFORMED_OFFICE])
    assert said[HOLLOW_OFFICE].verdict == "no_change_seen"
    moved = shipped.marks.index[shipped.marks["topic"] == MOVED_TOPIC][0]
    assert say_effect(ask_effect(shipped, moved, "kept")).startswith("Belum dapat disimpulkan")
