import shutil
from datetime import date
from pathlib import Path

import pytest

from model.errors import DatasetError
from model.taxonomy import HEADS, read_taxonomy

SHIPPED = Path(__file__).parents[2] / "datasets" / "taxonomy"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "taxonomy"))


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_taxonomy_has_labels_for_every_head() -> None:
    taxonomy = read_taxonomy(SHIPPED)
    assert {head: len(taxonomy.slugs(head)) for head in HEADS} == {
        "kind": 6,
        "agency": 30,
        "topic": 56,
        "urgency": 4,
        "aspect": 10,  # the nine elements, and none
    }


def test_names_are_for_people_and_unknown_labels_keep_their_own() -> None:
    taxonomy = read_taxonomy(SHIPPED)
    assert taxonomy.name("topic", "jalan-rusak") == "Jalan rusak dan berlubang"
    assert taxonomy.name("topic", "Jalan X") == "Jalan X"


def test_units_that_the_city_has_not_confirmed_are_known() -> None:
    assert "dinas-pupr" in read_taxonomy(SHIPPED).unverified()
    assert "pln" not in read_taxonomy(SHIPPED).unverified()


def test_the_digest_changes_with_any_byte(folder: Path) -> None:
    before = read_taxonomy(folder).digest
    edit(folder / "topics.csv", "Layanan air minum", "Layanan air")
    assert read_taxonomy(folder).digest != before


def test_a_label_is_valid_from_its_first_to_its_last_day(folder: Path) -> None:
    edit(folder / "agencies.csv", "2021-01-01,,,false", "2021-01-01,2024-12-31,dinas-kesehatan,false")
    label = read_taxonomy(folder).heads["agency"]["dinas-pendidikan"]
    assert label.is_valid_on(date(2024, 12, 31))
    assert not label.is_valid_on(date(2025, 1, 1))
    assert not label.is_valid_on(date(2020, 12, 31))


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("agencies.csv", "2021-01-01,,,false", "2021-01-01,2020-01-01,,false", "valid_to 2020-01-01 lies before"),
        ("agencies.csv", "2021-01-01,,,false", "2021-01-01,,rsud,false", "merged_into rsud but has no valid_to"),
        (
            "agencies.csv",
            "2021-01-01,,,false",
            "2021-01-01,2024-01-01,nowhere,false",
            "nowhere, which is no label there",
        ),
        (
            "agencies.csv",
            "2021-01-01,,,false",
            "2021-01-01,2024-01-01,dinas-pendidikan,false",
            "its mergers lead back to itself",
        ),
        ("agencies.csv", "2021-01-01,,,false", "kemarin,,,false", "line 2: 'kemarin' is no day"),
        ("agencies.csv", "rsud,", "dinas-pendidikan,", "'dinas-pendidikan' stands twice"),
        ("topics.csv", "jalan-rusak,", "Jalan Rusak,", "'Jalan Rusak' is no slug"),
        ("topics.csv", "infrastruktur,Pekerjaan Umum dan Penataan Ruang", "infrastruktur,", "has no lapor_category"),
        ("topics.csv", "lapor_category", "kategori", "column lapor_category is missing"),
        ("urgency.csv", "sedang,Sedang,1", "sedang,Sedang,2", "ranks are"),
    ],
)
def test_a_broken_rule_is_named(folder: Path, name: str, old: str, new: str, message: str) -> None:
    edit(folder / name, old, new)
    with pytest.raises(DatasetError, match=message):
        read_taxonomy(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "aspects.csv").unlink()
    with pytest.raises(DatasetError, match=r"aspects\.csv is missing"):
        read_taxonomy(folder)
