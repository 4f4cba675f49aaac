import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from model.tokens import ngram_codes
from training.vectors import build_vocabulary, spell, vectorise

_WORDS = st.sampled_from("jalan rusak lubang lampu mati air pdam [TELEPON] 24 jam".split())
_TEXTS = st.lists(st.lists(_WORDS, max_size=12), min_size=1, max_size=12)
_FEWEST = {"minimum_token_rows": 1, "minimum_pair_rows": 1, "minimum_ngram_rows": 1}


def _blocks(vocabulary, rows):
    return rows[:, : vocabulary.n_words].toarray(), rows[:, vocabulary.n_words :].toarray()


@given(_TEXTS)
def test_the_word_block_has_norm_one_or_is_empty(texts):
    vocabulary = build_vocabulary(texts, **_FEWEST)
    words, _ = _blocks(vocabulary, vectorise(vocabulary, texts))
    expected = [1.0 if text else 0.0 for text in texts]
    np.testing.assert_allclose(np.linalg.norm(words, axis=1), expected, atol=1e-6)


@given(_WORDS.filter(lambda word: word[0] != "["), st.integers(1, 5))
def test_the_character_block_of_a_single_word_has_norm_one(word, count):
    vocabulary = build_vocabulary([[word], ["lain"]], **_FEWEST)
    _, characters = _blocks(vocabulary, vectorise(vocabulary, [[word] * count]))
    assert np.linalg.norm(characters) == pytest.approx(1)


def test_the_norm_of_the_character_block_adds_token_by_token():
    """‖x‖² is the sum over tokens of w² ‖φ‖², so n-grams that tokens share push the plain norm above 1."""
    vocabulary = build_vocabulary([["jalan", "jalur"]], **_FEWEST)
    spelling = spell(vocabulary, ["jalan", "jalur"]).toarray()
    _, characters = _blocks(vocabulary, vectorise(vocabulary, [["jalan", "jalur"]]))
    np.testing.assert_allclose(characters[0], spelling.sum(axis=0) / np.sqrt((spelling**2).sum()), rtol=1e-6)


@given(_TEXTS.filter(any))
def test_idf_is_the_smooth_one_of_scikit_learn(texts):
    vocabulary = build_vocabulary(texts, **_FEWEST)
    reference = TfidfVectorizer(analyzer=lambda text: text, smooth_idf=True).fit(texts)
    assert list(vocabulary.tokens) == list(reference.get_feature_names_out())
    np.testing.assert_allclose(vocabulary.token_idf, reference.idf_)


def test_the_idf_of_ngrams_is_steeper_than_that_of_tokens():
    vocabulary = build_vocabulary([["ab"], ["ab", "cd"], ["ef"]], **_FEWEST)
    place = vocabulary.ngrams[ngram_codes("ab")[0]]
    np.testing.assert_allclose(vocabulary.ngram_idf[place], vocabulary.token_idf[vocabulary.tokens["ab"]] ** 1.5)


def test_a_token_needs_its_number_of_rows_and_not_of_occurrences():
    texts = [["budi"] * 5, ["jalan"], ["jalan", "budi"], ["jalan"]]
    vocabulary = build_vocabulary(texts, minimum_token_rows=3, minimum_pair_rows=1, minimum_ngram_rows=1)
    assert list(vocabulary.tokens) == ["jalan"]


def test_a_habit_of_one_reporter_does_not_enter():
    texts = [["wassalam"], ["wassalam"], ["wassalam"], ["jalan"], ["jalan"], ["jalan"]]
    reporters = ["a", "a", "a", "a", "b", "c"]
    vocabulary = build_vocabulary(
        texts, minimum_token_rows=3, minimum_pair_rows=1, minimum_ngram_rows=1, reporters=reporters
    )
    assert list(vocabulary.tokens) == ["jalan"]


def test_neither_pairs_nor_ngrams_of_one_reporter_enter():
    texts = [["jalan", "zulfa"], ["jalan", "zulfa"], ["zulfa", "jalan"], ["jalan", "rusak"], ["jalan", "rusak"]]
    vocabulary = build_vocabulary(
        texts, minimum_token_rows=1, minimum_pair_rows=2, minimum_ngram_rows=2, reporters=["a", "a", "a", "b", "c"]
    )
    assert list(vocabulary.pairs) == [("jalan", "rusak")]
    assert vocabulary.ngrams.keys().isdisjoint(set(ngram_codes("zulfa")) - set(ngram_codes("jalanrusak")))


def test_a_pair_needs_two_known_tokens():
    texts = [["pak", "budi"], ["pak", "budi"], ["pak", "lurah"], ["lurah"], ["lurah", "pak"]]
    vocabulary = build_vocabulary(texts, minimum_token_rows=3, minimum_pair_rows=1, minimum_ngram_rows=1)
    assert list(vocabulary.pairs) == [("lurah", "pak"), ("pak", "lurah")]


def test_unknown_tokens_leave_the_word_block_empty_but_are_spelled():
    vocabulary = build_vocabulary([["jalan"], ["lampu"]], **_FEWEST)
    words, characters = _blocks(vocabulary, vectorise(vocabulary, [["jalanan"]]))
    assert not words.any()
    assert characters.any()


def test_masks_have_no_spelling():
    vocabulary = build_vocabulary([["jalan"], ["[TELEPON]"]], **_FEWEST)
    assert spell(vocabulary, ["[TELEPON]"]).nnz == 0


def test_an_empty_text_is_an_empty_row():
    vocabulary = build_vocabulary([["jalan"]], **_FEWEST)
    assert vectorise(vocabulary, [[]]).nnz == 0
