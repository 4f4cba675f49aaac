"""Prints how fast one text and many are tagged, beside other ways to do the same, in one interleaved run.

    python bench/speed.py ../shared/data           all tables
    python bench/speed.py                          on the shipped reports, where no folder of real ones is at hand

All systems learn three heads from the same rows and answer the same masked texts with scores of every label. Each round
times every system once, in changing order; medians and quartiles over the rounds are printed, and ratios of medians.
"""

import argparse
import gc
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import LinearSVC

from model.batch import BatchScorer
from model.classifier import load_classifier
from model.cleaning import clean
from model.compiled import CompiledSums
from model.masking import mask
from model.shipped import datasets_folder, reference_config, reference_corpus
from model.table import Table
from model.tokens import MAX_SCORED_CHARS, tokenize
from training.build import Sources, train
from training.config import read_config
from training.fitting import LinearHead, compile_table
from training.preparing import PreparedRows, prepare_rows
from training.progress import choose_progress
from training.reading import read_rows
from training.rehearsing import fit_rows
from training.vectors import vectorise

HEADS = ("agency", "topic", "urgency")
N_TEXTS, N_ROUNDS = 2_000, 7
MICRO = 1e6
Answer = Callable[[Sequence[str]], object]


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="the folder of the real reports")
    arguments = parser.parse_args()
    rows, texts = read_training(), read_texts(arguments.data)
    length = np.median([len(text) for text in texts])
    print(f"three heads from {len(rows.ids):,} rows; {len(texts):,} texts, median {length:.0f} characters")
    vocabulary, heads = fit_rows(
        rows, list(HEADS), np.arange(len(rows.ids), dtype=np.int64), read_config(reference_config())
    )
    table = Table(compile_table(vocabulary, list(heads.values())))
    systems = list_systems(rows, table, vocabulary, heads)
    print_ratios(systems, texts)
    print_single(table, texts)
    print_growth(rows, texts)
    print_worst(rows)


def read_training() -> PreparedRows:
    """The shipped reports."""
    config = read_config(reference_config())
    return prepare_rows(read_rows(reference_corpus(), {}).frame, config)


def read_texts(folder: Path | None) -> list[str]:
    """Cleaned and masked texts to tag."""
    path = folder / "surabaya-2022.csv" if folder else reference_corpus()
    texts = pd.read_csv(path, dtype=str, keep_default_na=False)["text"].sample(N_TEXTS, random_state=0)
    return [mask(clean(text)).text[:MAX_SCORED_CHARS] for text in texts]


def list_systems(
    rows: PreparedRows, table: Table, vocabulary: object, heads: dict[str, LinearHead]
) -> dict[str, Answer]:
    """The systems by name; each takes texts and gives scores."""
    pipelines = [fit_pipeline(rows, head) for head in HEADS]
    shared = fit_shared(rows)
    numpy_scorer, sums = BatchScorer(table), CompiledSums(table)
    compiled = BatchScorer(table, sums)
    systems: dict[str, Answer] = {
        "three scikit-learn pipelines": lambda texts: [pipeline.decision_function(texts) for pipeline in pipelines],
        "shared vectoriser, one product": shared,
        "own scikit-learn model": lambda texts: score_fitted(vocabulary, heads, texts),
        "table, one text at a time": lambda texts: [table.score(tokenize(text).forms) for text in texts],
        "table, batch, numpy": numpy_scorer.score,
        "table, batch, compiled": compiled.score,
        "the same, nothing remembered": lambda texts: BatchScorer(table, sums).score(texts),
        "limit: find words, look them up": find_words(table),
    }
    return systems | list_fasttext(rows)


def fit_pipeline(rows: PreparedRows, head: str) -> Pipeline:
    """The reference: word and character TF-IDF, balanced linear machine."""
    labels = rows.labels[head]
    is_labelled = labels != ""
    texts = [text for text, labelled in zip(rows.texts, is_labelled, strict=True) if labelled]
    machine = LinearSVC(C=0.5, class_weight="balanced")
    return Pipeline([("union", build_union()), ("svc", machine)]).fit(texts, labels[is_labelled].astype(str))


