"""Prints how long a signature takes, and how often two different reports of the corpus look like copies.

python bench/signatures.py
"""

import statistics
import time

import numpy as np
import pandas as pd

from model.shipped import reference_corpus
from model.signature import N_HASHES, sign

COPY_FROM = 0.5


def main() -> None:
    """Print both."""
    texts = list(dict.fromkeys(pd.read_csv(reference_corpus(), dtype=str)["text"]))
    words = " ".join(texts).split()
    for n_words in (50, 2_000):
        text, taken = " ".join(words[:n_words]), []
        for _ in range(200):
            begin = time.perf_counter()
            sign(text)
            taken.append(time.perf_counter() - begin)
        print(f"{n_words:,} words: {statistics.median(taken) * 1e6:,.0f} µs")
    signatures = np.array([np.frombuffer(signature, dtype="<u4") for text in texts if (signature := sign(text))])
    n_pairs, likest, n_copies = 0, 0.0, 0
    for place in range(len(signatures) - 1):
        shares = (signatures[place + 1 :] == signatures[place]).sum(axis=1) / N_HASHES
        n_pairs += len(shares)
        n_copies += int((shares >= COPY_FROM).sum())
        likest = max(likest, float(shares.max()))
    print(f"{n_pairs:,} pairs of different texts: {n_copies} from {COPY_FROM} on, the likest {likest:.3f}")


if __name__ == "__main__":
    main()
