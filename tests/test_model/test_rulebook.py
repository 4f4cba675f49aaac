import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.prediction import EFFECT_ACCUSATION, EFFECT_DARURAT, EFFECT_TINGGI
from model.rulebook import ACCUSATIONS_FILE, HAZARDS_FILE, RULEBOOK_FILES, Rulebook, parse_rulebook
from model.rules import Rule
from model.tokens import tokenize

DATASETS = Path(__file__).parents[2] / "datasets"
SHIPPED = parse_rulebook({name: (DATASETS / name).read_text(encoding="utf-8") for name in RULEBOOK_FILES})
HARMLESS = {
    row["name"]: row["example_harmless"]
    for file in (HAZARDS_FILE, ACCUSATIONS_FILE)
    for row in csv.DictReader((DATASETS / file).read_text(encoding="utf-8").splitlines())
}


def effects(text: str) -> set[str]:
    return {hit.effect for hit in SHIPPED.find(text, tokenize(text))}


def write_plainly(rule: Rule) -> list[str]:
    """The shortest words of each pattern, as a sentence."""
    return [
        " ".join(" ".join(word.rstrip("*") for word in min(cue, key=len)) for cue in pattern)
        for pattern in rule.patterns
    ]


@pytest.mark.parametrize("name", HARMLESS)
def test_a_rule_is_silent_in_its_harmless_sense(name: str) -> None:
    assert [hit.name for hit in SHIPPED.find(HARMLESS[name], tokenize(HARMLESS[name]))] == []


@pytest.mark.parametrize("rule", SHIPPED.rules.rules, ids=lambda rule: rule.name)
def test_a_rule_holds_in_a_plain_sentence(rule: Rule) -> None:
    plain = write_plainly(rule)
    assert any(rule.name in {hit.name for hit in SHIPPED.find(text, tokenize(text))} for text in plain)


@pytest.mark.parametrize(
    "text",
    [
        "Tolong, rumah tetangga saya terbakar!",
        "rmh kebakaran skrg, ada nenek di dalam",
        "Api lah gadang, rumah gadang tabaka",
        "anak saya kejang terus dan tidak sadar",
        "Urang hanyuik di batang aia, adiak ambo",
        "air sudah masuk rumah setinggi dada, kami di atap",
        "dia bawa parang mengejar istrinya",
        "kabel listrik putus jatuh ke jalan masih menyala",
    ],
)
def test_a_plain_emergency_is_darurat_in_sms_and_minangkabau_too(text: str) -> None:
    assert EFFECT_DARURAT in effects(text)


@pytest.mark.parametrize(
    "text",
    [
        "bukan kebakaran, hanya asap sate dari rumah sebelah",
        "tidak ada korban luka",
        "mohon simulasi bila rumah terbakar",
        "agar tidak terjadi kebakaran rumah mohon hidran",
        "tahun lalu rumah kami terbakar",
        "kebakaran jenggot warga kompleks",
        "jalan berlubang, lampu mati, sampah menumpuk",
    ],
)
def test_what_is_denied_past_feared_or_ordinary_is_not_darurat(text: str) -> None:
    assert EFFECT_DARURAT not in effects(text)


@pytest.mark.parametrize(
    "text",
    [
        "oknum petugas kelurahan minta uang 200 ribu untuk tanda tangan",
        "kades menyelewengkan dana desa, uangnya dimakan",
        "pagawai kantua camat main domino jam karajo",
        "pak lurah kampanye caleg dan menyuruh warga memilih",
    ],
)
def test_an_accusation_goes_to_a_person(text: str) -> None:
    assert EFFECT_ACCUSATION in effects(text)


def test_a_lesser_danger_is_tinggi() -> None:
    assert effects("pohon miring di atas rumah") == {EFFECT_TINGGI}


@given(st.permutations("rumah terbakar api anak pingsan di dalam tolong petugas minta uang oknum lurah".split()))
def test_spans_lie_in_the_text_in_any_order_of_words(words: list[str]) -> None:
    text = " ".join(words)
    assert all(text[slice(*hit.span)].strip() for hit in SHIPPED.find(text, tokenize(text)))


def test_a_span_points_into_the_masked_text() -> None:
    text = "lapor [NAMA] [TELEPON]: KOBRA gigit anak saya"
    (hit,) = SHIPPED.find(text, tokenize(text))
    assert text[slice(*hit.span)] == "KOBRA gigit"


def test_the_looks_at_a_long_text_grow_no_faster_than_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    reading_type = type(SHIPPED.read("", tokenize("")))
    is_meant = reading_type.is_meant
    monkeypatch.setattr(reading_type, "is_meant", lambda *given: looks.append(1) or is_meant(*given))
    for n_bytes in (1_024, 64 * 1_024):
        looks.clear()
        text = ("jika rumah terbakar anak pingsan kejang darah bukan api " * n_bytes)[:n_bytes]
        SHIPPED.find(text, tokenize(text))
        assert len(looks) <= n_bytes


def test_a_bundle_without_rules_finds_none() -> None:
    assert Rulebook().find("rumah terbakar", tokenize("rumah terbakar")) == ()
