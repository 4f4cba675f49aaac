from datetime import date

import pytest

from service.pages.periods import EARLIEST, Period, begin_month, list_presets, read_period

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("state", "period"),
    [
        ({}, Period(date(2025, 4, 1), TODAY)),
        ({"dari": "", "sampai": ""}, Period(date(2025, 4, 1), TODAY)),
        ({"dari": "2026-01-05", "sampai": "2026-02-01"}, Period(date(2026, 1, 5), date(2026, 2, 1))),
        ({"dari": "0001-01-01"}, Period(EARLIEST, TODAY)),
        ({"dari": "0001-01-01", "sampai": "0001-01-02"}, Period(date(2025, 4, 1), TODAY, "period_fault_day")),
        ({"dari": "9999-01-01", "sampai": "9999-12-31"}, Period(date(2025, 4, 1), TODAY, "period_fault_day")),
        ({"dari": "2026-01-01", "sampai": "9999-12-31"}, Period(date(2026, 1, 1), date(2027, 12, 31))),
        ({"dari": "kemarin"}, Period(date(2025, 4, 1), TODAY, "period_fault_day")),
        ({"dari": "2026-03-02", "sampai": "2026-03-01"}, Period(date(2025, 4, 1), TODAY, "period_fault_order")),
    ],
)
def test_a_period_is_what_the_address_says_else_the_last_twelve_months(state, period):
    assert read_period(state, TODAY) == period


def test_months_are_counted_over_the_turn_of_the_year():
    assert begin_month(date(2026, 1, 31), -1) == date(2025, 12, 1)
    assert begin_month(date(2025, 12, 31), 1) == date(2026, 1, 1)


def test_periods_at_hand_lie_in_the_past():
    presets = dict(list_presets(TODAY))
    assert presets["period_last_month"] == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert all(period.start <= period.end <= TODAY for period in presets.values())
