"""What was decided, by what and by whom: the hash chains of the ledger, the policies, where readers of it stand."""

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text

from service.tables.base import Instant, metadata

ledger = Table(
    "ledger",
    metadata,
    Column("chain", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="1 for the first entry of a chain"),
    Column("at", Instant, nullable=False),
    Column("type", String(40), nullable=False),
    Column("feedback_id", String(36)),
    Column("actor", String(80), nullable=False, comment="key:…, account:… or system"),
    Column("bundle", String(80)),
    Column("taxonomy", String(80)),
    Column("policy", Integer),
    Column("text_digest", String(64), comment="salted; the text itself is never here"),
    Column("content", Text, nullable=False, comment="JSON: labels, decisions, states; no text"),
    Column("hash", String(64), nullable=False, comment="over this entry and the hash before it"),
    Index(None, "feedback_id", "at"),
    Index(None, "at"),
)

chain = Table(
    "chain",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("opened_at", Instant, nullable=False),
    Column("number", Integer, nullable=False, comment="of its last entry"),
    Column("hash", String(64), nullable=False, comment="of its last entry"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("name", String(40), primary_key=True, comment="of what is derived from the ledger"),
    Column("chain", String(36), primary_key=True),
    Column("number", Integer, nullable=False, comment="of the last entry that was read"),
)

policy = Table(
    "policy",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("made_at", Instant, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("content", Text, nullable=False, comment="JSON: days of each clock, advice, what a person confirmed"),
)

holiday = Table(
    "holiday",
    metadata,
    Column("day", Date, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("source", String(40), nullable=False, comment="the library, or who entered it"),
    Column("is_off", Integer, nullable=False, comment="0: the city works, whatever the library says"),
    Column("actor", String(80), nullable=False),
    Column("made_at", Instant, nullable=False),
)

pulse = Table(
    "pulse",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="always 1"),
    Column("beaten_at", Instant, nullable=False),
)
