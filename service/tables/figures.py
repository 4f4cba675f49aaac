"""What figures are summed from: cases and stints, the cells over them, marks, what the audit drew.

Cases, stints and cells are derived from the ledger; an empty string stands where nothing is known, so that it can be
part of a key.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from service.tables.base import Instant, metadata
from service.tables.reports import feedback

feedback_case = Table(
    "feedback_case",
    metadata,
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Column("day", Date, nullable=False, comment="received, in local time"),
    Column("seen_day", Date, nullable=False, comment="later than day where the store knows nothing of the time before"),
    Column("kind", String(80), nullable=False),
    Column("agency", String(80), nullable=False),
    Column("topic", String(80), nullable=False),
    Column("urgency", String(80), nullable=False),
    Column("aspect", String(80), nullable=False),
    Column("about", String(80), nullable=False),
    Column("district", String(80), nullable=False, comment="code of a known one, else as it was sent, folded"),
    Column("topic_basis", String(10), nullable=False, comment="person, auto or suggest"),
    Column("agency_basis", String(10), nullable=False, comment="person, auto or suggest"),
    Column("bundle", String(80), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("rating", Integer),
    Column("restriction", String(10), nullable=False, comment="empty, oversight or admin"),
    Column("outcome", String(12), nullable=False, comment="open, answered, rejected, transferred, archived or erased"),
    Column("is_waiting", Boolean, nullable=False, comment="in the review queue"),
    Column("answered_day", Date, comment="of the answer that lasted"),
    Column("ended_day", Date, comment="null while open"),
    Column("last_day", Date, nullable=False, comment="of the last thing that happened"),
    Column("n_returns", Integer, nullable=False),
    Column("is_misrouted", Boolean, nullable=False),
    Column("was_answered", Boolean, nullable=False, comment="ever"),
    Column("is_reopened", Boolean, nullable=False, comment="after an answer that did not last"),
    Column("kept_deadline", Boolean, comment="null while open, without one, and ended otherwise before it"),
    Column("due_day", Date, comment="of the answer; null without a deadline"),
    Column("clock", String(12), nullable=False, comment="that runs now: verification, handling or empty"),
    Column("runs_to", Date, comment="the end of that clock"),
    Column("verification_days", Integer, nullable=False, comment="working days, as all parts"),
    Column("misrouted_days", Integer, nullable=False),
    Column("reporter_days", Integer, nullable=False),
    Column("handling_days", Integer, nullable=False),
    Column("answer_days", Integer, comment="from the receipt to the end; null while open"),
    Index(None, "day"),
)

stint = Table(
    "stint",
    metadata,
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="1 for the first of a report"),
    Column("agency", String(80), nullable=False),
    Column("started_day", Date, nullable=False),
    Column("ended_day", Date, comment="null while open"),
    Column(
        "end", String(12), nullable=False, comment="open, answered, transferred, returned, rejected, archived, erased"
    ),
    Column("days", Integer, nullable=False, comment="working days of its own part, up to the last event while open"),
    Column("is_misrouted", Boolean, nullable=False, comment="given back or passed on unworked"),
    Column("runs_from", Date, comment="since when an open one counts; null while the reporter is asked"),
    Column("kind", String(80), nullable=False),
    Column("topic", String(80), nullable=False),
    Column("urgency", String(80), nullable=False),
    Column("restriction", String(10), nullable=False),
)

# Rows of cells are found by their keys alone: kept in that order (without rowid) they need no second tree on SQLite.

cell_series = Table(
    "cell_series",
    metadata,
    Column("scope", String(10), primary_key=True, comment="all, agency or district"),
    Column("key", String(80), primary_key=True, comment="the agency or district"),
    Column("grain", String(5), primary_key=True, comment="day, week or month"),
    Column("topic", String(80), primary_key=True),
    Column("day", Date, primary_key=True, comment="first day of the period"),
    Column("basis", String(10), primary_key=True, comment="what the topic rests on"),
    Column("bundle", String(80), primary_key=True),
    Column("restriction", String(10), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

cell_count = Table(
    "cell_count",
    metadata,
    Column("scope", String(10), primary_key=True, comment="all, agency, topic or district"),
    Column("grain", String(5), primary_key=True, comment="week or month"),
    Column("day", Date, primary_key=True, comment="first day of the period"),
    Column("key", String(80), primary_key=True, comment="the agency, topic or district"),
    Column("kind", String(80), primary_key=True),
    Column("restriction", String(10), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("n_open", Integer, nullable=False),
    Column("n_answered", Integer, nullable=False),
    Column("n_rejected", Integer, nullable=False),
    Column("n_archived", Integer, nullable=False),
    Column("n_erased", Integer, nullable=False),
    Column("n_judged", Integer, nullable=False, comment="ended, with a deadline"),
    Column("n_kept", Integer, nullable=False),
    Column("n_misrouted", Integer, nullable=False),
    Column("n_ever_answered", Integer, nullable=False, comment="whether or not the answer lasted"),
    Column("n_reopened", Integer, nullable=False, comment="of these, after an answer that did not last"),
    Column("n_rated", Integer, nullable=False),
    Column("n_satisfied", Integer, nullable=False, comment="rated 4 or 5"),
    sqlite_with_rowid=False,
)

cell_kept = Table(
    "cell_kept",
    metadata,
    Column("day", Date, primary_key=True, comment="the deadline"),
    Column("scope", String(10), primary_key=True, comment="agency or district"),
    Column("key", String(80), primary_key=True, comment="the agency, empty for triage, or the district"),
    Column("kind", String(80), primary_key=True),
    Column("topic", String(80), primary_key=True, comment="of agencies alone"),
    Column("urgency", String(80), primary_key=True, comment="of agencies alone"),
    Column("restriction", String(10), primary_key=True),
    Column("n", Integer, nullable=False, comment="deadlines that were kept"),
    sqlite_with_rowid=False,
)

cell_stratum = Table(
    "cell_stratum",
    metadata,
    Column("code", BigInteger, primary_key=True, autoincrement=False, comment="made from the three words"),
    Column("kind", String(80), primary_key=True),
    Column("topic", String(80), primary_key=True),
    Column("urgency", String(80), primary_key=True),
    Column("n", Integer, nullable=False, comment="how often it stands in sheets"),
    sqlite_with_rowid=False,
)

# Sheets hold the sums of one month in one row, packed by `service.cases.sheets`: a question adds up thousands.

sheet_mix = Table(
    "sheet_mix",
    metadata,
    Column("month", Date, primary_key=True),
    Column("agency", String(80), primary_key=True),
    Column("restriction", String(10), primary_key=True),
    Column("lines", LargeBinary, nullable=False, comment="by stratum: stints ended, given back, judged, kept"),
)

sheet_length = Table(
    "sheet_length",
    metadata,
    Column("scope", String(10), primary_key=True, comment="all, agency, topic or district"),
    Column("kind", String(80), primary_key=True, comment="empty for all together"),
    Column("month", Date, primary_key=True),
    Column("key", String(80), primary_key=True, comment="the agency, topic or district"),
    Column("restriction", String(10), primary_key=True),
    Column("lines", LargeBinary, nullable=False, comment="by part of the time, end and working days: how many"),
)

cell_open = Table(
    "cell_open",
    metadata,
    Column(
        "what",
        String(10),
        primary_key=True,
        comment="due, clock, owed, owed_there, stint, waiting, topic, district or all",
    ),
    Column("month", Date, primary_key=True, comment="when the case or stint began"),
    Column("day", Date, primary_key=True, comment="the deadline, or since when"),
    Column("key", String(80), primary_key=True, comment="the agency, topic or district"),
    Column("kind", String(80), primary_key=True),
    Column("topic", String(80), primary_key=True, comment="of deadlines alone"),
    Column("urgency", String(80), primary_key=True, comment="of deadlines alone"),
    Column("restriction", String(10), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

cell_aspect = Table(
    "cell_aspect",
    metadata,
    Column("scope", String(10), primary_key=True, comment="about or agency"),
    Column("month", Date, primary_key=True),
    Column("key", String(80), primary_key=True, comment="the unit complained of, or the agency"),
    Column("aspect", String(80), primary_key=True),
    Column("kind", String(80), primary_key=True),
    Column("restriction", String(10), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

cell_urgency = Table(
    "cell_urgency",
    metadata,
    Column("scope", String(10), primary_key=True, comment="all or agency"),
    Column("key", String(80), primary_key=True, comment="the agency"),
    Column("day", Date, primary_key=True),
    Column("kind", String(80), primary_key=True),
    Column("urgency", String(80), primary_key=True),
    Column("restriction", String(10), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

cell_bundle = Table(
    "cell_bundle",
    metadata,
    Column("day", Date, primary_key=True),
    Column("bundle", String(80), primary_key=True),
    Column("restriction", String(10), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

cell_watch = Table(
    "cell_watch",
    metadata,
    Column("week", Date, primary_key=True, comment="the Monday of the receipt, in local time"),
    Column("head", String(20), primary_key=True),
    Column("bundle", String(80), primary_key=True),
    Column("label", String(80), primary_key=True, comment="as predicted"),
    Column("is_auto", Boolean, primary_key=True, comment="decided alone"),
    Column("n", Integer, nullable=False),
    Column("confidence", BigInteger, nullable=False, comment="sum, in ten-thousandths"),
    Column("confidence_squares", BigInteger, nullable=False),
    Column("n_read", Integer, nullable=False, comment="whose unknown words were counted"),
    Column("unknown", BigInteger, nullable=False, comment="sum of shares of words, in ten-thousandths"),
    Column("unknown_squares", BigInteger, nullable=False),
    Column("n_labelled", Integer, nullable=False, comment="of which people said what they are"),
    Column("n_contradicted", Integer, nullable=False, comment="and said something else"),
    sqlite_with_rowid=False,
)

mark = Table(
    "mark",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("day", Date, nullable=False),
    Column("until", Date, comment="where it ended"),
    Column("title", Text, nullable=False, comment="masked"),
    Column("type", String(20), nullable=False, comment="kebijakan, kejadian or reorganisasi"),
    Column("agency", String(80), comment="which it touched; null for all"),
    Column("topic", String(80), comment="which it touched; null for all"),
    Column("control_agency", String(80), comment="which it did not touch"),
    Column("control_topic", String(80), comment="which it did not touch"),
    Column("actor", String(80), nullable=False),
    Column("made_at", Instant, nullable=False),
    Index(None, "day"),
)

audit_draw = Table(
    "audit_draw",
    metadata,
    Column("feedback_id", String(36), ForeignKey(feedback.c.id), primary_key=True),
    Column("head", String(20), primary_key=True),
    Column("quarter", String(7), nullable=False, comment="as 2026-Q1"),
    Column("stratum", String(40), nullable=False),
    Column("probability", Float(53), nullable=False, comment="with which it was drawn"),
    Column("drawn_at", Instant, nullable=False),
    Index(None, "head", "quarter"),
)
