"""Rows of the past as a file tells them: what one holds, whether it can become a report, how it is known again.

Knows neither files nor SQL. What cannot be used of a good row is noted, a row that cannot be used is refused with the
cell that is to blame.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from service.home import Secret

MAX_ID_CHARS: Final = 200
FUTURE: Final = timedelta(days=1)
_MAX_LABEL_CHARS = 80
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One report as a file tells it; what the file does not say is empty, None or not-a-number.

    ``source`` and ``id`` together stand for one report. ``text`` is led by its title; ``labels`` are those of heads,
    ``about`` and ``also`` (separated by ``;``).
    """

    number: int
    source: str
    id: str
    text: str
    title: str = ""
    received_at: datetime | None = None
    responded_at: datetime | None = None
    closed_at: datetime | None = None
    channel: str = ""
    district: str = ""
    village: str = ""
    reporter_ref: str = ""
    rating: float = math.nan
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that did not become a report: the cell to blame (``column`` empty: the whole row) and the reason."""

    number: int
    id: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something of a good row that was left out: the column, the value where it is no person's, and why."""

    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The labels that may stand in a store, by how a file may write them (`fold_label`): their slug or their name.

    ``heads`` has those of each head, ``units`` what a report may be about.
    """

    heads: Mapping[str, Mapping[str, str]]
    units: Mapping[str, str]

    def sort_out(self, labels: Mapping[str, str], notes: list[Note]) -> dict[str, str]:
        """The labels that are known, as slugs; the others are noted."""
        known: dict[str, str] = {}
        for column, written in labels.items():
            allowed = self.heads.get("agency" if column == "also" else column, self.units)
            parts = [part.strip() for part in written.split(";")] if column == "also" else [written]
            found = [allowed.get(fold_label(part)) for part in parts]
            notes.extend(
                Note(column, part, "is no label") for part, slug in zip(parts, found, strict=True) if part and not slug
            )
            kept = ";".join(slug for slug in found if slug)
            if kept and len(kept) <= _MAX_LABEL_CHARS:
                known[column] = kept
        return known


def fold_label(written: str) -> str:
    """A label without regard to case and to spaces around its words."""
    return " ".join(written.casefold().split())


def find_reject(row: HistoryRow, now: datetime) -> Rejected | None:
    """Why a row cannot become a report; None when it can."""
    if len(row.id) > MAX_ID_CHARS:
        return Rejected(row.number, row.id[:MAX_ID_CHARS], "id", row.id, f"has more than {MAX_ID_CHARS} characters")
    if row.received_at is None:
        return Rejected(row.number, row.id, "received_at", "", "is missing; without it a report has no place in time")
    if not _EARLIEST <= row.received_at <= now + FUTURE:
        written = row.received_at.isoformat()
        return Rejected(row.number, row.id, "received_at", written, "lies before the year 2000 or in the future")
    return None


def digest_row(secret: Secret, row: HistoryRow) -> str:
    """Equal for rows that say the same."""
    times = [moment.isoformat() if moment else None for moment in (row.received_at, row.responded_at, row.closed_at)]
    rating = None if math.isnan(row.rating) else row.rating
    parts = [row.id, row.text, row.title, *times, row.channel, row.district, row.village, row.reporter_ref, rating]
    return secret.digest("body", json.dumps([*parts, sorted(row.labels.items())]))


def name_row(secret: Secret, row: HistoryRow) -> str:
    """The identity under which a row is known again."""
    return secret.digest("import", json.dumps([row.source, row.id]))
