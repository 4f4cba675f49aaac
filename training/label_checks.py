"""Checks of labels: known to the taxonomy, valid on the day, frequent enough to be learnt."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

import pandas as pd

from model.places import Gazetteer
from model.taxonomy import HEADS, Label, Taxonomy
from training.config import TrainingConfig
from training.findings import Finding, report_rows, show_value
from training.instants import to_local_day

# Each unknown label is compared with all known ones; a wrong column would have as many as rows.
_MOST_UNKNOWN = 200
_MOST_COMPARED_CHARS = 80
# A suggestion is for slips of the pen; below this likeness it misleads.
_LEAST_LIKENESS = 0.75
_PLACE_CODE = re.compile(r"\d{2}\.\d{2}(?:\.\d{2}(?:\.\d{4})?)?", re.ASCII)

RowsOfLabel = Mapping[str, Sequence[int]]


def find_unknown_labels(
    frame: pd.DataFrame, taxonomy: Taxonomy, config: TrainingConfig, gazetteer: Gazetteer | None
) -> Iterator[Finding]:
    """Labels that are no slug of their head after merging, each with the nearest slug.

    ``also`` holds agencies parted by ``;``. ``about`` is an agency or the code of a place; without a gazetteer
    anything written like a code passes.
    """
    for head in trained_heads(frame, config):
        yield from _report_unknown(head, head, collect_rows(frame, head, config), taxonomy)
    if "also" in frame:
        yield from _report_unknown("also", "agency", _collect_also(frame, config), taxonomy)
    if "about" in frame:
        units = {unit: rows for unit, rows in _collect(frame, "about").items() if not _is_place(unit, gazetteer)}
        yield from _report_unknown("about", "agency", units, taxonomy)


def find_outdated_labels(frame: pd.DataFrame, taxonomy: Taxonomy, config: TrainingConfig) -> Iterator[Finding]:
    """Labels given to a report from a day on which they were not yet, or no longer, in force."""
    if "received_at" not in frame:
        return
    days = [None if pd.isna(instant) else to_local_day(instant) for instant in frame["received_at"]]
    days_of_rows = dict(zip(frame["row"], days, strict=True))
    for head in trained_heads(frame, config):
        for slug, rows in collect_rows(frame, head, config).items():
            label = taxonomy.heads[head].get(slug)
            if label is None or (label.valid_from is None and label.valid_to is None):
                continue
            wrong = [row for row in rows if (day := days_of_rows[row]) is not None and not label.is_valid_on(day)]
            yield from report_rows("warning", head, slug, _explain_validity(label), wrong)


def find_rare_labels(frame: pd.DataFrame, config: TrainingConfig) -> Iterator[Finding]:
    """Labels with too few rows to be learnt."""
    reason = f"has fewer than {config.minimum_rows} rows and is not learnt"
    for head in trained_heads(frame, config):
        for label, rows in collect_rows(frame, head, config).items():
            if len(rows) < config.minimum_rows:
                yield Finding("note", None, head, f"{show_value(label)} ({len(rows)})", reason)


def trained_heads(frame: pd.DataFrame, config: TrainingConfig) -> tuple[str, ...]:
    """Heads that the rows label and the configuration asks for."""
    return tuple(head for head in HEADS if head in frame and (not config.heads or head in config.heads))


def collect_rows(frame: pd.DataFrame, head: str, config: TrainingConfig) -> RowsOfLabel:
    """The row numbers of each label of a head, under the name it is learnt by."""
    return _merge(_collect(frame, head), head, config)


def _collect(frame: pd.DataFrame, column: str) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for label, row in zip(frame[column], frame["row"], strict=True):
        if label:
            rows.setdefault(label, []).append(int(row))
    return rows


def _collect_also(frame: pd.DataFrame, config: TrainingConfig) -> RowsOfLabel:
    units: dict[str, list[int]] = {}
    for cell, rows in _collect(frame, "also").items():
        for unit in dict.fromkeys(part.strip() for part in cell.split(";")):
            if unit:
                units.setdefault(unit, []).extend(rows)
    return _merge(units, "agency", config)


def _merge(rows: Mapping[str, Iterable[int]], head: str, config: TrainingConfig) -> RowsOfLabel:
    merged: dict[str, list[int]] = {}
    for label, found in rows.items():
        merged.setdefault(config.merge_label(head, label), []).extend(found)
    return {label: sorted(found) for label, found in merged.items()}


def _report_unknown(column: str, head: str, rows: RowsOfLabel, taxonomy: Taxonomy) -> Iterator[Finding]:
    known = taxonomy.heads[head]
    unknown = [label for label in rows if label not in known]
    for label in unknown[:_MOST_UNKNOWN]:
        nearest = _find_nearest(label, known)
        reason = f"is no {head} of the taxonomy" + (f"; did you mean {nearest}?" if nearest else "")
        yield from report_rows("error", column, label, reason, rows[label])
    left = sorted(row for label in unknown[_MOST_UNKNOWN:] for row in rows[label])
    if left:
        reason = f"are no {head} of the taxonomy either; is this the right column?"
        value = f"{len(unknown) - _MOST_UNKNOWN:,} further labels in {len(left):,} rows"
        yield Finding("error", left[0], column, value, reason)


def _find_nearest(label: str, known: Mapping[str, Label]) -> str | None:
    slugs = {form: slug for slug, entry in known.items() for form in (entry.name.lower(), slug)}
    written = label.lower()[:_MOST_COMPARED_CHARS]
    spellings = (written, written.replace(" ", "-"))
    forms = [form for spelling in spellings for form in get_close_matches(spelling, slugs, 1, _LEAST_LIKENESS)]
    return slugs[forms[0]] if forms else None


def _is_place(unit: str, gazetteer: Gazetteer | None) -> bool:
    return unit in gazetteer.entries if gazetteer is not None else _PLACE_CODE.fullmatch(unit) is not None


def _explain_validity(label: Label) -> str:
    begin = f" from {label.valid_from}" if label.valid_from else ""
    end = f" until {label.valid_to}" if label.valid_to else ""
    return f"is valid{begin}{end}, the report is from another day" + (
        f"; its duties went to {label.merged_into}" if label.merged_into else ""
    )
