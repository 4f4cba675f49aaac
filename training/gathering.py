"""Gathers a training set: corpus, exported labels and history become one frame, each row with where it comes from.

Nothing is left out in silence: what a row or a cell loses, and why, is a row of ``dropped``.
"""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from model.cleaning import clean
from model.masking import mask
from model.prediction import JsonValue
from model.taxonomy import HEADS
from training.columns import COLUMNS, GIVEN_COLUMNS
from training.duplicate_checks import digest_text
from training.preparing import join_titles
from training.progress import Progress, Silence
from training.provenance import digest_files
from training.reading import read_rows
from training.recipe import (
    AUTOMATIC,
    BLIND,
    CORPUS,
    DEFAULT_WEIGHTS,
    GIVEN,
    IMPORTED,
    LABELS,
    MOVED,
    ROLES,
    Origin,
    Recipe,
)
from training.rejects import neutralise_cell
from training.writers import open_output, open_writer

_ORIGIN_COLUMNS = ("role", "file", "row")
_DROPPED_COLUMNS = (*_ORIGIN_COLUMNS, "id", "column", "value", "reason")
_OUTPUT_COLUMNS = (
    *(name for name in COLUMNS if not name.endswith(("_at", "_blind")) or name in {"received_at", "responded_at"}),
    *_ORIGIN_COLUMNS,
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A training set.

    Attributes
    ----------
    frame
        Rows as `training.train` takes them, masked, in order of time, each text once; ``role``, ``file`` and ``row``
        say where a row comes from, ``<head>_basis`` what each label rests on, ``weight`` how much the row counts.
    dropped
        One row for each row or cell that was left out: where it stood, and the reason.
    description
        The recipe, the digest of each file and of the frame, and the numbers of both; for the file beside the rows.
    """

    frame: pd.DataFrame
    dropped: pd.DataFrame
    description: dict[str, JsonValue]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many rows of each role, labels of each basis, and rows or cells left out for each reason."""
        labels = (label for head in HEADS for label in self.frame[f"{head}_basis"] if label)
        reasons = self.dropped["reason"].str.replace(r"(stands in).*row.*", r"\1 another row", regex=True)
        return {"rows": _count(self.frame["role"]), "labels": _count(labels), "left out": _count(reasons)}


class _Dropped:
    """Collects what was left out."""

    def __init__(self) -> None:
        self._parts: list[pd.DataFrame] = []

    def add(
        self, rows: pd.DataFrame, reason: str | Sequence[str], column: str = "", values: str | Sequence[str] = ""
    ) -> None:
        if len(rows):
            part = rows[[*_ORIGIN_COLUMNS, "id"]].assign(column=column, value=values, reason=reason)
            self._parts.append(part)

    def to_frame(self) -> pd.DataFrame:
        if not self._parts:
            return pd.DataFrame({name: pd.Series(dtype="str") for name in _DROPPED_COLUMNS})
        return pd.concat(self._parts, ignore_index=True)[list(_DROPPED_COLUMNS)]


def gather(
    origins: Sequence[Origin],
    recipe: Recipe,
    *,
    kept_out: Path | None = None,
    progress: Progress | None = None,
) -> Gathered:
    """Read, date, mask, follow, weigh and de-duplicate the rows of all origins.

    Parameters
    ----------
    kept_out
        Rows no bundle may learn from (the golden set): equal texts are left out, whatever their labels.

    Raises
    ------
    training.reading.ReadingError
        A file cannot be read as a table.
    """
    progress, dropped = progress or Silence(), _Dropped()
    parts = [_read(origin, dropped) for origin in progress.track(list(origins), "read")]
    progress.step("follow the taxonomy")
    parts = [_label(_cut(part, recipe, dropped), recipe, dropped) for part in parts]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_OUTPUT_COLUMNS))
    progress.step("mask")
    frame = _mask(frame)
    progress.step("find what stands there twice")
    frame = _deduplicate(frame, _digest_kept_out(kept_out), dropped)
    frame = frame.sort_values(["received_at", "role", "id"], kind="stable", na_position="first", ignore_index=True)
    frame = frame[[name for name in _OUTPUT_COLUMNS if name in frame]]
    return Gathered(frame, dropped.to_frame(), _describe(origins, recipe, frame))


def _read(origin: Origin, dropped: _Dropped) -> pd.DataFrame:
    """The rows of a file with every column that is looked at, whether the file has it or not."""
    rows = read_rows(origin.path, origin.columns)
    place = {"role": origin.role, "file": origin.path.name}
    rejects = rows.rejects
    if len(rejects):
        shown = pd.DataFrame({"row": rejects["row"], "id": "", **place})
        dropped.add(shown, list(rejects["reason"]), "", list(rejects["column"]))
    frame = rows.frame.assign(**place)
    for name in COLUMNS:
        if name not in frame:
            frame[name] = _fill(name, len(frame))
    frame["weight"] *= origin.weight
    # So that the manifest of a bundle counts what it was taught by.
    frame["source"] = origin.role + ":" + frame["source"].where(frame["source"] != "", origin.path.stem)
    return frame


