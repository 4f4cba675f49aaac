"""Cursors of listings: where a page ended, as an opaque word that another page can begin at."""

import base64
import math
import re
from datetime import UTC, datetime, timedelta

from service.faults import invalid_fields
from service.handling.review import Rank
from service.problems import FieldError, ProblemError

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_RANK = re.compile(r"[0-9]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write_cursor(at: datetime, row_id: str) -> str:
    """The cursor after a row with this instant and id."""
    return _encode(f"{_count(at)} {row_id}")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """The instant and id a cursor was written with.

    Raises
    ------
    ProblemError
        422: it is none of ours.
    """
    try:
        microseconds, row_id = _decode(cursor)
        return _read_instant(microseconds), _check(_ID, row_id)
    except (ValueError, OverflowError) as error:
        raise _refuse() from error


def write_rank(rank: Rank) -> str:
    """The cursor after a report of the review queue."""
    ranks = f"{rank.alarm} {rank.clock} {rank.urgency} {rank.confidence!r}"
    return _encode(f"{_count(rank.at)} {ranks} {_count(rank.received_at)} {rank.id}")


def read_rank(cursor: str) -> Rank:
    """The place in the review queue that a cursor was written with.

    Raises
    ------
    ProblemError
        422: it is none of ours.
    """
    try:
        at, alarm, clock, urgency, sure, received_at, row_id = _decode(cursor)
        confidence = float(sure)
        if not math.isfinite(confidence):
            raise _refuse()
        alarm, clock, urgency = (_check(_RANK, part) for part in (alarm, clock, urgency))
        ranks = (int(alarm), int(clock), int(urgency))
        return Rank(_read_instant(at), *ranks, confidence, _read_instant(received_at), _check(_ID, row_id))
    except (ValueError, OverflowError) as error:
        raise _refuse() from error


def _count(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _read_instant(microseconds: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(microseconds))


def _check(pattern: re.Pattern[str], part: str) -> str:
    if pattern.fullmatch(part) is None:
        raise _refuse()
    return part


def _encode(content: str) -> str:
    return base64.urlsafe_b64encode(content.encode()).decode()


def _decode(cursor: str) -> list[str]:
    return base64.urlsafe_b64decode(cursor.encode()).decode("ascii").split(" ")


def _refuse() -> ProblemError:
    detail = "is no cursor of this service; take `next` of the page before as it is"
    return invalid_fields([FieldError("parameter", "cursor", detail)])
