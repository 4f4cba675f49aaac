"""Answers of other systems on the same rows, for bench/quality.py; each is left out where it is not installed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from training.preparing import PreparedRows

SEED = 20261124
Predict = Callable[[PreparedRows, str, PreparedRows], np.ndarray | None]


def predict_fasttext(rows: PreparedRows, head: str, test: PreparedRows) -> np.ndarray | None:
    """Answers of fastText, the best of four settings tried on the first of the choosing months."""
    try:
        import fasttext  # noqa: PLC0415  # no part of the locked environment
    except ImportError:
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.txt"
        labels, forms = list_labelled(rows, head)
        names = sorted(set(labels))
        number = {name: place for place, name in enumerate(names)}
        lines = [f"__label__{number[label]} {' '.join(form)}" for label, form in zip(labels, forms, strict=True)]
        path.write_text("\n".join(lines), encoding="utf-8")
        fitted = fasttext.train_supervised(
            str(path), wordNgrams=2, minn=2, maxn=5, epoch=50, lr=1.0, thread=1, seed=SEED, verbose=0
        )
    answers = [fitted.f.predict(" ".join(form) + "\n", 1, 0.0, "strict") for form in test.forms]
    return np.array([names[int(answer[0][1].removeprefix("__label__"))] if answer else "" for answer in answers])


def predict_vowpal_wabbit(rows: PreparedRows, head: str, test: PreparedRows) -> np.ndarray | None:
    """Answers of Vowpal Wabbit, one against all, words and word pairs and character n-grams, 20 passes."""
    try:
        from vowpalwabbit import Workspace  # noqa: PLC0415  # no part of the locked environment
    except ImportError:
        return None
    labels, forms = list_labelled(rows, head)
    names = sorted(set(labels))
    number = {name: place for place, name in enumerate(names, start=1)}
    with Workspace(f"--oaa {len(names)} --loss_function logistic -b 22 --ngram w2 --quiet --random_seed 1") as fitted:
        order = np.random.default_rng(SEED)
        examples = [f"{number[label]} {write_features(form)}" for label, form in zip(labels, forms, strict=True)]
        for _ in range(20):
            for place in order.permutation(len(examples)):
                fitted.learn(examples[place])
        return np.array([names[int(fitted.predict(write_features(form))) - 1] for form in test.forms])


def write_features(forms: Sequence[str]) -> str:
    """Words in one namespace, their character trigrams in another."""
    words = " ".join(forms)
    grams = " ".join(f" {form} "[place : place + 4].replace(" ", "_") for form in forms for place in range(len(form)))
    return f"|w {words} |c {grams}"


def list_labelled(rows: PreparedRows, head: str) -> tuple[list[str], list[list[str]]]:
    """Labels and token lists of the rows that carry a label."""
    places = np.flatnonzero(rows.labels[head] != "")
    return [str(rows.labels[head][place]) for place in places], [rows.forms[place] for place in places]


PEERS: dict[str, Predict] = {"fastText": predict_fasttext, "Vowpal Wabbit": predict_vowpal_wabbit}
