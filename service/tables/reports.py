"""Feedback and what belongs to one report: prediction, identities, events, labels, clocks, claims."""

from typing import Final

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from service.tables.base import Instant, metadata

# What may wait for a person; the index serves a query only that says the very same.
_UNDISPOSED: Final = "state IN ('baru', 'dikembalikan', 'diverifikasi') AND erased_at IS NULL"

feedback = Table(
    "feedback",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("external_id", String(200)),
    Column("key_id", String(36), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("state", String(40), nullable=False),
    Column("channel", String(40)),
    Column("district", Text, comment="masked, which may make it longer than what was sent"),
    Column("village", Text, comment="masked, which may make it longer than what was sent"),
    Column("lat", Float(53)),
    Column("lon", Float(53)),
    Column("address", Text),
    Column("rating", Integer),
    Column("about", String(80)),
    Column("attachments", Text, nullable=False, comment="JSON list of addresses"),
    Column("source_url", Text),
    Column("reporter_digest", String(64)),
    Column("title", Text, comment="masked"),
    Column("text", Text, nullable=False, comment="masked, led by the title"),
    Column("kind", String(80)),
    Column("agency", String(80)),
    Column("topic", String(80)),
    Column("urgency", String(80)),
    Column("aspect", String(80)),
    Column("unit", String(80), comment="the office behind kecamatan-kelurahan-desa: the code of a village or district"),
    Column("route", String(10), comment="auto, suggest or human: how the agency came about"),
    Column("is_at_agency", Boolean, comment="routed alone or disposed of by a person, and not given back"),
    Column("confidence", Float(53), comment="that the agency is right, as predicted"),
    Column("alarm", String(10), comment="urgent or watch: a possible emergency"),
    Column("restriction", String(10), comment="oversight or admin: who alone may see it"),
    Column("due_at", Instant, comment="end of the running clock; null without one and while it is paused"),
    Column("paused_at", Instant, comment="since when the reporter is asked"),
    Column("changed_at", Instant),
    Column("published_at", Instant, comment="since when the public edge may show it"),
    Column("sender_topic", String(80), comment="the topic its sender chose; no label"),
    Column("erased_at", Instant, comment="when text and reporter were taken out"),
    Index(None, "received_at", "id"),
    Index(None, "agency", "received_at", "id"),
    Index(None, "topic", "received_at", "id"),
    Index(None, "kind", "received_at", "id"),
    Index(None, "urgency", "received_at", "id"),
    Index(None, "state", "received_at", "id"),
    Index(None, "key_id", "received_at", "id"),
    # Few reports have one.
    *(
        Index(
            f"ix_feedback_{name}_received_at_id",
            name,
            "received_at",
            "id",
            sqlite_where=text(f"{name} IS NOT NULL"),
            postgresql_where=text(f"{name} IS NOT NULL"),
        )
        for name in ("alarm", "unit", "restriction")
    ),
    Index(None, "external_id"),
    Index(None, "state", "due_at"),
    Index(None, "reporter_digest"),
    # All that the review queue asks of a report, in its order, so that no row is looked up which is not shown.
    Index(
        "ix_feedback_queue",
        "alarm",
        "due_at",
        "urgency",
        "confidence",
        "received_at",
        "id",
        "state",
        "route",
        "restriction",
        "agency",
        "is_at_agency",
        "erased_at",
        sqlite_where=text(_UNDISPOSED),
        postgresql_where=text(_UNDISPOSED),
    ),
)

prediction = Table(
    "prediction",
    metadata,
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Column("bundle", String(80), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("content", Text, nullable=False, comment="JSON of the prediction without its text"),
    Column("signature", LargeBinary, comment="of the text, for near-duplicates; null once erased"),
)

identity = Table(
    "identity",
    metadata,
    Column("name", String(80), primary_key=True, comment="digest of an external_id or an Idempotency-Key"),
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), nullable=False),
    Column("body_digest", String(64), nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), nullable=False),
    Column("number", Integer, nullable=False, comment="1 for the first event of a report"),
    Column("type", String(40), nullable=False),
    Column("at", Instant, nullable=False, comment="when it happened, as the sender says"),
    Column("stored_at", Instant, nullable=False),
    Column("actor", String(80), nullable=False, comment="key:… or account:…"),
    Column("agency", String(80)),
    Column("unit", String(80)),
    Column("note", Text, comment="masked"),
    Column("public_reply", Text, comment="masked"),
    Column("state", String(40), nullable=False, comment="of the report after it"),
    Index(None, "feedback_id", "number", unique=True),
)

label = Table(
    "label",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), nullable=False),
    Column("head", String(20), nullable=False),
    Column("value", String(80), nullable=False, comment="empty where no label fits, as for aspect"),
    Column("previous", String(80), comment="what stood there before"),
    Column("basis", String(20), nullable=False, comment="correction or confirmation"),
    Column("is_blind", Boolean, nullable=False, comment="the suggestion was hidden"),
    Column("reason", Text, comment="masked"),
    Column("actor", String(80), nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "feedback_id", "head", "at"),
    Index(None, "at"),
    # Few are, and the review queue asks for them.
    Index(
        "ix_label_blind",
        "feedback_id",
        "head",
        "at",
        sqlite_where=text("is_blind IS 1"),
        postgresql_where=text("is_blind IS true"),
    ),
)

clock = Table(
    "clock",
    metadata,
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("purpose", String(20), nullable=False, comment="verification or handling"),
    Column("kind", String(80), comment="the kind that set the days"),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant, comment="null where the kind has no deadline"),
    Column("content", Text, nullable=False, comment="JSON of the derivation: days, holidays passed over, pauses"),
    Column("made_at", Instant, nullable=False),
    Column("cause", String(40), nullable=False, comment="why the revision before did not stand"),
    Column("policy", Integer, nullable=False, comment="version of the policy it follows"),
    Column("calendar", String(60), nullable=False, comment="version of the days off it follows"),
)

claim = Table(
    "claim",
    metadata,
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Column("actor", String(80), nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "actor"),
)

emergency = Table(
    "emergency",
    metadata,
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Column("raised_at", Instant, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", String(80)),
    Column("escalated_at", Instant, comment="when nobody had acknowledged it in time"),
    Index(None, "acknowledged_at", "raised_at"),
)
