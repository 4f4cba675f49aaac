"""What a report of the past becomes in the store: its row, its events, its labels, its entry in the ledger.

Knows neither files nor SQL.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from model.cleaning import clean
from model.masking import mask
from model.prediction import JsonValue, Prediction
from model.taxonomy import HEADS
from service.feedback import FIRST_STATE, Feedback, Incoming, Record, write_json
from service.handling.states import ANSWERED, ARCHIVED, DISPOSED, DONE, Position, move
from service.home import Secret
from service.ids import new_id
from service.ledger.entries import SYSTEM, Entry
from service.routing import ACCUSATION, Router
from service.upkeep.history_rows import FUTURE, HistoryRow, Note, Vocabulary, digest_row, name_row

IMPORTED: Final = "feedback.imported"
IMPORT: Final = "import"
_MAX_CHANNEL_CHARS = 40
_RATINGS = range(1, 6)
# What no file tells; and what is over alarms nobody and has no clock.
_NOTHING: Final[Mapping[str, None]] = dict.fromkeys(("lat", "lon", "address", "source_url", "alarm", "due_at"))
_NO_SLUG = re.compile(r"[^a-z0-9.]+")


@dataclass(frozen=True, slots=True)
class Step:
    """An event of the past, and the state it led to."""

    type: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Past:
    """What a row becomes: what is added as one report, and rows of ``event`` and ``label``."""

    incoming: Incoming
    events: tuple[dict[str, object], ...]
    labels: tuple[dict[str, object], ...]


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
        feedback = replace(self._describe(row, prediction, labels, now, happened, notes), changed_at=now)
        events = tuple(_describe_event(feedback, number, step, now) for number, step in enumerate(happened, start=1))
        given = tuple(_describe_label(feedback, head, value, prediction, now) for head, value in labels.items())
        content = prediction.to_json()
        del content["text"]
        record = Record(feedback=feedback, bundle=prediction.bundle, content=write_json(content))
        entry = self._describe_entry(row, feedback, prediction, labels, happened)
        incoming = Incoming(record, entry, (name_row(self.secret, row),), digest_row(self.secret, row))
        return Past(incoming, events, given)

    def _describe(
        self,
        row: HistoryRow,
        prediction: Prediction,
        labels: Mapping[str, str],
        now: datetime,
        happened: Sequence[Step],
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
            state=happened[-1].state if happened else FIRST_STATE,
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
            is_at_agency=any(step.type == DISPOSED for step in happened),
            confidence=route.confidence,
            restriction=self._restrict(labels, prediction),
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
    ) -> Sequence[Step]:
        """What happened, in an order that the states allow: handed over when it came, answered, closed."""
        received_at = row.received_at or now
        answered_at = _check_time("responded_at", row.responded_at, received_at, now, notes)
        closed_at = _check_time("closed_at", row.closed_at, answered_at or received_at, now, notes)
        happened: list[tuple[str, datetime]] = []
        if "agency" in labels and (answered_at or closed_at):
            happened.append((DISPOSED, received_at))
        if answered_at:
            happened.append((ANSWERED, answered_at))
        if closed_at:
            # Only what lay with an agency can have been closed by it.
            happened.append((DONE if "agency" in labels else ARCHIVED, closed_at))
        if not happened and self.archives_unanswered:
            happened.append((ARCHIVED, now))
        return _trace(happened)

    def _describe_entry(
        self,
        row: HistoryRow,
        feedback: Feedback,
        prediction: Prediction,
        labels: Mapping[str, str],
        happened: Sequence[Step],
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
                # The name of a file, or what its column says, may name a person.
                "source": mask(clean(row.source)).text,
                "heads": heads,
                "labels": dict(labels),
                "basis": IMPORT,
                "agency": feedback.agency,
                "unit": feedback.unit,
                "route": feedback.route,
                "restriction": feedback.restriction,
                "state": feedback.state,
                "events": [[step.type, step.at.isoformat()] for step in happened],
                "unknown": prediction.unknown,
            },
        )


def _predicted(prediction: Prediction, head: str) -> str | None:
    answer = prediction.heads.get(head)
    return answer.label if answer is not None else None


def _check_time(
    column: str, moment: datetime | None, earliest: datetime, now: datetime, notes: list[Note]
) -> datetime | None:
    if moment is None or earliest <= moment <= now + FUTURE:
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


def _trace(happened: Sequence[tuple[str, datetime]]) -> list[Step]:
    """The events with the states they lead to; what no officer could have sent, no file can."""
    position = Position()
    steps = []
    for type_, at in happened:
        position = move(position, type_)
        steps.append(Step(type_, at, position.state))
    return steps


def _describe_event(feedback: Feedback, number: int, step: Step, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(now),
        "feedback_id": feedback.id,
        "number": number,
        "type": step.type,
        "at": step.at,
        "stored_at": now,
        "actor": SYSTEM,
        "agency": feedback.agency if step.type == DISPOSED else None,
        "unit": feedback.unit if step.type == DISPOSED else None,
        "note": None,
        "public_reply": None,
        "state": step.state,
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
