"""Proposed topics as they are kept: written after a look, read for pages and programs. Their ids last."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service import tables
from service.figures.newcomers import Proposal
from service.vocabulary.looking import Found, Outcome
from service.writer import Transaction

# Proposals that were not seen for longer than this many looks still lend their id.
_MOST_REMEMBERED: Final = 500
_LOOK, _TOPIC, _BEHIND = tables.vocabulary_look.c, tables.proposed_topic.c, tables.proposed_topic_report.c


@dataclass(frozen=True, slots=True)
class KeptProposal:
    """A proposed topic of the latest look: since when it is seen, its words with their reports, all its reports."""

    id: str
    first_day: date
    words: tuple[tuple[str, int], ...]
    n_reports: int


@dataclass(frozen=True, slots=True)
class LatestLook:
    """The latest look: its day, how much was read of the last weeks and of the time before."""

    day: date
    n_recent: int
    n_before: int


def find_latest(connection: Connection) -> LatestLook | None:
    """The latest look, None where there was none."""
    query = select(_LOOK.day, _LOOK.n_recent, _LOOK.n_before).order_by(_LOOK.day.desc()).limit(1)
    row = connection.execute(query).first()
    return LatestLook(*row) if row is not None else None


def list_remembered(connection: Connection) -> tuple[Proposal, ...]:
    """Proposals whose ids last, those seen last first."""
    query = select(_TOPIC.id, _TOPIC.words).order_by(_TOPIC.last_day.desc(), _TOPIC.id).limit(_MOST_REMEMBERED)
    return tuple(Proposal(row.id, _read_words(row.words)) for row in connection.execute(query))


def list_kept(connection: Connection, day: date) -> list[KeptProposal]:
    """The proposals of the look of a day, those of most reports first."""
    query = select(tables.proposed_topic).where(_TOPIC.last_day == day).order_by(_TOPIC.n_reports.desc(), _TOPIC.id)
    return [
        KeptProposal(row.id, row.first_day, _read_words(row.words), row.n_reports) for row in connection.execute(query)
    ]


def keep_outcomes(transaction: Transaction, outcomes: Sequence[Outcome]) -> list[bool]:
    """Write down what looks found; False where another process was first."""
    return [_keep(transaction.connection, outcome) for outcome in outcomes]


def _keep(connection: Connection, outcome: Outcome) -> bool:
    row = {"day": outcome.day, "n_recent": outcome.n_recent, "n_before": outcome.n_before}
    if not _insert_new(connection, tables.vocabulary_look, row):
        return False
    connection.execute(delete(tables.proposed_topic_report))
    for found in outcome.found:
        _keep_one(connection, found, outcome.day)
    return True


def _keep_one(connection: Connection, found: Found, day: date) -> None:
    id_ = found.proposal.id
    words = json.dumps(found.proposal.words, ensure_ascii=False)
    values = {"last_day": day, "words": words, "n_reports": found.n_reports}
    if not _insert_new(connection, tables.proposed_topic, {"id": id_, "first_day": day, **values}):
        connection.execute(update(tables.proposed_topic).where(_TOPIC.id == id_).values(values))
    behind = [{"proposed_topic_id": id_, "feedback_id": report} for report in found.reports]
    connection.execute(insert(tables.proposed_topic_report), behind)


def _insert_new(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert a row, unless one with its key is there."""
    build = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = build(table).values(**row).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(statement).first() is not None


def _read_words(written: str) -> tuple[tuple[str, int], ...]:
    return tuple((str(word), int(n)) for word, n in json.loads(written))
