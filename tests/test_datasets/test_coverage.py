"""The corpus covers what a city may be told: every label, register, hazard and tone, with decoys beside emergencies."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from model.taxonomy import HEADS, NO_ELEMENT, read_taxonomy

DATASETS = Path(__file__).parents[2] / "datasets"
LEAST_ROWS = {"agency": 60, "topic": 40, "kind": 150, "aspect": 100, "urgency": 400}


@pytest.fixture(scope="module")
def records():
    with (DATASETS / "sawahlunto" / "reports.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def taxonomy():
    return read_taxonomy(DATASETS / "taxonomy")


def list_flags(records, flag):
    """What the writers' notes say after a flag such as ``hazard=``."""
    return [found.group(1) for r in records if (found := re.search(rf"{flag}=([^;]+)", r["author_note"]))]


def test_there_are_five_thousand_reports(records):
    assert len(records) >= 5_000


@pytest.mark.parametrize("head", HEADS)
def test_every_label_has_reports_enough(records, taxonomy, head):
    counts = Counter(record[head] for record in records)
    few = {slug: counts[slug] for slug in taxonomy.slugs(head) if counts[slug] < LEAST_ROWS[head]}
    assert set(few) <= {NO_ELEMENT}  # written as an empty cell


def test_emergencies_are_of_many_hazards_and_as_often_calm_or_indirect_as_loud(records):
    urgent = [r for r in records if r["urgency"] in ("darurat", "tinggi")]
    assert sum(r["urgency"] == "tinggi" for r in urgent) >= 500
    assert len({hazard.strip() for hazard in list_flags(urgent, "hazard")}) >= 25
    tones = Counter(list_flags(urgent, "tone"))
    assert tones["calm"] + tones["indirect"] >= tones["loud"]


def test_decoys_alarm_and_are_not_urgent(records):
    decoys = [r for r in records if "decoy=" in r["author_note"]]
    assert len(decoys) >= 400
    assert {r["urgency"] for r in decoys} <= {"rendah", "sedang"}


def test_minangkabau_is_spread_over_all_topics(records, taxonomy):
    spoken = [r for r in records if r["register"] in ("minang", "mixed")]
    assert len(spoken) >= 700
    assert {r["topic"] for r in spoken} == set(taxonomy.slugs("topic"))


def test_external_agencies_and_second_needs_are_there(records, taxonomy):
    external = {slug for slug, label in taxonomy.heads["agency"].items() if label.details["scope"] == "external"}
    assert sum(r["agency"] in external for r in records) >= 0.12 * len(records)
    assert sum(bool(r["also"]) for r in records) >= 400


def test_conduct_of_officials_is_told_over_all_nine_aspects(records, taxonomy):
    told = {r["aspect"] for r in records if r["kind"] == "pengaduan-pengawasan" or r["about"]}
    assert set(taxonomy.slugs("aspect")) - {NO_ELEMENT} <= told


def test_lengths_are_those_of_real_reports(records):
    lengths = sorted(len(r["text"].split()) for r in records)
    assert 25 <= lengths[len(lengths) // 2] <= 45
    assert lengths[len(lengths) // 20] >= 3
    assert lengths[-1] <= 300


def test_dates_run_over_three_years(records):
    months = Counter(r["received_at"][:7] for r in records)
    assert len(months) == 36
    assert min(months.values()) >= 20
