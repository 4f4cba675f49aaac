"""The words that speak most for each label, for people to read: words of one root make one line.

Reads the table of a bundle only, so that no word is shown that fewer rows held than a bundle may keep.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.bundle import to_json_bytes
from model.errors import BundleCorruptError
from model.table import TableArrays
from model.tokens import is_mask

N_LINES = 8
MAX_WORDS_OF_LINE = 4
KEYWORDS_FILE = "keywords.json"
# Strongest words of a label that may join a line; those behind them say little.
_N_CANDIDATES = 24
_LEAST_SHARE = 0.2  # of the strength of the strongest
_SHORTEST_WORD = 2

Lines = tuple[tuple[str, ...], ...]
Keywords = Mapping[str, Mapping[str, Lines]]


def find_keywords(
    arrays: TableArrays, labels: Mapping[str, Sequence[str]], find_root: Callable[[str], str]
) -> Keywords:
    """The lines of each label of each head, strongest first, each with its words, strongest first.

    A word speaks for a label by what it would add to the score of a text of nothing else, less the mean of what it
    adds to the other labels of the head.

    Parameters
    ----------
    labels
        Labels of each head in the order of the columns of ``arrays``.
    find_root
        Root of a word; words with one root make one line.
    """
    rows = np.array([row for row, token in enumerate(arrays.tokens) if _is_word(token)], dtype=np.int64)
    words = [arrays.tokens[row] for row in rows]
    lengths = np.sqrt(arrays.token_norms[rows, :1].astype(np.float64))
    keywords: dict[str, dict[str, Lines]] = {}
    start = 0
    for head, known in labels.items():
        columns = slice(start, start + len(known))
        start = columns.stop
        strength = _contrast(arrays.token_rows[rows, columns].astype(np.float64) / lengths)
        keywords[head] = {
            label: group_words(_strongest(words, strength[:, place]), find_root) for place, label in enumerate(known)
        }
    return keywords


def group_words(words: Iterable[str], find_root: Callable[[str], str]) -> Lines:
    """Words (strongest first) as lines of one root, at most ``N_LINES`` with ``MAX_WORDS_OF_LINE`` words."""
    lines: dict[str, list[str]] = {}
    for word in words:
        lines.setdefault(find_root(word), []).append(word)
    return tuple(tuple(line[:MAX_WORDS_OF_LINE]) for line in list(lines.values())[:N_LINES])


def keywords_to_json(keywords: Keywords) -> bytes:
    """The keywords as a file of a bundle."""
    return to_json_bytes(
        {
            head: {label: [list(line) for line in lines] for label, lines in by_label.items()}
            for head, by_label in keywords.items()
        }
    )


def read_keywords(folder: Path) -> Keywords:
    """The keywords of the bundle in ``folder``.

    Raises
    ------
    BundleCorruptError
        The file is missing or not what `keywords_to_json` writes.
    """
    path = folder / KEYWORDS_FILE
    try:
        content = json.loads(path.read_bytes())
        return {
            head: {label: tuple(tuple(map(str, line)) for line in lines) for label, lines in by_label.items()}
            for head, by_label in content.items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise BundleCorruptError(f"{path} holds no keywords ({error}); train the bundle again.") from error


def _is_word(token: str) -> bool:
    return not is_mask(token) and token.isalpha() and len(token) >= _SHORTEST_WORD


def _contrast(strength: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each column less the mean of the others."""
    n_others = max(strength.shape[1] - 1, 1)
    others = strength.sum(axis=1, keepdims=True) - strength
    return np.asarray(strength - others / n_others)


def _strongest(words: Sequence[str], strength: NDArray[np.float64]) -> list[str]:
    order = np.argsort(-strength, kind="stable")[:_N_CANDIDATES]
    if not len(order) or strength[order[0]] <= 0:
        return []
    return [words[place] for place in order if strength[place] >= _LEAST_SHARE * strength[order[0]]]
