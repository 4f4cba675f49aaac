"""From checked rows to what a fit takes: masked texts as tokens, labels merged, rare ones left out, in time order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.cleaning import clean
from model.masking import mask
from model.taxonomy import HEADS, NO_ELEMENT
from model.tokens import tokenize
from training.config import TrainingConfig
from training.instants import to_local_day

Labels = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class PreparedRows:
    """Rows in order of time (rows without one stay where they stood in the file).

    ``labels[head]`` holds '' where a row does not teach the head, ``true_labels[head]`` only where none was given;
    ``left_out[head]`` the labels with too few rows and their numbers. ``reporters`` is None unless every row names one.
    ``days`` are the first and last day of arrival (WIB) of the rows that have one. ``sources`` counts the rows of each
    source that is named often enough to be no person's. ``also`` holds the further agencies of each row; None where the
    rows name none at all.
    """

    ids: list[str]
    texts: list[str]
    forms: list[list[str]]
    labels: dict[str, Labels]
    true_labels: dict[str, Labels]
    weights: NDArray[np.float64]
    reporters: list[str] | None
    left_out: dict[str, dict[str, int]]
    days: tuple[date, date] | None = None
    sources: Mapping[str, int] = field(default_factory=dict)
    also: tuple[frozenset[str], ...] | None = None

    def take(self, rows: NDArray[np.int64]) -> list[list[str]]:
        """Token lists of some rows."""
        return [self.forms[row] for row in rows]

    def take_reporters(self, rows: NDArray[np.int64]) -> list[str] | None:
        """Reporters of some rows, None where they are not known."""
        return None if self.reporters is None else [self.reporters[row] for row in rows]


def prepare_rows(frame: pd.DataFrame, config: TrainingConfig, *, drop_rare: bool = True) -> PreparedRows:
    """Prepare a frame of `training.reading.read_rows`.

    ``drop_rare`` leaves labels with fewer than ``config.minimum_rows`` rows out; a test set keeps them, since a label
    that was not learnt still counts as an error.
    """
    ordered = frame.sort_values("received_at", kind="stable", na_position="first") if _has_times(frame) else frame
    texts = [mask(clean(text)).text for text in join_titles(ordered)]
    labels, true_labels, left_out = {}, {}, {}
    for head in HEADS:
        if head not in ordered or (config.heads and head not in config.heads):
            continue
        given = _fill_aspects(ordered) if head == "aspect" else ordered[head]
        column = np.array([config.merge_label(head, label) for label in given], dtype=object)
        rare = _count_rare(column, config.minimum_rows) if drop_rare else {}
        true_labels[head] = column
        labels[head] = np.array(["" if label in rare else label for label in column], dtype=object)
        left_out[head] = rare
    return PreparedRows(
        ids=list(ordered["id"]),
        texts=texts,
        forms=[tokenize(text).forms for text in texts],
        labels=labels,
        true_labels=true_labels,
        weights=_read_weights(ordered),
        reporters=_read_reporters(ordered),
        left_out=left_out,
        days=_read_days(ordered),
        sources=_count_sources(ordered, config.minimum_rows),
        also=_read_also(ordered, config),
    )


def join_titles(frame: pd.DataFrame) -> Sequence[str]:
    """Text of each row, led by its title where it has one that the text does not repeat."""
    if "title" not in frame:
        return list(frame["text"])
    return [join_title(title, text) for title, text in zip(frame["title"], frame["text"], strict=True)]


def join_title(title: str, text: str) -> str:
    """The text, led by a title that it does not repeat."""
    return text if not title or text.startswith(title) else f"{title}\n{text}"


def count_labels(labels: Labels) -> dict[str, int]:
    """Rows of each label, '' left out, most frequent first."""
    found, counts = np.unique(labels[labels != ""].astype(str), return_counts=True)
    order = np.lexsort((found, -counts))
    return {str(found[place]): int(counts[place]) for place in order}


def _fill_aspects(frame: pd.DataFrame) -> Sequence[str]:
    """The aspects, with `NO_ELEMENT` where a row says its kind and urgency and leaves this cell empty.

    Such a row was labelled by the guide, where an empty cell is an answer: no element failed. A row that labels less,
    or a file that names no aspect at all, says nothing. Where a file says what each label rests on, that tells.
    """
    aspects = list(frame["aspect"])
    if "aspect_basis" in frame and (frame["aspect_basis"] != "").any():
        answers = zip(aspects, frame["aspect_basis"], strict=True)
        return [aspect or (NO_ELEMENT if basis else "") for aspect, basis in answers]
    if "kind" not in frame or "urgency" not in frame or not any(aspects):
        return aspects
    is_answered = (frame["kind"] != "") & (frame["urgency"] != "")
    return [aspect or (NO_ELEMENT if answered else "") for aspect, answered in zip(aspects, is_answered, strict=True)]


def _read_also(frame: pd.DataFrame, config: TrainingConfig) -> tuple[frozenset[str], ...] | None:
    if "also" not in frame or not (frame["also"] != "").any():
        return None
    cells = [[label.strip() for label in cell.split(";")] for cell in frame["also"]]
    return tuple(frozenset(config.merge_label("agency", label) for label in labels if label) for labels in cells)


def _has_times(frame: pd.DataFrame) -> bool:
    return "received_at" in frame and bool(frame["received_at"].notna().any())


def _read_days(frame: pd.DataFrame) -> tuple[date, date] | None:
    if not _has_times(frame):
        return None
    return to_local_day(frame["received_at"].min()), to_local_day(frame["received_at"].max())


def _count_sources(frame: pd.DataFrame, minimum: int) -> dict[str, int]:
    if "source" not in frame:
        return {}
    return {
        source: n_rows
        for source, n_rows in count_labels(np.array(frame["source"], dtype=object)).items()
        if n_rows >= minimum
    }


def _count_rare(labels: Labels, minimum: int) -> dict[str, int]:
    return {label: n_rows for label, n_rows in count_labels(labels).items() if n_rows < minimum}


def _read_weights(frame: pd.DataFrame) -> NDArray[np.float64]:
    if "weight" not in frame:
        return np.ones(len(frame))
    return np.asarray(frame["weight"].fillna(1.0), dtype=np.float64)


def _read_reporters(frame: pd.DataFrame) -> list[str] | None:
    if "reporter_ref" not in frame or not (frame["reporter_ref"] != "").all():
        return None
    return list(frame["reporter_ref"])
