"""Judges Pilah beside a word+char TF-IDF union with a balanced linear SVC, both trained in this run on the same rows.

    python bench/quality.py ../shared/data            fit January–October 2022, judge November–December
    python bench/quality.py ../shared/data --choose   rolling origin inside January–October, for choosing settings
    python bench/quality.py ../shared/data --lapor    the SP4N-LAPOR! export of another place, with the same settings
    python bench/quality.py ../shared/data --monthly  frozen in May against refitted every month, May–October

Rows, texts, merged labels and minimum rows are the same for all. Intervals are paired bootstraps over the test rows.
fastText and Vowpal Wabbit are judged too where they are installed (pip install fasttext-wheel vowpalwabbit).
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from peers import PEERS
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import LinearSVC

from model.classifier import Classifier, load_classifier
from model.prediction import HeadPrediction
from model.shipped import datasets_folder
from training.build import Sources, train
from training.config import TrainingConfig, read_config
from training.decision_judging import judge_budget
from training.evaluation import format_budget
from training.fitting import LinearHead
from training.judging import macro_f1, measure_calibration
from training.preparing import PreparedRows, prepare_rows
from training.progress import choose_progress
from training.reading import read_rows
from training.rehearsing import fit_rows
from training.vectors import Vocabulary, vectorise

CONFIG = Path(__file__).parent / "surabaya-2022.toml"
N_RESAMPLES = 2_000
ROLLING = (("2022-05-01", "2022-07-01"), ("2022-07-01", "2022-09-01"), ("2022-09-01", "2022-11-01"))
SHARE_EARLIER = 0.7
MONTHS = tuple(f"2022-{month:02}-01" for month in range(5, 12))
FINAL = (("2022-11-01", "2023-01-01"),)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the real reports")
    parser.add_argument("--choose", action="store_true", help="rolling origin inside January–October")
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--lapor", action="store_true", help="another place, with the same settings")
    parser.add_argument("--monthly", action="store_true", help="what refitting every month buys")
    arguments = parser.parse_args()
    config = read_config(arguments.config)
    frame = read_rows(arguments.data / "surabaya-2022.csv", config.columns).frame
    if arguments.monthly:
        for line in compare_refits(frame, config):
            print(line, flush=True)
        return
    if arguments.lapor:
        frame = read_rows(arguments.data / "lapor-export-bandung.xlsx", {}).frame.sort_values(
            "received_at", kind="stable"
        )
        n_earlier = round(len(frame) * SHARE_EARLIER)
        print_folds([("the last three tenths", frame.iloc[:n_earlier], frame.iloc[n_earlier:])], config)
        return
    days = ROLLING if arguments.choose else FINAL
    print_folds([(f"{start} to {stop}", *cut(frame, start, stop)) for start, stop in days], config)


def print_folds(folds: list[tuple[str, pd.DataFrame, pd.DataFrame]], config: TrainingConfig) -> None:
    """Train on the earlier rows of each fold, judge on its later ones."""
    for name, earlier, later in folds:
        print(f"\njudged on {name} ({len(later):,} rows), fit on the {len(earlier):,} rows before", flush=True)
        with TemporaryDirectory() as folder:
            begin = time.perf_counter()
            sources = Sources(None, datasets_folder())
            trained = train(
                earlier, config, sources, lambda _: Path(folder) / "bundle", progress=choose_progress(is_quiet=True)
            )
            seconds = time.perf_counter() - begin
            test = prepare_rows(later, config, drop_rare=False)
            for line in compare(trained.rows, test, load_classifier(Path(folder) / "bundle")):
                print(line, flush=True)
        print(f"  Pilah trained in {seconds:.0f} s, calibration fits and the report included")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"\npeak memory {peak:.2f} GiB (largest child process {children:.2f} GiB)")


def cut(frame: pd.DataFrame, start: str, stop: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows before ``start``, and rows from there until ``stop`` (days in WIB)."""
    times = frame["received_at"].dt.tz_convert("Asia/Jakarta")
    first, last = (pd.Timestamp(day, tz="Asia/Jakarta") for day in (start, stop))
    return frame[times < first], frame[(times >= first) & (times < last)]


def compare(rows: PreparedRows, test: PreparedRows, classifier: Classifier) -> Iterator[str]:
    """A line for each head and system."""
    answers = [classifier.classify(text, with_explanation=False).heads for text in test.texts]
    for head in classifier.heads:
        is_labelled = test.labels[head.name] != ""
        truth = test.labels[head.name][is_labelled].astype(str)
        given = np.array([answer[head.name].label for answer in answers])[is_labelled]
        confidence = np.array([answer[head.name].confidence for answer in answers])[is_labelled]
        reference = predict_reference(rows, head.name, test)[is_labelled]
        names, codes = np.unique(np.concatenate([truth, given, reference]), return_inverse=True)
        true, ours, theirs = np.split(codes, 3)
        yield f"  {head.name}: {len(names)} labels, {len(truth):,} rows"
        yield f"    Pilah                {describe(true, ours, len(names))}"
        yield f"    word+char SVC        {describe(true, theirs, len(names))}"
        for name, predict in PEERS.items():
            peer = predict(rows, head.name, test)
            if peer is not None:
                hits = peer[is_labelled]
                score = macro_f1_of(truth, hits)
                yield f"    {name:20} accuracy {(truth == hits).mean():.3f}  macro-F1 {score:.3f}"
        yield f"    difference           {describe_difference(true, ours, theirs, len(names))}"
        error, excess = measure_calibration(confidence, true == ours, 0)
        yield f"    calibration error    {error:.3f}, above that of perfect calibration on as many rows {excess:+.3f}"
        within = [cover(confidence, true == ours, error) for error in (0.10, 0.05)]
        yield f"    share decided        {within[0]:.2f} at 10 % error, {within[1]:.2f} at 5 %"
        labelled = [answer for answer, is_in in zip(answers, is_labelled, strict=True) if is_in]
        yield from describe_decisions(head.name, truth, labelled, classifier)


