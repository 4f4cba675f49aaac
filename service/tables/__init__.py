"""The tables of the store, the same on SQLite and PostgreSQL; `service/migrations` brings a store to them."""

from service.tables.base import Instant, metadata
from service.tables.derived import delivery, incident, incident_member, likeness, message, webhook
from service.tables.figures import (
    audit_draw,
    cell_aspect,
    cell_bundle,
    cell_count,
    cell_open,
    cell_series,
    cell_stratum,
    cell_watch,
    feedback_case,
    mark,
    sheet_length,
    sheet_mix,
    stint,
)
from service.tables.ledgers import chain, cursor, holiday, ledger, policy, pulse
from service.tables.people import account, api_key, login_failure, session
from service.tables.reports import claim, clock, emergency, event, feedback, identity, label, prediction
from service.tables.vocabulary import proposed_topic, proposed_topic_report, vocabulary_look

__all__ = [
    "Instant",
    "account",
    "api_key",
    "audit_draw",
    "cell_aspect",
    "cell_bundle",
    "cell_count",
    "cell_open",
    "cell_series",
    "cell_stratum",
    "cell_watch",
    "chain",
    "claim",
    "clock",
    "cursor",
    "delivery",
    "emergency",
    "event",
    "feedback",
    "feedback_case",
    "holiday",
    "identity",
    "incident",
    "incident_member",
    "label",
    "ledger",
    "likeness",
    "login_failure",
    "mark",
    "message",
    "metadata",
    "policy",
    "prediction",
    "proposed_topic",
    "proposed_topic_report",
    "pulse",
    "session",
    "sheet_length",
    "sheet_mix",
    "stint",
    "vocabulary_look",
    "webhook",
]
