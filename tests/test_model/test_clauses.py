import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clauses import MINIMUM_CLAUSE_TOKENS, cut_clauses, read_clauses
from model.table import Table
from model.tokens import tokenize

WORDS = st.lists(st.sampled_from("air jalan, lampu mati. rusak sampah [NAMA] baru\n juga selain itu terus".split(" ")))
COLUMNS = slice(1, 4)


def cut(text: str) -> list[str]:
    tokens = tokenize(text)
    return [text[tokens.starts[start] : tokens.ends[stop - 1]] for start, stop in cut_clauses(text, tokens)]


@pytest.mark.parametrize(
    "border",
    [". ", "\n", ", ", " selain itu ", " juga ", " terus ", " dan juga ", " satu lagi ", " sakalian ", " trus "],
)
def test_signs_and_connectives_begin_a_clause(border: str) -> None:
    text = f"jalan di depan pasar berlubang{border}lampu jalan di simpang mati"
    assert cut(text) == ["jalan di depan pasar berlubang", f"{border.strip(' .,')} lampu jalan di simpang mati".strip()]


def test_a_stretch_too_short_to_be_scored_stays_with_its_neighbour() -> None:
    assert cut("Pak, jalan di depan pasar rusak. Tolong.") == ["Pak, jalan di depan pasar rusak. Tolong"]


def test_a_point_within_a_number_or_a_plain_word_ends_nothing() -> None:
    assert len(cut("jalan rusak di depan pasar talawi sudah dua minggu")) == 1


@given(st.text(max_size=200) | WORDS.map(" ".join))
def test_clauses_cover_the_text_in_order(text: str) -> None:
    tokens = tokenize(text)
    stretches = cut_clauses(text, tokens)
    assert [token for start, stop in stretches for token in range(start, stop)] == list(range(len(tokens.forms)))
    assert all(stop - start >= MINIMUM_CLAUSE_TOKENS for start, stop in stretches) or len(stretches) == 1


@given(WORDS)
def test_a_clause_scores_as_a_text_of_its_own(table: Table, words: list[str]) -> None:
    text = " ".join(words)
    tokens = tokenize(text)
    if not tokens.forms:
        return
    parts = table.take_apart(tokens.forms)
    whole = table.sum_parts(parts)
    clauses = read_clauses(table, parts, text, tokens, COLUMNS, whole)
    alone = [table.score(tokens.forms[start:stop])[COLUMNS] for start, stop in clauses.stretches]
    np.testing.assert_allclose(clauses.scores, alone, atol=1e-5)
    np.testing.assert_array_equal(clauses.whole, whole[COLUMNS])
