from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import DatasetError
from model.places import read_gazetteer
from model.prediction import About
from model.tokens import tokenize
from model.units import ACCUSATION, COMPLAINT, Named, UnitFinder, UnitNames, parse_units

LEXICONS = Path(__file__).parents[2] / "datasets" / "lexicons"
NAMES = parse_units((LEXICONS / "units.csv").read_text(encoding="utf-8"), "units.csv")
GAZETTEER = read_gazetteer(LEXICONS / "places.csv")
AGENCIES = ("dinas-pupr", "disdukcapil", "inspektorat", "kecamatan-kelurahan-desa", "kepolisian")
FINDER = UnitFinder(AGENCIES, GAZETTEER)


def name(text: str) -> Named:
    tokens = tokenize(text)
    return Named(tokens, NAMES.find(tokens.forms), GAZETTEER.find(tokens))


def score(**scores: float) -> np.ndarray:
    return np.array([scores.get(agency.split("-")[-1], -1.0) for agency in AGENCIES], np.float32)


def find(text: str, kind: str = ACCUSATION, **scores: float) -> About | None:
    return FINDER.find(name(text), score(**(scores or {"inspektorat": 1.0})), kind)


def show(text: str, about: About | None) -> tuple[str, str | None]:
    assert about is not None
    return about.unit, text[slice(*about.span)] if about.span else None


def test_the_longest_name_of_a_unit_wins() -> None:
    mentions = NAMES.find(tokenize("ke dinas pekerjaan umum dan penataan ruang di kantor camat").forms)
    assert [(mention.agency, mention.start, mention.stop) for mention in mentions] == [
        ("dinas-pupr", 1, 7),
        ("kecamatan-kelurahan-desa", 8, 10),
    ]


def test_an_everyday_word_is_marked() -> None:
    (mention,) = NAMES.find(["pabrik"])
    assert mention.is_everyday


def test_a_file_without_a_column_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"units\.csv: column form, note"):
        parse_units("agency\n", "units.csv")


def test_who_is_named_is_accused_and_not_who_is_asked_to_look_into_it() -> None:
    text = "Petugas Disdukcapil minta 100 ribu untuk KTP. Mohon Inspektorat memeriksa."
    assert show(text, find(text)) == ("disdukcapil", "Disdukcapil")


def test_without_a_name_the_scores_say_who_is_accused() -> None:
    assert find("minta uang supaya KTP cepat jadi", inspektorat=2.0, disdukcapil=0.5) == About("disdukcapil", None)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Kades Sikalang memotong BLT warga", "13.73.04.2010"),
        ("Pegawai kantor camat Talawi main domino", "13.73.04"),
        ("Warga Sikalang dimintai uang di kantor camat Talawi", "13.73.04"),
        ("Pak kades memotong BLT warga", "kecamatan-kelurahan-desa"),
    ],
)
def test_a_local_office_is_told_by_its_place(text: str, unit: str) -> None:
    about = find(text, inspektorat=1.0, desa=0.5)
    assert about is not None
    assert about.unit == unit


def test_a_complaint_is_about_a_local_office_that_must_act_itself() -> None:
    text = "kantor camat Talawi tutup jam sepuluh"
    assert show(text, find(text, COMPLAINT, desa=1.0)) == ("13.73.04", "kantor camat")
    assert find("kantor desa tutup jam sepuluh", COMPLAINT, desa=1.0) is None


@pytest.mark.parametrize("kind", [COMPLAINT, "permintaan-informasi", "apresiasi", "bukan-laporan", ""])
def test_other_reports_are_about_nobody(kind: str) -> None:
    assert find("jalan rusak, sudah lapor ke Disdukcapil", kind, pupr=1.0) is None


def test_a_bundle_without_agencies_beside_the_inspectorate_accuses_nobody() -> None:
    finder = UnitFinder(("inspektorat",), GAZETTEER)
    assert finder.find(name("pungli"), np.ones(1, np.float32), ACCUSATION) is None


@given(st.lists(st.sampled_from("pak [NAMA] Budi kades Sikalang disdukcapil dishub pungli di kantor camat".split())))
def test_a_person_is_never_the_one_complained_of(words: list[str]) -> None:
    text = " ".join(words)
    about = find(text)
    assert about is not None
    assert about.unit in AGENCIES or about.unit in GAZETTEER.entries
    assert about.span is None or not {"[NAMA]", "Budi"} & set(text[slice(*about.span)].split())


def test_without_names_nothing_is_named() -> None:
    assert UnitNames(()).find(["dishub"]) == ()


@given(st.lists(st.sampled_from("kantor camat dinas pekerjaan umum dan penataan ruang pak kades".split())))
def test_mentions_lie_in_the_text_in_order_and_apart(forms: list[str]) -> None:
    mentions = NAMES.find(forms)
    borders = [border for mention in mentions for border in (mention.start, mention.stop)]
    assert borders == sorted(borders)
    assert all(mention.start < mention.stop <= len(forms) for mention in mentions)


@pytest.mark.parametrize(
    "text",
    [
        "Ambo tingga di Talawi Mudiak. Kantor desa Sijantang Koto jam sabaleh lah takunci, surek indak diurus",
        "Kepala desa Sijantang Koto minta uang 50 ribu untuk surat. Kami yang rumahnya di Talawi Mudiak tahu semua",
    ],
)
@pytest.mark.parametrize("kind", [ACCUSATION, COMPLAINT])
def test_the_place_behind_the_office_goes_before_where_the_reporter_lives(text: str, kind: str) -> None:
    about = find(text, kind, desa=1.0)
    assert about is not None
    assert about.unit == "13.73.04.2008"
