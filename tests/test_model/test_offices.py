import pytest

from model.offices import district_of, resolve_district, resolve_office
from model.places import parse_gazetteer
from model.tokens import tokenize

GAZETTEER = parse_gazetteer(
    "code,name,kind,parent,variants,ordinary_noun,verified\n"
    "13.73,Sawahlunto,kota,13,,false,true\n"
    "13.73.03,Silungkang,kecamatan,13.73,,false,true\n"
    "13.73.04,Talawi,kecamatan,13.73,,false,true\n"
    "13.73.03.2001,Taratak Bancah,desa,13.73.03,,false,true\n"
    "13.73.04.2001,Sikalang,desa,13.73.04,,false,true\n"
    "13.73.04.2002,Salak,desa,13.73.04,,true,true\n"
    "lm-1,Pasar Talawi,landmark,13.73.04,,false,false\n"
    "lm-2,Stasiun Rantih,landmark,13.73.04.2001,,false,false\n"
    "lm-3,Balai Kota,landmark,13.73,,false,false\n",
    "places.csv",
)


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("jalan di Sikalang rusak", "13.73.04.2001"),
        ("warga Sikalang, kecamatan Talawi", "13.73.04.2001"),
        ("warga Sikalang, kecamatan Silungkang", "13.73.04.2001"),
        ("di Talawi", "13.73.04"),
        ("dekat Pasar Talawi", "13.73.04"),
        ("dekat Stasiun Rantih", "13.73.04.2001"),
        ("dekat Stasiun Rantih, Talawi", "13.73.04.2001"),
        ("dari Taratak Bancah ke Stasiun Rantih", "13.73.03.2001"),
        ("dari Sikalang ke Taratak Bancah", None),
        ("antara Talawi dan Silungkang", None),
        ("beli salak", None),
        ("desa Salak", "13.73.04.2002"),
        ("di Sawahlunto, depan Balai Kota", None),
        ("", None),
    ],
)
def test_a_village_beats_a_district_and_two_are_none(text: str, office: str | None) -> None:
    assert resolve_office(GAZETTEER.find(tokenize(text)), GAZETTEER) == office


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("dari Sikalang ke kantor camat Talawi", "13.73.04"),
        ("dari Taratak Bancah ke kantor camat Talawi", None),
        ("di Sikalang", "13.73.04"),
        ("di kota", None),
    ],
)
def test_places_of_one_district_point_to_it(text: str, district: str | None) -> None:
    assert resolve_district(GAZETTEER.find(tokenize(text)), GAZETTEER) == district


def test_what_lies_in_no_district_or_is_no_place_has_none() -> None:
    assert district_of("lm-3", GAZETTEER) is None
    assert district_of("dinas-pupr", GAZETTEER) is None
