import json

import pytest

from training.reading import ReadingError, read_rows


def write(tmp_path, *lines):
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "a.jsonl"


GOOD = '{"id": 7, "text": "lampu mati", "weight": 0.5, "also": ["pln", "bpbd"]}'


def test_reads_numbers_lists_of_agencies_and_absent_keys(tmp_path):
    frame = read_rows(write(tmp_path, GOOD, '{"text": "jalan", "id": "8", "topic": null}')).frame
    assert frame["id"].tolist() == ["7", "8"]
    assert frame["also"].tolist() == ["pln;bpbd", ""]
    assert frame["weight"].tolist() == [0.5, 1.0]
    assert frame["row"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no valid JSON"),
        ('{"id": 1, "text": "a", "weight": NaN}', "no valid JSON"),
        ("[" * 100_000, "no valid JSON"),
        ('{"id": ' + "1" * 5000 + "}", "no valid JSON"),
        ("[1]", "no JSON object"),
        ("{}", "without fields"),
        ('{"id": 1, "text": "a", "text": "b"}', "key twice .text."),
        ('{"id": 1, "text": {"isi": "a"}}', "is an object; expected text"),
        ('{"id": 1, "text": ["a"]}', "is a list; expected text"),
        ('{"id": 1, "text": true}', "is true or false; expected text"),
        ('{"id": 1, "text": null}', "is empty"),
        ('{"id": 1, "text": "a\\ud800"}', "lone surrogate"),
        ('{"id": 1, "text": "a\\u0000"}', "NUL"),
        (json.dumps({"id": 1, "text": "a" * (1 << 20)}), "a line of more than"),
    ],
)
def test_a_line_that_cannot_be_used_costs_itself_only(tmp_path, line, reason):
    rows = read_rows(write(tmp_path, line, GOOD))
    assert rows.frame["id"].tolist() == ["7"]
    assert rows.rejects["row"].tolist() == [1]
    assert rows.rejects["reason"].str.contains(reason).all()


def test_pairs_of_surrogates_are_one_character(tmp_path):
    assert read_rows(write(tmp_path, '{"id": 1, "text": "\\ud83d\\ude00"}')).frame["text"].tolist() == ["\U0001f600"]


def test_a_file_without_one_object_gives_rejects_and_no_rows(tmp_path):
    rows = read_rows(write(tmp_path, "bukan", "json"))
    assert len(rows.frame) == 0
    assert rows.rejects["row"].tolist() == [1, 2]
    assert {"id", "text"} <= set(rows.frame.columns)


def test_refuses_objects_without_a_text(tmp_path):
    with pytest.raises(ReadingError, match="Found: id, isi"):
        read_rows(write(tmp_path, '{"id": 1, "isi": "a"}'))
