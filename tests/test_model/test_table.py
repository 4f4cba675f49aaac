from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.table import Table, TableArrays
from model.tokens import ngram_codes

FORMS = st.lists(
    st.sampled_from(["[NAMA]", "air", "jalan", "lampu", "mati", "rusak", "sampah", "pohon", "mat", "zzz", "[PLAT]"]),
    max_size=12,
)


def score_by_definition(arrays: TableArrays, forms: list[str]) -> np.ndarray:
    """The formula of the module docstring, a term at a time in double precision."""
    n_labels, n_tokens = len(arrays.bias), len(arrays.tokens)
    words, characters = np.zeros(n_labels), np.zeros(n_labels)
    word_square = char_square = 0.0
    for form, count in Counter(forms).items():
        weight = 1 + np.log(count)
        if form in arrays.tokens:
            row = arrays.tokens.index(form)
            words += weight * arrays.token_rows[row, :n_labels]
            characters += weight * arrays.token_rows[row, n_labels:]
            word_square += weight**2 * arrays.token_norms[row, 0]
            char_square += weight**2 * arrays.token_norms[row, 1]
            continue
        for code, times in Counter(ngram_codes(form)).items():
            for row in np.flatnonzero(arrays.ngram_keys == code):
                characters += weight * times * arrays.ngram_rows[row].astype(float)
                char_square += weight**2 * (times * arrays.ngram_weights[row]) ** 2
    for pair, count in Counter(pairwise(forms)).items():
        if set(pair) <= set(arrays.tokens):
            key = arrays.tokens.index(pair[0]) * n_tokens + arrays.tokens.index(pair[1])
            for row in np.flatnonzero(arrays.pair_keys == key):
                words += (1 + np.log(count)) * arrays.pair_rows[row].astype(float)
                word_square += (1 + np.log(count)) ** 2 * arrays.pair_norms[row]
    total = arrays.bias.astype(float)
    total = total + (words / np.sqrt(word_square) if word_square else 0)
    return total + (characters / np.sqrt(char_square) if char_square else 0)


@given(FORMS)
def test_the_score_is_the_formula(table: Table, forms: list[str]) -> None:
    np.testing.assert_allclose(table.score(forms), score_by_definition(table.arrays, forms), atol=2e-5)


def test_a_text_without_tokens_scores_the_bias(table: Table) -> None:
    np.testing.assert_array_equal(table.score([]), table.arrays.bias)


@given(FORMS)
def test_scoring_twice_gives_the_same(table: Table, forms: list[str]) -> None:
    np.testing.assert_array_equal(table.score(forms), table.score(forms))


@given(FORMS.filter(bool))
def test_a_token_of_no_known_ngram_changes_nothing_but_pairs(table: Table, forms: list[str]) -> None:
    np.testing.assert_allclose(table.score([*forms, "999"]), table.score(forms), atol=1e-6)


def test_an_empty_table_scores_the_bias(arrays: TableArrays) -> None:
    empty = TableArrays(
        (),
        arrays.token_rows[:0],
        arrays.token_norms[:0],
        arrays.pair_keys[:0],
        arrays.pair_rows[:0],
        arrays.pair_norms[:0],
        arrays.ngram_keys[:0],
        arrays.ngram_rows[:0],
        arrays.ngram_weights[:0],
        arrays.bias,
    )
    np.testing.assert_array_equal(Table(empty).score(["jalan", "rusak", "jalan"]), arrays.bias)


def test_the_cache_of_unknown_tokens_is_bounded(table: Table) -> None:
    for number in range(9_000):
        table.score([f"x{number}"])
    assert table.n_cached_tokens <= 8192


def test_a_text_is_known_where_one_of_its_tokens_is(table: Table) -> None:
    assert table.knows_any(["zzz", "jalan"])
    assert not table.knows_any(["zzz", "pohon"])
    assert not table.knows_any([])


def test_the_share_of_unknown_tokens_counts_each_time_one_stands(table: Table) -> None:
    assert table.share_unknown(["jalan", "zzz", "zzz", "jalan", "jalan"]) == 0.4
    assert table.share_unknown([]) == 0
