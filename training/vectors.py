"""Token lists as sparse rows: the two blocks that the table compiles, words with pairs and character n-grams.

Owns the vocabulary and its idf. A block is divided by its token-orthogonal norm (see `model.table`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.tokens import ngram_codes

Doubles = NDArray[np.float64]
# An n-gram that comes back in many tokens of a text ("an ", "ng") adds up, where tf-idf over whole texts would damp it;
# a table is additive and cannot. A steeper idf takes its place: by rolling origin inside January–October 2022 it lifts
# both heads (bench/quality.py --choose).
NGRAM_IDF_POWER = 1.5
Term = TypeVar("Term", str, int, tuple[str, str])


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is counted, each with its inverse document frequency ``ln((1 + n) / (1 + df)) + 1``.

    That of n-grams is raised to ``NGRAM_IDF_POWER``.

    ``tokens`` and ``pairs`` make the word block in that order, ``ngrams`` (ascending codes) the character block.
    """

    tokens: dict[str, int]
    token_idf: Doubles
    pairs: dict[tuple[str, str], int]
    pair_idf: Doubles
    ngrams: dict[int, int]
    ngram_idf: Doubles

    @property
    def n_words(self) -> int:
        """Width of the word block."""
        return len(self.tokens) + len(self.pairs)


def build_vocabulary(
    texts: Sequence[Sequence[str]],
    *,
    minimum_token_rows: int,
    minimum_pair_rows: int,
    minimum_ngram_rows: int,
    reporters: Sequence[str] | None = None,
) -> Vocabulary:
    """Count token lists; with ``reporters`` (one a text) a term counts once for each, so no habit of one enters."""
    tokens = _select(_count_holders([set(text) for text in texts], reporters), minimum_token_rows)
    pairs_of = [set(pairwise(text)) for text in texts]
    known_pairs = _select(_count_holders(pairs_of, reporters), minimum_pair_rows)
    pairs = [pair for pair in known_pairs if pair[0] in tokens and pair[1] in tokens]
    codes_of = {token: set(ngram_codes(token)) for token in {token for text in texts for token in text}}
    ngrams_of = [set().union(*(codes_of[token] for token in set(text))) for text in texts]
    ngrams = _select(_count_holders(ngrams_of, reporters), minimum_ngram_rows)
    in_texts = Counter(token for text in texts for token in set(text))
    pair_rows = Counter(pair for held in pairs_of for pair in held)
    ngram_rows = Counter(code for held in ngrams_of for code in held)
    n_texts = len(texts)
    return Vocabulary(
        tokens,
        _idf(n_texts, (in_texts[token] for token in tokens)),
        {pair: place for place, pair in enumerate(pairs)},
        _idf(n_texts, (pair_rows[pair] for pair in pairs)),
        ngrams,
        _idf(n_texts, (ngram_rows[code] for code in ngrams)) ** NGRAM_IDF_POWER,
    )


def vectorise(vocabulary: Vocabulary, texts: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    """Rows (n, words + n-grams), float32, each block of norm 1 or empty."""
    words = _normalise_rows(_count_words(vocabulary, texts))
    forms = {form: place for place, form in enumerate(sorted({form for text in texts for form in text}))}
    spelling = spell(vocabulary, list(forms))
    weights = _weigh_tokens(forms, texts)
    squares = weights.multiply(weights) @ np.asarray(spelling.multiply(spelling).sum(axis=1)).ravel()
    characters = sparse.diags(_inverse_roots(squares)) @ (weights @ spelling)
    return sparse.hstack([words, characters], format="csr", dtype=np.float32)


def spell(vocabulary: Vocabulary, forms: Sequence[str]) -> sparse.csr_matrix:
    """The weighted n-grams (len(forms), n-grams) of single tokens: count times idf."""
    places, columns, counts = [], [], []
    for place, form in enumerate(forms):
        for code, count in Counter(ngram_codes(form)).items():
            column = vocabulary.ngrams.get(code)
            if column is not None:
                places.append(place)
                columns.append(column)
                counts.append(count)
    values = np.array(counts, dtype=np.float64) * vocabulary.ngram_idf[np.array(columns, dtype=np.int64)]
    return sparse.csr_matrix((values, (places, columns)), shape=(len(forms), len(vocabulary.ngrams)))


def _count_holders(texts: Iterable[set[Term]], reporters: Sequence[str] | None) -> Counter[Term]:
    if reporters is None:
        return Counter(term for text in texts for term in text)
    held = {(term, reporter) for text, reporter in zip(texts, reporters, strict=True) for term in text}
    return Counter(term for term, _ in held)


def _select(rows: Counter[Term], minimum: int) -> dict[Term, int]:
    return {term: place for place, term in enumerate(sorted(term for term, n in rows.items() if n >= minimum))}


def _idf(n_texts: int, n_holding: Iterable[int]) -> Doubles:
    return np.log((1 + n_texts) / (1 + np.array(list(n_holding), dtype=np.float64))) + 1


def _count_words(vocabulary: Vocabulary, texts: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    rows, columns, values = [], [], []
    n_tokens = len(vocabulary.tokens)
    for row, text in enumerate(texts):
        for token, count in Counter(text).items():
            column = vocabulary.tokens.get(token)
            if column is not None:
                rows.append(row)
                columns.append(column)
                values.append((1 + np.log(count)) * vocabulary.token_idf[column])
        for pair, count in Counter(pairwise(text)).items():
            column = vocabulary.pairs.get(pair)
            if column is not None:
                rows.append(row)
                columns.append(n_tokens + column)
                values.append((1 + np.log(count)) * vocabulary.pair_idf[column])
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), vocabulary.n_words))


def _weigh_tokens(forms: dict[str, int], texts: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        for form, count in Counter(text).items():
            rows.append(row)
            columns.append(forms[form])
            values.append(1 + np.log(count))
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), len(forms)))


def _normalise_rows(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.diags(_inverse_roots(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())) @ rows


def _inverse_roots(squares: Doubles) -> Doubles:
    roots = np.sqrt(squares)
    return np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 0)
