"""The outbox: which entries of the ledger are told to others, and to whom.

`Outbox` derives the messages and can be rebuilt at any time. `Dispatch` addresses each message once, when its entry is
first read; it is never rebuilt, so that nothing is sent anew.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, delete, insert, select

from model.prediction import JsonValue
from service import tables
from service.demonstration import is_demo
from service.feedback import RECEIVED
from service.handling.labels import RAISED, RESTRICTED
from service.messages.acknowledging import acknowledge_by_entries
from service.messages.states import MAIL, WAITING
from service.messages.webhooks import Webhook, read_enabled

ROUTED: Final = "feedback.routed"
URGENT: Final = "feedback.urgent"
CHANGED: Final = "feedback.changed"
MESSAGE_TYPES: Final = (ROUTED, URGENT, CHANGED)
ESCALATED: Final = "emergency.escalated"
_CHANGES = ("event.", "label.")
# From then on the report lies with an agency, which may not have heard of it before.
DISPOSED: Final = "event.didisposisi"


@dataclass(frozen=True, slots=True)
class Message:
    """Something told to others about one report; the same entry of the ledger always gives the same id."""

    id: str
    type: str
    feedback_id: str
    made_at: datetime
    content: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Outbox:
    """Derives the messages of the ledger."""

    name: str = "outbox"

    def apply(self, connection: Connection, entries: Sequence[RowMapping]) -> None:
        """Take in entries of the ledger."""
        messages = [message for entry in entries for message in list_messages(entry)]
        known = _find_reports(connection, messages)
        rows = [
            {
                "id": message.id,
                "type": message.type,
                "feedback_id": message.feedback_id,
                "made_at": message.made_at,
                "content": json.dumps(message.content, sort_keys=True),
            }
            for message in messages
            if message.feedback_id in known
        ]
        if rows:
            connection.execute(insert(tables.message), rows)

    def reset(self, connection: Connection) -> None:
        """Forget the messages; deliveries stay."""
        connection.execute(delete(tables.message))


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Addresses messages: a delivery to every webhook that wants one, and to the mail of emergencies.

    In a store of demo data it addresses none: whoever got one would take it for real.
    """

    has_mail: bool
    name: str = "dispatch"

    def apply(self, connection: Connection, entries: Sequence[RowMapping]) -> None:
        """Take in entries of the ledger."""
        acknowledge_by_entries(connection, entries)
        if is_demo(connection):
            return
        webhooks = read_enabled(connection)
        if not webhooks and not self.has_mail:
            return
        messages = [message for entry in entries for message in list_messages(entry)]
        reports = _find_reports(connection, messages)
        rows = [
            {"message_id": message.id, "target": target, "state": WAITING, "n_tries": 0, "next_at": message.made_at}
            for message in messages
            if message.feedback_id in reports
            for target in self._list_targets(message, reports[message.feedback_id], webhooks)
        ]
        if rows:
            connection.execute(insert(tables.delivery), rows)

    def reset(self, connection: Connection) -> None:
        """Do nothing: what was addressed once is not addressed again."""

    def _list_targets(self, message: Message, report: RowMapping, webhooks: Iterable[Webhook]) -> list[str]:
        targets = [
            webhook.id
            for webhook in webhooks
            # A new webhook does not hear of old times.
            if message.type in webhook.events
            and webhook.created_at <= message.made_at
            and webhook.may_hear(dict(report))
        ]
        # Mail says nothing of a report and was sent when the emergency was raised, shut away or not.
        is_mailed = message.type == URGENT and message.content["cause"] != RESTRICTED
        return [*targets, MAIL] if self.has_mail and is_mailed else targets


def list_messages(entry: RowMapping) -> list[Message]:
    """The messages that an entry of the ledger becomes."""
    if entry["feedback_id"] is None:
        return []
    types = _list_types(entry)
    content: dict[str, JsonValue] = {"cause": entry["type"]}
    if entry["type"] == ESCALATED:
        content["escalated"] = True
    return [
        Message(
            # No full stop: what is signed joins id, time and body by full stops.
            f"{entry['chain']}_{entry['number']}_{type_.replace('.', '-')}",
            type_,
            entry["feedback_id"],
            entry["at"],
            content,
        )
        for type_ in types
    ]


def _list_types(entry: RowMapping) -> tuple[str, ...]:
    if entry["type"] == RECEIVED:
        return (ROUTED, URGENT) if json.loads(entry["content"]).get("emergency") else (ROUTED,)
    if entry["type"] in {ESCALATED, RAISED}:
        return (URGENT,)
    if entry["type"] == DISPOSED:
        return (ROUTED, CHANGED)
    if entry["type"] == RESTRICTED:
        return _list_of_freed(json.loads(entry["content"]))
    return (CHANGED,) if entry["type"].startswith(_CHANGES) else ()


def _list_of_freed(content: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """A report that is no longer shut away is new to those who could not hear of it, and so is its emergency."""
    if content.get("after") is not None:
        return ()
    return (ROUTED, URGENT) if content.get("emergency") else (ROUTED,)


def _find_reports(connection: Connection, messages: Iterable[Message]) -> dict[str, RowMapping]:
    """Where the reports of messages stand; those that are gone are left out."""
    ids = sorted({message.feedback_id for message in messages})
    if not ids:
        return {}
    columns = tables.feedback.c
    told = select(columns.id, columns.agency, columns.is_at_agency, columns.restriction).where(columns.id.in_(ids))
    rows = connection.execute(told)
    return {row["id"]: row for row in rows.mappings()}
