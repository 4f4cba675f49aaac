import csv
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from datasketch import MinHash, MinHashLSH

from model.cleaning import clean
from model.taxonomy import HEADS, read_taxonomy
from training.checking import check_rows
from training.config import TrainingConfig
from training.reading import RowSet, read_rows

DATASETS = Path(__file__).parents[2] / "datasets"
CORPUS = DATASETS / "sawahlunto" / "reports.csv"
LARGEST_SIMILARITY = 0.5


@pytest.fixture(scope="session")
def rows() -> RowSet:
    return read_rows(CORPUS)


@pytest.fixture(scope="session")
def records() -> list[dict[str, str]]:
    with CORPUS.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_corpus_has_at_least_600_reports_and_no_reject(rows: RowSet) -> None:
    assert len(rows.frame) >= 600
    assert len(rows.rejects) == 0


def test_check_finds_no_error_and_no_warning(rows: RowSet) -> None:
    findings = check_rows(rows, read_taxonomy(DATASETS / "taxonomy"), TrainingConfig())
    assert [finding for finding in findings if finding.severity != "note"] == []


def test_every_head_is_labelled_with_several_labels(rows: RowSet) -> None:
    for head in HEADS:
        assert len(set(rows.frame[head]) - {""}) >= 4
    for head in ("kind", "agency", "topic", "urgency"):
        assert (rows.frame[head] != "").all()


def test_every_accusation_says_whom_it_is_about(records: list[dict[str, str]]) -> None:
    assert [r["id"] for r in records if r["kind"] == "pengaduan-pengawasan" and not r["about"]] == []


def test_every_emergency_names_its_hazard(records: list[dict[str, str]]) -> None:
    unnamed = [r["id"] for r in records if r["urgency"] == "darurat" and "hazard=" not in r["author_note"]]
    assert unnamed == []


def test_registers_are_those_of_the_datasheet(records: list[dict[str, str]]) -> None:
    assert set(Counter(r["register"] for r in records)) == {"formal", "chat", "sms", "minang", "mixed"}


def test_texts_are_clean_as_they_stand(records: list[dict[str, str]]) -> None:
    dirty = [r["id"] for r in records if clean(r["text"]) != r["text"]]
    assert len(dirty) <= len(records) // 100


def test_no_two_reports_tell_the_same_story(records: list[dict[str, str]]) -> None:
    index = MinHashLSH(threshold=LARGEST_SIMILARITY, num_perm=64)
    shingles = {r["id"]: three_grams(r["text"]) for r in records}
    alike = []
    for row_id, grams in shingles.items():
        signature = MinHash(num_perm=64, seed=1)
        signature.update_batch([gram.encode() for gram in grams])
        alike += [
            (row_id, other)
            for other in index.query(signature)
            if len(grams & shingles[other]) >= LARGEST_SIMILARITY * len(grams | shingles[other])
        ]
        index.insert(row_id, signature)
    assert alike == []


def three_grams(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {f"{first} {third}" for first, third in zip(map(" ".join, pairwise(words)), words[2:], strict=False)} or {
        " ".join(words)
    }
