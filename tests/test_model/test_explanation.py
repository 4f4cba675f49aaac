import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.explanation import N_STRETCHES, Margins, Rivals, explain
from model.table import Table
from model.tokens import tokenize

FORMS = st.lists(
    st.sampled_from(["air", "jalan", "lampu", "mati", "rusak", "sampah", "pohon", "zzz"]), min_size=1, max_size=10
)
RIVALS = Rivals(np.array([0, 2]), np.array([1, 4]))


@given(FORMS, st.data())
def test_a_margin_without_a_stretch_is_that_of_the_shorter_text(
    table: Table, forms: list[str], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(forms) - 1))
    stop = data.draw(st.integers(start + 1, len(forms)))
    shorter = table.score(forms[:start] + forms[stop:])
    expected = shorter[RIVALS.chosen] - shorter[RIVALS.runners_up]
    margins = Margins(table, forms, RIVALS)
    np.testing.assert_allclose(margins.without([(start, stop)])[0], expected, atol=1e-4)


@given(FORMS)
def test_the_whole_margin_is_that_of_the_scores(table: Table, forms: list[str]) -> None:
    scores = table.score(forms)
    expected = scores[RIVALS.chosen] - scores[RIVALS.runners_up]
    np.testing.assert_allclose(Margins(table, forms, RIVALS).whole(), expected, atol=1e-5)


@given(FORMS)
def test_evidence_is_strongest_first_and_quotes_the_text(table: Table, forms: list[str]) -> None:
    text = " ".join(forms)
    evidence = explain(table, text, tokenize(text), {"agency": (0, 1)})["agency"]
    weights = [stretch.weight for stretch in evidence]
    assert weights == sorted(weights, reverse=True)
    assert len(evidence) <= N_STRETCHES
    assert all(text[slice(*stretch.span)] == stretch.text for stretch in evidence)


def test_a_text_without_tokens_has_no_evidence(table: Table) -> None:
    assert explain(table, "🙏", tokenize("🙏"), {"agency": (0, 1)}) == {"agency": ()}
