"""Searches settings of training: draws some, rehearses each on later rows, and says what they reached.

Settings are chosen on the rows given; what a chosen one is worth is judged on rows that were not among them.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final

import joblib
import numpy as np
import pandas as pd

from model.errors import PilahError
from training.config import TrainingConfig
from training.judging import macro_f1
from training.preparing import PreparedRows, prepare_rows
from training.progress import Progress, Silence
from training.rehearsing import rehearse

# What is drawn from: (lowest, highest) on a logarithmic scale, or the values themselves.
RANGES: Final[Mapping[str, tuple[float, float]]] = {"penalty": (0.02, 2.0), "ridge_penalty": (0.5, 8.0)}
CHOICES: Final[Mapping[str, tuple[float, ...]]] = {
    "class_weight_power": (0.0, 0.5, 1.0),
    "ridge_share": (0.0, 0.5, 1.0, 2.0),
    "minimum_pair_rows": (2, 3, 5),
    "minimum_ngram_rows": (3, 5, 10),
}
_WHOLE = ("minimum_pair_rows", "minimum_ngram_rows")


class SearchError(PilahError):
    """A search has nothing to look for."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a search goes on: so many minutes, or so many settings, whatever ends first; ``n_jobs`` at a time."""

    minutes: float = 10.0
    n_settings: int = 100
    n_jobs: int = 1


def search(
    frame: pd.DataFrame,
    config: TrainingConfig | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    cluster: AbstractContextManager[object] | None = None,
) -> pd.DataFrame:
    """Rehearse settings that are drawn at random, the given ones first (Bergstra and Bengio 2012).

    Every setting answers the same later rows by fits on the rows before them, in the folds that ``config`` names.

    Parameters
    ----------
    frame
        Labelled rows as `training.read_rows` gives them.
    config
        Where the search begins; its heads, folds, labels and seed hold for all.
    cluster
        A context in which joblib works elsewhere, such as ``joblib.parallel_config("dask")``.

    Returns
    -------
    pandas.DataFrame
        A row for each setting, best mean accuracy first: ``number`` (0: the given ones), the settings, ``accuracy``,
        ``macro_f1`` (means over heads), both of each head, and ``seconds``.

    Raises
    ------
    SearchError
        No head has two labels with enough rows.
    """
    config, budget, progress = config or TrainingConfig(), budget or Budget(), progress or Silence()
    rows = prepare_rows(frame, config)
    heads = [head for head, labels in rows.labels.items() if len(set(labels) - {""}) > 1]
    if not heads:
        raise SearchError("No head has two labels with enough rows; name other heads or lower minimum_rows.")
    found: list[dict[str, float]] = []
    end = time.monotonic() + budget.minutes * 60
    with cluster or nullcontext(), joblib.Parallel(n_jobs=budget.n_jobs) as parallel:
        for batch in _cut(list(draw_settings(config, budget.n_settings)), budget.n_jobs):
            found += parallel(joblib.delayed(_rehearse)(rows, heads, number, one) for number, one in batch)
            best = max(found, key=lambda row: row["accuracy"])
            progress.step(f"{len(found)} settings; best so far {best['accuracy']:.4f} (number {best['number']:.0f})")
            if time.monotonic() > end:
                break
    table = pd.DataFrame(found).astype({"number": int})
    return table.sort_values(["accuracy", "number"], ascending=[False, True], ignore_index=True)


def draw_settings(config: TrainingConfig, n_settings: int) -> Iterator[TrainingConfig]:
    """The given settings, then others drawn around the same heads and folds, the same for the same seed."""
    yield config
    draws = np.random.default_rng(config.seed)
    for _ in range(n_settings - 1):
        drawn = {name: float(np.exp(draws.uniform(*np.log(bounds)))) for name, bounds in RANGES.items()}
        chosen = {name: draws.choice(values) for name, values in CHOICES.items()}
        settings: dict[str, Any] = {
            name: int(value) if name in _WHOLE else float(value) for name, value in {**drawn, **chosen}.items()
        }
        # What is drawn holds for all heads.
        yield replace(config, penalty_of={}, class_weight_power_of={}, **settings)


def settings_of(table: pd.DataFrame, config: TrainingConfig, row: int = 0) -> TrainingConfig:
    """The settings in a row of the table; those given where it is number 0."""
    line = table.iloc[row]
    if line["number"] == 0:
        return config
    return list(draw_settings(config, int(line["number"]) + 1))[int(line["number"])]


def _rehearse(rows: PreparedRows, heads: Sequence[str], number: int, config: TrainingConfig) -> dict[str, float]:
    started = time.perf_counter()
    answers = rehearse(rows, list(heads), config, Silence())
    row: dict[str, float] = {"number": number}
    row |= {name: getattr(config, name) for name in (*RANGES, *CHOICES)}
    for head, answer in answers.items():
        row[f"{head}_accuracy"] = float(np.mean(answer.given == answer.truth))
        names, codes = np.unique(np.concatenate([answer.truth, answer.given]), return_inverse=True)
        truth, given = np.split(codes, 2)
        row[f"{head}_macro_f1"] = macro_f1(truth, given, len(names))
    for figure in ("accuracy", "macro_f1"):
        row[figure] = float(np.mean([row[f"{head}_{figure}"] for head in answers]))
    return row | {"seconds": time.perf_counter() - started}


def _cut(settings: Sequence[TrainingConfig], n_jobs: int) -> Iterator[list[tuple[int, TrainingConfig]]]:
    """Settings with their numbers, as many at once as are worked on at once."""
    numbered = list(enumerate(settings))
    size = max(1, joblib.effective_n_jobs(n_jobs))
    return (numbered[start : start + size] for start in range(0, len(numbered), size))
