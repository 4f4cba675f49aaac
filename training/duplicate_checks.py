"""Finds rows that say the same: equal ids, and equal texts with equal or with different labels."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

import pandas as pd

from training.config import TrainingConfig
from training.findings import SHOWN_ROWS, Finding, list_rows, show_value
from training.label_checks import trained_heads
from training.preparing import join_titles

Key = TypeVar("Key", str, bytes)

_WORD = re.compile(r"\w+")


def find_equal_ids(frame: pd.DataFrame) -> Iterator[Finding]:
    """Ids that stand in several rows."""
    for row_id, rows in _group(frame["id"], frame["row"]).items():
        value = f"{show_value(row_id)}: rows {list_rows(rows)}"
        yield Finding("error", rows[0], "id", value, "stands in several rows; an id belongs to one report")


def find_equal_texts(frame: pd.DataFrame, config: TrainingConfig) -> Iterator[Finding]:
    """Texts that stand in several rows, without regard to case, spaces and signs.

    A head on which such rows disagree is a warning; rows that agree on every head are a note.
    """
    labels = {head: _read_labels(frame, head, config) for head in trained_heads(frame, config)}
    for rows in _group(map(digest_text, join_titles(frame)), frame["row"]).values():
        conflicts = {head: found for head, of_rows in labels.items() if len(found := _find_labels(of_rows, rows)) > 1}
        for head, found in conflicts.items():
            shown = " | ".join(map(show_value, found[:SHOWN_ROWS]))
            reason = "the same text has different labels; decide for one"
            yield Finding("warning", rows[0], head, f"rows {list_rows(rows)}: {shown}", reason)
        if not conflicts:
            reason = "the same text and labels stand in several rows"
            yield Finding("note", rows[0], "text", f"rows {list_rows(rows)}", reason)


def digest_text(text: str) -> bytes:
    """A digest that is equal for texts of the same words; a text without words counts as it stands."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return blake2b((" ".join(words) or text.strip()).encode(), digest_size=16).digest()


def _group(keys: Iterable[Key], rows: Iterable[int]) -> dict[Key, list[int]]:
    groups: dict[Key, list[int]] = {}
    for key, row in zip(keys, rows, strict=True):
        groups.setdefault(key, []).append(int(row))
    return {key: members for key, members in groups.items() if len(members) > 1}


def _read_labels(frame: pd.DataFrame, head: str, config: TrainingConfig) -> Mapping[int, str]:
    merged = {label: config.merge_label(head, label) for label in frame[head].unique()}
    return {int(row): merged[label] for row, label in zip(frame["row"], frame[head], strict=True)}


def _find_labels(labels: Mapping[int, str], rows: Sequence[int]) -> list[str]:
    return list(dict.fromkeys(labels[row] for row in rows if labels[row]))
