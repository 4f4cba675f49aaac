"""How right what was decided alone is, by those drawn blind; how far officers agree; what was handed to and fro."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, select

from service import tables
from service.auditing.drawing import AUDITED_HEADS
from service.auditing.estimates import Agreement, Estimate, estimate_share, measure_agreement
from service.handling.states import DISPOSED, RETURNED
from service.said import RETRACTION

# So many hand-overs say that nobody knows where a report belongs, or that its label is wrong.
PING_PONG: Final = 3
_N_SUSPECTS: Final = 100


@dataclass(frozen=True, slots=True)
class LiveAccuracy:
    """Of one head in one quarter, by one bundle: how many were drawn, how many judged, and the share that was right."""

    head: str
    quarter: str
    bundle: str
    n_drawn: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Drawn:
    """A report that waits for a blind label of one head."""

    feedback_id: str
    head: str
    drawn_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """A report handed over again and again: where it was, where it lies, and how often it moved."""

    feedback_id: str
    agencies: tuple[str, ...]
    agency: str | None
    n_moves: int


def list_drawn(
    connection: Connection,
    visible: ColumnElement[bool],
    actor: str,
    limit: int,
    heads: Collection[str] = AUDITED_HEADS,
) -> list[Drawn]:
    """Drawn reports that nobody has labelled blind yet, earliest first; not those ``actor`` has labelled seeing all.

    ``heads`` are those that may be asked.
    """
    draws, feedback = tables.audit_draw.c, tables.feedback.c
    own = tables.label.alias()
    knows = exists().where(own.c.feedback_id == draws.feedback_id, own.c.head == draws.head, own.c.actor == actor)
    query = (
        select(draws.feedback_id, draws.head, draws.drawn_at, feedback.text)
        .select_from(tables.audit_draw.join(tables.feedback).outerjoin(tables.label, _BLIND))
        .where(tables.label.c.id.is_(None), feedback.erased_at.is_(None), draws.head.in_(heads), ~knows, visible)
        .order_by(draws.drawn_at, draws.feedback_id, draws.head)
        .limit(limit)
    )
    return [Drawn(row.feedback_id, row.head, row.drawn_at, row.text) for row in connection.execute(query)]


def measure_accuracy(connection: Connection, visible: ColumnElement[bool]) -> list[LiveAccuracy]:
    """Live accuracy by head, quarter and bundle, latest quarter first.

    The first blind label of a report counts: later ones may have been given by people who knew the answer.
    """
    draws, label = tables.audit_draw.c, tables.label.c
    query = (
        select(tables.audit_draw, tables.prediction.c.bundle, tables.prediction.c.content, label.value, label.at)
        .select_from(
            tables.audit_draw.join(tables.feedback)
            .join(tables.prediction, tables.prediction.c.feedback_id == draws.feedback_id)
            .outerjoin(tables.label, _BLIND)
        )
        .where(visible)
        .order_by(draws.quarter.desc(), draws.head, label.at.desc())
    )
    groups: dict[tuple[str, str, str], dict[str, RowMapping]] = defaultdict(dict)
    for row in connection.execute(query).mappings():
        # Latest first, so that the earliest label is what stays.
        groups[row["quarter"], row["head"], row["bundle"]][row["feedback_id"]] = row
    return [_estimate(key, list(rows.values())) for key, rows in groups.items()]


def _estimate(key: tuple[str, str, str], rows: list[RowMapping]) -> LiveAccuracy:
    quarter, head, bundle = key
    judged = [row for row in rows if row["value"] is not None]
    hits = [row["value"] == json.loads(row["content"])["heads"][head]["label"] for row in judged]
    estimate = estimate_share(hits, [row["probability"] for row in judged])
    return LiveAccuracy(head, quarter, bundle, len(rows), estimate)


def measure_agreement_of_heads(connection: Connection, visible: ColumnElement[bool]) -> dict[str, Agreement]:
    """How far officers agree on each head: over reports that two or more of them labelled, each with the last word.

    What was taken back is nobody's opinion.
    """
    label = tables.label.c
    several = (
        select(label.feedback_id, label.head)
        .group_by(label.feedback_id, label.head)
        .having(func.count(label.actor.distinct()) > 1)
        .subquery()
    )
    query = (
        select(label.head, label.feedback_id, label.actor, label.value, label.basis)
        .select_from(
            tables.label.join(
                several, and_(several.c.feedback_id == label.feedback_id, several.c.head == label.head)
            ).join(tables.feedback, tables.feedback.c.id == label.feedback_id)
        )
        .where(visible)
        .order_by(label.at, label.id)
    )
    said: dict[str, dict[str, dict[str, str]]] = {}
    for row in connection.execute(query):
        opinions = said.setdefault(row.head, {}).setdefault(row.feedback_id, {})
        if row.basis == RETRACTION:
            opinions.pop(row.actor, None)
        else:
            opinions[row.actor] = row.value
    return {
        head: measure_agreement([list(one.values()) for one in reports.values() if len(one) > 1])
        for head, reports in said.items()
    }


def list_suspects(connection: Connection, visible: ColumnElement[bool]) -> list[Suspect]:
    """Reports that were handed over `PING_PONG` times or more, the most often moved first."""
    event, feedback = tables.event.c, tables.feedback.c
    moved = (
        select(event.feedback_id, func.count().label("n_moves"))
        .where(event.type.in_((DISPOSED, RETURNED)))
        .group_by(event.feedback_id)
        .having(func.count() >= PING_PONG)
        .subquery()
    )
    query = (
        select(moved.c.feedback_id, moved.c.n_moves, feedback.agency)
        .select_from(moved.join(tables.feedback, feedback.id == moved.c.feedback_id))
        .where(visible)
        .order_by(moved.c.n_moves.desc(), moved.c.feedback_id)
        .limit(_N_SUSPECTS)
    )
    rows = connection.execute(query).all()
    agencies = _list_agencies(connection, [row.feedback_id for row in rows])
    return [Suspect(row.feedback_id, agencies.get(row.feedback_id, ()), row.agency, row.n_moves) for row in rows]


def _list_agencies(connection: Connection, ids: list[str]) -> dict[str, tuple[str, ...]]:
    event = tables.event.c
    query = select(event.feedback_id, event.agency).where(event.feedback_id.in_(ids), event.type == DISPOSED)
    found: dict[str, dict[str, None]] = {}
    for row in connection.execute(query.order_by(event.feedback_id, event.number)):
        if row.agency is not None:
            found.setdefault(row.feedback_id, {})[row.agency] = None
    return {feedback_id: tuple(names) for feedback_id, names in found.items()}


_BLIND = and_(
    tables.label.c.feedback_id == tables.audit_draw.c.feedback_id,
    tables.label.c.head == tables.audit_draw.c.head,
    tables.label.c.is_blind.is_(True),
)
