import csv
import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.batch import N_CACHED_WORDS
from training.bulk import BulkError, classify_file
from training.progress import PlainLines, Silence
from training.readers.table import ReadingError
from training.writers import WritingError

from .conftest import make_frame

_HEADS = ("kind", "agency", "topic", "urgency", "aspect")
_COLUMNS = [
    "id",
    *(f"{head}{suffix}" for head in _HEADS for suffix in ("", "_confidence", "_decision")),
    *("alarms", "watch", "rules", "also", "about", "missing"),
]


@pytest.fixture
def tag(classifier, tmp_path):
    """Tags a file and gives the result and the path of the output."""

    def tag_it(source, suffix=".jsonl", columns=None):
        output = tmp_path / f"tags{suffix}"
        return classify_file(classifier, source, output, columns or {}, Silence()), output

    return tag_it


@pytest.fixture
def write(tmp_path):
    def write_it(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_it


def _write_rows(path, rows):
    """Rows of id and text in the format of the ending."""
    rows = list(rows)
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"id": [row[0] for row in rows], "text": [row[1] for row in rows]}), path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps({"id": row[0], "text": row[1]}) + "\n" for row in rows), encoding="utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter="\t" if path.suffix == ".tsv" else ",").writerows([("id", "text"), *rows])


