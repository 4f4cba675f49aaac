"""How the figures of a report were found: heads of the ledger, bundles, deadlines and days off in force."""

from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from service import tables
from service.handling.clock import local_day
from service.handling.terms import read_terms
from service.reporting.asking import Asked
from service.reporting.view import Method, Window, shift
from service.statistics.asking import find_reach


def find_window(connection: Connection, month: date, *, is_public: bool) -> Window:
    """The month, up to its last day, or to the last one of which the ledger tells, if that is earlier.

    So a report of a running month does not change with the clock, only with the store.
    """
    last = shift(month, 1) - timedelta(days=1)
    latest = connection.execute(select(func.max(tables.ledger.c.at, type_=tables.Instant()))).scalar()
    known = max(month, local_day(latest) if latest is not None else last)
    return Window(month, min(last, known), known, is_public)


def read_method(asked: Asked) -> Method:
    """What the page of method tells."""
    chains = tables.chain.c
    heads = asked.connection.execute(select(chains.id, chains.number, chains.hash).order_by(chains.id))
    terms = read_terms(asked.connection)
    return Method(
        chains=tuple((str(row.id), int(row.number), str(row.hash)) for row in heads),
        bundles=tuple(_count_bundles(asked)),
        calendar=terms.calendar.version,
        deadlines=dict(terms.policy.days),
    )


def _count_bundles(asked: Asked) -> list[tuple[str, int]]:
    """Reports of the month by the bundle that read them, in the order in which bundles came; none in public."""
    if asked.is_public:
        return []
    cells, period = tables.cell_bundle.c, asked.period("month")
    reach = find_reach(asked.caller, is_public=asked.is_public)
    rows = asked.connection.execute(
        select(cells.bundle, func.sum(cells.n))
        .where(cells.day.between(period.start, period.end), cells.restriction.in_(reach.restrictions))
        .group_by(cells.bundle)
        .order_by(func.min(cells.day), cells.bundle)
    )
    return [(str(bundle) or "-", int(n)) for bundle, n in rows]
