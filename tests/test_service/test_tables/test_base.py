from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime
from sqlalchemy.dialects import sqlite

from service.tables import Instant

DIALECT = sqlite.dialect()
WRITE, READ = Instant().bind_processor(DIALECT), Instant().result_processor(DIALECT, None)
WRITE_AS_DIALECT = DateTime().dialect_impl(DIALECT).bind_processor(DIALECT)
INSTANTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.timezones())  # noqa: DTZ001  # bounds of any zone


@given(INSTANTS)
def test_an_instant_is_written_as_the_dialect_writes_it_and_comes_back_in_utc(instant):
    written = WRITE(instant)
    assert written == WRITE_AS_DIALECT(instant.astimezone(UTC).replace(tzinfo=None))
    assert READ(written) == instant.astimezone(UTC)
    assert READ(written).tzinfo is UTC


def test_no_instant_stays_none():
    assert WRITE(None) is None
    assert READ(None) is None
