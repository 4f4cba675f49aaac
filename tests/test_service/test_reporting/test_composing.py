import re

import pytest

from service.charts import words_in
from service.reporting.appendix import describe, list_sentences
from service.reporting.composing import compose
from service.reporting.document import Figure, write
from service.reporting.wording import SENTENCES, TERMS

# Numbers that belong to a definition: twelve months, marks 4 or 5, half (1) and nine of ten.
DEFINED = {"12", "4", "5"}
NUMBER = re.compile(r"[+−]?\d[\d.,]*\d|[+−]?\d")
LETTERS = re.compile(r"\{\w+\}")


def _numbers_of(sentence, words):
    said = set()
    for figure in sentence.figures:
        for value in (figure.value, figure.low, figure.high):
            if value is not None:
                said |= set(NUMBER.findall(write(value, figure.form, words)))
    return said


@pytest.mark.parametrize("name", ["large", "small", "empty"])
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_number_of_a_sentence_comes_from_a_figure_with_definition_and_query(documents, name, language):
    document = documents[name, language]
    dates = re.compile(r"(?:\d+\u00a0)?[A-Z][a-z]+\u00a0\d{4}")
    for page in document.pages:
        for sentence in list_sentences(page):
            said = set(NUMBER.findall(dates.sub("", sentence.text)))
            assert said - DEFINED <= _numbers_of(sentence, document.words), sentence.text
            assert sentence.figures
            assert all(figure.definition for figure in sentence.figures)


def test_the_first_page_says_one_sentence_for_each_of_its_numbers(documents):
    tiles = documents["large", "id"].pages[0].tiles
    assert [tile.label for tile in tiles] == ["Masuk", "Berubah", "Genting", "Lewat tenggat", "Muncul", "Tepat waktu"]
    assert all(tile.written in tile.sentence.text for tile in tiles)
    assert tiles[0].sentence.text == "312 laporan masuk pada Oktober\u00a02026."
    assert (
        tiles[1].sentence.text == "+72 laporan dibanding September\u00a02026 (240), lebih dari naik turun yang biasa."
    )
    assert tiles[4].sentence.text.startswith(
        "Layanan air minum: 48 laporan dalam sepekan sampai 25\u00a0Oktober\u00a02026, biasanya 21,5."
    )
    assert tiles[5].sentence.text.startswith("71\u00a0% dari 1.890 laporan")


def test_a_small_city_is_told_what_can_be_relied_on(documents):
    first, unit = documents["small", "id"].pages[0], documents["small", "id"].pages[3]
    said = [sentence.text for sentence in list_sentences(first)]
    assert "20 laporan masuk pada Oktober\u00a02026." in said
    assert "+3 laporan dibanding September\u00a02026 (17); sekecil ini bisa kebetulan." in said
    assert any(text.startswith("Tepat waktu: belum cukup data, karena baru 14 laporan") for text in said)
    assert any(text.startswith("Dengan 20 laporan sebulan") for text in said)
    unit_said = [sentence.text for sentence in list_sentences(unit)]
    assert "Lama sampai dijawab: belum cukup data (14 laporan; perlu 20)." in unit_said
    assert not any("%" in text for text in unit_said)


def test_an_empty_month_reads_sensibly(documents):
    said = [sentence.text for page in documents["empty", "id"].pages for sentence in list_sentences(page)]
    assert said == [
        "Tidak ada laporan (0) yang masuk pada Oktober\u00a02026.",
        "Sama banyak dengan September\u00a02026 (0); perubahan 0.",
        "Tidak ada laporan genting (0) yang masuk.",
        "Tidak ada laporan (0) yang lewat tenggat pada 31\u00a0Oktober\u00a02026.",
        "Tidak ada topik (0) di atas yang biasa dalam sepekan sampai 31\u00a0Oktober\u00a02026.",
    ]


def test_a_unit_page_says_expected_beside_pooled_and_its_own_past(documents):
    unit = next(page for page in documents["large", "en"].pages if page.name == "unit-dinas-pupr")
    said = " ".join(sentence.text for sentence in unit.sentences)
    assert "all units together would reach 74%. Pooled with all units: 70% (62%–76%), no different" in said
    assert "−4 percentage points (−10 percentage points to +2 percentage points)" in said
    assert "This unit" not in said
    assert unit.remarks == ("The city has not confirmed this unit yet.",)


def test_what_is_withheld_is_written_nowhere(months):
    view = months.large_month(is_public=True)
    hidden = Figure("urgent", 3, "count", "urgent", "", n=3, is_withheld=True)
    view = type(view)(
        **{name: getattr(view, name) for name in view.__slots__} | {"figures": dict(view.figures) | {"urgent": hidden}}
    )
    document = compose(view, words_in("id"))
    tile = document.pages[0].tiles[2]
    assert tile.written == "ditutup"
    assert tile.sentence.text == "Genting: ditutup, karena sedikit atau dapat membongkar yang sedikit."
    figures = [figure for sentence in describe(document)["sentences"] for figure in sentence["figures"]]
    withheld = next(figure for figure in figures if figure["name"] == "urgent")
    assert withheld["value"] is withheld["n"] is None
    assert withheld["withheld"] is True
    assert "Sel berisi 1 sampai 4" in " ".join(document.pages[-1].remarks)


def test_units_stand_in_the_order_they_were_given_and_no_page_speaks_of_ranks(documents):
    pages = [page.name for page in documents["large", "id"].pages if page.name.startswith("unit-")]
    assert pages == ["unit-dinas-pupr", "unit-dinas-sosial", "unit-disdukcapil"]
    said = " ".join(sentence.text for page in documents["large", "id"].pages for sentence in list_sentences(page))
    assert not re.search(r"peringkat|terbaik|terburuk", said)


def test_both_languages_say_the_same_figures():
    for key, (indonesian, english) in (SENTENCES | TERMS).items():
        assert sorted(LETTERS.findall(indonesian)) == sorted(LETTERS.findall(english)), key
