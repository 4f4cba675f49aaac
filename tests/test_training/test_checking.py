from datetime import date
from pathlib import Path

import pytest

from model.places import parse_gazetteer
from model.taxonomy import FILE_OF_HEAD, read_taxonomy
from training.checking import check_rows, format_findings
from training.config import TrainingConfig
from training.findings import Finding
from training.reading import read_rows

ROOT = Path(__file__).resolve().parents[2]
CONFIG = TrainingConfig(minimum_rows=2)
CITY = "code,name,kind,parent,variants,ordinary_noun,verified\n13.73,Kota,kota,,,false,true\n"


@pytest.fixture(scope="module")
def taxonomy():
    return read_taxonomy(ROOT / "datasets" / "taxonomy")


@pytest.fixture
def check(tmp_path, taxonomy):
    def run(content, config=CONFIG, taxonomy=taxonomy, **more):
        (tmp_path / "a.csv").write_text(content, encoding="utf-8")
        return check_rows(read_rows(tmp_path / "a.csv"), taxonomy, config, **more)

    return run


def list_about(findings, column, severity=None):
    wanted = [each for each in findings if each.column == column and severity in {None, each.severity}]
    return [(each.row, each.value, each.reason) for each in wanted]


def test_rows_in_order_have_no_findings(check):
    rows = "1,lampu mati,pln\n2,kabel putus,pln\n"
    assert check("id,text,agency\n" + rows) == ()


def test_what_reading_found_is_kept(check):
    assert list_about(check("id,text\n1,a b\n2,\n"), "text") == [(3, "", "is empty")]


def test_an_unknown_label_comes_with_the_nearest_slug(check):
    ((row, value, reason),) = list_about(check("id,text,agency\n7,lampu mati,dinas-perhubugan\n"), "agency", "error")
    assert (row, value) == (2, "dinas-perhubugan")
    assert reason == "is no agency of the taxonomy; did you mean dinas-perhubungan?"


def test_a_name_leads_to_its_slug_and_nonsense_to_none(check):
    content = "id,text,agency,topic\n1,lampu mati,Dinas Perhubungan,zzzz\n"
    findings = check(content)
    assert "did you mean dinas-perhubungan?" in list_about(findings, "agency", "error")[0][2]
    assert list_about(findings, "topic", "error")[0][2] == "is no topic of the taxonomy"


def test_a_label_unknown_in_many_rows_is_told_once(check):
    content = "id,text,topic\n" + "".join(f"{n},laporan nomor {n},entah\n" for n in range(9))
    ((row, value, reason),) = list_about(check(content), "topic", "error")
    assert (row, value) == (2, "entah")
    assert "(9 rows: 2, 3, 4, 5, 6, …)" in reason


def test_a_column_of_texts_taken_for_labels_ends_in_one_finding(check):
    content = "id,text,topic\n" + "".join(f"{n},laporan nomor {n},label nomor {n}\n" for n in range(300))
    found = list_about(check(content), "topic", "error")
    assert len(found) == 201
    assert any(value == "100 further labels in 100 rows" for _, value, _ in found)


def test_merged_and_open_labels_are_known(check):
    content = "id,text,agency\n1,lampu mati,Kelurahan Contoh\n2,kabel putus,Kelurahan Lain\n"
    merged = TrainingConfig(minimum_rows=2, merge={"agency": {"kecamatan-kelurahan-desa": ("Kelurahan *",)}})
    assert check(content, merged) == ()
    assert not list_about(check(content, TrainingConfig(open_labels=True)), "agency", "error")
    assert not list_about(check(content, taxonomy=None), "agency", "error")


def test_checks_each_further_agency(check):
    findings = check("id,text,also\n1,lampu mati,pln; bpbd;entah\n")
    assert [value for _, value, _ in list_about(findings, "also")] == ["entah"]


@pytest.mark.parametrize(
    ("unit", "gazetteer", "is_known"),
    [
        ("disdukcapil", None, True),
        ("13.73.04.2001", None, True),
        ("13.73", parse_gazetteer(CITY, "test"), True),
        ("13.73.99", parse_gazetteer(CITY, "test"), False),
        ("Pak Lurah", None, False),
    ],
)
def test_about_is_an_agency_or_a_place(check, unit, gazetteer, is_known):
    found = list_about(check(f"id,text,about\n1,lampu mati,{unit}\n", gazetteer=gazetteer), "about")
    assert (not found) == is_known