def describe_decisions(
    head: str, truth: np.ndarray, answers: list[dict[str, HeadPrediction]], classifier: Classifier
) -> Iterator[str]:
    """The threshold of a head, or why there is none, and whether what it decided alone kept the error budget."""
    thresholds = classifier.thresholds.heads[head]
    if thresholds.budget is None:
        return
    found = thresholds.head
    where = f"{found.confidence}, {found.n_decided} of {found.n_rows} rows of its slice, {found.n_wrong} wrong"
    yield f"    threshold            {found.reason or where}"
    judged = judge_budget(truth, [answer[head] for answer in answers], thresholds.budget)
    yield f"    decisions            {format_budget(judged)}"


def compare_refits(frame: pd.DataFrame, config: TrainingConfig) -> Iterator[str]:
    """A line for each month and head: fitted before May, and fitted before the month itself."""
    frozen = None
    pooled: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {"agency": [], "topic": []}
    for start, stop in pairwise(MONTHS):
        earlier, later = cut(frame, start, stop)
        begin = time.perf_counter()
        rows = prepare_rows(earlier, config)
        fitted = fit_rows(rows, list(pooled), np.arange(len(rows.ids), dtype=np.int64), config)
        seconds = time.perf_counter() - begin
        frozen = frozen or fitted
        test = prepare_rows(later, config, drop_rare=False)
        for head, answers in pooled.items():
            is_labelled = test.labels[head] != ""
            truth = test.labels[head][is_labelled].astype(str)
            old, new = (answer(one, test, head)[is_labelled] for one in (frozen, fitted))
            answers.append((truth, old, new))
            yield (
                f"{start} {head:7} frozen {(truth == old).mean():.3f}/{macro_f1_of(truth, old):.3f}  "
                f"refitted {(truth == new).mean():.3f}/{macro_f1_of(truth, new):.3f}  (fit in {seconds:.0f} s)"
            )
    for head, answers in pooled.items():
        names, codes = np.unique(
            np.concatenate([np.concatenate(part) for part in zip(*answers, strict=True)]), return_inverse=True
        )
        true, old, new = np.split(codes, 3)
        yield f"all     {head:7} frozen    {describe(true, old, len(names))}"
        yield f"all     {head:7} refitted  {describe(true, new, len(names))}"
        yield f"all     {head:7} difference {describe_difference(true, new, old, len(names))}"


def answer(fitted: tuple[Vocabulary, dict[str, LinearHead]], test: PreparedRows, head: str) -> np.ndarray:
    """The label that fitted heads give each row."""
    vocabulary, heads = fitted
    return np.array(heads[head].labels)[heads[head].score(vectorise(vocabulary, test.forms)).argmax(axis=1)]


def macro_f1_of(truth: np.ndarray, given: np.ndarray) -> float:
    """Macro-F1 of labels as texts."""
    names, codes = np.unique(np.concatenate([truth, given]), return_inverse=True)
    return macro_f1(codes[: len(truth)], codes[len(truth) :], len(names))


def predict_reference(rows: PreparedRows, head: str, test: PreparedRows) -> np.ndarray:
    """Answers of the reference: word 1–2 and char_wb 2–5 TF-IDF, linear SVC with balanced class weights."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=3)
    reference = Pipeline(
        [("union", FeatureUnion([("w", words), ("c", characters)])), ("svc", LinearSVC(C=0.5, class_weight="balanced"))]
    )
    labels = rows.labels[head]
    is_labelled = labels != ""
    texts = [text for text, labelled in zip(rows.texts, is_labelled, strict=True) if labelled]
    return np.asarray(reference.fit(texts, labels[is_labelled].astype(str)).predict(test.texts), dtype=str)


def describe(true: np.ndarray, given: np.ndarray, n_labels: int) -> str:
    """Accuracy and macro-F1."""
    return f"accuracy {(true == given).mean():.3f}  macro-F1 {macro_f1(true, given, n_labels):.3f}"


def describe_difference(true: np.ndarray, ours: np.ndarray, theirs: np.ndarray, n_labels: int) -> str:
    """Ours minus theirs with paired bootstrap intervals."""
    draws = np.random.default_rng(0).integers(0, len(true), (N_RESAMPLES, len(true)))
    right = (true == ours).astype(float) - (true == theirs)
    accuracy = np.percentile(right[draws].mean(axis=1), [2.5, 97.5])
    scores = [macro_f1(true[d], ours[d], n_labels) - macro_f1(true[d], theirs[d], n_labels) for d in draws[:500]]
    score = np.percentile(scores, [2.5, 97.5])
    full = macro_f1(true, ours, n_labels) - macro_f1(true, theirs, n_labels)
    return (
        f"accuracy {right.mean():+.3f} [{accuracy[0]:+.3f}, {accuracy[1]:+.3f}]  "
        f"macro-F1 {full:+.3f} [{score[0]:+.3f}, {score[1]:+.3f}]"
    )


def cover(confidence: np.ndarray, is_right: np.ndarray, error: float) -> float:
    """Largest share of rows, most confident first, whose error stays within ``error``."""
    order = np.argsort(-confidence, kind="stable")
    errors = np.cumsum(~is_right[order]) / np.arange(1, len(order) + 1)
    within = np.flatnonzero(errors <= error)
    return float(within[-1] + 1) / len(order) if len(within) else 0.0


if __name__ == "__main__":
    sys.exit(main())
