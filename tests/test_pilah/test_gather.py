import json

import pytest

from .conftest import run, write_rows


@pytest.fixture
def history(tmp_path):
    return write_rows(tmp_path / "history.csv", 40)


def test_a_set_is_written_with_its_description_beside(history, tmp_path):
    output, dropped = tmp_path / "set.parquet", tmp_path / "dropped.csv"
    words = ("gather", "--history", history, "--no-corpus", "--output", output, "--dropped", dropped)
    done = run(*words, "--until", "2026-01-20", "--weight", "history=0.5", "--json")
    assert done.exit_code == 0, done.stdout
    told = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "set.parquet.json").read_text(encoding="utf-8"))
    assert told["rows"] == {"history": 15}
    assert sum(told["left out"].values()) == 25
    assert told["files"][0]["weight"] == 0.5
    assert run("check", output).exit_code == 0


def test_the_shipped_corpus_is_part_of_it_unless_left_out(history, tmp_path):
    done = run("gather", "--history", history, "--output", tmp_path / "set.jsonl")
    assert "corpus" in done.stdout
    assert "history" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--no-corpus",), "nothing to gather"),
        (("--weight", "blind=much"), "'much' is no weight"),
        (("--weight", "rumour=1"), "'rumour' is no basis"),
        (("--weight", "corpus=-1"), "The weight of corpus is -1"),
        (("--weight", "corpus=0"), "The weight of corpus is 0"),
        (("--weight", "corpus=nan"), "The weight of corpus is nan"),
        (("--until", "soon"), "'soon' is no day"),
    ],
)
def test_what_means_nothing_is_refused(words, said, tmp_path):
    done = run("gather", "--output", tmp_path / "set.csv", *words)
    assert done.exit_code != 0
    assert said in done.output + str(done.exception)
    assert not (tmp_path / "set.csv").exists()
