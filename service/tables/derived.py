"""Messages to others and who wants them; groups of near-duplicates. Messages and groups are derived from the ledger."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from service.tables.base import Instant, metadata
from service.tables.reports import feedback

webhook = Table(
    "webhook",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("url", String(2000), nullable=False),
    Column("events", String(200), nullable=False, comment="separated by spaces"),
    Column("agency", String(80), comment="whose reports alone it hears of"),
    Column("scopes", String(40), nullable=False, comment="oversight, admin: which restricted reports it hears of"),
    Column("secrets", Text, nullable=False, comment="JSON list of salts; each signs until it expires"),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(80), nullable=False),
    Column("disabled_at", Instant),
    Column("disabled_why", String(200)),
)

message = Table(
    "message",
    metadata,
    Column("id", String(80), primary_key=True, comment="from chain and number, so that a replay gives the same"),
    Column("type", String(40), nullable=False),
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("content", Text, nullable=False, comment="JSON: what it tells beside where the report stands"),
    Index(None, "feedback_id"),
)

# No foreign key to the message: a rebuild empties messages, and what was sent must stay known.
delivery = Table(
    "delivery",
    metadata,
    Column("message_id", String(80), primary_key=True),
    Column("target", String(80), primary_key=True, comment="a webhook's id, or mail"),
    Column("state", String(10), nullable=False, comment="waiting, sent, dead or withdrawn"),
    Column("n_tries", Integer, nullable=False),
    Column("next_at", Instant),
    Column("sent_at", Instant),
    Column("status", Integer, comment="HTTP status of the last try"),
    Column("fault", String(200), comment="of the last try"),
    Index(None, "state", "next_at"),
    Index(None, "target", "state"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", String(36), primary_key=True, comment="that of its first report"),
    Column("topic", String(80)),
    Column("opened_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("n_reports", Integer, nullable=False),
    Column("n_reporters", Integer, nullable=False),
    Index(None, "last_at"),
)

incident_member = Table(
    "incident_member",
    metadata,
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Column("incident_id", String(36), ForeignKey(incident.c.id), nullable=False),
    Index(None, "incident_id"),
)

likeness = Table(
    "likeness",
    metadata,
    Column(
        "key",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="of wording or of topic and place, and of a stretch of time; shared by what is alike",
    ),
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Index(None, "feedback_id"),
    # The most rows of all tables, found by their key alone.
    sqlite_with_rowid=False,
)
