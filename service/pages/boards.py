"""The desk of an officer as one page shows it: the report they hold, the next one, how much waits, what may be sent on.

Reads only. The review queue and the blind audit have a desk each, made in one way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from service.answers import StoredFeedback
from service.auditing.accuracy import Drawn, list_drawn
from service.auditing.blinding import find_waiting, find_withheld, list_heads
from service.feedback import Record, load_feedback
from service.handling.desk import QueueCounts, Ready, count_queue, list_held, list_ready, mark_standing, read_doubts
from service.handling.retracting import Said, find_retractable
from service.handling.review import is_opened, is_waiting, list_queue
from service.pages.review_cards import HEADS, Card, Desk, show_card
from service.pages.visits import Visit
from service.routes.feedback import show_feedback
from service.visibility import workable_by

_MAX_DRAWN: Final = 200


@dataclass(frozen=True, slots=True)
class Board:
    """What lies on a desk; ``card`` is None while nothing is held, ``offered`` is the report to be claimed then.

    ``is_opened``: that the card was seen is written down. ``mark`` is how far others had got with it. ``settled`` is
    the report that was asked for and waits for nobody.
    """

    counts: QueueCounts
    n_drawn: int
    held: tuple[str, ...]
    card: Card | None
    is_opened: bool
    mark: str
    offered: str | None
    settled: "Settled | None"
    ready: tuple[Ready, ...]
    said: Said | None

    @property
    def next_id(self) -> str | None:
        """The report that is held for afterwards."""
        return next((one for one in self.held if self.card is None or one != self.card.id), None)


@dataclass(frozen=True, slots=True)
class Settled:
    """A report that waits for no decision, with the labels that stand; none where they are withheld."""

    id: str
    labels: Mapping[str, str | None]


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
    card = _show(connection, visit, records[0]) if records else None
    wanted = asked if card is None else None
    is_free = wanted is None or waits(connection, visit, wanted, is_blind=is_blind)
    return Board(
        counts=count_queue(connection, visible, caller.actor, visit.now),
        n_drawn=len(drawn_ids),
        held=tuple(held),
        card=card,
        is_opened=card is not None and is_opened(connection, card.id),
        mark=mark_standing(connection, card.id, caller.actor) if card is not None else "",
        offered=_find_offered(connection, visit, asked, is_blind=is_blind) if card is None and is_free else None,
        settled=None if is_free else _find_settled(connection, visit, wanted),
        ready=tuple(list_ready(connection, visible, caller.actor, visit.now)),
        said=find_retractable(connection, caller.actor, visit.now),
    )


def waits(connection: Connection, visit: Visit, feedback_id: str, *, is_blind: bool) -> bool:
    """Whether a report waits for a person, or on the desk of the audit for a blind label."""
    if is_blind:
        return any(one.feedback_id == feedback_id for one in _list_drawn(connection, visit))
    return is_waiting(connection, feedback_id, workable_by(visit.caller))


def _find_offered(connection: Connection, visit: Visit, asked: str | None, *, is_blind: bool) -> str | None:
    return asked or next(iter(list_free(connection, visit, (), 1, is_blind=is_blind)), None)


def _find_settled(connection: Connection, visit: Visit, asked: str | None) -> Settled | None:
    found = load_feedback(connection, [asked] if asked else [], workable_by(visit.caller))
    if not found:
        return None
    feedback_id = found[0].feedback.id
    is_hidden = feedback_id in find_withheld(connection, visit.caller, [feedback_id])
    return Settled(feedback_id, {} if is_hidden else labels_of(found[0]))


def _list_drawn(connection: Connection, visit: Visit) -> list[Drawn]:
    caller = visit.caller
    return list_drawn(connection, workable_by(caller), caller.actor, _MAX_DRAWN, list_heads(caller))


def _show(connection: Connection, visit: Visit, record: Record) -> Card:
    context, feedback = visit.context, record.feedback
    desk = Desk(visit.names, context.classifier, visit.language, visit.now)
    report = StoredFeedback.model_validate(show_feedback(context, record))
    blind = find_blind_heads(connection, visit, feedback.id)
    doubts = read_doubts(connection, feedback.id)
    return show_card(desk, report, labels_of(record), feedback.restriction, blind, doubts)


def labels_of(record: Record) -> Mapping[str, str | None]:
    """The labels of a report as they stand."""
    return {head: getattr(record.feedback, head) for head in HEADS}
