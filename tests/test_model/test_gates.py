from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.elsewhere import REGIONS_FILE, parse_regions
from model.errors import DatasetError
from model.gates import (
    MOST_ELSEWHERE,
    MOST_WITHOUT_WORDS,
    QUESTIONS,
    Chances,
    Gatekeeper,
    make_gatekeeper,
    parse_needs,
    write_question,
)
from model.places import read_gazetteer
from model.prediction import Gates
from model.rulebook import NEEDS_FILE, RULEBOOK_FILES, parse_rulebook
from model.taxonomy import read_taxonomy
from model.tokens import tokenize

DATASETS = Path(__file__).parents[2] / "datasets"
RULEBOOK = parse_rulebook({name: (DATASETS / name).read_text(encoding="utf-8") for name in RULEBOOK_FILES})
TAXONOMY = read_taxonomy(DATASETS / "taxonomy")
GAZETTEER = read_gazetteer(DATASETS / "lexicons" / "places.csv")
NEEDS = parse_needs((DATASETS / NEEDS_FILE).read_text(encoding="utf-8"), NEEDS_FILE)
KEEPER: Gatekeeper = make_gatekeeper(NEEDS, RULEBOOK.named, TAXONOMY, GAZETTEER)
COMPLAINT = {"pengaduan": 0.9, "bukan-laporan": 0.1}
CITY = {"dinas-pupr": 0.8, "pln": 0.2}


def judge(
    text: str, topic: str | None = "jalan-rusak", kind: dict[str, float] = COMPLAINT, agency: dict[str, float] = CITY
) -> Gates:
    tokens = tokenize(text)
    return KEEPER.judge(RULEBOOK.read(text, tokens), GAZETTEER.find(tokens), Chances(kind, agency, topic))


def test_it_is_feedback_as_far_as_it_is_not_none() -> None:
    assert judge("jalan rusak").is_feedback == pytest.approx(0.9)


@pytest.mark.parametrize("text", ["", "🙏🙏", "!!!", "[NIK]", "[TELEPON] - [NAMA]"])
def test_a_text_without_a_word_is_hardly_feedback(text: str) -> None:
    assert judge(text).is_feedback == MOST_WITHOUT_WORDS


def test_the_authority_is_the_sum_of_the_agencies_of_the_city() -> None:
    gates = judge("listrik padam", agency={"dinas-pupr": 0.3, "pln": 0.4, "bpjs": 0.3})
    assert (gates.in_authority, gates.authority) == (pytest.approx(0.3), "pln")


def test_no_owner_outside_is_named_where_the_matter_is_likelier_the_citys() -> None:
    gates = judge("jalan rusak", agency={"dinas-pupr": 0.5, "pln": 0.5})
    assert (gates.in_authority, gates.authority) == (0.5, None)


@pytest.mark.parametrize(
    "text",
    [
        "jalan rusak parah",
        "Jalan depan rumah saya berlubang",
        "jalan di Sawahlunto banyak yang rusak",
        "lubang di gang kami dalam sekali",
        "jalan raya rusak",
    ],
)
def test_a_complaint_about_a_thing_outdoors_without_a_place_is_asked_where(text: str) -> None:
    gates = judge(text)
    assert gates.missing == ("lokasi",)
    assert "di mana tepatnya" in str(gates.ask)


@pytest.mark.parametrize(
    "text",
    [
        "jl mawar rusak",
        "Jl. Raya Timur berlubang",
        "jln K.H. Dahlan rusak",
        "rusak di RT 03 RW 2",
        "jalan di Talawi Hilie rusak",
        "aspal depan sdn mengelupas",
        "lubang dekat Toko Sinar",
        "rusak di km 5",
        "jalan rusak di blok C4",
    ],
)
def test_a_street_a_number_a_village_or_a_landmark_is_a_place(text: str) -> None:
    assert judge(text).missing == ()


