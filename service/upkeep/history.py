"""A report of the past as a file tells it, and what it becomes in the store: its row, its events, its labels.

Knows neither files nor SQL. A row that cannot become a report is refused with the cell that is to blame; what cannot
be used of a good row is left out and noted.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from model.cleaning import clean
from model.masking import mask
from model.prediction import JsonValue, Prediction
from model.taxonomy import HEADS
from service.feedback import FIRST_STATE, Feedback, Incoming, Record
from service.home import Secret
from service.ids import new_id
from service.ledger.entries import SYSTEM, Entry
from service.routing import ACCUSATION, Router

IMPORTED: Final = "feedback.imported"
IMPORT: Final = "import"
DISPOSED: Final = "didisposisi"
ANSWERED: Final = "ditanggapi"
CLOSED: Final = "selesai"
ARCHIVED: Final = "arsip"
MAX_ID_CHARS: Final = 200
_MAX_CHANNEL_CHARS = 40
_MAX_LABEL_CHARS = 80
_RATINGS = range(1, 6)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_FUTURE = timedelta(days=1)
# What no file tells; and what is over alarms nobody and has no clock.
_NOTHING: Final[Mapping[str, None]] = dict.fromkeys(
    ("lat", "lon", "address", "source_url", "alarm", "due_at", "paused_at", "published_at", "erased_at")
)
_NO_SLUG = re.compile(r"[^a-z0-9.]+")


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


@dataclass(frozen=True, slots=True)
class Past:
    """What a row becomes: what is added as one report, and rows of ``event`` and ``label``."""

    incoming: Incoming
    events: tuple[dict[str, object], ...]
    labels: tuple[dict[str, object], ...]


def find_reject(row: HistoryRow, now: datetime) -> Rejected | None:
    """Why a row cannot become a report; None when it can."""
    if len(row.id) > MAX_ID_CHARS:
        return Rejected(row.number, row.id[:MAX_ID_CHARS], "id", row.id, f"has more than {MAX_ID_CHARS} characters")
    if row.received_at is None:
        return Rejected(row.number, row.id, "received_at", "", "is missing; without it a report has no place in time")
    if not _EARLIEST <= row.received_at <= now + _FUTURE:
        written = row.received_at.isoformat()
        return Rejected(row.number, row.id, "received_at", written, "lies before the year 2000 or in the future")
    return None


@dataclass(frozen=True, slots=True)
class Historian:
    """Tells what rows become."""

    router: Router
    secret: Secret
    vocabulary: Vocabulary
    archives_unanswered: bool = False

    def tell(self, row: HistoryRow, prediction: Prediction, now: datetime, notes: list[Note]) -> Past:
        """What a row becomes, given what the bundle says of its text."""
        labels = self.vocabulary.sort_out(row.labels, notes)
        happened = self._list_events(row, labels, now, notes)
        feedback = self._describe(row, prediction, labels, now, happened, notes)
        events = tuple(
            _describe_event(feedback, number, kind, at, now) for number, (kind, at) in enumerate(happened, start=1)
        )
        given = tuple(_describe_label(feedback, head, value, prediction, now) for head, value in labels.items())
        content = prediction.to_json()
        del content["text"]
        record = Record(feedback=feedback, bundle=prediction.bundle, content=json.dumps(content, ensure_ascii=False))
        entry = self._describe_entry(row, feedback, prediction, labels, happened)
        incoming = Incoming(record, entry, (name_row(self.secret, row),), digest_row(self.secret, row))
        return Past(incoming, events, given)

    def _describe(
        self,
        row: HistoryRow,
        prediction: Prediction,
        labels: Mapping[str, str],
        now: datetime,
        happened: list[tuple[str, datetime]],
        notes: list[Note],
    ) -> Feedback:
        route = self.router.route(prediction, labels.get("about"))
        heads = {head: labels.get(head) or _predicted(prediction, head) for head in HEADS}
        agency = labels.get("agency", route.agency)
        return Feedback(
            id=new_id(now),
            external_id=row.id,
            key_id=SYSTEM,
            received_at=row.received_at or now,
            stored_at=now,
            state=happened[-1][0] if happened else FIRST_STATE,
            channel=_read_channel(row.channel),
            district=_mask(row.district),
            village=_mask(row.village),
            rating=_read_rating(row.rating, notes),
            about=labels.get("about"),
            attachments="[]",
            reporter_digest=self.secret.digest("reporter_ref", row.reporter_ref) if row.reporter_ref else None,
            title=_mask(row.title),
            text=prediction.text,
            kind=heads["kind"],
            agency=agency,
            topic=heads["topic"],
            urgency=heads["urgency"],
            aspect=heads["aspect"],
            unit=route.unit if agency == route.agency else None,
            route="human" if "agency" in labels else route.decision,
            restriction=self._restrict(labels, prediction),
            changed_at=now,
            **_NOTHING,
        )

    def _restrict(self, labels: Mapping[str, str], prediction: Prediction) -> str | None:
        """Who alone may see it: a kind that people gave goes before what may be one."""
        kind = labels.get("kind")
        if kind is None:
            return self.router.route(prediction, labels.get("about")).restriction
        return self.router.shut_away(prediction, labels.get("about")) if kind == ACCUSATION else None

    def _list_events(
        self, row: HistoryRow, labels: Mapping[str, str], now: datetime, notes: list[Note]
    ) -> list[tuple[str, datetime]]:
        """What happened, in an order that the states allow: handed over when it came, answered, closed."""
        received_at = row.received_at or now
        answered_at = _check_time("responded_at", row.responded_at, received_at, now, notes)
        closed_at = _check_time("closed_at", row.closed_at, answered_at or received_at, now, notes)
        happened = []
        if "agency" in labels and (answered_at or closed_at):
            happened.append((DISPOSED, received_at))
        if answered_at:
            happened.append((ANSWERED, answered_at))
        if closed_at:
            # Only what lay with an agency can have been closed by it.
            happened.append((CLOSED if "agency" in labels else ARCHIVED, closed_at))
        if not happened and self.archives_unanswered:
            happened.append((ARCHIVED, now))
        return happened

    def _describe_entry(
        self,
        row: HistoryRow,
        feedback: Feedback,
        prediction: Prediction,
        labels: Mapping[str, str],
        happened: list[tuple[str, datetime]],
    ) -> Entry:
        heads: dict[str, JsonValue] = {
            head: [answer.label, round(answer.confidence, 4), answer.decision]
            for head, answer in prediction.heads.items()
        }
        return Entry(
            IMPORTED,
            feedback.stored_at,
            SYSTEM,
            feedback_id=feedback.id,
            bundle=prediction.bundle,
            taxonomy=prediction.taxonomy,
            text_digest=self.secret.digest("text", prediction.text),
            content={
                "source": row.source,
                "heads": heads,
                "labels": dict(labels),
                "basis": IMPORT,
                "agency": feedback.agency,
                "unit": feedback.unit,
                "route": feedback.route,
                "restriction": feedback.restriction,
                "state": feedback.state,
                "events": [[kind, at.isoformat()] for kind, at in happened],
            },
        )


def digest_row(secret: Secret, row: HistoryRow) -> str:
    """Equal for rows that say the same."""
    times = [moment.isoformat() if moment else None for moment in (row.received_at, row.responded_at, row.closed_at)]
    rating = None if math.isnan(row.rating) else row.rating
    parts = [row.id, row.text, row.title, *times, row.channel, row.district, row.village, row.reporter_ref, rating]
    return secret.digest("body", json.dumps([*parts, sorted(row.labels.items())]))


def name_row(secret: Secret, row: HistoryRow) -> str:
    """The identity under which a row is known again."""
    return secret.digest("import", json.dumps([row.source, row.id]))


def _predicted(prediction: Prediction, head: str) -> str | None:
    answer = prediction.heads.get(head)
    return answer.label if answer is not None else None


def _check_time(
    column: str, moment: datetime | None, earliest: datetime, now: datetime, notes: list[Note]
) -> datetime | None:
    if moment is None or earliest <= moment <= now + _FUTURE:
        return moment
    notes.append(Note(column, "", "lies in the future" if moment > now else "lies before what came before it"))
    return None


def _read_rating(rating: float, notes: list[Note]) -> int | None:
    if math.isnan(rating):
        return None
    if rating in _RATINGS:
        return int(rating)
    notes.append(Note("rating", f"{rating:g}", "is no whole number from 1 to 5"))
    return None


@lru_cache(maxsize=1_000)
def _read_channel(written: str) -> str | None:
    """The channel as a slug."""
    slug = _NO_SLUG.sub("-", clean(written).lower()).strip("-.")
    return slug[:_MAX_CHANNEL_CHARS].rstrip("-.") or None


# Districts and villages come again and again.
@lru_cache(maxsize=10_000)
def _mask(written: str) -> str | None:
    return mask(clean(written)).text or None


def _describe_event(feedback: Feedback, number: int, kind: str, at: datetime, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(now),
        "feedback_id": feedback.id,
        "number": number,
        "type": kind,
        "at": at,
        "stored_at": now,
        "actor": SYSTEM,
        "agency": feedback.agency if kind == DISPOSED else None,
        "unit": feedback.unit if kind == DISPOSED else None,
        "note": None,
        "public_reply": None,
        "state": kind,
    }


def _describe_label(
    feedback: Feedback, head: str, value: str, prediction: Prediction, now: datetime
) -> dict[str, object]:
    return {
        "id": new_id(now),
        "feedback_id": feedback.id,
        "head": head,
        "value": value,
        "previous": _predicted(prediction, head),
        "basis": IMPORT,
        "is_blind": False,
        "reason": None,
        "actor": SYSTEM,
        "at": now,
    }