def build_union() -> FeatureUnion:
    """Vectoriser of the reference."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=3)
    return FeatureUnion([("w", words), ("c", characters)])


def fit_shared(rows: PreparedRows) -> Answer:
    """One vectoriser for all heads, coefficients side by side in Fortran order."""
    union = build_union().fit(rows.texts)
    vectors = union.transform(rows.texts)
    parts = []
    for head in HEADS:
        is_labelled = rows.labels[head] != ""
        machine = LinearSVC(C=0.5, class_weight="balanced")
        parts.append(machine.fit(vectors[is_labelled], rows.labels[head][is_labelled].astype(str)).coef_)
    coefficients = np.asfortranarray(np.vstack(parts).T)
    return lambda texts: union.transform(texts) @ coefficients


def score_fitted(vocabulary: object, heads: dict[str, LinearHead], texts: Sequence[str]) -> list[np.ndarray]:
    """The fitted heads that the table was compiled from."""
    vectors = vectorise(vocabulary, [tokenize(text).forms for text in texts])
    return [head.score(vectors) for head in heads.values()]


def find_words(table: Table) -> Answer:
    """What no way in Python can do without."""
    find, row_of = re.compile(r"[^\W_]+").findall, table.row_of
    return lambda texts: [[row_of.get(word) for word in find(text.lower())] for text in texts]


def list_fasttext(rows: PreparedRows) -> dict[str, Answer]:
    """Three fastText models, where fastText is installed (``pip install fasttext-wheel``)."""
    try:
        import fasttext  # noqa: PLC0415  # no part of the locked environment
    except ImportError:
        print("fastText is not installed: left out")
        return {}
    models = []
    for head in HEADS:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "rows.txt"
            lines = [
                f"__label__{label} {' '.join(forms)}"
                for label, forms in zip(rows.labels[head], rows.forms, strict=True)
                if label
            ]
            path.write_text("\n".join(lines), encoding="utf-8")
            models.append(
                fasttext.train_supervised(str(path), wordNgrams=2, minn=2, maxn=5, epoch=15, thread=1, verbose=0)
            )
    return {
        "fastText, three models": lambda texts: [
            one.f.multilinePredict([text.replace("\n", " ") for text in texts], 1, 0.0, "strict") for one in models
        ]
    }


def print_ratios(systems: dict[str, Answer], texts: list[str]) -> None:
    """Texts a second of each system, and how many times the three pipelines that is."""
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    for name, answer in systems.items():
        answer(texts[:50])
        print(f"  ready: {name}", file=sys.stderr)
    order = np.random.default_rng(0)
    for _ in range(N_ROUNDS):
        for name in order.permutation(list(systems)):
            begin = time.perf_counter()
            systems[str(name)](texts)
            seconds[str(name)].append(time.perf_counter() - begin)
    base = np.median(seconds["three scikit-learn pipelines"])
    print(f"\n{'many texts, one thread':36} {'texts/s':>9} {'quartiles':>19} {'x pipelines':>12}")
    for name, times in seconds.items():
        low, middle, high = np.percentile(times, [75, 50, 25])
        n = len(texts)
        print(f"{name:36} {n / middle:9,.0f} {n / low:9,.0f}-{n / high:9,.0f} {base / middle:12.1f}")


def print_single(table: Table, texts: list[str]) -> None:
    """One text: heads only, then the whole answer with and without explanation."""
    print(f"\n{'one text, microseconds':36} {'p50':>8} {'p95':>8}")
    with TemporaryDirectory() as folder:
        begin = time.perf_counter()
        train_shipped(Path(folder))
        trained = time.perf_counter() - begin
        loads = []
        gc.collect()
        gc.freeze()  # what this process holds already would be walked again and again, and is none of the bundle's
        for _ in range(5):
            begin = time.perf_counter()
            classifier = load_classifier(Path(folder) / "bundle")
            loads.append(time.perf_counter() - begin)
        calls: dict[str, Callable[[str], object]] = {
            "three heads": lambda text: table.score(tokenize(text).forms),
            "all heads of the shipped bundle": lambda text: classifier.score_heads(tokenize(text).forms),
            "whole answer, no explanation": lambda text: classifier.classify(text, with_explanation=False),
            "whole answer with explanation": classifier.classify,
        }
        for name, call in calls.items():
            print(f"{name:36} {quantiles(call, texts)}")
        size = sum(path.stat().st_size for path in (Path(folder) / "bundle").rglob("*") if path.is_file())
    milliseconds = np.median(loads) * 1000
    print(f"\nbundle: loaded in {milliseconds:.0f} ms, {size / 2**20:.1f} MiB on disk, trained in {trained:.0f} s")
    print(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} MiB")


def train_shipped(folder: Path) -> None:
    """The bundle that `make run` trains."""
    frame = read_rows(reference_corpus(), {}).frame
    train(
        frame,
        read_config(reference_config()),
        Sources(None, datasets_folder()),
        lambda _: folder / "bundle",
        progress=choose_progress(is_quiet=True),
    )


def quantiles(call: Callable[[str], object], texts: list[str]) -> str:
    """Median and 95th percentile of single calls, after one warm round."""
    for text in texts:
        call(text)
    times = []
    for text in texts:
        begin = time.perf_counter()
        call(text)
        times.append(time.perf_counter() - begin)
    middle, high = np.percentile(times, [50, 95]) * MICRO
    return f"{middle:8.0f} {high:8.0f}"


def print_growth(rows: PreparedRows, texts: list[str]) -> None:
    """Cost of more labels and of a larger vocabulary, drawn at random."""
    print(f"\n{'growth, batch in numpy':36} {'texts/s':>9}")
    for name, table in grow(rows):
        scorer = BatchScorer(table)
        scorer.score(texts)
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            scorer.score(texts)
            times.append(time.perf_counter() - begin)
        print(f"{name:36} {len(texts) / np.median(times):9,.0f}")


def grow(rows: PreparedRows) -> Iterator[tuple[str, Table]]:
    """Tables of more labels, and of fewer rows and so fewer words."""
    config = read_config(reference_config())
    for n_rows in (1_000, len(rows.ids)):
        vocabulary, heads = fit_rows(rows, ["agency"], np.arange(n_rows, dtype=np.int64), config)
        head = heads["agency"]
        yield f"{len(head.labels)} labels, {len(vocabulary.tokens):,} words", Table(compile_table(vocabulary, [head]))
    draws = np.random.default_rng(0)
    for n_labels in (100, 300):
        wide = LinearHead(
            tuple(f"label-{place}" for place in range(n_labels)),
            draws.normal(size=(len(head.coefficients), n_labels)),
            draws.normal(size=n_labels),
        )
        yield f"{n_labels} labels, {len(vocabulary.tokens):,} words", Table(compile_table(vocabulary, [wide]))


def print_worst(rows: PreparedRows) -> None:
    """The longest texts allowed, built to be slow, through the whole answer."""
    draws = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    n_bytes = 64 * 1024
    words = " ".join("".join(draws.choice(letters, draws.integers(3, 12))) for _ in range(12_000))
    worst = {
        "64 KiB of random words": words[:n_bytes],
        "64 KiB of one letter": "a" * n_bytes,
        "64 KiB of hyphens": "-" * n_bytes,
        "64 KiB of digits": "0812" * (n_bytes // 4),
        "64 KiB of brackets": "<" * n_bytes,
        "64 KiB of emoji": "\N{FIRE}" * (n_bytes // 4),
        "64 KiB of real words": (" ".join(rows.texts))[: n_bytes - 4_096],
    }
    with TemporaryDirectory() as folder:
        train_shipped(Path(folder))
        classifier = load_classifier(Path(folder) / "bundle")
        print(f"\n{'worst texts, whole answer':36} {'ms':>8}")
        for name, text in worst.items():
            times = []
            for _ in range(3):
                begin = time.perf_counter()
                classifier.classify(text)
                times.append(time.perf_counter() - begin)
            print(f"{name:36} {np.median(times) * 1000:8.0f}")


if __name__ == "__main__":
    sys.exit(main())
