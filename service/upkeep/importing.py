"""Puts reports of the past into the store, some hundreds at once, each exactly once however often it is begun anew.

A row is known again by its source and id. Each batch is one transaction; the texts are classified before it begins,
so that a running service waits for a fraction of a second at most. Nobody is alarmed or told of what is imported.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Final

from sqlalchemy import Engine, insert, select

from model.classifier import Classifier, ReadText
from model.errors import TextError
from model.many import ManyClassifier
from model.taxonomy import Taxonomy
from service import tables
from service.engine import reading
from service.errors import StoreUnavailableError
from service.feedback import Added, Mismatch, add_feedback
from service.upkeep.history import Historian, Past
from service.upkeep.history_rows import (
    HistoryRow,
    Note,
    Rejected,
    Vocabulary,
    digest_row,
    find_reject,
    fold_label,
    name_row,
)
from service.writer import recording

# A transaction of so many rows holds the store for about a tenth of a second.
BATCH_ROWS: Final = 500
PAUSES_S: Final = (1.0, 2.0, 4.0, 8.0)
_EMPTY = "holds nothing that can be read"
_OTHER = "stands for another report: one with the same id but other content is in the store"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: reports stored, reports that were there already, rows refused, what was left out."""

    n_new: int
    n_known: int
    rejects: tuple[Rejected, ...]
    notes: tuple[Note, ...]


class Importer:
    """Takes rows batch by batch; the bundle tags them, the historian tells what they become."""

    def __init__(self, engine: Engine, classifier: Classifier, historian: Historian) -> None:
        self._engine = engine
        self._classifier = classifier
        self._historian = historian
        self._many = ManyClassifier(classifier)

    def take(self, rows: Sequence[HistoryRow], now: datetime) -> Taken:
        """Store the rows that are not there yet.

        Raises
        ------
        StoreUnavailableError
            The store does not answer, also after some patience; nothing of this batch was kept.
        """
        rejects: list[Rejected] = []
        notes: list[Note] = []
        usable = []
        for row in rows:
            reject = find_reject(row, now)
            if reject is None:
                usable.append(row)
            else:
                rejects.append(reject)
        new, n_known = self._sort_out(usable, rejects)
        told = self._tell(new, now, rejects, notes)
        outcomes = self._store_patiently([past for _, past in told], now)
        n_new = 0
        for (row, _), outcome in zip(told, outcomes, strict=True):
            if isinstance(outcome, Mismatch):
                rejects.append(Rejected(row.number, row.id, "id", row.id, _OTHER))
            elif outcome.is_new:
                n_new += 1
            else:
                n_known += 1
        return Taken(n_new, n_known, tuple(rejects), tuple(notes))

    def _sort_out(self, rows: Sequence[HistoryRow], rejects: list[Rejected]) -> tuple[list[HistoryRow], int]:
        """Rows that are not in the store, and the number of those that are."""
        secret = self._historian.secret
        names = {row.number: name_row(secret, row) for row in rows}
        known = self._find_known(names.values(), [row.id for row in rows])
        new = []
        n_known = 0
        for row in rows:
            # A report that was exported from this very store comes under its own id.
            body = known.get(names[row.number], known.get(row.id))
            if body is None:
                new.append(row)
            elif body and body != digest_row(secret, row):
                rejects.append(Rejected(row.number, row.id, "id", row.id, _OTHER))
            else:
                n_known += 1
        return new, n_known

    def _find_known(self, names: Iterable[str], ids: Sequence[str]) -> dict[str, str]:
        """Digests of the bodies of what is known, by name; empty for a report of this store by its own id."""
        identity, own = tables.identity.c, tables.feedback.c.id
        with reading(self._engine) as connection:
            rows = connection.execute(select(identity.name, identity.body_digest).where(identity.name.in_(list(names))))
            found = {row.name: row.body_digest for row in rows}
            return {**dict.fromkeys(connection.execute(select(own).where(own.in_(ids))).scalars(), ""), **found}

    def _tell(
        self, rows: Sequence[HistoryRow], now: datetime, rejects: list[Rejected], notes: list[Note]
    ) -> list[tuple[HistoryRow, Past]]:
        read: list[tuple[HistoryRow, ReadText]] = []
        for row in rows:
            try:
                text = self._classifier.read(row.text)
            except TextError as error:
                rejects.append(Rejected(row.number, row.id, "text", row.text, str(error)))
                continue
            if text.masked:
                read.append((row, text))
            else:
                rejects.append(Rejected(row.number, row.id, "text", row.text, _EMPTY))
        predictions = self._many.classify([text for _, text in read])
        return [
            (row, self._historian.tell(row, prediction, now, notes))
            for (row, _), prediction in zip(read, predictions, strict=True)
        ]

    def _store_patiently(self, pasts: Sequence[Past], now: datetime) -> list[Added | Mismatch]:
        """Store a batch, waiting a little when a busy service stands in the way."""
        for pause_s in PAUSES_S:
            try:
                return self._store(pasts, now)
            except StoreUnavailableError:
                time.sleep(pause_s)
        return self._store(pasts, now)

    def _store(self, pasts: Sequence[Past], now: datetime) -> list[Added | Mismatch]:
        if not pasts:
            return []
        with recording(self._engine, now) as transaction:
            outcomes = add_feedback(transaction, [past.incoming for past in pasts])
            is_new = [isinstance(outcome, Added) and outcome.is_new for outcome in outcomes]
            new = list(compress(pasts, is_new))
            for table, rows in (
                (tables.event, [event for past in new for event in past.events]),
                (tables.label, [label for past in new for label in past.labels]),
            ):
                if rows:
                    transaction.connection.execute(insert(table), rows)
        return outcomes


def list_vocabulary(taxonomy: Taxonomy, classifier: Classifier) -> Vocabulary:
    """The labels of the taxonomy in force, by slug and by name, those of the bundle, and its places."""
    heads = {
        head: {fold_label(written): slug for slug, label in labels.items() for written in (label.name, slug)}
        for head, labels in taxonomy.heads.items()
    }
    for head in classifier.heads:
        heads.setdefault(head.name, {}).update({fold_label(label): label for label in head.labels})
    places = {fold_label(code): code for code in classifier.gazetteer.entries}
    return Vocabulary(heads, {**places, **heads.get("agency", {})})
