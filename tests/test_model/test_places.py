from pathlib import Path

import pytest

from model.errors import DatasetError
from model.places import parse_gazetteer, read_gazetteer
from model.prediction import Place
from model.tokens import tokenize

SHIPPED = Path(__file__).parents[2] / "datasets" / "lexicons" / "places.csv"
HEADER = "code,name,kind,parent,variants,ordinary_noun,verified\n"
SMALL = HEADER + (
    "13.73,Sawahlunto,kota,13,,false,true\n"
    "13.73.04,Talawi,kecamatan,13.73,,false,true\n"
    "13.73.04.2001,Talawi Hilie,desa,13.73.04,talawi hilir,false,true\n"
    "13.73.04.2002,Salak,desa,13.73.04,desa salak;salak talawi,true,true\n"
    "lm-1,Pasar Baru,landmark,13.73.04,,false,false\n"
    "lm-2,Pasar Baru,landmark,13.73,,false,false\n"
)


def find(text: str) -> tuple[Place, ...]:
    return parse_gazetteer(SMALL, "places.csv").find(tokenize(text))


def test_the_longest_name_wins() -> None:
    assert [place.code for place in find("banjir di Talawi Hilie dan Talawi")] == ["13.73.04.2001", "13.73.04"]


def test_a_variant_is_the_same_place_and_the_span_is_what_was_written() -> None:
    text = "jalan ke TALAWI hilir rusak"
    (place,) = find(text)
    assert (place.code, text[slice(*place.span)]) == ("13.73.04.2001", "TALAWI hilir")


@pytest.mark.parametrize(
    ("text", "is_ambiguous"), [("beli salak di pasar", True), ("lewat di salak", True), ("warga desa Salak", False)]
)
def test_an_everyday_word_is_a_place_only_after_a_cue(text: str, *, is_ambiguous: bool) -> None:
    assert [place.ambiguous for place in find(text)] == [is_ambiguous]


@pytest.mark.parametrize("text", ["warga Kelurahan Lubang Panjang", "di kel. Lubang Panjang", "di desa Salak"])
def test_a_cue_that_is_part_of_the_name_makes_it_plain(text: str) -> None:
    assert [place.ambiguous for place in read_gazetteer(SHIPPED).find(tokenize(text))] == [False]


def test_a_name_of_two_places_gives_both_marked() -> None:
    assert [(place.code, place.ambiguous) for place in find("Pasar Baru becek")] == [("lm-1", True), ("lm-2", True)]


def test_a_name_cut_off_at_the_end_is_not_found() -> None:
    assert find("kami di pasar") == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("code,name\n", "column kind, parent, variants, ordinary_noun, verified is missing"),
        (SMALL + "13.73,Sawahlunto,kota,13,,false,true\n", "13.73 stands twice"),
        (HEADER + "13.73.04,Talawi,kecamatan,13.73,,false,true\n", "lies in 13.73, which is not in the file"),
    ],
)
def test_a_broken_gazetteer_is_refused(content: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        parse_gazetteer(content, "places.csv")


def test_the_shipped_gazetteer_holds_the_city() -> None:
    entries = read_gazetteer(SHIPPED).entries.values()
    kinds = [entry.kind for entry in entries]
    assert (kinds.count("kota"), kinds.count("kecamatan")) == (1, 4)
    assert kinds.count("kelurahan") + kinds.count("desa") == 37


def test_every_shipped_village_is_found_after_a_cue() -> None:
    gazetteer = read_gazetteer(SHIPPED)
    for entry in gazetteer.entries.values():
        if entry.kind in {"kelurahan", "desa"}:
            assert entry.code in [place.code for place in gazetteer.find(tokenize(f"warga desa {entry.name}"))]
