"""Wrong input from a shell: one line that says what to do and exit code 3 or 1, never a trace of the program."""

import subprocess
import sys

import pytest

ROWS = "id,text,agency\n1,Jalan rusak di pasar,dinas-pupr\n2,kurang satu\n3,Lampu mati,dinas-perhubungan\n"

TOLD = (("jalan berlubang aspal rusak", "dinas-pupr"), ("parkir di trotoar", "dinas-perhubungan"))


@pytest.fixture
def rows_file(tmp_path):
    """Two good rows and a broken one."""
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def run(*arguments, given=b""):
    command = [sys.executable, "-m", "pilah", *map(str, arguments)]
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_check_writes_the_broken_row_with_its_reason(rows_file, tmp_path):
    code, said, _ = run("check", rows_file, "--rejects", tmp_path / "rejects.csv")
    assert (code, said.splitlines()[0]) == (1, "2 rows read, 1 rejected.")
    rejects = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rejects) == 2
    assert "has 2 cells, the header has 3" in rejects[1]


def test_a_folder_that_is_not_there_is_named(rows_file, tmp_path):
    code, _, said = run("check", rows_file, "--rejects", tmp_path / "nowhere" / "rejects.csv")
    assert code == 3
    assert "nowhere" in said


def test_a_file_given_as_bundle_is_refused(rows_file):
    code, _, said = run("classify", "--bundle", rows_file, "jalan rusak")
    assert code == 3
    assert "holds no bundle" in said


def test_training_says_how_many_rows_it_leaves_out(rows_file, tmp_path):
    code, _, said = run("train", "--data", rows_file, "--out", tmp_path / "bundle")
    assert code == 3
    assert f"1 of 3 rows of {rows_file} cannot be used and are left out" in said


@pytest.mark.parametrize("arguments", [("classify", " "), ("classify", "-"), ("classify", "\n\t")])
def test_an_empty_text_is_wrong_usage(arguments):
    code, said, complaint = run(*arguments)
    assert (code, said) == (2, "")
    assert "TEXT is empty" in complaint


def test_the_version_is_said():
    code, said, _ = run("--version")
    assert code == 0
    assert said.split()[0] == "pilah"
    assert said.split()[1][0].isdigit()


def test_a_bundle_of_few_rows_is_not_to_be_trusted(tmp_path):
    rows = [f"{number},{text} {number},{agency}" for number in range(15) for text, agency in TOLD]
    path, config = tmp_path / "rows.csv", tmp_path / "training.toml"
    path.write_text("id,text,agency\n" + "\n".join(f"{n}{row}" for n, row in enumerate(rows)), encoding="utf-8")
    config.write_text("minimum_rows = 3\n", encoding="utf-8")
    code, _, said = run("train", "--data", path, "--config", config, "--out", tmp_path / "bundle")
    assert code == 0
    assert "do not trust the confidence" in said


def test_a_label_beside_the_taxonomy_names_its_head(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,text,topic\n1,lampu mati,jalan-rusak\n2,jalan rusak,lain-lagi\n", encoding="utf-8")
    code, _, said = run("train", "--data", path, "--out", tmp_path / "bundle")
    assert code == 3
    assert "1 label is none of the taxonomy: topic 'lain-lagi' (1 rows)" in said
    assert "[merge.topic]" in said


def test_training_and_judging_end_with_1_where_rows_were_left_out(tmp_path):
    kinds = [("Jalan rusak di pasar", "dinas-pupr"), ("Lampu mati di simpang", "dinas-perhubungan")]
    lines = [f"{number},{text} nomor {number},{agency}" for number in range(30) for text, agency in kinds]
    (tmp_path / "rows.csv").write_text("\n".join(["id,text,agency", *lines, "kurang"]), encoding="utf-8")
    code, said, why = run("train", "--data", tmp_path / "rows.csv", "--out", tmp_path / "bundle")
    assert (code, "from 60 rows" in said) == (1, True), why
    assert run("evaluate", "--bundle", tmp_path / "bundle", "--data", tmp_path / "rows.csv")[0] == 1
    (tmp_path / "rows.csv").write_text("\n".join(["id,text,agency", *lines]), encoding="utf-8")
    assert run("train", "--data", tmp_path / "rows.csv", "--out", tmp_path / "bundle")[0] == 0