def _read_tags(path):
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _read_rejects(result):
    with result.rejects.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("read", [".csv", ".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("written", [".csv", ".jsonl", ".parquet"])
def test_tags_every_format_into_every_format_in_the_same_order(tag, tmp_path, read, written):
    source = tmp_path / f"rows{read}"
    texts = list(make_frame(9)["text"])
    _write_rows(source, [(f"lap-{place}", text) for place, text in enumerate(texts)])
    result, output = tag(source, written)
    tags = _read_tags(output)
    assert (result.n_rows, result.n_rejected, result.rejects.exists()) == (9, 0, False)
    assert [row["id"] for row in tags] == [f"lap-{place}" for place in range(9)]
    assert list(tags[0]) == _COLUMNS
    assert [row["agency"] for row in tags] == list(make_frame(9)["agency"])
    assert all(0 <= float(row["agency_confidence"]) <= 1 for row in tags)


def test_a_row_is_tagged_as_it_is_alone(tag, write, classifier):
    _, output = tag(write("rows.csv", "id,text\n1,lubang di jalan\n"))
    alone = classifier.classify("lubang di jalan").heads["topic"]
    row = _read_tags(output)[0]
    assert (row["topic"], row["topic_confidence"]) == (alone.label, alone.confidence)


_TOLD = (
    "anak hanyut di sungai tolong segera",
    "oknum pegawai dinas minta uang pelicin ke warga kami",
    "sampah menumpuk, lampu jalan juga mati di talawi hilie",
    "jalan berlubang aspal rusak",
    "terima kasih",
    "🙏",
)


def test_all_rows_are_tagged_as_each_alone(tag, tmp_path, classifier):
    texts = [*_TOLD, *make_frame(700, seed=3)["text"], *_TOLD]
    source = tmp_path / "rows.jsonl"
    _write_rows(source, enumerate(texts))
    _, output = tag(source)
    for row, text in zip(_read_tags(output), texts, strict=True):
        alone = classifier.classify(text, with_explanation=False)
        for head, answer in alone.heads.items():
            assert (row[head], row[f"{head}_decision"]) == (answer.label, answer.decision)
            assert row[f"{head}_confidence"] == pytest.approx(answer.confidence, abs=2e-4)
        urgent = {alarm.label for alarm in alone.alarms if alarm.level == "urgent"}
        assert row["alarms"].split(";") == sorted(urgent or {""})
        assert row["watch"].split(";") == sorted({alarm.label for alarm in alone.alarms} - urgent or {""})
        assert row["rules"] == ";".join(hit.name for hit in alone.rules)
        assert row["also"] == ";".join(need.agency for need in alone.also)
        assert row["about"] == (alone.about.unit if alone.about else "")
        assert row["missing"] == ";".join(alone.gates.missing)


def test_findings_beside_the_heads_have_columns(tag, tmp_path):
    _write_rows(tmp_path / "rows.csv", enumerate(_TOLD))
    _, output = tag(tmp_path / "rows.csv")
    rows = _read_tags(output)
    assert "darurat" in rows[0]["alarms"]
    assert rows[0]["rules"]
    assert "pengaduan-pengawasan" in rows[1]["alarms"]
    assert rows[1]["about"]
    assert rows[3]["missing"] == "lokasi"


def test_a_title_is_read_with_the_text_as_in_training(tag, write):
    _, output = tag(write("rows.csv", "id,title,text\n1,Aspal jalan berlubang rusak,tolong pak\n"))
    assert _read_tags(output)[0]["topic"] == "jalan-rusak"


def test_columns_of_other_names_are_mapped(tag, write):
    source = write("rows.csv", "Nomor;Isi Laporan\nA1;puskesmas tutup, dokter tidak ada\n")
    _, output = tag(source, columns={"id": "Nomor", "text": "Isi Laporan"})
    assert [(row["id"], row["topic"]) for row in _read_tags(output)] == [("A1", "puskesmas")]


def test_rows_without_an_id_are_known_by_their_number(tag, write):
    _, output = tag(write("rows.csv", "text\nparkir di trotoar\nobat habis\n"))
    assert [row["id"] for row in _read_tags(output)] == ["row-2", "row-3"]


def test_a_broken_row_is_rejected_by_its_number_and_the_others_are_tagged(tag, write):
    source = write("rows.csv", "id,text\n1,jalan rusak\n2,obat,habis\n3,\n4,parkir liar\n")
    result, output = tag(source)
    assert [row["id"] for row in _read_tags(output)] == ["1", "4"]
    assert [(row["row"], row["id"], row["column"], row["reason"]) for row in _read_rejects(result)] == [
        ("3", "", "", "has 3 cells, the header has 2"),
        ("4", "3", "text", "is empty"),
    ]
    assert (result.n_rows, result.n_rejected) == (2, 2)


def test_an_open_quote_does_not_swallow_the_rows_behind_it(tag, write):
    lines = [f"lap-{number},jalan rusak nomor {number}\n" for number in range(1, 30)]
    lines[4] = 'lap-5,"jalan rusak\n'
    result, output = tag(write("rows.csv", "id,text\n" + "".join(lines)))
    assert (result.n_rows, result.n_rejected) == (28, 1)
    assert _read_tags(output)[-1]["id"] == "lap-29"


def test_bytes_that_are_no_utf8_cost_their_row_alone(tag, write):
    source = write("rows.csv", "id,text\n1,café rusak\n2,jalan ".encode() + b"\xff\xfe rusak\n3,lampu mati\n")
    result, output = tag(source)
    assert [row["id"] for row in _read_tags(output)] == ["1", "3"]
    assert [(row["row"], row["column"]) for row in _read_rejects(result)] == [("3", "text")]
    assert "holds bytes that are no text" in _read_rejects(result)[0]["reason"]


def test_a_file_of_an_old_windows_program_is_read_and_said_so(classifier, write, tmp_path, capsys):
    source = write("rows.csv", "id,text\n1,café rusak\n2,jalan rusak\n".encode("cp1252"))
    result = classify_file(classifier, source, tmp_path / "tags.csv", {}, PlainLines(sys.stderr))
    assert result.n_rows == 2
    assert "read as cp1252" in capsys.readouterr().err


def test_lines_of_jsonl_that_are_no_report_are_rejected(tag, write):
    source = write("rows.jsonl", '{"id": 1, "text": "jalan rusak"}\nno json\n{"id": 3}\n{"id": 4, "text": ["a"]}\n\n')
    result, output = tag(source)
    assert [row["id"] for row in _read_tags(output)] == ["1"]
    assert [(row["row"], row["id"], row["reason"]) for row in _read_rejects(result)] == [
        ("2", "", "is no valid JSON"),
        ("3", "3", "is empty"),
        ("4", "4", "is a list; expected text"),
    ]


def test_a_text_over_the_limit_is_rejected_with_the_limit(tag, tmp_path):
    source = tmp_path / "rows.jsonl"
    _write_rows(source, [("1", "jalan " * 20_000), ("2", "jalan rusak")])
    result, output = tag(source)
    assert [row["id"] for row in _read_tags(output)] == ["2"]
    assert _read_rejects(result)[0]["reason"] == "is longer than 64 KiB"


def test_rejects_show_no_personal_number(tag, write):
    result, _ = tag(write("rows.csv", "id,text\n1,jalan\n2,hubungi 081234567890,habis\n"))
    assert "081234567890" not in result.rejects.read_text(encoding="utf-8")


@pytest.mark.parametrize("formula", ["=1+1", "+62", "-2", "@SUM(A1)", "\u0020=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_only_shown(tag, tmp_path, formula):
    source = tmp_path / "rows.parquet"
    _write_rows(source, [(formula, "jalan rusak"), (formula, "")])
    result, output = tag(source, ".csv")
    assert _read_tags(output)[0]["id"] == "'" + formula.strip()
    assert _read_rejects(result)[0]["id"] == "'" + formula.strip()


def test_a_file_of_a_header_alone_gives_a_header_alone(tag, write):
    result, output = tag(write("rows.csv", "id,text\n"), ".csv")
    assert result.n_rows == 0
    assert output.read_text(encoding="utf-8").strip() == ",".join(_COLUMNS)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.csv", "id,isi\n1,jalan\n", 'has no column "text"'),
        ("rows.csv", "", "is empty"),
        ("rows.parquet", "PAR1 but no more", "no Parquet file that can be read"),
        ("rows.csv", "<html><body>Login</body></html>", "HTML or XML page"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_no_output(tag, write, tmp_path, name, content, message):
    with pytest.raises(ReadingError, match=message):
        tag(write(name, content))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_refuses_a_file_that_is_not_there(tag, tmp_path):
    with pytest.raises(ReadingError, match=r"rows\.csv is missing"):
        tag(tmp_path / "rows.csv")


def test_refuses_an_output_of_an_unknown_kind(tag, write, tmp_path):
    with pytest.raises(WritingError, match=r"the file type \.xlsx is not known; use \.csv, \.jsonl or \.parquet"):
        tag(write("rows.csv", "text\njalan\n"), ".xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_refuses_to_write_over_the_rows(tag, write):
    source = write("tags.csv", "text\njalan\n")
    with pytest.raises(BulkError, match="is the file of rows itself"):
        tag(source, ".csv")
    assert source.read_text() == "text\njalan\n"


def test_refuses_a_folder_that_is_not_there(classifier, write, tmp_path):
    with pytest.raises(WritingError, match="cannot be written"):
        classify_file(classifier, write("rows.csv", "text\nx\n"), tmp_path / "no" / "tags.csv", {}, Silence())


def test_a_run_that_breaks_off_leaves_the_earlier_output_as_it_was(tag, write, classifier, monkeypatch):
    source = write("rows.csv", "text\njalan rusak\n")
    _, output = tag(source, ".parquet")
    before = output.read_bytes()

    def break_off(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(classifier, "conclude", break_off)
    with pytest.raises(KeyboardInterrupt):
        tag(source, ".parquet")
    assert output.read_bytes() == before
    assert {path.name for path in output.parent.iterdir()} == {"rows.csv", "tags.parquet"}


# Not the peak of `resource`: a process that is started takes over the peak of the one that starts it.
_MEASURE = """
import re, sys
from pathlib import Path
from model.classifier import load_classifier
from training.bulk import classify_file
from training.progress import Silence
bundle, source, output = map(Path, sys.argv[1:])
result = classify_file(load_classifier(bundle), source, output, {}, Silence())
print(result.n_rows, re.search("VmHWM:[^0-9]*([0-9]+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.long
@pytest.mark.parametrize(("read", "written"), [(".csv", ".parquet"), (".jsonl", ".csv"), (".parquet", ".jsonl")])
def test_memory_does_not_grow_with_the_file(trained, tmp_path, read, written):
    peaks = {}
    # Already the shorter file has more words than a batch remembers at once: all that is bounded is full.
    n_few = N_CACHED_WORDS + 5_000
    n_many = n_few + 175_000
    # The first run on a machine compiles, which takes memory of its own.
    for n_rows in (1, n_few, n_many):
        source = tmp_path / f"rows{read}"
        # Words that the bundle does not know, all different, as a long file has them.
        _write_rows(source, ((f"lap-{number}", f"jalan rusak x{number:x} di warga") for number in range(n_rows)))
        command = [sys.executable, "-c", _MEASURE, trained.folder, source, tmp_path / f"tags{written}"]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        n_tagged, peaks[n_rows] = map(int, done.stdout.split())
        assert n_tagged == n_rows
    # 0.2 KiB a row would be seen; the allocator of Arrow alone keeps some 20 MiB more or less from run to run.
    assert peaks[n_many] < peaks[n_few] + 40 * 1024
