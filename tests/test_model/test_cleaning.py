import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.cleaning import MAX_ROUNDS, clean

SIZE = 65_536


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Jalan rusak.\n\nMohon diperbaiki.", "Jalan rusak.\n\nMohon diperbaiki.", id="plain-text-stays"),
        pytest.param("", "", id="nothing-stays-nothing"),
        pytest.param(" \t\r\n ", "", id="spaces-are-nothing"),
        pytest.param("jalan  \t rusak ", "jalan rusak", id="runs-of-spaces-are-one"),
        pytest.param("a \n \n\n\n b", "a\n\nb", id="at-most-two-line-breaks"),
        pytest.param("a\r\nb\rc\u2028d", "a\nb\nc\nd", id="every-line-break-is-one"),
        pytest.param("air\x00mati\x07lagi", "air mati lagi", id="control-characters-are-spaces"),
        pytest.param("0812\ud8003456", "08123456", id="a-lone-surrogate-goes"),
        pytest.param("\ud83d\ude4f tolong", "🙏 tolong", id="a-pair-of-surrogates-is-joined"),
        pytest.param(r"satu\ndua\r\ntiga\tempat\\nlima", "satu\ndua\ntiga empat\nlima", id="written-out-breaks-break"),
        pytest.param("Rp 5\\10", "Rp 5\\10", id="another-backslash-stays"),
        pytest.param("cafÃ© â€œbaruâ€\u009d", "café “baru”", id="mojibake-is-undone"),
        pytest.param("\u00c3\u00a9 dan é di sini", "é dan é di sini", id="mojibake-beside-right-text-is-undone"),
        pytest.param("０８１２ ⑧ ٠٨", "0812 8 08", id="digits-of-any-script-are-ascii"),
        pytest.param("0️⃣8️⃣1️⃣2️⃣", "0812", id="keycaps-are-digits"),
        pytest.param("0\u03368\u03361\u03362", "0812", id="struck-through-digits-are-digits"),
        pytest.param("08\u200b12\u00ad34\u202e56\ufeff", "08123456", id="nothing-invisible-is-left"),
        pytest.param("0812–3456—7890", "0812-3456-7890", id="dashes-are-hyphens"),
        pytest.param("&lt;p&gt;satu&lt;/p&gt;dua", "satu\ndua", id="a-tag-spelt-by-entities-is-a-tag"),
        pytest.param("jarak <5m, a < b", "jarak <5m, a < b", id="comparisons-stay"),
        pytest.param("hubungi <NAMA> di <TELEPON>", "hubungi [NAMA] di [TELEPON]", id="foreign-masks-become-ours"),
        pytest.param("cafe\u0301", "café", id="letters-and-accents-are-joined"),
    ],
)
def test_cleans_what_a_reader_would_not_see(text: str, expected: str) -> None:
    assert clean(text) == expected


PIECES = st.sampled_from(
    "& amp; lt; gt; #38; #60; &nbsp; < > b br / <script> </script> <!-- --> \\ n r t = Ã © â € ™ Â\u00a0 ðŸ ˜€ é".split(
        " "
    )
    + list("\r\n \x00\x85\xa0\ud83d\ude00\u200b\u0301\u20e3０٣\u2028\ufffdﷺﬁſ")
    + ["<NAMA>"]
)
TEXTS = st.one_of(
    st.text(st.characters(codec=None)),
    st.lists(st.one_of(PIECES, st.characters(codec=None)), max_size=25).map("".join),
)


@given(TEXTS)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(TEXTS)
def test_leaves_no_character_that_hides(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == cleaned.strip()
    assert not set(cleaned) & set("\x00\t\r\u200b\ufffd\xa0")
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned


def layered(n_layers: int) -> str:
    """A "<" that takes so many rounds to appear: each decodes the "#" of the next entity."""
    return "&" * n_layers + "#" + "35;" * (n_layers - 1) + "60;"


def test_undoes_as_many_layers_as_there_are_rounds() -> None:
    assert clean("jarak " + layered(MAX_ROUNDS - 1) + " 5m") == "jarak < 5m"


def test_keeps_letters_and_digits_of_a_text_that_does_not_settle() -> None:
    cleaned = clean("jalan rusak, tolong! " + layered(2 * MAX_ROUNDS))
    assert cleaned.startswith("jalan rusak, tolong!")
    assert not set(cleaned) & set("&#<")


@pytest.mark.parametrize(
    "unit",
    "- < & \\ &# <!-- <script> <div/ <b/a= &amp; \\n a\u0301\u0316 ÃƒÂ©é \ufdfa \x85é\x9d".split(),
    ids=ascii,
)
def test_comes_to_an_end_on_64_kib_of(unit: str) -> None:
    cleaned = clean(unit * (SIZE // len(unit.encode())))
    assert clean(cleaned) == cleaned


def test_a_run_of_marks_is_not_sorted() -> None:
    assert clean("a" + "\u0301\u0316" * 20_000) == "a"
