import json

from .conftest import run, write_rows


def test_the_table_is_printed_and_written(tmp_path):
    rows, output = write_rows(tmp_path / "rows.csv", 90), tmp_path / "tried.csv"
    done = run("search", "--data", rows, "--settings", 2, "--output", output, "--json")
    assert done.exit_code == 0, done.output
    assert [row["number"] for row in json.loads(done.stdout)] != []
    assert output.read_text(encoding="utf-8").startswith("number,penalty,")


def test_what_cannot_be_kept_or_run_is_refused_before_the_search(tmp_path):
    rows = write_rows(tmp_path / "rows.csv", 90)
    assert "no number of jobs" in run("search", "--data", rows, "--jobs", 0).output
    refused = run("search", "--data", rows, "--output", tmp_path / "missing" / "t.csv")
    assert refused.exit_code == 2
    assert "is no folder" in refused.output.replace("\n", " ")


def test_suspects_are_findings(tmp_path):
    rows = write_rows(tmp_path / "rows.csv", 90)
    lines = rows.read_text(encoding="utf-8").splitlines()
    lines[40] = lines[40].replace("dinas-pupr", "dinas-kesehatan").replace("dinas-perhubungan", "dinas-kesehatan")
    rows.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run("suspects", rows, "--output", tmp_path / "suspects.csv", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == (1 if found else 0)
    assert (tmp_path / "suspects.csv").read_text(encoding="utf-8").startswith("id,head,label,likely")
