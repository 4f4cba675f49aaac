"""Where a report lay before a person disposed of it: with the agency it was routed to alone, and that a label named.

Owns the reading of that from the store, for the story of a report and for figures alike.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from sqlalchemy import Connection, bindparam, select

from service import tables
from service.feedback import RECEIVED, Record
from service.handling.holding import ROUTED
from service.handling.states import DISPOSED, NEW, RETURNED, VERIFIED
from service.ledger.entries import SYSTEM

_AUTO: Final = "auto"
# Within a string of JSON a quotation mark has a backslash before it, so that this is found in no text.
_AGENCY: Final = re.compile(r'"agency":\{"label":"([^"\\]*)"')
_LYING: Final = frozenset({NEW, VERIFIED})
_LEDGER, _LABEL = tables.ledger.c, tables.label.c
# Written once: to build a statement takes longer than to run it.
_RECEIPTS = select(_LEDGER.feedback_id, _LEDGER.content).where(
    _LEDGER.feedback_id.in_(bindparam("ids", expanding=True)), _LEDGER.type == RECEIVED
)
_NAMINGS = (
    select(_LABEL.value, _LABEL.previous, _LABEL.at)
    .where(_LABEL.feedback_id == bindparam("feedback_id"), _LABEL.head == "agency", _LABEL.is_blind.is_(False))
    .order_by(_LABEL.at)
)


class Told(Protocol):
    """An event as it is stored."""

    @property
    def type(self) -> str:
        """Of the event."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def stored_at(self) -> datetime:
        """When it was written down."""

    @property
    def agency(self) -> str | None:
        """The agency it names."""

    @property
    def state(self) -> str:
        """Of the report after it."""


class Naming(NamedTuple):
    """A label of the agency: what was said, what stood there before, and when."""

    value: str
    previous: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that moved a report, or an event of another kind."""

    type: str
    at: datetime
    agency: str | None
    state: str


class Lying(NamedTuple):
    """How the row of a report says that it was routed and where it is; what was imported was never routed alone."""

    agency: str | None
    route: str | None
    is_at_agency: bool
    is_imported: bool = False


def needs_receipt(lying: Lying, events: Sequence[Told], namings: Sequence[Naming]) -> bool:
    """Whether only the ledger knows if it was routed alone: a label has written over the row, an event moved it."""
    moved = _find_move(events)
    if moved is None or moved.type != DISPOSED or lying.route == _AUTO:
        return False
    return any(naming.at < moved.stored_at for naming in namings)


def find_routed_alone(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Which of these reports were routed alone when they came in, as the ledger says; some hundreds at once."""
    rows = connection.execute(_RECEIPTS, {"ids": list(ids)})
    return {row.feedback_id for row in rows if json.loads(row.content).get("route") == _AUTO}


def trace_report(connection: Connection, record: Record, events: Sequence[Told]) -> list[Moved]:
    """All that moved one report; see `trace`."""
    feedback = record.feedback
    lying = Lying(feedback.agency, feedback.route, feedback.is_at_agency, feedback.key_id == SYSTEM)
    namings = _read_namings(connection, feedback.id)
    is_alone = needs_receipt(lying, events, namings) and bool(find_routed_alone(connection, [feedback.id]))
    found = _AGENCY.search(record.content)
    predicted = found.group(1) if found is not None else None
    received_at = min(feedback.received_at, feedback.stored_at)
    return trace(received_at, lying, predicted, events, namings, was_routed_alone=is_alone)


def trace(
    received_at: datetime,
    lying: Lying,
    predicted: str | None,
    events: Sequence[Told],
    namings: Sequence[Naming],
    *,
    was_routed_alone: bool = False,
) -> list[Moved]:
    """The events of a report in their order, and before them where it lay by its route and by labels.

    ``predicted`` is the agency that was predicted; ``was_routed_alone`` is asked for by `needs_receipt`.
    """
    told = [Moved(event.type, event.at, event.agency, event.state) for event in events]
    moved_at = min((event.stored_at for event in events if event.type in {DISPOSED, RETURNED}), default=None)
    namings = [naming for naming in namings if moved_at is None or naming.at < moved_at]
    first = _find_first(lying, predicted, events, namings) if was_routed_alone or _is_alone(lying, events) else None
    if not first:
        return told
    moved: list[Moved] = [Moved(ROUTED, received_at, first, NEW)]
    state, waiting = NEW, list(namings)
    for event, stored in zip(told, events, strict=True):
        while waiting and waiting[0].at < stored.stored_at:
            moved += _name(waiting.pop(0), state)
        moved.append(event)
        state = event.state
    for naming in waiting:
        moved += _name(naming, state)
    return moved


def _read_namings(connection: Connection, feedback_id: str) -> list[Naming]:
    """What was said of the agency of a report, oldest first."""
    return [Naming(*row) for row in connection.execute(_NAMINGS, {"feedback_id": feedback_id})]


def _name(naming: Naming, state: str) -> list[Moved]:
    return [Moved(ROUTED, naming.at, naming.value, state)] if state in _LYING and naming.value else []


def _is_alone(lying: Lying, events: Sequence[Told]) -> bool:
    if lying.is_imported:
        return False
    moved = _find_move(events)
    if moved is None:
        return lying.is_at_agency
    # Only what lies with an agency can be given back.
    return moved.type == RETURNED or lying.route == _AUTO


def _find_first(lying: Lying, predicted: str | None, events: Sequence[Told], namings: Sequence[Naming]) -> str | None:
    """The agency it was routed to."""
    if namings:
        return namings[0].previous
    moved = _find_move(events)
    if moved is None:
        return lying.agency
    return moved.agency if moved.type == RETURNED else predicted


def _find_move(events: Iterable[Told]) -> Told | None:
    return next((event for event in events if event.type in {DISPOSED, RETURNED}), None)
