from datetime import UTC, date, datetime

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from service.pages import formats
from service.pages.formats import change, clock_time, day, long_day, moment, month, number, share, span, today

EVENING = datetime(2026, 11, 24, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "indonesian", "english"),
    [
        (lambda language: number(1234.5, 1, language=language), "1.234,5", "1,234.5"),
        (lambda language: number(1_000_000, language=language), "1.000.000", "1,000,000"),
        (lambda language: change(-3, language=language), "−3", "−3"),
        (lambda language: change(12.25, 1, language=language), "+12,2", "+12.2"),
        (lambda language: share(0.784, language=language), "78\u00a0%", "78%"),
        (lambda language: share(0.784, 1, language=language), "78,4\u00a0%", "78.4%"),
        (lambda language: day(date(2026, 5, 1), language=language), "1 Mei 2026", "1 May 2026"),
        (
            lambda language: long_day(date(2026, 8, 17), language=language),
            "Senin, 17 Agustus 2026",
            "Monday, 17 August 2026",
        ),
        (lambda language: month(date(2026, 10, 1), language=language), "Oktober 2026", "October 2026"),
        (
            lambda language: moment(EVENING, language=language),
            "25 Nov 2026 00.05\u00a0WIB",
            "25 Nov 2026 00:05\u00a0WIB",
        ),
        (lambda language: clock_time(EVENING, language=language), "00.05\u00a0WIB", "00:05\u00a0WIB"),
        (
            lambda language: span(date(2026, 9, 1), date(2026, 11, 30), language=language),
            "1 Sep – 30 Nov 2026",
            "1 Sept – 30 Nov 2026",
        ),
    ],
)
def test_figures_and_days_are_written_as_people_here_write_them(written, indonesian, english):
    assert written("id") == indonesian
    assert written("en") == english


def test_the_day_begins_at_midnight_here():
    assert today(EVENING) == date(2026, 11, 25)
    assert day(EVENING, language="id") == "25 Nov 2026"


def test_what_is_not_there_is_a_dash():
    for write in (number, share, day, long_day, month, moment, clock_time):
        assert write(None, language="id") == formats.NONE


@given(st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e9, 1e9)), st.integers(0, 3))
def test_numbers_are_written_as_babel_writes_them(value, decimals):
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    for language, locale in (("id", "id_ID"), ("en", "en_GB")):
        assert number(value, decimals, language=language) == format_decimal(value, pattern, locale=locale)
