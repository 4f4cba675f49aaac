"""The desk of an officer as one page shows it: the report they hold, the next one, how much waits, what may be sent on.

Reads only. The review queue and the blind audit have a desk each, made in one way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from service.answers import StoredFeedback
from service.auditing.accuracy import Drawn, list_drawn
from service.auditing.blinding import find_waiting, list_heads
from service.feedback import Record, load_feedback
from service.handling.desk import QueueCounts, Ready, count_queue, list_held, list_ready
from service.handling.retracting import Said, find_retractable
from service.handling.review import is_opened, list_queue
from service.pages.review_cards import HEADS, Card, Desk, show_card
from service.pages.visits import Visit
from service.routes.feedback import show_feedback
from service.visibility import workable_by

_MAX_DRAWN: Final = 200


@dataclass(frozen=True, slots=True)
class Board:
    """What lies on a desk; ``card`` is None while nothing is held, ``offered`` is the report to be claimed then.

    ``is_opened``: that the card was seen is written down.
    """

    counts: QueueCounts
    n_drawn: int
    held: tuple[str, ...]
    card: Card | None
    is_opened: bool
    offered: str | None
    ready: tuple[Ready, ...]
    said: Said | None

    @property
    def next_id(self) -> str | None:
        """The report that is held for afterwards."""
        return next((one for one in self.held if self.card is None or one != self.card.id), None)


async def read_board(visit: Visit, asked: str | None, *, is_blind: bool) -> Board:
    """The desk of who is logged in; ``asked`` is the report to be shown when they hold it."""
    return await visit.read(lambda connection: _read(connection, visit, asked, is_blind=is_blind))


def list_free(
    connection: Connection, visit: Visit, skipped: Sequence[str], n_wanted: int, *, is_blind: bool
) -> list[str]:
    """Ids of the reports that may be claimed next, without those that were skipped."""
    visible = workable_by(visit.caller)
    if is_blind:
        drawn = _list_drawn(connection, visit)
        found = list(dict.fromkeys(one.feedback_id for one in drawn))
    else:
        n_read = n_wanted + len(skipped)
        found = [one.feedback_id for one in list_queue(connection, visible, visit.now, n_read, only_free=True)]
    return [one for one in found if one not in skipped][:n_wanted]


def find_blind_heads(connection: Connection, visit: Visit, feedback_id: str) -> frozenset[str]:
    """The heads of a report that the audit drew and that nobody labelled blind."""
    return find_waiting(connection, visit.caller, [feedback_id]).get(feedback_id, frozenset())


def _read(connection: Connection, visit: Visit, asked: str | None, *, is_blind: bool) -> Board:
    caller, visible = visit.caller, workable_by(visit.caller)
    drawn = _list_drawn(connection, visit)
    drawn_ids = {one.feedback_id for one in drawn}
    held = list_held(connection, caller.actor, visible, visit.now, drawn_ids if is_blind else None)
    current = asked if asked in held else (held[0] if held and asked is None else None)
    records = load_feedback(connection, [current] if current else [], visible)
    return Board(
        counts=count_queue(connection, visible, caller.actor, visit.now),
        n_drawn=len(drawn_ids),
        held=tuple(held),
        card=_show(visit, records[0], find_blind_heads(connection, visit, records[0].feedback.id)) if records else None,
        is_opened=bool(records) and is_opened(connection, records[0].feedback.id),
        offered=_find_offered(connection, visit, asked, is_blind=is_blind) if not records else None,
        ready=tuple(list_ready(connection, visible, caller.actor, visit.now)),
        said=find_retractable(connection, caller.actor, visit.now),
    )


def _find_offered(connection: Connection, visit: Visit, asked: str | None, *, is_blind: bool) -> str | None:
    if asked is not None:
        return asked if load_feedback(connection, [asked], workable_by(visit.caller)) else None
    return next(iter(list_free(connection, visit, (), 1, is_blind=is_blind)), None)


def _list_drawn(connection: Connection, visit: Visit) -> list[Drawn]:
    caller = visit.caller
    return list_drawn(connection, workable_by(caller), caller.actor, _MAX_DRAWN, list_heads(caller))


def _show(visit: Visit, record: Record, blind: frozenset[str]) -> Card:
    context, feedback = visit.context, record.feedback
    desk = Desk(visit.names, context.classifier, visit.language, visit.now)
    report = StoredFeedback.model_validate(show_feedback(context, record))
    return show_card(desk, report, labels_of(record), feedback.restriction, blind)


def labels_of(record: Record) -> Mapping[str, str | None]:
    """The labels of a report as they stand."""
    return {head: getattr(record.feedback, head) for head in HEADS}
