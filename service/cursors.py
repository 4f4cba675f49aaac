"""Cursors of listings: where a page ended, as an opaque word that another page can begin at."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

from service.faults import invalid_fields
from service.problems import FieldError

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
        return _EPOCH + timedelta(microseconds=int(microseconds)), str(UUID(row_id))
    except (ValueError, OverflowError) as error:
        detail = "is no cursor of this service; take `next` of the page before as it is"
        raise invalid_fields([FieldError("parameter", "cursor", detail)]) from error
