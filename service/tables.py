"""The tables of the store, the same on SQLite and PostgreSQL; `service/migrations` brings a store to them."""

from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class Instant(TypeDecorator[datetime]):
    """An aware instant; SQLite knows no zones, so it keeps UTC and gets the zone back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the store UTC."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the reader an aware instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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
    Index(None, "received_at", "id"),
    Index(None, "agency", "received_at", "id"),
    Index(None, "topic", "received_at", "id"),
    Index(None, "external_id"),
)

prediction = Table(
    "prediction",
    metadata,
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Column("bundle", String(80), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("content", Text, nullable=False, comment="JSON of the prediction without its text"),
)

identity = Table(
    "identity",
    metadata,
    Column("name", String(80), primary_key=True, comment="digest of an external_id or an Idempotency-Key"),
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), nullable=False),
    Column("body_digest", String(64), nullable=False),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", String(200), nullable=False, comment="separated by spaces"),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

pulse = Table(
    "pulse",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="always 1"),
    Column("beaten_at", Instant, nullable=False),
)
