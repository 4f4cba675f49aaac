"""Cuts a text into clauses and scores each, from the parts of the whole text: no token is looked up twice.

A clause ends at a sign, at a line break, or before a word that goes on to something else ("selain itu", "satu lagi"),
since short messages often carry no signs.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.table import Floats, Parts, Table, damp
from model.tokens import Tokens

# A shorter stretch says too little to be scored; it stays with its neighbour.
MINIMUM_CLAUSE_TOKENS = 4
Stretch = tuple[int, int]

_SIGN = re.compile(r"[.!?;:,\n()/•–—]")
_CONNECTIVES = (
    "belum lagi",
    "ciek lagi",
    "ciek lai",
    "dan",
    "ditambah",
    "juga",
    "kaduo",
    "kedua",
    "ketiga",
    "kemudian",
    "lagi pula",
    "lagipula",
    "lalu",
    "namun",
    "pertama",
    "sakalian",
    "salain itu",
    "salain tu",
    "sarato",
    "satu lagi",
    "sedangkan",
    "sekalian",
    "sekaligus",
    "selain itu",
    "selain tu",
    "sementara",
    "serta",
    "tambah lagi",
    "tambahan",
    "tapi",
    "taruih",
    "terus",
    "tetapi",
    "trs",
    "trus",
    "di samping itu",
    "disamping itu",
    "1 lagi",
)


def _group_by_first(phrases: tuple[str, ...]) -> dict[str, list[list[str]]]:
    groups: dict[str, list[list[str]]] = {}
    for forms in map(str.split, phrases):
        groups.setdefault(forms[0], []).append(forms)
    return groups


_OPENERS = _group_by_first(_CONNECTIVES)


@dataclass(frozen=True, slots=True)
class Clauses:
    """A text in C clauses with the scores of one head's K labels.

    ``stretches`` are token numbers (start, stop) that cover the text in order; ``scores`` (C, K) those of each clause
    as if it stood alone, ``whole`` (K,) those of the text.
    """

    stretches: list[Stretch]
    scores: Floats
    whole: Floats


def read_clauses(table: Table, parts: Parts, text: str, tokens: Tokens, columns: slice, whole: Floats) -> Clauses:
    """The clauses of a text (of at least one token) with the scores of the labels in ``columns``.

    ``whole`` are the scores of all labels for the text.
    """
    stretches = cut_clauses(text, tokens)
    return Clauses(stretches, _score(table, parts, tokens.forms, stretches, columns), whole[columns])


def cut_clauses(text: str, tokens: Tokens) -> list[Stretch]:
    """Token numbers (start, stop) of the clauses: in order, without gaps, none shorter than the minimum.

    A text shorter than ``MINIMUM_CLAUSE_TOKENS`` is one clause; one without tokens has none.
    """
    n_tokens = len(tokens.forms)
    starts = [0] if n_tokens else []
    for place in range(MINIMUM_CLAUSE_TOKENS, n_tokens - MINIMUM_CLAUSE_TOKENS + 1):
        if place - starts[-1] >= MINIMUM_CLAUSE_TOKENS and _begins(text, tokens, place):
            starts.append(place)
    return list(zip(starts, [*starts[1:], n_tokens], strict=True)) if starts else []


def _begins(text: str, tokens: Tokens, place: int) -> bool:
    gap = text[tokens.ends[place - 1] : tokens.starts[place]]
    if gap != " " and _SIGN.search(gap):
        return True
    phrases = _OPENERS.get(tokens.forms[place], ())
    return any(tokens.forms[place : place + len(phrase)] == phrase for phrase in phrases)


def _score(table: Table, parts: Parts, forms: list[str], stretches: list[Stretch], columns: slice) -> Floats:
    """Scores (C, K): every distinct token and known pair of a clause is one term of its two sums and two norms."""
    n_tokens = len(parts.token_counts)
    clauses, terms, counts = _count_terms(parts, forms, stretches)
    firsts = np.searchsorted(clauses, np.arange(len(stretches)))
    weights = damp(counts)[:, None]
    is_token = (terms < n_tokens)[:, None]
    words = np.concatenate([parts.word_rows[:, columns], parts.pair_rows[:, columns]])[terms]
    characters = np.where(is_token, parts.char_rows[:, columns][np.minimum(terms, n_tokens - 1)], np.float32(0))
    word_norms = np.concatenate([parts.token_norms[:, 0], parts.pair_norms])[terms, None]
    char_norms = np.where(is_token, parts.token_norms[np.minimum(terms, n_tokens - 1), 1][:, None], np.float32(0))
    squares = np.add.reduceat(np.hstack([word_norms, char_norms]) * (weights * weights), firsts)
    roots = np.sqrt(np.where(squares > 0, squares, np.inf))
    sums = np.add.reduceat(np.hstack([words, characters]) * weights, firsts)
    n_labels = words.shape[1]
    scores = sums[:, :n_labels] / roots[:, :1] + sums[:, n_labels:] / roots[:, 1:]
    return np.asarray(table.arrays.bias[columns] + scores, dtype=np.float32)


def _count_terms(
    parts: Parts, forms: list[str], stretches: list[Stretch]
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
    """Clause, term and count of every distinct term of every clause, in order of clauses.

    A term is the row of a token, or that of a pair behind all tokens; a pair over the border of two clauses is none.
    """
    n_tokens = len(parts.token_counts)
    row_of_pair = {pair: n_tokens + row for row, pair in enumerate(parts.count_of_pair)}
    width = n_tokens + len(row_of_pair)
    keys = []
    for number, (start, stop) in enumerate(stretches):
        base, within = number * width, forms[start:stop]
        keys += [base + parts.index_of_token[form] for form in within]
        keys += [base + row_of_pair[pair] for pair in pairwise(within) if pair in row_of_pair]
    distinct, counts = np.unique(np.array(keys, dtype=np.int64), return_counts=True)
    clauses, terms = np.divmod(distinct, width)
    return clauses, terms, counts.tolist()
