"""The tables of the store, the same on SQLite and PostgreSQL; `service/migrations` brings a store to them."""

from service.tables.base import Instant, metadata
from service.tables.derived import delivery, incident, incident_member, likeness, message, webhook
from service.tables.ledgers import chain, cursor, holiday, ledger, policy, pulse
from service.tables.people import account, api_key, login_failure, session
from service.tables.reports import claim, clock, emergency, event, feedback, identity, label, prediction

__all__ = [
    "Instant",
    "account",
    "api_key",
    "chain",
    "claim",
    "clock",
    "cursor",
    "delivery",
    "emergency",
    "event",
    "feedback",
    "holiday",
    "identity",
    "incident",
    "incident_member",
    "label",
    "ledger",
    "likeness",
    "login_failure",
    "message",
    "metadata",
    "policy",
    "prediction",
    "pulse",
    "session",
    "webhook",
]
