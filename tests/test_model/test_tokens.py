import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.tokens import MAX_TOKEN_CHARS, find_forms, find_words, ngram_codes, normalise_token, tokenize


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Jalan RUSAK!!", ["jalan", "rusak"]),
        ("bangettt", ["banget"]),
        ("tooolooong", ["tolong"]),
        ("saat", ["saat"]),
        ("harga 1000000", ["harga", "1000000"]),
        ("Café di Talawi", ["cafe", "di", "talawi"]),
        ("hubungi [TELEPON] ya", ["hubungi", "[TELEPON]", "ya"]),
        ("[SESUATU]", ["sesuatu"]),
        ("🙏🙏", []),
        ("улица", []),
        ("rt_05/rw.02", ["rt", "05", "rw", "02"]),
        ("", []),
    ],
    ids=repr,
)
def test_normalises_tokens(text: str, forms: list[str]) -> None:
    assert tokenize(text).forms == forms


def test_cuts_a_token_that_never_ends() -> None:
    assert [len(form) for form in tokenize("ab" * 500).forms] == [MAX_TOKEN_CHARS]


@given(st.text(max_size=200))
def test_spans_are_ordered_and_point_at_what_was_normalised(text: str) -> None:
    tokens = tokenize(text)
    previous = 0
    for form, start, end in zip(tokens.forms, tokens.starts, tokens.ends, strict=True):
        assert previous <= start < end <= len(text)
        assert normalise_token(text[start:end]) == form
        previous = end


@given(st.text(max_size=100))
def test_normalising_a_form_again_changes_nothing(text: str) -> None:
    forms = tokenize(text).forms
    assert tokenize(" ".join(forms)).forms == forms


@given(st.text(alphabet="abcdefghij klmnop", max_size=60))
def test_case_does_not_matter(text: str) -> None:
    assert tokenize(text.upper()).forms == tokenize(text).forms


def test_ngrams_mark_the_ends_of_a_token() -> None:
    assert len(ngram_codes("a")) == len([" a", " a ", "a "])
    assert not set(ngram_codes("ab")) <= set(ngram_codes("xab"))


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=2, max_size=12))
def test_a_code_stands_for_one_ngram_only(form: str) -> None:
    padded = f" {form} "
    ngrams = [padded[i : i + n] for i in range(len(padded)) for n in range(2, 6) if i + n <= len(padded)]
    codes = ngram_codes(form)
    assert len(codes) == len(ngrams)
    assert len(set(codes)) == len(set(ngrams))


def test_a_mask_has_no_ngrams() -> None:
    assert ngram_codes("[NAMA]") == []


@given(st.text() | st.text(alphabet=st.characters(max_codepoint=127)))
def test_words_are_the_tokens_before_they_are_normalised(text):
    forms = [normalise_token(word) for word in find_words(text)]
    assert [form for form in forms if form] == tokenize(text).forms


@given(st.text(max_size=200) | st.text(alphabet="aA1[]_ é日-", max_size=60))
def test_forms_without_spans_are_those_with_spans(text: str) -> None:
    assert find_forms(text) == tokenize(text).forms
