from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.ids import new_id

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS)
def test_an_id_is_a_uuid_of_version_7_that_holds_its_millisecond(now):
    made = UUID(new_id(now))
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert abs(made.int >> 80) == int(now.timestamp() * 1000)


@given(INSTANTS, st.integers(1, 10**9))
def test_a_later_id_sorts_later(now, milliseconds):
    assert new_id(now) < new_id(now + timedelta(milliseconds=milliseconds + 1))


def test_ids_of_one_instant_differ():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert len({new_id(now) for _ in range(10_000)}) == 10_000
