import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import PilahError
from model.stemming import MAX_WORD_CHARS, REMEMBERED_WORDS, Stemmer

# Well-formed words only: as shipped, Sastrawi needs 0.1 s for a word that it does not know.
ACTIVE = (
    "membaiki merusak melaporkan mengangkut membayar menanam memangkas menyapu mengirim melayani mengukur menggali "
    "menutup memotong mencari menjual membuang memukul menulis menyiram mengunci memasang menghapus mendengar meminta"
).split()
ROOTS = (
    "baik rusak lapor angkut bayar tanam pangkas sapu kirim layan ukur gali tutup potong cari jual buang pukul tulis "
    "siram kunci pasang hapus dengar minta"
).split()
AFFIXES = "di{} di{}kan ter{} {}an {}kan {}nya {}lah ke{}an per{}an di{}nya".split()
WORDS = [*ACTIVE, *(affix.format(root) for root in ROOTS for affix in AFFIXES)]


@pytest.fixture(scope="module")
def stemmer() -> Stemmer:
    return Stemmer()


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("perbaikan", "baik"),
        ("memperbaiki", "baik"),
        ("berlubang", "lubang"),
        ("pelayanannya", "layan"),
        ("menyapu", "sapu"),
        ("nggak", "nggak"),
        ("1373", "1373"),
        ("[NAMA]", "[NAMA]"),
        ("", ""),
    ],
)
def test_finds_the_root(stemmer: Stemmer, word: str, root: str) -> None:
    assert stemmer.stem(word) == root


def test_finds_the_roots_that_sastrawi_finds_with_its_own_list(stemmer: Stemmer) -> None:
    from Sastrawi.Stemmer.StemmerFactory import StemmerFactory  # noqa: PLC0415 - only where it is installed

    original = StemmerFactory().create_stemmer()
    assert [stemmer.stem(word) for word in WORDS] == [original.stem(word) for word in WORDS]


@pytest.mark.parametrize(
    "word", ["-" * 20_000, "anak-anak", "Rusak", "é", "a" * (MAX_WORD_CHARS + 1), "dua kata"], ids=len
)
def test_returns_as_it_is_what_sastrawi_must_not_see(stemmer: Stemmer, word: str) -> None:
    assert stemmer.stem(word) == word


@given(word=st.from_regex(rf"[a-z0-9]{{1,{MAX_WORD_CHARS}}}", fullmatch=True))
def test_any_word_has_a_root(stemmer: Stemmer, word: str) -> None:
    assert stemmer.stem(word)


def test_remembers_no_more_words_than_it_says(stemmer: Stemmer) -> None:
    assert stemmer._stem.cache_info().maxsize == REMEMBERED_WORDS


def test_says_what_to_install_when_sastrawi_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "Sastrawi.Stemmer.StemmerFactory", None)
    with pytest.raises(PilahError, match=r"pilah\[training\]"):
        Stemmer()


def test_importing_the_module_does_not_import_sastrawi() -> None:
    code = "import sys, model.stemming; sys.exit('Sastrawi' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
