"""Prints how the shipped reports read beside real ones: lengths, variety of words, how often wording repeats.

    python bench/corpus.py ../shared/data

A template betrays itself in stretches of four words that come back again and again. Only figures are printed.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from model.shipped import reference_corpus

N_FREQUENT = 200
N_TOKENS = 100_000
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the real reports")
    arguments = parser.parse_args()
    print(f"{'':14} {'reports':>8} {'words at 5, 25, 50, 75, 95 %':>32} {'types/tokens':>13} {'in 200 4-grams':>15}")
    for name, path in (("shipped", reference_corpus()), ("real", arguments.data / "surabaya-2022.csv")):
        texts = read_words(path)
        lengths = " ".join(f"{value:6.0f}" for value in np.quantile([len(words) for words in texts], QUANTILES))
        print(f"{name:14} {len(texts):8,} {lengths:>32} {measure_variety(texts):13.3f} {measure_repeats(texts):15.4f}")


def read_words(path: Path) -> list[list[str]]:
    """The words of each report."""
    texts = pd.read_csv(path, dtype=str, keep_default_na=False)["text"]
    return [re.findall(r"\w+", text.replace("\\n", "\n").lower()) for text in texts]


def measure_variety(texts: Sequence[Sequence[str]]) -> float:
    """Distinct words by words, over ``N_TOKENS`` words of reports in random order: the ratio falls with length."""
    order = np.random.default_rng(0).permutation(len(texts))
    words = [word for place in order for word in texts[place]][:N_TOKENS]
    return len(set(words)) / len(words)


def measure_repeats(texts: Sequence[Sequence[str]]) -> float:
    """Share of words that stand in one of the ``N_FREQUENT`` most frequent stretches of four words."""
    counts = Counter(tuple(words[start : start + 4]) for words in texts for start in range(len(words) - 3))
    frequent = {gram for gram, _ in counts.most_common(N_FREQUENT)}
    covered = sum(len(find_covered(words, frequent)) for words in texts)
    return covered / sum(len(words) for words in texts)


def find_covered(words: Sequence[str], frequent: set[tuple[str, ...]]) -> set[int]:
    """Places of a report that one of the stretches covers."""
    return {
        start + step
        for start in range(len(words) - 3)
        if tuple(words[start : start + 4]) in frequent
        for step in range(4)
    }


if __name__ == "__main__":
    sys.exit(main())
