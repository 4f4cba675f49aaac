from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import training.fitting
from model.table import Table
from training.fitting import HeadTask, compile_table, fit_head, fit_heads, weigh_labels
from training.vectors import build_vocabulary, vectorise

_WORDS = {
    "jalan": "jalan rusak berlubang aspal lubang".split(),
    "air": "air pdam mati keruh pipa".split(),
    "sampah": "sampah bau menumpuk tps diangkut".split(),
}
_SHARED = "mohon di pak segera [TELEPON] 24".split()
_UNKNOWN = "jalanan pengairan xyz 9 q persampahan".split()
_TOLERANCE = 1e-5
# float16 keeps eleven bits: a row of up to 2 is off by up to 0.0005, and a text sums up some of them.
_HALF_TOLERANCE = 5e-3


def _write_texts(labels, n_rows, seed=0):
    draws = np.random.default_rng(seed)
    truth = [labels[row % len(labels)] for row in range(n_rows)]
    words = [
        [*draws.choice(_WORDS[label], 4), *draws.choice(_SHARED, 3), *draws.choice(_WORDS[labels[0]], 1)]
        for label in truth
    ]
    return [[str(word) for word in text] for text in words], np.array(truth, dtype=object)


def _fit(labels, n_rows=30):
    texts, truth = _write_texts(labels, n_rows)
    vocabulary = build_vocabulary(texts, minimum_token_rows=3, minimum_pair_rows=2, minimum_ngram_rows=3)
    task = HeadTask(vectorise(vocabulary, texts), truth, np.ones(n_rows), 0.2, 0.5, 0)
    return vocabulary, task


@pytest.fixture(scope="module")
def fitted():
    """Two heads over one vocabulary, of three labels and of two, and their table in both widths."""
    vocabulary, task = _fit(["jalan", "air", "sampah"])
    kinds = np.array(["pengaduan" if label == "jalan" else "aspirasi" for label in task.labels], dtype=object)
    heads = list(fit_heads({"topic": task, "kind": replace(task, labels=kinds)}).values())
    exact, halves = (Table(compile_table(vocabulary, heads, width)) for width in (np.float32, np.float16))
    return vocabulary, heads, exact, halves


_TEXTS = st.lists(
    st.sampled_from([word for words in _WORDS.values() for word in words] + _SHARED + _UNKNOWN), max_size=25
)


@given(_TEXTS)
@example([])
@example(["xyz"])
@example(["jalan"] * 20)
@example(["[TELEPON]"])
def test_the_table_scores_as_the_fitted_heads_do(fitted, forms):
    vocabulary, heads, exact, halves = fitted
    vector = vectorise(vocabulary, [forms])
    expected = np.concatenate([head.score(vector)[0] for head in heads])
    np.testing.assert_allclose(exact.score(forms), expected, atol=_TOLERANCE)
    np.testing.assert_allclose(halves.score(forms), expected, atol=_HALF_TOLERANCE)


@given(_TEXTS)
def test_the_table_gives_the_label_of_the_fitted_heads_unless_two_nearly_tie(fitted, forms):
    vocabulary, heads, _, halves = fitted
    scores, start = halves.score(forms), 0
    vector = vectorise(vocabulary, [forms])
    for head in heads:
        expected = head.score(vector)[0]
        first, second = np.sort(expected)[::-1][:2]
        if first - second > 2 * _HALF_TOLERANCE:
            assert scores[start : start + len(head.labels)].argmax() == expected.argmax()
        start += len(head.labels)


def test_learns_what_it_was_shown():
    _, task = _fit(["jalan", "air", "sampah"], 60)
    head = fit_head(task)
    given_labels = np.array(head.labels)[head.score(task.rows).argmax(axis=1)]
    assert (given_labels == task.labels).mean() > 0.9


def test_two_labels_get_a_column_each_that_mirror_one_another():
    _, task = _fit(["jalan", "air"])
    head = fit_head(task)
    assert head.labels == ("air", "jalan")
    np.testing.assert_array_equal(head.coefficients[:, 0], -head.coefficients[:, 1])
    assert head.bias[0] == -head.bias[1]


def test_rows_without_a_label_teach_nothing():
    _, task = _fit(["jalan", "air", "sampah"], 60)
    is_kept = np.arange(60) < 45
    blanked = replace(task, labels=np.where(is_kept, task.labels, ""))
    kept = replace(task, rows=task.rows[is_kept], labels=task.labels[is_kept], weights=task.weights[is_kept])
    np.testing.assert_array_equal(fit_head(blanked).coefficients, fit_head(kept).coefficients)


def test_the_same_task_gives_the_same_head():
    _, task = _fit(["jalan", "air", "sampah"])
    np.testing.assert_array_equal(fit_head(task).coefficients, fit_head(task).coefficients)


@pytest.mark.long
def test_worker_processes_give_the_same_heads(monkeypatch):
    _, task = _fit(["jalan", "air", "sampah"])
    tasks = {"topic": task, "agency": replace(task, penalty=1.0)}
    here = fit_heads(tasks)
    monkeypatch.setattr(training.fitting, "_WORK_FOR_PROCESSES", 0)
    there = fit_heads(tasks)
    for name, head in here.items():
        np.testing.assert_array_equal(head.coefficients, there[name].coefficients)


def test_a_heavier_row_speaks_louder():
    _, task = _fit(["jalan", "air"])
    weights = np.where(task.labels == "air", 5.0, 1.0)
    score = fit_head(task).score(task.rows)[:, 0].mean()
    assert fit_head(replace(task, weights=weights)).score(task.rows)[:, 0].mean() > score


@pytest.mark.parametrize(("power", "expected"), [(0.0, [1, 1, 1, 1]), (1.0, [2 / 3, 2 / 3, 2 / 3, 2])])
def test_labels_weigh_by_a_power_of_their_rarity(power, expected):
    np.testing.assert_allclose(weigh_labels(np.array([0, 0, 0, 1]), power), expected)


def test_refuses_a_single_label():
    _, task = _fit(["jalan", "air"])
    with pytest.raises(ValueError, match="two labels to tell apart, found 1"):
        fit_head(replace(task, labels=np.where(task.labels == "air", task.labels, "")))


@pytest.mark.parametrize("labels", [["jalan", "air", "sampah"], ["jalan", "air"]])
def test_a_detector_tells_its_label_from_all_others_in_a_column_of_the_table(labels):
    vocabulary, task = _fit(labels, 60)
    plain, head = fit_head(task), fit_head(replace(task, detected="air"))
    np.testing.assert_array_equal(plain.coefficients, head.coefficients)
    scores = head.detector.score(task.rows)
    assert scores[task.labels == "air"].min() > scores[task.labels != "air"].max()
    table = Table(compile_table(vocabulary, [head, plain], np.float32))
    texts, _ = _write_texts(labels, 60)
    compiled = np.array([table.score(text)[-1] for text in texts])
    np.testing.assert_allclose(compiled, scores, atol=_TOLERANCE * 10)
    assert table.n_labels == 2 * len(labels) + 1


def test_a_label_that_no_row_carries_gets_no_detector():
    _, task = _fit(["jalan", "air"])
    assert fit_head(replace(task, detected="darurat")).detector is None
