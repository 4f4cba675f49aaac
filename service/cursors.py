"""Cursors of listings: where a page ended, as an opaque word that another page can begin at."""

import base64
import re
from datetime import UTC, datetime, timedelta

from service.faults import invalid_fields
from service.problems import FieldError, ProblemError

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write_cursor(at: datetime, row_id: str) -> str:
    """The cursor after a row with this instant and id."""
    microseconds = (at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{microseconds} {row_id}".encode()).decode()


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """The instant and id a cursor was written with.

    Raises
    ------
    ProblemError
        422: it is none of ours.
    """
    try:
        microseconds, row_id = base64.urlsafe_b64decode(cursor.encode()).decode("ascii").split(" ")
        if _ID.fullmatch(row_id) is None:
            raise _refuse()
        return _EPOCH + timedelta(microseconds=int(microseconds)), row_id
    except (ValueError, OverflowError) as error:
        raise _refuse() from error


def _refuse() -> ProblemError:
    detail = "is no cursor of this service; take `next` of the page before as it is"
    return invalid_fields([FieldError("parameter", "cursor", detail)])
