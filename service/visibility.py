"""Which stored reports a caller may see; every query of feedback goes through here.

Restricted reports (accusations against officials, certain or possible) are shut away from all but the scope
``oversight``, those about the inspectorate or the triage office from all but ``admin``.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement, and_, false, or_, true

from service.callers import Caller
from service.tables import feedback, ledger

READING_SCOPES = ("triage", "analyse", "audit")
OVERSIGHT: Final = "oversight"
ADMIN: Final = "admin"


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """The condition under which ``caller`` sees a row.

    A sender sees what it sent. Who may read sees the reports of its agency, or of all, without the restricted ones.
    """
    own = feedback.c.key_id == caller.id
    if not caller.allows(*READING_SCOPES):
        return own
    readable = and_(_in_reach(caller), _unrestricted(caller))
    # Written so that no index serves it: for a choice of two a store sorts, in place of walking along one index.
    sent = feedback.c.key_id.concat("") == caller.id
    return readable if caller.type == "account" else or_(sent, readable)


def workable_by(caller: Caller) -> ColumnElement[bool]:
    """The condition under which ``caller`` may move or label a row: not merely because it sent it."""
    return and_(_in_reach(caller), _unrestricted(caller)) if caller.allows("triage") else false()


def visible_to_public(kinds: Iterable[str]) -> ColumnElement[bool]:
    """The condition under which everybody sees a row: an officer published it, and it is of one of ``kinds``."""
    columns = feedback.c
    return and_(
        columns.published_at.is_not(None),
        columns.restriction.is_(None),
        columns.erased_at.is_(None),
        columns.kind.in_(sorted(kinds)),
    )


def _in_reach(caller: Caller) -> ColumnElement[bool]:
    """Of a caller of one agency, what lies there: what is only proposed for it waits for a person."""
    if caller.agency is None:
        return true()
    return and_(feedback.c.agency == caller.agency, feedback.c.is_at_agency.is_(True))


def _unrestricted(caller: Caller) -> ColumnElement[bool]:
    open_to_all = feedback.c.restriction.is_(None)
    if caller.agency is not None:
        return open_to_all
    if caller.allows(ADMIN):
        return true()
    return or_(open_to_all, feedback.c.restriction == OVERSIGHT) if caller.allows(OVERSIGHT) else open_to_all


def entries_visible_to(caller: Caller) -> ColumnElement[bool]:
    """The condition under which ``caller`` sees an entry of the ledger, outer joined with its feedback.

    Entries of no report are about keys, accounts and policies; who is bound to one agency has no business with them.
    """
    of_report = and_(ledger.c.feedback_id == feedback.c.id, visible_to(caller))
    return of_report if caller.agency is not None else or_(ledger.c.feedback_id.is_(None), of_report)
