"""Compares a challenger with the champion on rows later than both fits, and says whether it may be promoted.

Reads rows and asks bundles; the questions themselves are those of `training.gate`.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.classifier import Classifier
from model.compared import FORMAT
from model.decisions import HEADS_OF_ALARM
from model.errors import PilahError
from model.prediction import JsonValue
from training.build import config_of
from training.config import TrainingConfig
from training.evaluation import RowAnswer, answer_rows
from training.gate import (
    Check,
    Gate,
    PairedAnswers,
    check_agency,
    check_alarm,
    check_false_alarms,
    check_golden,
    check_golden_alarm,
    check_head,
)
from training.instants import to_local_day
from training.preparing import PreparedRows, prepare_rows
from training.progress import Progress, Silence

_ADVICE = {
    "lost": "find what it unlearnt with pilah evaluate on the same rows, mend or add labels, train again",
    "too few rows to tell": "add later labelled rows",
}


class ComparisonError(PilahError):
    """Bundles and rows that cannot be compared."""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What came of a comparison: every check, and of the rows how many were judged and why others were not.

    ``n_seen`` rows are not later than both fits, ``n_undated`` have no day; ``unjudged`` are the agencies with too few
    rows to judge alone, with their rows; ``missing`` the heads of the champion that the challenger has not.
    """

    champion: str
    challenger: str
    n_rows: int
    n_seen: int
    n_undated: int
    n_golden: int
    days: tuple[date, date]
    checks: tuple[Check, ...]
    unjudged: Mapping[str, int]
    missing: tuple[str, ...]
    gate: Gate

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the challenger may not be promoted: which, by how much, and what to do."""
        failed = [check for check in self.checks if check.outcome != "holds"]
        return (
            *(f"head {head}: the challenger does not have it: label its rows and train again" for head in self.missing),
            *(f"{check}: {_ADVICE[check.outcome]}" for check in failed),
        )

    @property
    def is_allowed(self) -> bool:
        """Whether the challenger may be promoted: every check holds."""
        return not self.reasons

    def to_json(self, rows_digest: str | None = None, golden_digest: str | None = None) -> dict[str, JsonValue]:
        """The verdict as it stands in the file of a comparison; the digests are those of the files of rows."""
        settings: dict[str, JsonValue] = asdict(self.gate)
        return {
            "format": FORMAT,
            "champion": self.champion,
            "challenger": self.challenger,
            "allowed": self.is_allowed,
            "reasons": list(self.reasons),
            "rows": {
                "sha256": rows_digest,
                "n_rows": self.n_rows,
                "n_seen": self.n_seen,
                "n_undated": self.n_undated,
                "first_day": self.days[0].isoformat(),
                "last_day": self.days[1].isoformat(),
            },
            "golden": {"sha256": golden_digest, "n_rows": self.n_golden},
            "checks": [check.to_json() for check in self.checks],
            "unjudged": dict(self.unjudged),
            "gate": settings,
        }


@dataclass(frozen=True, slots=True)
class _Asked:
    """Rows, and what champion and challenger say of each."""

    rows: PreparedRows
    before: list[RowAnswer]
    after: list[RowAnswer]

    def pair(self, head: str) -> PairedAnswers:
        """The answers to the rows that carry a label of the head."""
        truth = self.rows.labels.get(head)
        places = [] if truth is None else np.flatnonzero(truth != "").tolist()
        before = [self.before[place][0][head] for place in places]
        after = [self.after[place][0][head] for place in places]
        return PairedAnswers(
            np.array([] if truth is None else truth[places], dtype=str),
            np.array([answer.label for answer in before], dtype=str),
            np.array([answer.label for answer in after], dtype=str),
            np.array([answer.confidence for answer in before], dtype=np.float64),
            np.array([answer.confidence for answer in after], dtype=np.float64),
        )

    def flag_alarms(self, label: str) -> NDArray[np.bool_]:
        """(3, n) of the rows that label the head of an alarm: has the label; champion, challenger raised it."""
        truth = self.rows.labels.get(HEADS_OF_ALARM[label][0])
        places = [] if truth is None else np.flatnonzero(truth != "").tolist()
        return np.array(
            [
                [truth is not None and truth[place] == label for place in places],
                [label in self.before[place][1] for place in places],
                [label in self.after[place][1] for place in places],
            ],
            dtype=bool,
        )


def compare(
    champion: Classifier,
    challenger: Classifier,
    frame: pd.DataFrame,
    golden: pd.DataFrame | None = None,
    config: TrainingConfig | None = None,
    gate: Gate | None = None,
    progress: Progress | None = None,
) -> GateVerdict:
    """Compare two bundles on rows of `training.reading.read_rows`.

    Parameters
    ----------
    frame
        Labelled rows; only those later than the last day of both fits are judged.
    golden
        Rows that no bundle learns from, whatever their days; None where the labels are no slugs of the taxonomy.
    config
        How rows are read (columns, merged labels); None for that of the champion.

    Raises
    ------
    ComparisonError
        A bundle does not say up to which day it learnt, or no row is later.
    """
    config, gate, progress = config or config_of(champion, {}), gate or Gate(), progress or Silence()
    later, n_seen, n_undated = _take_later(frame, _last_day((champion, challenger)))
    rows = prepare_rows(later, config, drop_rare=False)
    asked = _ask(champion, challenger, rows, progress)
    kept = (
        None if golden is None else _ask(champion, challenger, prepare_rows(golden, config, drop_rare=False), progress)
    )
    known = [head.name for head in champion.heads]
    shared = [head for head in known if head in {one.name for one in challenger.heads}]
    checks = [check for head in shared for check in _check_head(head, asked, kept, gate)]
    agencies, unjudged = _check_agencies(asked, gate) if "agency" in shared else ([], {})
    labels = _list_alarms((champion, challenger))
    alarms = [check for label in labels for check in _check_alarm(label, asked, kept, gate)]
    if rows.days is None:
        raise ComparisonError("No row that is judged has a day.")
    return GateVerdict(
        champion.bundle_id,
        challenger.bundle_id,
        len(rows.ids),
        n_seen,
        n_undated,
        0 if kept is None else len(kept.rows.ids),
        rows.days,
        tuple(checks + agencies + alarms),
        unjudged,
        tuple(head for head in known if head not in shared),
        gate,
    )


def format_verdict(verdict: GateVerdict) -> str:
    """The verdict as lines for a terminal: the rows, every check, and every reason against a promotion."""
    first, last = verdict.days
    judged = (
        f"{verdict.challenger} beside {verdict.champion}, on {verdict.n_rows:,} later rows ({first} to {last}) and "
        f"{verdict.n_golden:,} of the golden set; left out: {verdict.n_seen:,} not later than both fits, "
        f"{verdict.n_undated:,} without a day."
    )
    lines = [judged, *(f"  {check}" for check in verdict.checks)]
    if verdict.unjudged:
        few = ", ".join(f"{agency} {n_rows}" for agency, n_rows in verdict.unjudged.items())
        lines.append(f"  too few rows to judge alone (fewer than {verdict.gate.agency_rows}): {few}")
    if verdict.is_allowed:
        return "\n".join([*lines, f"Allowed: pilah models promote {verdict.challenger}"])
    return "\n".join([*lines, "Refused:", *(f"- {reason}" for reason in verdict.reasons)])


def _last_day(bundles: Sequence[Classifier]) -> date:
    """The last day that any of the bundles learnt from."""
    days = []
    for classifier in bundles:
        learnt_from = classifier.manifest.get("dataset")
        day = learnt_from.get("last_day") if isinstance(learnt_from, dict) else None
        if not isinstance(day, str):
            raise ComparisonError(
                f"Bundle {classifier.bundle_id} does not say up to which day it learnt, so no row is known to be "
                "later. Train it on rows with received_at."
            )
        days.append(date.fromisoformat(day))
    return max(days)


def _take_later(frame: pd.DataFrame, last_day: date) -> tuple[pd.DataFrame, int, int]:
    """Rows that arrived after a day, and how many did not, and how many have no day."""
    if "received_at" not in frame:
        raise ComparisonError("The rows have no received_at, so none is known to be later; map it with --map.")
    is_dated = frame["received_at"].notna()
    dated = frame[is_dated]
    is_later = np.array([to_local_day(moment) > last_day for moment in dated["received_at"]], dtype=bool)
    if not is_later.any():
        raise ComparisonError(
            f"None of {len(frame):,} rows is later than {last_day}, the last day both bundles learnt up to. Compare on "
            "later rows, or train the challenger with --test-from and compare on what it kept."
        )
    return dated[is_later], int((~is_later).sum()), int((~is_dated).sum())


def _ask(champion: Classifier, challenger: Classifier, rows: PreparedRows, progress: Progress) -> _Asked:
    return _Asked(rows, answer_rows(champion, rows, progress), answer_rows(challenger, rows, progress))


def _check_head(head: str, asked: _Asked, kept: _Asked | None, gate: Gate) -> Iterator[Check]:
    """A head on its later rows, joined by the golden ones where these are too few; then its veto of the golden set."""
    answers, golden = asked.pair(head), None if kept is None else kept.pair(head)
    name = head
    if golden is not None and len(golden.truth) > 0 and len(answers.truth) < gate.minimum_rows:
        answers, name = _join(answers, golden), f"{head} (golden set included)"
    if len(answers.truth):
        yield from check_head(name, answers, gate)
    else:
        yield Check(f"accuracy of {head}", 0, 0.0, 0.0, None, None, "–", "too few rows to tell")
    if golden is not None and len(golden.truth):
        yield from check_golden(head, golden, gate)


def _join(one: PairedAnswers, other: PairedAnswers) -> PairedAnswers:
    return PairedAnswers(
        np.concatenate([one.truth, other.truth]),
        np.concatenate([one.before, other.before]),
        np.concatenate([one.after, other.after]),
        np.concatenate([one.confidence_before, other.confidence_before]),
        np.concatenate([one.confidence_after, other.confidence_after]),
    )


def _check_agencies(asked: _Asked, gate: Gate) -> tuple[list[Check], dict[str, int]]:
    answers = asked.pair("agency")
    checks, unjudged = [], {}
    for agency in np.unique(answers.truth).tolist():
        is_its = answers.truth == agency
        if is_its.sum() < gate.agency_rows:
            unjudged[agency] = int(is_its.sum())
            continue
        checks.append(check_agency(agency, answers.before[is_its] == agency, answers.after[is_its] == agency, gate))
    return checks, unjudged


def _list_alarms(bundles: Sequence[Classifier]) -> list[str]:
    """Labels that must not be missed and that any of the bundles learnt."""
    learnt = {(head.name, label) for classifier in bundles for head in classifier.heads for label in head.labels}
    return [label for label, heads in HEADS_OF_ALARM.items() if (heads[0], label) in learnt]


def _check_alarm(label: str, asked: _Asked, kept: _Asked | None, gate: Gate) -> Iterator[Check]:
    """The alarm of a label on later and golden rows together, since such reports are few; then the golden veto."""
    flags = asked.flag_alarms(label)
    golden = None if kept is None else kept.flag_alarms(label)
    is_positive, before, after = flags if golden is None else np.concatenate([flags, golden], axis=1)
    yield check_alarm(label, before[is_positive], after[is_positive], gate)
    yield check_false_alarms(label, before[~is_positive], after[~is_positive], gate)
    if golden is not None and golden[0].any():
        yield check_golden_alarm(label, golden[1][golden[0]], golden[2][golden[0]])


def digest_rows_file(path: Path) -> str:
    """SHA-256 (hex) of the bytes of a file of rows, by which a comparison names it."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
