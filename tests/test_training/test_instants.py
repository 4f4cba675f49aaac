# ruff: noqa: DTZ001  # hypothesis takes its bounds without a zone
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.instants import WIB, is_local_midnight, parse_instant, to_local_day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-18", (2024, 1, 18, 0, 0)),
        ("2024-01-18 13:45", (2024, 1, 18, 13, 45)),
        ("2024-01-18T13:45:00.250", (2024, 1, 18, 13, 45, 0, 250000)),
        ("2024-01-18T06:45:00Z", (2024, 1, 18, 13, 45)),
        ("2024-01-18 14:45 WITA", (2024, 1, 18, 13, 45)),
        ("2024-01-18 15:45+09:00", (2024, 1, 18, 13, 45)),
        ("2024/1/8", (2024, 1, 8, 0, 0)),
        ("18 Jan 2024", (2024, 1, 18, 0, 0)),
        ("8 Mei 2024", (2024, 5, 8, 0, 0)),
        ("18 Agt 2024", (2024, 8, 18, 0, 0)),
        ("18 agu. 2024", (2024, 8, 18, 0, 0)),
        ("18 OKTOBER 2024 pukul 13.45 WIB", (2024, 10, 18, 13, 45)),
        ("Rabu, 18 Desember 2024", (2024, 12, 18, 0, 0)),
        ("24 Oct 2023", (2023, 10, 24, 0, 0)),
        ("03/04/2024", (2024, 4, 3, 0, 0)),
        ("3-4-2024  07:05", (2024, 4, 3, 7, 5)),
    ],
)
def test_reads_the_ways_times_are_written(text, expected):
    assert parse_instant(text) == datetime(*expected, tzinfo=WIB)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kemarin",
        "31 Februari 2024",
        "12/31/2024",
        "18 Foo 2024",
        "2024-13-01",
        "18/01/24",
        "2024-01-18 24:00",
        "0001-01-01",
        "9999-12-31",
        "45310",
        "2024-01-18 13:45+99:00",
        "٢٠٢٤-٠١-١٨",
    ],
)
def test_refuses_what_it_would_have_to_guess(text):
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)


@given(st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC)))
def test_reads_back_what_iso_wrote(instant):
    assert parse_instant(instant.isoformat()) == instant


def test_a_day_is_that_of_western_indonesia():
    late = datetime(2024, 1, 17, 17, 0, tzinfo=UTC)
    assert to_local_day(late) == date(2024, 1, 18)
    assert is_local_midnight(late)
