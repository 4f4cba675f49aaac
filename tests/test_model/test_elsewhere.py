from pathlib import Path

import pytest

from model.elsewhere import REGIONS_FILE, Regions, parse_regions
from model.errors import DatasetError
from model.senses import Reading, SenseWords
from model.spelling import Spelling
from model.tokens import tokenize

DATASETS = Path(__file__).parents[2] / "datasets"
REGIONS: Regions = parse_regions((DATASETS / REGIONS_FILE).read_text(encoding="utf-8"), REGIONS_FILE)


def is_elsewhere(text: str) -> bool:
    return REGIONS.has_happened_elsewhere(Reading.of(text, tokenize(text), Spelling(), SenseWords()))


@pytest.mark.parametrize(
    "text",
    [
        "Jalan berlubang parah di Kota Solok, tolong diperbaiki",
        "lampu jalan mati di bukittinggi",
        "Sampah menumpuk di Padang.",
        "jalan rusak di kota padang",
        "jembatan roboh di kabupaten tanah datar",
        "pohon tumbang menutup jalan di Padang Panjang",
        "banjir di kab. Sijunjung",
        "macet di Kota Batu",
        "jalan berlubang di kelurahan Kubu Kota Padang",
        "sampah menumpuk di kec. Koto Tangah kab Padang Pariaman",
        "lampu mati di jalan Sudirman dekat lapangan kota bukittinggi",
    ],
)
def test_a_thing_that_broke_in_another_city_happened_elsewhere(text: str) -> None:
    assert is_elsewhere(text)


@pytest.mark.parametrize(
    "text",
    [
        "jalan rusak di depan rumah",
        "saya kerja di Batam, lampu jalan di kampung mati",
        "jalan ke Padang macet",
        "anak saya kuliah di Padang, KTP hilang",
        "lampu jalan tidak seperti di Payakumbuh",
        "sampah tidak diangkut, kalau di Solok tiap hari",
        "jalan longsor di batu runciang",
        "jalan becek di padang gembala",
        "jalan rusak di Padang Ganting dekat sekolah",
        "sampah di puncak bukit",
        "lubang di tanah datar depan surau",
        "Lampu mati. Saya di Jakarta sekarang",
        "kantor cabang di Padang minta surat",
        "di Solok jalannya mulus",
        "jalan lintas ke terminal di Solok",
        "tambang di batu bara",
        "jalan berlubang di kelurahan Pasar",
        "jalan rusak di desa Kolok. Kota Padang saja bagus",
        "jalan rusak di desa Kolok arah padang",
        "jalan rusak di desa Kolok seperti di Kota Solok",
        "jalan rusak di kelurahan Saringan kota Sawahlunto",
        "lubang di jalan kota",
    ],
)
def test_a_city_that_is_merely_named_is_no_elsewhere(text: str) -> None:
    assert not is_elsewhere(text)


def test_the_own_city_is_no_region() -> None:
    assert ("sawahlunto",) not in REGIONS.names


@pytest.mark.parametrize(
    ("content", "message"),
    [("name,kind\n", "column reading is missing"), ("name,kind,reading\nsolok,kota,often\n", "'often' is none of")],
)
def test_broken_regions_are_refused(content: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        parse_regions(content, "regions.csv")
