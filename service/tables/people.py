"""Who may do something: keys of programs, accounts of people and their sessions."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from service.tables.base import Instant, metadata

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", String(200), nullable=False, comment="separated by spaces"),
    Column("agency", String(80), comment="whose reports alone it reads and moves"),
    Column("rate", Integer, comment="calls a minute; null for the setting"),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(80)),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
)

account = Table(
    "account",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("password", String(200), nullable=False, comment="argon2 hash"),
    Column("role", String(20), nullable=False),
    Column("agency", String(80), comment="of a liaison"),
    Column("scopes", String(200), nullable=False, comment="beyond those of the role, such as oversight"),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(80)),
    Column("disabled_at", Instant),
    Column("last_login_at", Instant),
)

login_failure = Table(
    "login_failure",
    metadata,
    Column("digest", String(64), primary_key=True, comment="of a login, whether or not somebody has it"),
    Column("n_failed", Integer, nullable=False),
    Column("failed_at", Instant, nullable=False),
    Column("locked_until", Instant),
    Index(None, "failed_at"),
)

session = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("account_id", String(36), ForeignKey(account.c.id), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "account_id"),
)
