"""Sheets: the sums of a month in one row, in the place of two cells whose rows were too many to add up.

Revision ID: 0006
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from itertools import groupby, islice
from struct import Struct

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_PARTS = ("stint", "answer", "verification", "misrouted", "reporter", "handling")
_ENDS = ("", "open", "answered", "transferred", "returned", "rejected", "archived", "erased")
_N_BINS, _EXACT_DAYS, _MOST_DAYS = 160, 65, 995
_LENGTH, _MIX = Struct("<hi"), Struct("<qiiii")
_AT_ONCE = 1_000


def upgrade() -> None:
    """Make sheets from what the cells hold, then drop these; of a million reports it takes half a minute."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL statement_timeout = 0")
    _create_cell_stratum()
    _create_sheet_mix()
    _create_sheet_length()
    _fill_strata()
    _fill("sheet_mix", "cell_mix", ("month", "agency", "restriction"), _pack_mix)
    _fill("sheet_length", "cell_length", ("scope", "kind", "month", "key", "restriction"), _pack_length)
    op.drop_table("cell_mix")
    op.drop_table("cell_length")


def _create_cell_stratum() -> None:
    op.create_table(
        "cell_stratum",
        sa.Column("code", sa.BigInteger, autoincrement=False, nullable=False, comment="made from the three words"),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("topic", sa.String(80), nullable=False),
        sa.Column("urgency", sa.String(80), nullable=False),
        sa.Column("n", sa.Integer, nullable=False, comment="how often it stands in sheets"),
        sa.PrimaryKeyConstraint("code", "kind", "topic", "urgency", name="pk_cell_stratum"),
        sqlite_with_rowid=False,
    )


def _create_sheet_mix() -> None:
    op.create_table(
        "sheet_mix",
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("agency", sa.String(80), nullable=False),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.Column(
            "lines", sa.LargeBinary, nullable=False, comment="by stratum: stints ended, given back, judged, kept"
        ),
        sa.PrimaryKeyConstraint("month", "agency", "restriction", name="pk_sheet_mix"),
    )


def _create_sheet_length() -> None:
    op.create_table(
        "sheet_length",
        sa.Column("scope", sa.String(10), nullable=False, comment="all, agency, topic or district"),
        sa.Column("kind", sa.String(80), nullable=False, comment="empty for all together"),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("key", sa.String(80), nullable=False, comment="the agency, topic or district"),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.Column(
            "lines", sa.LargeBinary, nullable=False, comment="by part of the time, end and working days: how many"
        ),
        sa.PrimaryKeyConstraint("scope", "kind", "month", "key", "restriction", name="pk_sheet_length"),
    )


def _fill_strata() -> None:
    mix = _read_table("cell_mix").c
    words = (mix.kind, mix.topic, mix.urgency)
    query = sa.select(*words, sa.func.sum(mix.n + mix.n_judged).label("n")).group_by(*words)
    found = op.get_bind().execute(query).mappings()
    rows = [{"code": _code(row["kind"], row["topic"], row["urgency"]), **row} for row in found]
    if rows:
        op.get_bind().execute(sa.insert(_read_table("cell_stratum")), rows)


def _fill(name: str, cell: str, keys: Sequence[str], pack: Callable[[Iterable[sa.RowMapping]], bytes]) -> None:
    """Read a cell in the order of the sheets, and write them some at a time."""
    cells, sheet = _read_table(cell), _read_table(name)
    query = sa.select(cells).order_by(*(cells.c[key] for key in keys))
    found = op.get_bind().execute(query, execution_options={"stream_results": True}).mappings()
    grouped = groupby(found, key=lambda row: tuple(row[key] for key in keys))
    sheets = ({**dict(zip(keys, place, strict=True)), "lines": pack(rows)} for place, rows in grouped)
    while some := list(islice(sheets, _AT_ONCE)):
        op.get_bind().execute(sa.insert(sheet), some)


def _pack_mix(rows: Iterable[sa.RowMapping]) -> bytes:
    lines = (
        (
            _code(row["kind"], row["topic"], row["urgency"]),
            *(row[name] for name in ("n", "n_given_back", "n_judged", "n_kept")),
        )
        for row in rows
    )
    return b"".join(_MIX.pack(*line) for line in sorted(lines))


def _pack_length(rows: Iterable[sa.RowMapping]) -> bytes:
    lines = ((_code_length(row["part"], row["end"], row["days"]), row["n"]) for row in rows)
    return b"".join(_LENGTH.pack(*line) for line in sorted(lines))


def _code(*words: str) -> int:
    return int.from_bytes(blake2b("\t".join(words).encode(), digest_size=8).digest(), "little", signed=True)


def _code_length(part: str, end: str, n_days: int) -> int:
    """Days up to 65 have a place of their own, longer ones were told as 70, 80, ... 990 and 995."""
    place = n_days
    if n_days > _EXACT_DAYS:
        place = _N_BINS - 1 if n_days == _MOST_DAYS else _EXACT_DAYS + 1 + (n_days - 70) // 10
    return (_PARTS.index(part) * len(_ENDS) + _ENDS.index(end)) * _N_BINS + place


def _read_table(name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
