"""Draws the blind audit: a share of what was decided alone, more where an error is likelier or would cost more.

A report is drawn by a keyed digest of its id, so that nobody can choose which, and the probability is kept with it, so
that rare draws count for many. Drawn once, a report stays drawn.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, func, insert, select

from service import tables
from service.feedback import RECEIVED
from service.home import Secret
from service.routing import EMERGENCY

AUDITED_HEADS: Final = ("agency", "topic")
# DESIGN 5: two in a hundred of what was decided alone, at least thirty a quarter.
LEAST_SHARE: Final = 0.02
LEAST_DRAWN: Final = 30
QUARTER: Final = timedelta(days=91)
# How much likelier a report is drawn than a plain one.
STRATA: Final[Mapping[str, float]] = {"plain": 1.0, "near": 3.0, "hazard": 3.0}
# So far above its threshold, on the scale of confidence, an answer is near it.
NEAR: Final = 0.05
_AUTO: Final = "auto"
_WIB: Final = timezone(timedelta(hours=7))
_DIGITS: Final = 13
# Counting again takes a scan, and the share moves slowly.
_COUNTED_FOR: Final = timedelta(hours=6)
# From so many predictions the share is known to a few points.
_N_LATEST: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An answer that was decided alone."""

    feedback_id: str
    head: str
    stratum: str
    at: datetime


@dataclass(slots=True)
class Audits:
    """The derivation that draws from what comes in.

    Draws are kept when other derivations are rebuilt: people have labelled by them.
    """

    secret: Secret
    name: str = "audits"
    _n_auto: dict[str, tuple[datetime, int]] = field(default_factory=dict)

    def apply(self, connection: Connection, entries: Sequence[RowMapping]) -> None:
        """Draw from the reports that came in."""
        rows = [
            {
                "feedback_id": one.feedback_id,
                "head": one.head,
                "quarter": name_quarter(one.at),
                "stratum": one.stratum,
                "probability": probability,
                "drawn_at": one.at,
            }
            for one in _find_candidates(connection, entries)
            if self._draw(one) < (probability := self._find_probability(connection, one))
        ]
        known = _find_known(connection, {str(row["feedback_id"]) for row in rows})
        new = [row for row in rows if (row["feedback_id"], row["head"]) not in known]
        if new:
            connection.execute(insert(tables.audit_draw), new)

    def reset(self, connection: Connection) -> None:
        """Keep what was drawn."""

    def _draw(self, one: _Candidate) -> float:
        """A number in [0, 1) that only this installation can tell of a report."""
        return int(self.secret.digest(f"audit {one.head}", one.feedback_id)[:_DIGITS], 16) / 16**_DIGITS

    def _find_probability(self, connection: Connection, one: _Candidate) -> float:
        counted_at, n_auto = self._n_auto.get(one.head, (one.at - QUARTER, 0))
        if not timedelta(0) <= one.at - counted_at < _COUNTED_FOR:
            counted_at, n_auto = one.at, _count_auto(connection, one.head, one.at)
        self._n_auto[one.head] = (counted_at, n_auto + 1)
        return find_probability(one.stratum, n_auto)


def find_probability(stratum: str, n_auto: int) -> float:
    """With which probability an answer is drawn, in (0, 1], where ``n_auto`` were decided alone in a quarter."""
    share = max(LEAST_SHARE, LEAST_DRAWN / max(n_auto, 1))
    return min(1.0, share * STRATA[stratum])


def name_quarter(at: datetime) -> str:
    """The quarter of an instant in local time, such as ``2026-Q4``."""
    local = at.astimezone(_WIB)
    return f"{local.year}-Q{(local.month + 2) // 3}"


def _find_candidates(connection: Connection, entries: Sequence[RowMapping]) -> Iterator[_Candidate]:
    found = [(entry, json.loads(entry["content"])) for entry in entries if entry["type"] == RECEIVED]
    decided = [(entry, content, heads) for entry, content in found if (heads := _list_auto(content))]
    thresholds = _read_thresholds(connection, [entry["feedback_id"] for entry, _, _ in decided])
    for entry, content, heads in decided:
        for head in heads:
            threshold = thresholds.get(entry["feedback_id"], {}).get(head)
            yield _Candidate(entry["feedback_id"], head, _find_stratum(content, head, threshold), entry["at"])


def _list_auto(content: Mapping[str, Any]) -> list[str]:
    """The heads that were decided alone; an agency only where the report went there by itself."""
    heads = content.get("heads", {})
    decided = [head for head in AUDITED_HEADS if head in heads and heads[head][2] == _AUTO]
    return [head for head in decided if head != "agency" or content.get("route") == _AUTO]


def _find_stratum(content: Mapping[str, Any], head: str, threshold: float | None) -> str:
    urgency = content["heads"].get("urgency", [None])[0]
    if urgency != EMERGENCY and (content.get("rules") or content.get("alarm")):
        return "hazard"
    return "near" if threshold is not None and content["heads"][head][1] < threshold + NEAR else "plain"


def _read_thresholds(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, float | None]]:
    columns = tables.prediction.c
    rows = connection.execute(select(columns.feedback_id, columns.content).where(columns.feedback_id.in_(ids)))
    return {
        row.feedback_id: {
            head: answer.get("threshold") for head, answer in json.loads(row.content).get("heads", {}).items()
        }
        for row in rows
    }


def _count_auto(connection: Connection, head: str, at: datetime) -> int:
    """How many answers of the quarter before ``at`` were decided alone.

    Of other heads than the agency no column tells it: the latest predictions do, for all reports.
    """
    columns = tables.feedback.c
    is_of_quarter = (columns.received_at > at - QUARTER, columns.received_at <= at)
    query = select(func.count()).where(*is_of_quarter)
    if head == "agency":
        return int(connection.execute(query.where(columns.route == _AUTO)).scalar_one())
    latest = (
        select(tables.prediction.c.content)
        .select_from(tables.feedback.join(tables.prediction, tables.prediction.c.feedback_id == columns.id))
        .where(*is_of_quarter)
        .order_by(columns.received_at.desc())
        .limit(_N_LATEST)
    )
    heads: list[Mapping[str, Any]] = [
        json.loads(content).get("heads", {}) for content in connection.execute(latest).scalars()
    ]
    n_auto = len([answers for answers in heads if answers.get(head, {}).get("decision") == _AUTO])
    n_all = int(connection.execute(query).scalar_one())
    return round(n_all * n_auto / max(len(heads), 1))


def _find_known(connection: Connection, ids: set[str]) -> set[tuple[str, str]]:
    columns = tables.audit_draw.c
    query = select(columns.feedback_id, columns.head).where(columns.feedback_id.in_(sorted(ids)))
    return {(row.feedback_id, row.head) for row in connection.execute(query)}
