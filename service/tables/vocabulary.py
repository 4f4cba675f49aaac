"""What looks for new words found: each look, the topics it proposed, and the reports behind those of the latest."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text

from service.tables.base import metadata
from service.tables.reports import feedback

vocabulary_look = Table(
    "vocabulary_look",
    metadata,
    Column("day", Date, primary_key=True, comment="of the look, in local time"),
    Column("n_recent", Integer, nullable=False, comment="reports read of the last weeks"),
    Column("n_before", Integer, nullable=False, comment="reports read of the time before"),
)

proposed_topic = Table(
    "proposed_topic",
    metadata,
    Column("id", String(20), primary_key=True, comment="lasts while enough of its words do"),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False, comment="of the latest look that found it"),
    Column("words", Text, nullable=False, comment="JSON: words of three reporters or more, each with its reports"),
    Column("n_reports", Integer, nullable=False),
    Index(None, "last_day"),
)

proposed_topic_report = Table(
    "proposed_topic_report",
    metadata,
    Column("proposed_topic_id", String(20), ForeignKey(proposed_topic.c.id), primary_key=True),
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Index(None, "feedback_id"),
    sqlite_with_rowid=False,
)
