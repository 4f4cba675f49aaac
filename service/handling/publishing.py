"""Publication: an officer opens a report to everybody, and an officer or a restriction takes it back.

Owns ``published_at``. Restricted and erased reports are never opened, nor accusations; whether the edge shows a kind of
report at all is a setting (`service.visibility.visible_to_public`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from model.tokens import MASK_KINDS
from service import tables
from service.ledger.entries import Entry
from service.routing import ACCUSATION
from service.writer import Transaction

PUBLISHED: Final = "feedback.published"
WITHDRAWN: Final = "feedback.withdrawn"
_MASK: Final = re.compile(r"\[(" + "|".join(MASK_KINDS) + r")\]")
_SHOWN: Final = ("title", "text", "address", "district", "village")


@dataclass(frozen=True, slots=True)
class Publication:
    """An officer's wish to open a report that ``visible`` lets them see; ``is_confirmed`` though data were masked."""

    feedback_id: str
    visible: ColumnElement[bool]
    actor: str
    now: datetime
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An officer's wish to close a report again."""

    feedback_id: str
    visible: ColumnElement[bool]
    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a report is open to everybody, and since when; ``kind`` is what the setting asks for."""

    published_at: datetime | None
    kind: str | None


@dataclass(frozen=True, slots=True)
class Shut:
    """The report must not be opened: ``why`` is restricted, accusation or erased."""

    why: str


@dataclass(frozen=True, slots=True)
class Masked:
    """Personal data of these kinds were masked; a person must read the report and confirm."""

    kinds: tuple[str, ...]


def publish(transaction: Transaction, jobs: Sequence[Publication]) -> list[Standing | Shut | Masked | None]:
    """Open reports; None where there is none of the id that may be seen. Twice is as once."""
    _lock_all(transaction.connection, {job.feedback_id for job in jobs})
    return [_publish(transaction, job) for job in jobs]


def withdraw(transaction: Transaction, jobs: Sequence[Withdrawal]) -> list[Standing | None]:
    """Close reports again; None where there is none of the id that may be seen. Twice is as once."""
    _lock_all(transaction.connection, {job.feedback_id for job in jobs})
    outcomes: list[Standing | None] = []
    for job in jobs:
        row = _read(transaction.connection, job.feedback_id, job.visible)
        if row is not None and row["published_at"] is not None:
            take_back(transaction, job.feedback_id, job.actor, job.now, "withdrawn")
        outcomes.append(Standing(None, row["kind"]) if row is not None else None)
    return outcomes


def take_back(transaction: Transaction, feedback_id: str, actor: str, now: datetime, why: str) -> None:
    """Close a report that is open, in the transaction that says why."""
    _set(transaction.connection, feedback_id, None)
    transaction.record(Entry(WITHDRAWN, now, actor, feedback_id=feedback_id, content={"why": why}))


def _publish(transaction: Transaction, job: Publication) -> Standing | Shut | Masked | None:
    row = _read(transaction.connection, job.feedback_id, job.visible)
    if row is None:
        return None
    why = _find_bar(row)
    if why is not None:
        return Shut(why)
    if row["published_at"] is not None:
        return Standing(row["published_at"], row["kind"])
    masks = sorted({kind for name in _SHOWN for kind in _MASK.findall(row[name] or "")})
    if masks and not job.is_confirmed:
        return Masked(tuple(masks))
    _set(transaction.connection, job.feedback_id, job.now)
    entry = Entry(PUBLISHED, job.now, job.actor, feedback_id=job.feedback_id, content={"masks": [*masks]})
    transaction.record(entry)
    return Standing(job.now, row["kind"])


def _find_bar(row: RowMapping) -> str | None:
    if row["restriction"] is not None:
        return "restricted"
    if row["kind"] is None or row["kind"] == ACCUSATION:
        return "accusation"
    return "erased" if row["erased_at"] is not None else None


def _lock_all(connection: Connection, ids: set[str]) -> None:
    """Let nobody else change these reports, in one order everywhere, so that no two wait crosswise."""
    columns = tables.feedback.c
    connection.execute(
        select(columns.id).where(columns.id.in_(sorted(ids))).order_by(columns.id).with_for_update()
    ).all()


def _read(connection: Connection, feedback_id: str, visible: ColumnElement[bool]) -> RowMapping | None:
    query = select(tables.feedback).where(tables.feedback.c.id == feedback_id, visible)
    return connection.execute(query).mappings().one_or_none()


def _set(connection: Connection, feedback_id: str, published_at: datetime | None) -> None:
    changed = update(tables.feedback).where(tables.feedback.c.id == feedback_id)
    connection.execute(changed.values(published_at=published_at))
