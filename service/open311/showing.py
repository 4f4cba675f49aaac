"""How a report looks as a request of GeoReport: its fields, and in words what its sender may expect."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from model.places import Gazetteer
from model.prediction import JsonValue
from model.taxonomy import Taxonomy
from service.handling.clock import VERIFICATION, WIB, local_day
from service.handling.clock_words import name_day
from service.handling.states import RESTING
from service.open311.queries import Shown
from service.open311.services import name_service

# GeoReport's own limit.
MAX_DESCRIPTION_CHARS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Names:
    """The names of agencies, services and places."""

    taxonomy: Taxonomy
    gazetteer: Gazetteer

    def name_agency(self, agency: str | None, unit: str | None) -> str | None:
        """The agency a report lies with, and which of its offices."""
        if agency is None:
            return None
        entry = self.gazetteer.entries.get(unit) if unit is not None else None
        name = self.taxonomy.name("agency", agency)
        return f"{name}: {entry.name}" if entry is not None else name


def show_request(shown: Shown, names: Names) -> dict[str, JsonValue]:
    """A report as GeoReport tells it; null where nothing is known."""
    row, history = shown.row, shown.history
    is_closed = row["state"] in RESTING
    agency = names.name_agency(row["agency"], row["unit"])
    attachments: list[str] = json.loads(row["attachments"])
    updated_at = (history.closed_at if is_closed else None) or row["changed_at"] or row["stored_at"]
    return {
        "service_request_id": row["id"],
        "status": "closed" if is_closed else "open",
        "status_notes": history.reply,
        "service_name": name_service(names.taxonomy, row["code"]),
        "service_code": row["code"],
        "description": _cut(row["text"]) or None,
        "agency_responsible": agency,
        "service_notice": tell_deadline(row["due_at"], row["purpose"], agency),
        "requested_datetime": _write(row["received_at"]),
        "updated_datetime": _write(updated_at),
        "expected_datetime": _write(row["due_at"]) if row["due_at"] is not None else None,
        "address": row["address"] or ", ".join(part for part in (row["village"], row["district"]) if part) or None,
        "address_id": None,
        "zipcode": None,
        "lat": row["lat"],
        "long": row["lon"],
        "media_url": attachments[0] if attachments else None,
    }


def tell_deadline(due_at: datetime | None, purpose: str | None, agency: str | None) -> str | None:
    """What happens by when, in a sentence; None while no clock runs."""
    if due_at is None:
        return None
    day = name_day(local_day(due_at))
    if purpose == VERIFICATION or agency is None:
        return f"Petugas memeriksa laporan ini paling lambat {day}."
    return f"{agency} menjawab laporan ini paling lambat {day}."


def _write(instant: datetime) -> str:
    """An instant in the time of western Indonesia, to the second."""
    return instant.astimezone(WIB).isoformat(timespec="seconds")


def _cut(text: str) -> str:
    return text if len(text) <= MAX_DESCRIPTION_CHARS else text[: MAX_DESCRIPTION_CHARS - 1] + "…"