def _fill(name: str, n_rows: int) -> "pd.Series[Any]":
    if name == "received_at" or name.endswith("_at"):
        return pd.Series([pd.NaT] * n_rows, dtype="datetime64[us, UTC]")
    if name in {"weight", "rating"}:
        return pd.Series([1.0 if name == "weight" else float("nan")] * n_rows, dtype="float64")
    return pd.Series([""] * n_rows, dtype="str")


def _cut(frame: pd.DataFrame, recipe: Recipe, dropped: _Dropped) -> pd.DataFrame:
    if recipe.until is None:
        return frame
    is_late = frame["received_at"] >= recipe.until
    dropped.add(frame[is_late], f"received on {recipe.until.isoformat()} or later", "received_at")
    # What was written for the project belongs to no day; of a report nobody can say that it came before.
    is_undated = frame["received_at"].isna() & (frame["role"] != CORPUS)
    dropped.add(frame[is_undated], "has no day of receipt, so it may be later", "received_at")
    return frame[~is_late & ~is_undated].copy()


def _label(frame: pd.DataFrame, recipe: Recipe, dropped: _Dropped) -> pd.DataFrame:
    """Leave out labels that nobody gave, that came too late or stand no more, and weigh the rows by what is left."""
    weights = pd.Series(0.0, index=frame.index)
    for head in HEADS:
        _empty(frame, head, frame[f"{head}_basis"] == AUTOMATIC, "decided without a person", dropped)
        if recipe.until is not None:
            is_late = frame[f"{head}_at"] >= recipe.until
            _empty(frame, head, is_late, f"given on {recipe.until.isoformat()} or later", dropped)
        _follow(frame, head, recipe, dropped)
        basis = _find_bases(frame, head)
        frame[f"{head}_basis"] = basis
        # A row counts as much as the best founded of its labels.
        weights = weights.combine(basis.map(lambda name: recipe.weigh(name) if name else 0.0), max)
    is_taught = weights > 0
    dropped.add(frame[~is_taught], "no head has a label")
    frame["weight"] *= weights
    return frame[is_taught].copy()


def _empty(frame: pd.DataFrame, head: str, is_wrong: "pd.Series[bool]", reason: str, dropped: _Dropped) -> None:
    wrong = is_wrong & (frame[head] != "")
    dropped.add(frame[wrong], reason, head, list(frame.loc[wrong, head]))
    frame.loc[is_wrong, [head, f"{head}_basis"]] = ""


def _follow(frame: pd.DataFrame, head: str, recipe: Recipe, dropped: _Dropped) -> None:
    if recipe.taxonomy is None:
        return
    given = [label for label in frame[head].unique() if label]
    standing = {label: recipe.taxonomy.follow(head, label, recipe.day) for label in given}
    for label, successor in standing.items():
        if successor is None:
            is_known = label in recipe.taxonomy.heads[head]
            reason = "ended without a successor" if is_known else "is no label of the taxonomy"
            _empty(frame, head, frame[head] == label, reason, dropped)
        elif successor != label:
            frame.loc[frame[head] == label, head] = successor


def _find_bases(frame: pd.DataFrame, head: str) -> "pd.Series[str]":
    """What each label rests on, '' where a row does not teach the head."""
    said = frame[f"{head}_basis"]
    basis = said.where(~said.isin(["", IMPORTED]), GIVEN).where(frame[f"{head}_blind"] != "true", BLIND)
    # Where a report was handed over, its agency alone says so.
    basis = basis.where((basis != MOVED) | (head == "agency"), "")
    return basis.where((frame[head] != "") | _is_left_empty(frame, head), "")


def _is_left_empty(frame: pd.DataFrame, head: str) -> "pd.Series[bool]":
    """Where an empty cell is an answer: a person, or one who labels by the guide, says that no element failed."""
    if head != "aspect":
        return pd.Series(data=False, index=frame.index)
    is_by_guide = (frame["kind"] != "") & (frame["urgency"] != "") & (frame["role"] != LABELS)
    return (frame["aspect_basis"] != "") | (is_by_guide & bool((frame["aspect"] != "").any()))


def _mask(frame: pd.DataFrame) -> pd.DataFrame:
    texts = [mask(clean(text)).text for text in join_titles(frame)]
    # The title stands in the text now.
    return frame.assign(text=pd.Series(texts, dtype="str", index=frame.index), title="")


def _digest_kept_out(path: Path | None) -> frozenset[bytes]:
    if path is None:
        return frozenset()
    return frozenset(map(digest_text, _mask(_with_title(read_rows(path).frame))["text"]))


