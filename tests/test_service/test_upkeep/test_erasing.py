"""Nothing a person wrote outlives an erasure; a new column must be taken out too, or say here why it stays."""

from sqlalchemy import Boolean, Date, Float, Integer

from service import tables
from service.tables import Instant
from service.upkeep.erasing import _GONE

ERASED = {
    "feedback": {*_GONE, "text", "attachments"},
    "prediction": {"signature", "content"},
    "event": {"note", "public_reply"},
    "label": {"reason"},
}
# Words of the taxonomy, of the service, or digests that only this installation can make.
KEPT = {
    "feedback": {
        "id": "names the report in the ledger and in figures",
        "key_id": "the program that sent it",
        "state": "where it stood",
        "channel": "a slug, counted",
        "district": "counted by place; thousands live in one",
        "village": "counted by place; hundreds live in one",
        "about": "a slug of a unit or place",
        "sender_topic": "a slug of a topic",
        "kind": "a label",
        "agency": "a label",
        "topic": "a label",
        "urgency": "a label",
        "aspect": "a label",
        "unit": "a code of an office",
        "route": "how it went",
        "alarm": "how it went",
        "restriction": "who may see it",
    },
    "prediction": {"feedback_id": "its report", "bundle": "which bundle answered"},
    "identity": {"name": "a keyed digest", "feedback_id": "its report", "body_digest": "a keyed digest"},
    "event": {
        "id": "names the event",
        "feedback_id": "its report",
        "type": "a word of ours",
        "actor": "the officer's account or key",
        "agency": "a slug",
        "unit": "a code of an office",
        "state": "a word of ours",
    },
    "label": {
        "id": "names the label",
        "feedback_id": "its report",
        "head": "a word of ours",
        "value": "a label",
        "previous": "a label",
        "basis": "a word of ours",
        "actor": "the officer's account or key",
    },
}
KEPT["feedback_case"] = {
    "feedback_id": "its report",
    "district": "counted by place; thousands live in one",
    "channel": "a slug, counted",
    "about": "a slug of a unit or place",
    "bundle": "which bundle answered",
    "restriction": "who may see it",
    **dict.fromkeys(("kind", "agency", "topic", "urgency", "aspect"), "a label"),
    **dict.fromkeys(("topic_basis", "agency_basis", "outcome", "clock"), "a word of ours"),
}
# These hold ids, codes and words of ours alone; the ledger holds no text by its own rule.
WITHOUT_WORDS = {
    "clock",
    "claim",
    "emergency",
    "message",
    "delivery",
    "incident",
    "incident_member",
    "likeness",
    "ledger",
    "stint",
    "audit_draw",
    "proposed_topic_report",
}


def test_every_column_of_a_report_is_erased_or_kept_for_a_reason():
    of_reports = [
        table
        for name, table in tables.metadata.tables.items()
        if (name == "feedback" or "feedback_id" in table.c) and name not in WITHOUT_WORDS
    ]
    assert {table.name for table in of_reports} == KEPT.keys()
    for table in of_reports:
        worded = {
            column.name for column in table.c if not isinstance(column.type, (Instant, Integer, Boolean, Date))
        } | ({"due_at", "paused_at", "published_at"} if table.name == "feedback" else set())
        numbers = {column.name for column in table.c if isinstance(column.type, Float)} - ERASED.get(table.name, set())
        assert worded - numbers == ERASED.get(table.name, set()) | KEPT[table.name].keys(), table.name
        assert not ERASED.get(table.name, set()) & KEPT[table.name].keys()
