"""What a message says of a report: where it stands now, in labels, states and instants; never what was written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import RowMapping, Select, select

from model.prediction import JsonValue
from service import tables

_PLAIN: Final = ("id", "external_id", "state", "kind", "agency", "unit", "topic", "urgency", "route", "alarm")
_COLUMNS: Final = (*_PLAIN, "due_at", "changed_at", "received_at", "source_url", "restriction", "is_at_agency")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with where its report stands now."""

    id: str
    type: str
    made_at: datetime
    content: Mapping[str, JsonValue]
    report: Mapping[str, object]

    @property
    def is_escalated(self) -> bool:
        """Whether it says again what nobody acknowledged."""
        return self.content.get("escalated") is True

    def to_json(self, public_url: str) -> dict[str, JsonValue]:
        """The body of a webhook."""
        report = self.report
        told: dict[str, JsonValue] = {name: _plain(report[name]) for name in _PLAIN}
        told["due_at"] = _plain(report["due_at"])
        told["changed_at"] = _plain(report["changed_at"])
        told["links"] = {"self": f"{public_url}/v1/feedback/{report['id']}", "source": _plain(report["source_url"])}
        return {"type": self.type, "timestamp": self.made_at.isoformat(), "data": {**told, **self.content}}


def select_letters() -> Select[tuple[object, ...]]:
    """Messages joined with their reports; narrow it down and give the rows to `read_letter`."""
    message, feedback = tables.message, tables.feedback
    own = [message.c[name].label(f"message_{name}") for name in ("id", "type", "made_at", "content")]
    return select(*own, *(feedback.c[name] for name in _COLUMNS)).select_from(message.join(feedback))


def read_letter(row: RowMapping) -> Letter:
    """The letter of a row."""
    return Letter(
        row["message_id"],
        row["message_type"],
        row["message_made_at"],
        json.loads(row["message_content"]),
        {name: row[name] for name in _COLUMNS},
    )


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)
