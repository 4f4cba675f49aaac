"""Many texts at once score as one by one, in numpy and compiled."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model import batch
from model.batch import BatchScorer
from model.compiled import CompiledSums
from model.compiled_ngrams import CompiledNgrams
from model.compiled_words import CompiledWords, to_plain
from model.table import Table
from model.tokens import MASK_KINDS, MAX_SCORED_CHARS, MAX_SCORED_TOKENS, MAX_TOKEN_CHARS, find_forms, tokenize

TEXTS = [
    "lampu mati di jalan",
    "Lampu MATI, lampu mati lagi!! di jln",
    "",
    "?? 😀",
    "jalan rusak parah bangettt [TELEPON]",
    "katabaru yangtakdikenal lampu katabaru",
    "日本 lampu é mati",
]


def score_one_by_one(table: Table, texts: list[str]) -> np.ndarray:
    return np.array([table.score(tokenize(text[:MAX_SCORED_CHARS]).forms[:MAX_SCORED_TOKENS]) for text in texts])


@pytest.mark.parametrize("is_compiled", [False, True])
def test_a_batch_scores_as_the_texts_one_by_one(table: Table, is_compiled: bool) -> None:
    scorer = BatchScorer(table, CompiledSums(table) if is_compiled else None)
    for _ in range(2):
        assert_allclose(scorer.score(TEXTS), score_one_by_one(table, TEXTS), atol=1e-5)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(alphabet=st.sampled_from("aAbzZ09 _-.!lampuLAMPU"), max_size=80), max_size=6))
def test_compiled_words_are_those_of_the_tokens(table: Table, texts: list[str]) -> None:
    numbers, _, lengths = CompiledWords(table).find([text.encode() for text in texts])
    wanted = [[table.row_of.get(form, -2) for form in tokenize(text).forms] for text in texts]
    assert numbers.tolist() == [number for words in wanted for number in words]
    assert lengths.tolist() == [len(words) for words in wanted]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*(f"[{kind}]" for kind in MASK_KINDS), "[NAMA", "NIK]", "[[NIK]]", "[nik]", "lampu"])))
def test_compiled_words_know_masks(table: Table, pieces: list[str]) -> None:
    text = "".join(pieces)
    numbers, _, _ = CompiledWords(table).find([to_plain(text)])
    assert numbers.tolist() == [table.row_of.get(form, -2) for form in tokenize(text).forms]


@settings(max_examples=300)
@given(st.text(max_size=80) | st.text(alphabet="lampuLAMPU [NIK]é\u201d😀\u0301ß１_", max_size=40))
def test_a_text_put_into_ascii_keeps_its_tokens(text: str) -> None:
    assert find_forms(to_plain(text).decode("ascii")) == find_forms(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet="abpohnlampu019", min_size=1, max_size=MAX_TOKEN_CHARS), max_size=5))
def test_compiled_ngrams_spell_as_the_table(table: Table, forms: list[str]) -> None:
    forms = [*forms, "[TELEPON]"]
    letters = np.frombuffer("".join(forms).encode("ascii"), dtype=np.uint8)
    rows, norms = np.empty((len(forms), table.n_labels), dtype=np.float32), np.empty(len(forms), dtype=np.float32)
    CompiledNgrams(table).spell(letters, np.cumsum([0, *map(len, forms)]), rows, norms)
    wanted = [table.spell_unknown(form) for form in forms]
    assert_allclose(rows, [row for row, _ in wanted], rtol=1e-5, atol=1e-5)
    assert_allclose(norms, [norm for _, norm in wanted], rtol=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=60) | st.sampled_from(TEXTS), max_size=12))
def test_any_texts_score_as_one_by_one(table: Table, texts: list[str]) -> None:
    wanted = score_one_by_one(table, texts) if texts else np.zeros((0, table.n_labels))
    for sums in (None, CompiledSums(table)):
        assert_allclose(BatchScorer(table, sums).score(texts), wanted, atol=1e-5)


def test_a_long_text_is_read_as_far_as_the_classifier_reads_it(table: Table) -> None:
    texts = ["😀 " + "lampu mati " * MAX_SCORED_TOKENS + "jalan", "jalan " + "a b " * MAX_SCORED_CHARS]
    for sums in (None, CompiledSums(table)):
        assert_allclose(BatchScorer(table, sums).score(texts), score_one_by_one(table, texts), atol=1e-5)


def test_many_new_words_score_as_one_by_one(table: Table) -> None:
    texts = [" ".join(f"k{number}{part}" for part in range(number % 40)) for number in range(900)]
    assert_allclose(BatchScorer(table, CompiledSums(table)).score(texts), score_one_by_one(table, texts), atol=1e-5)


def test_what_is_remembered_of_unknown_words_is_bounded(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "N_CACHED_WORDS", 50)
    monkeypatch.setattr(batch, "N_TEXTS", 10)
    scorer = BatchScorer(table)
    texts = [f"lampu kata{number}x mati" for number in range(200)]
    assert_allclose(scorer.score(texts), score_one_by_one(table, texts), atol=1e-5)
    assert len(scorer._numbers.unknown) <= 60
    sums = CompiledSums(table)
    assert_allclose(BatchScorer(table, sums).score(texts), score_one_by_one(table, texts), atol=1e-5)
    assert 0 < sums.n_remembered <= 60


def test_batches_are_short_where_texts_are_long() -> None:
    stretches = list(batch._cut(["x" * 100_000] * 3 + ["x"] * 600))
    assert max(stop - start for start, stop in stretches) <= batch.N_TEXTS
    assert stretches[-1][1] == 603
    assert stretches[0][0] == 0
    assert all(one[1] == other[0] for one, other in pairwise(stretches))