@pytest.mark.parametrize("kind", ["permintaan-informasi", "apresiasi", "pengaduan-pengawasan", "bukan-laporan"])
def test_only_what_is_to_be_mended_needs_a_place(kind: str) -> None:
    assert judge("jalan rusak", kind={kind: 1.0}).missing == ()


@pytest.mark.parametrize("topic", ["ktp-kk-akta", "layanan-digital", "unknown", None])
def test_a_topic_that_is_nowhere_in_particular_needs_no_place(topic: str | None) -> None:
    assert judge("ktp belum jadi", topic).missing == ()


def test_an_outage_is_asked_for_its_time_and_a_wrong_bill_for_nothing() -> None:
    assert judge("air mati", "air-minum").missing == ("lokasi", "waktu")
    assert judge("air mati sejak kemarin", "air-minum").missing == ("lokasi",)
    assert judge("tagihan salah catat", "air-minum").missing == ()


@pytest.mark.parametrize("text", ["Assalamualaikum pak, mohon bantuannya", "selamat pagi min mau lapor [NAMA] 12"])
def test_greetings_alone_are_asked_for_the_matter(text: str) -> None:
    gates = judge(text, "ktp-kk-akta")
    assert gates.missing == ("masalah",)
    assert QUESTIONS["masalah"] in str(gates.ask)


def test_all_that_is_missing_is_asked_in_one_question() -> None:
    asked = write_question(["masalah", "lokasi"])
    assert asked is not None
    assert asked.count("mohon") == 1
    assert QUESTIONS["masalah"] in asked
    assert QUESTIONS["lokasi"] in asked
    assert write_question([]) is None


@given(st.text(max_size=80), st.floats(0, 1), st.floats(0, 1))
def test_any_text_and_chances_give_gates_in_their_bounds(text: str, outside: float, none: float) -> None:
    kind, agency = {"pengaduan": 1 - none, "bukan-laporan": none}, {"dinas-pupr": 1 - outside, "pln": outside}
    gates = judge(text, kind=kind, agency=agency)
    assert 0 <= gates.is_feedback <= 1
    assert 0 <= gates.in_authority <= 1
    assert (gates.ask is None) == (gates.missing == ())


def test_needs_name_topics_of_the_taxonomy() -> None:
    assert set(NEEDS) <= set(TAXONOMY.slugs("topic"))


@pytest.mark.parametrize(
    ("content", "message"),
    [("topic,needs\n", "column when is missing"), ("topic,needs,when\nsampah,harga,\n", "harga is none of lokasi")],
)
def test_broken_needs_are_refused(content: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        parse_needs(content, "completeness.csv")


def test_a_cue_that_gates_look_for_must_be_there() -> None:
    named = {name: cue for name, cue in RULEBOOK.named.items() if name != "patokan"}
    with pytest.raises(DatasetError, match="the cue patokan is missing"):
        make_gatekeeper(NEEDS, named, TAXONOMY, GAZETTEER)


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("lampu jalan mati di Bukittinggi", False),
        ("lampu jalan mati di Bukittinggi dan di Sawahlunto", True),
        ("lampu jalan mati di Talawi Hilie", True),
    ],
)
def test_what_broke_in_another_city_is_hardly_ours_unless_our_own_is_named(text: str, is_ours: bool) -> None:
    regions = parse_regions((DATASETS / REGIONS_FILE).read_text(encoding="utf-8"), REGIONS_FILE)
    keeper = make_gatekeeper(NEEDS, RULEBOOK.named, TAXONOMY, GAZETTEER, regions)
    tokens = tokenize(text)
    reading, places = RULEBOOK.read(text, tokens), GAZETTEER.find(tokens)
    gates = keeper.judge(reading, places, Chances(COMPLAINT, {"dinas-perhubungan": 1.0}, "penerangan-jalan"))
    assert (gates.in_authority > MOST_ELSEWHERE) == is_ours
    assert gates.authority is None