def test_only_the_heads_asked_for_are_checked(check):
    content = "id,text,agency,topic\n1,lampu mati,x,y\n"
    columns = {each.column for each in check(content, TrainingConfig(heads=("topic",)))}
    assert columns == {"topic"}


def test_a_label_outside_its_days_is_doubtful(tmp_path, check):
    for name in (*FILE_OF_HEAD.values(), "VERSION"):
        (tmp_path / name).write_bytes((ROOT / "datasets" / "taxonomy" / name).read_bytes())
    agencies = (tmp_path / "agencies.csv").read_text(encoding="utf-8")
    (tmp_path / "agencies.csv").write_text(agencies + "dinas-lama,Lama,city,x,2021-01-01,2023-12-31,pln,false\n")
    content = "id,text,agency,received_at\n1,a b,dinas-lama,2023-12-31 23:00\n2,c d,dinas-lama,2024-01-01 00:30\n"
    found = list_about(check(content, taxonomy=read_taxonomy(tmp_path)), "agency")
    assert [row for row, _, _ in found] == [3]
    assert "until 2023-12-31" in found[0][2]
    assert "went to pln" in found[0][2]


def test_labels_too_rare_to_learn_are_noted(check):
    findings = check("id,text,topic\n1,a b,sampah\n", TrainingConfig(minimum_rows=10))
    assert list_about(findings, "topic") == [(None, "sampah (1)", "has fewer than 10 rows and is not learnt")]


def test_equal_ids_are_an_error(check):
    assert list_about(check("id,text\n7,a b\n8,c d\n7,e f\n"), "id", "error")[0][:2] == (2, "7: rows 2, 4")


def test_equal_texts_with_other_labels_are_named(check):
    content = "id,text,agency\n1,Lampu MATI!,pln\n2,lampu  mati,bpbd\n3,lampu mati,\n"
    found = list_about(check(content), "agency", "warning")
    assert found == [(2, "rows 2, 3, 4: pln | bpbd", "the same text has different labels; decide for one")]


def test_equal_texts_with_equal_labels_are_a_note(check):
    found = list_about(check("id,text,agency\n1,Lampu mati,pln\n2,lampu mati,pln\n"), "text", "note")
    assert [value for _, value, _ in found] == ["rows 2, 3"]


def test_texts_without_words_are_compared_as_they_stand(check):
    assert not list_about(check("id,text\n1,🙏\n2,🔥\n"), "text", "note")


@pytest.mark.parametrize(
    ("name", "later", "is_early"),
    [
        ("responded_at", "2024-01-17 10:00", True),
        ("closed_at", "2024-01-18 09:59", True),
        ("closed_at", "2024-01-18 10:00", False),
        ("closed_at", "2024-01-18", False),
        ("closed_at", "", False),
    ],
)
def test_an_answer_before_its_report_is_doubtful(check, name, later, is_early):
    found = list_about(check(f"id,text,received_at,{name}\n1,a b,2024-01-18 10:00,{later}\n"), name)
    assert bool(found) == is_early


def test_a_report_from_the_future_is_doubtful_where_today_is_known(check):
    content = "id,text,received_at\n1,a b,2024-01-19\n2,c d,2024-01-18 23:00\n"
    assert [row for row, _, _ in list_about(check(content, today=date(2024, 1, 18)), "received_at")] == [2]
    assert not list_about(check(content), "received_at")


def test_garbled_texts_and_personal_data_are_told_without_the_data(check):
    findings = check("id,text\n1,harga â€œtinggiâ€\x9d sekali\n2,hubungi 0812-3456-7890 ya\n3,<p></p>\n")
    found = {row: (value, reason) for row, value, reason in list_about(findings, "text", "warning")}
    assert "garbled" in found[2][1]
    assert found[3][0] == "TELEPON"
    assert "nothing but markup" in found[4][1]
    assert not any("7890" in finding.value + finding.reason for finding in findings)


def test_a_terminal_gets_each_fault_once(check):
    content = "id,text,topic\n" + "".join(f"{n},laporan {n},entah\n" for n in range(3)) + "9,,x\n"
    lines = format_findings(check(content), limit=20).splitlines()
    assert lines[0] == "4 errors"
    assert "error    topic: is no topic of the taxonomy · 3 times, rows 2, 3, 4 · entah" in lines
    assert "error    text: is empty · row 5" in lines


def test_a_terminal_is_told_how_much_is_left_out():
    findings = [Finding("note", None, None, str(number), f"reason {number}") for number in range(4)]
    assert format_findings(findings, limit=1).splitlines()[-1] == "… and 3 further kinds of findings"
    assert format_findings([], limit=1) == "No findings."
