"""What the demo is made of: the authored reports that Pilah ships, those of its incidents, and authored replies.

Only reads; nothing here knows dates of the demo or the store.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from model.shipped import datasets_folder, reference_corpus

FLOOD: Final = "banjir"
OUTAGE: Final = "air-mati"
# Replies to what has no topic of its own stand under these names.
TO_REJECTED: Final = "@ditolak"
TO_INCOMPLETE: Final = "@lengkapi"
OF_OUTSIDERS: Final = "@luar"
OF_REOPENING: Final = "@dibuka"
OF_MISLED: Final = "@kembali"
OF_MISTAKEN: Final = "@salah"
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Authored:
    """A report as it was written, with the labels its writer gave; ``written_at`` is the time its writer gave it."""

    id: str
    text: str
    written_at: datetime
    channel: str
    district: str
    village: str
    kind: str
    agency: str
    topic: str
    urgency: str
    aspect: str
    about: str


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """A report of an incident, so many minutes after its first one."""

    authored: Authored
    minutes: int


def read_authored() -> list[Authored]:
    """The reports of the reference corpus, in their order."""
    with reference_corpus().open(encoding="utf-8", newline="") as stream:
        return [_read(row, datetime.fromisoformat(row["received_at"])) for row in csv.DictReader(stream)]


def read_incident(name: str) -> list[IncidentReport]:
    """The reports of an incident, the first one first."""
    path = datasets_folder() / "demo" / "incidents.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["incident"] == name]
    return [
        IncidentReport(_read({**row, "id": f"{name}-{number:02d}"}, _NEVER), int(row["minutes"]))
        for number, row in enumerate(rows, start=1)
    ]


def read_replies() -> Mapping[str, tuple[str, ...]]:
    """Authored replies by what they answer: a topic, or a name that begins with ``@``."""
    path = datasets_folder() / "demo" / "replies.csv"
    replies: dict[str, list[str]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            replies.setdefault(row["to"], []).append(row["text"])
    return {to: tuple(texts) for to, texts in replies.items()}


def _read(row: Mapping[str, str], written_at: datetime) -> Authored:
    names = ("id", "text", "channel", "kind", "agency", "topic", "urgency")
    given = {name: row[name] for name in names}
    optional = {name: row.get(name, "") for name in ("district", "village", "aspect", "about")}
    return Authored(written_at=written_at, **given, **optional)
