"""Bundles as their page tells of them: what each says of itself, what it was compared with, when it was in force.

Figures are those that were written when a bundle was made; how right it is now, the blind audit says.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from model.compared import Compared, kept_path
from model.errors import BundleError
from model.registry import Registry
from service import tables
from service.promoting import PROMOTED, ROLLED_BACK
from service.routes.models import BundleSummary

_HEADS: Final = ("agency", "topic", "kind", "urgency", "aspect")
_N_CHANGES: Final = 30
_METRICS: Final = "metrics.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with its interval, as the parts of pages take it."""

    n: int
    value: float | None
    low: float | None
    high: float | None

    @property
    def enough(self) -> bool:
        """Whether there is a figure."""
        return self.value is not None


@dataclass(frozen=True, slots=True)
class HeadFigures:
    """How a bundle did on one head; ``points`` are mean confidence and share that was right, of equal parts."""

    head: str
    accuracy: Measured
    macro_f1: Measured
    excess: float | None
    points: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True, slots=True)
class BundleView:
    """A bundle: ``is_rehearsed`` says that its figures come from the rehearsal, as no later rows were kept."""

    summary: BundleSummary
    figures: tuple[HeadFigures, ...]
    is_rehearsed: bool
    last_day: date | None
    compared: Compared | None


@dataclass(frozen=True, slots=True)
class Change:
    """A bundle was put in force: by whom, why, and until when it stayed (None: it is)."""

    bundle: str
    at: datetime
    until: datetime | None
    actor: str
    is_rollback: bool
    is_forced: bool
    reason: str | None


def show_bundle(registry: Registry, summary: BundleSummary) -> BundleView:
    """What a bundle says of itself; nothing where its file cannot be read, which a list must not fail for."""
    metrics = _read_json(registry, summary.bundle, _METRICS)
    manifest = _read_json(registry, summary.bundle, "manifest.json")
    judged, rehearsal = metrics.get("heads") or {}, metrics.get("rehearsal") or {}
    of_heads = judged or rehearsal
    learnt = manifest.get("dataset") or {}
    return BundleView(
        summary=summary,
        figures=tuple(_read_head(head, of_heads[head]) for head in _HEADS if head in of_heads),
        is_rehearsed=not judged and bool(rehearsal),
        last_day=_read_day(learnt.get("last_day")),
        compared=_read_compared(registry, summary.bundle),
    )


def list_changes(connection: Connection) -> list[Change]:
    """When which bundle was in force, the latest first."""
    columns = tables.ledger.c
    query = (
        select(columns.type, columns.at, columns.actor, columns.bundle, columns.content)
        # Without a report: said, so that the index of reports and instants serves.
        .where(columns.feedback_id.is_(None), columns.type.in_((PROMOTED, ROLLED_BACK)))
        .order_by(columns.at.desc())
        .limit(_N_CHANGES)
    )
    changes: list[Change] = []
    until = None
    for row in connection.execute(query):
        content = json.loads(row.content)
        changes.append(
            Change(
                bundle=row.bundle or "",
                at=row.at,
                until=until,
                actor=row.actor,
                is_rollback=row.type == ROLLED_BACK,
                is_forced=bool(content.get("forced")),
                reason=content.get("reason"),
            )
        )
        until = row.at
    return changes


def _read_json(registry: Registry, bundle: str, name: str) -> Mapping[str, Any]:
    try:
        found = json.loads((registry.path_of(bundle) / name).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _read_day(written: object) -> date | None:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None


def _read_head(head: str, figures: Mapping[str, Any]) -> HeadFigures:
    n_rows = int(figures.get("n_rows", 0))
    return HeadFigures(
        head=head,
        accuracy=_read_figure(figures.get("accuracy"), n_rows),
        macro_f1=_read_figure(figures.get("macro_f1"), n_rows),
        excess=figures.get("excess_calibration_error"),
        points=_read_points(figures.get("reliability", ())),
    )


def _read_figure(figure: Mapping[str, float] | None, n_rows: int) -> Measured:
    if not isinstance(figure, dict):
        return Measured(n_rows, None, None, None)
    return Measured(n_rows, figure.get("value"), figure.get("low"), figure.get("high"))


def _read_points(points: Sequence[Sequence[float]]) -> tuple[tuple[int, float, float], ...]:
    return tuple((int(n), float(confidence), float(right)) for n, confidence, right in points)


def _read_compared(registry: Registry, bundle: str) -> Compared | None:
    path = kept_path(registry, bundle)
    try:
        return Compared.read(path) if path.exists() else None
    except BundleError:
        return None
