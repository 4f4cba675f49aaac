"""The golden set is frozen: an exam whose questions change measures nothing over time."""

import csv
import hashlib
import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from model.cleaning import clean
from model.masking import mask
from model.taxonomy import HEADS, NO_ELEMENT, read_taxonomy
from training.checking import check_rows
from training.config import TrainingConfig
from training.reading import read_rows

DATASETS = Path(__file__).parents[2] / "datasets"
GOLDEN = DATASETS / "sawahlunto" / "golden.csv"
CORPUS = DATASETS / "sawahlunto" / "reports.csv"
SHA_256 = "099e73829d0cc7a40947d27795a6083fd17fc027efcf1665d15c96f3670049d2"
LEAST_ROWS = {"agency": 9, "topic": 4, "kind": 28, "aspect": 13, "urgency": 80}
LARGEST_SIMILARITY = 0.5
DISPUTE = re.compile(r"(\w+): (\S+) \| (\S+) -> (\S+) \(.+\)")


@pytest.fixture(scope="module")
def records() -> list[dict[str, str]]:
    return read_records(GOLDEN)


def read_records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_it_is_frozen() -> None:
    assert hashlib.sha256(GOLDEN.read_bytes()).hexdigest() == SHA_256


def test_it_has_600_reports_of_its_own_ids_in_order(records: list[dict[str, str]]) -> None:
    assert [record["id"] for record in records] == [f"g{place:04}" for place in range(1, 601)]


def test_check_finds_no_error_and_no_warning() -> None:
    rows = read_rows(GOLDEN)
    assert len(rows.rejects) == 0
    findings = check_rows(rows, read_taxonomy(DATASETS / "taxonomy"), TrainingConfig())
    assert [finding for finding in findings if finding.severity != "note"] == []


@pytest.mark.parametrize("head", HEADS)
def test_every_label_is_asked_for(records: list[dict[str, str]], head: str) -> None:
    counts = Counter(record[head] for record in records)
    taxonomy = read_taxonomy(DATASETS / "taxonomy")
    few = {slug: counts[slug] for slug in taxonomy.slugs(head) if counts[slug] < LEAST_ROWS[head]}
    assert set(few) <= {NO_ELEMENT}  # written as an empty cell


def test_emergencies_decoys_minangkabau_and_second_needs_are_there(records: list[dict[str, str]]) -> None:
    emergencies = [record for record in records if record["urgency"] == "darurat"]
    assert len(emergencies) >= 80
    assert [record["id"] for record in emergencies if "hazard=" not in record["author_note"]] == []
    decoys = [record for record in records if "decoy=" in record["author_note"]]
    assert len(decoys) >= 80
    assert {record["urgency"] for record in decoys} <= {"rendah", "sedang"}
    assert sum(record["register"] in ("minang", "mixed") for record in records) >= 140
    assert sum(bool(record["also"]) for record in records) >= 80


def test_every_accusation_says_whom_it_is_about(records: list[dict[str, str]]) -> None:
    assert [r["id"] for r in records if r["kind"] == "pengaduan-pengawasan" and not r["about"]] == []


def test_a_dispute_names_two_labels_and_the_one_that_stands(records: list[dict[str, str]]) -> None:
    for record in records:
        for part in filter(None, record["disputed"].split("; ")):
            found = DISPUTE.fullmatch(part)
            assert found, (record["id"], part)
            head, first, second, kept = found.groups()
            assert first != second, (record["id"], part)
            assert record[head] == kept.removeprefix("-"), (record["id"], part)


def test_no_text_holds_what_cleaning_or_masking_would_change(records: list[dict[str, str]]) -> None:
    assert [record["id"] for record in records if mask(clean(record["text"])).text != record["text"]] == []


def test_no_report_tells_a_story_of_the_corpus_or_of_another(records: list[dict[str, str]]) -> None:
    told: dict[str, list[int]] = defaultdict(list)
    grams = [three_grams(record["text"]) for record in [*read_records(CORPUS), *records]]
    n_trained = len(grams) - len(records)
    alike = []
    for place, own in enumerate(grams):
        shared = Counter(other for gram in own for other in told[gram]) if place >= n_trained else Counter()
        alike += [
            (place, other)
            for other, n_shared in shared.items()
            if n_shared >= LARGEST_SIMILARITY * len(own | grams[other])
        ]
        for gram in own:
            told[gram].append(place)
    assert alike == []


def three_grams(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {f"{first} {third}" for first, third in zip(map(" ".join, pairwise(words)), words[2:], strict=False)} or {
        " ".join(words)
    }