def _with_title(frame: pd.DataFrame) -> pd.DataFrame:
    return frame if "title" in frame else frame.assign(title="")


def _deduplicate(frame: pd.DataFrame, kept_out: Collection[bytes], dropped: _Dropped) -> pd.DataFrame:
    """Each report as it was labelled last, and each text once: with the best founded labels, of these the latest."""
    frame = frame.assign(
        digest=[digest_text(text) for text in frame["text"]],
        rank=frame["role"].map({role: place for place, role in enumerate(ROLES)}),
        # A report keeps its id in all exports of a store; elsewhere an id means something in its own file only.
        report=frame["role"] + "\0" + frame["file"].where(frame["role"] != LABELS, "") + "\0" + frame["id"],
        given_at=frame[list(GIVEN_COLUMNS)].max(axis=1),
    )
    is_golden = frame["digest"].isin(kept_out)
    dropped.add(frame[is_golden], "stands in the golden set, which no bundle may learn from")
    rows = frame[~is_golden]
    rows = _keep_first(rows, "report", {"given_at": False}, "its id stands in {}", dropped)
    founded = {"rank": True, "weight": False, "received_at": False}
    rows = _keep_first(rows, "digest", founded, "its text stands in {}", dropped)
    # Ids of different files may meet.
    is_shared = rows["id"].duplicated(keep=False)
    own = rows["role"] + ":" + rows["file"] + ":" + rows["id"]
    return rows.assign(id=rows["id"].where(~is_shared, own)).drop(columns=["digest", "rank", "report", "given_at"])


def _keep_first(
    frame: pd.DataFrame, key: str, order: Mapping[str, bool], reason: str, dropped: _Dropped
) -> pd.DataFrame:
    """The first row of each ``key`` in an order of columns (True: ascending)."""
    ordered = frame.sort_values(list(order), ascending=list(order.values()), kind="stable", na_position="last")
    is_again = ordered[key].duplicated()
    again, kept = ordered[is_again], ordered[~is_again]
    if len(again):
        standing = kept.set_index(key).loc[again[key]]
        pairs = zip(again.to_dict("records"), standing.to_dict("records"), strict=True)
        dropped.add(again, [_explain(left_out, stays, reason) for left_out, stays in pairs])
    return kept


def _explain(left_out: Mapping[Any, Any], stays: Mapping[Any, Any], reason: str) -> str:
    """Where a row that is left out stands too, and on which heads the two disagree."""
    differing = [head for head in HEADS if left_out[head] and stays[head] and left_out[head] != stays[head]]
    where = reason.format(f"{stays['file']}, row {stays['row']}")
    return where + (f", with another {', '.join(differing)}" if differing else "")


def _describe(origins: Sequence[Origin], recipe: Recipe, frame: pd.DataFrame) -> dict[str, JsonValue]:
    files: list[JsonValue] = [
        {"role": one.role, "file": one.path.name, "sha256": digest_files([one.path]), "weight": one.weight}
        for one in origins
    ]
    return {
        "rows_sha256": digest_frame(frame),
        "files": files,
        "until": recipe.until.isoformat() if recipe.until else None,
        "taxonomy": recipe.taxonomy.version if recipe.taxonomy else None,
        "taxonomy_day": recipe.day.isoformat(),
        "weights": {**DEFAULT_WEIGHTS, **recipe.weights},
    }


def _count(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def digest_frame(frame: pd.DataFrame) -> str:
    """SHA-256 (hex) of the content of a frame, column by column, row by row."""
    digest = hashlib.sha256("\0".join(frame.columns).encode())
    for name in frame.columns:
        digest.update(pd.util.hash_pandas_object(frame[name], index=False).to_numpy().tobytes())
    return digest.hexdigest()


def write_gathered(gathered: Gathered, path: Path) -> None:
    """Write the rows to ``path`` and their description to the same name with ``.json`` behind it.

    Raises
    ------
    training.writers.WritingError
        The ending is not known, or the folder cannot be written to.
    """
    frame = gathered.frame.astype(object).where(gathered.frame.notna(), None)
    names = list(frame.columns)
    with open_writer(path, names) as writer:
        for values in frame.itertuples(index=False, name=None):
            writer.write({name: _write_cell(value) for name, value in zip(names, values, strict=True)})
    with open_output(path.with_name(f"{path.name}.json")) as stream:
        stream.write(json.dumps({**gathered.description, **gathered.counts}, indent=2, ensure_ascii=False) + "\n")


def write_dropped(gathered: Gathered, path: Path) -> None:
    """Write what was left out to a CSV file that no spreadsheet program takes for formulas."""
    with open_output(path) as stream:
        writer = csv.writer(stream)
        writer.writerow(_DROPPED_COLUMNS)
        for values in gathered.dropped.itertuples(index=False, name=None):
            writer.writerow([neutralise_cell(_write_cell(value)) for value in values])


def _write_cell(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)
