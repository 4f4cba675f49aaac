import csv
from pathlib import Path

import pytest

from model.taxonomy import read_taxonomy
from model.tokens import tokenize

DATASETS = Path(__file__).parents[2] / "datasets"
LEXICONS = DATASETS / "lexicons"
COLUMNS = {
    "slang.csv": ["form", "standard", "note"],
    "minang.csv": ["minang", "indonesian", "note"],
    "hazards.csv": ["name", "pattern_words", "effect", "harmless_sense", "example_harmless"],
    "accusations.csv": ["name", "pattern_words", "harmless_sense", "example_harmless"],
    "completeness.csv": ["topic", "needs", "when"],
    "cues.csv": ["name", "words"],
    "regions.csv": ["name", "kind", "reading", "source"],
    "units.csv": ["agency", "form", "note"],
    "duties.csv": ["head", "slug", "phrase"],
}


def read(name: str) -> list[dict[str, str]]:
    with (LEXICONS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", COLUMNS)
def test_a_lexicon_has_its_columns_and_no_empty_key(name: str) -> None:
    rows = read(name)
    assert list(rows[0]) == COLUMNS[name]
    assert all(row[column].strip() for row in rows for column in COLUMNS[name][:2])


@pytest.mark.parametrize("name", COLUMNS)
def test_no_entry_stands_twice(name: str) -> None:
    keys = [
        tuple(row[column] for column in COLUMNS[name][:2] if name != "duties.csv") or tuple(row.values())
        for row in read(name)
    ]
    assert len(keys) == len(set(keys))


def test_a_slang_form_is_one_token_and_not_its_own_standard() -> None:
    rows = read("slang.csv")
    assert [
        row["form"] for row in rows if len(tokenize(row["form"]).forms) != 1 or row["form"] == row["standard"]
    ] == []


def test_units_and_duties_name_labels_of_the_taxonomy() -> None:
    taxonomy = read_taxonomy(DATASETS / "taxonomy")
    assert {row["agency"] for row in read("units.csv")} <= set(taxonomy.slugs("agency"))
    for head in ("agency", "topic"):
        slugs = {row["slug"] for row in read("duties.csv") if row["head"] == head}
        assert slugs <= set(taxonomy.slugs(head))


def test_hazards_ask_for_an_urgency_of_the_taxonomy() -> None:
    assert {row["effect"] for row in read("hazards.csv")} == {"darurat", "tinggi"}


@pytest.mark.parametrize("name", ["hazards.csv", "accusations.csv"])
def test_every_alarming_word_has_a_harmless_example(name: str) -> None:
    assert [row["name"] for row in read(name) if not row["example_harmless"].strip()] == []
