from datetime import UTC, datetime, timedelta

import pytest

from service.demo.dating import Order, date_reports
from service.demo.truths import list_marks, plant
from service.demo.worktime import Worktime
from service.handling.clock import WIB, local_day
from service.handling.holidays import CityCalendar

DAYS = ["2026-01-01T00:05", "2026-11-24T23:59", "2027-07-15T12:00", "2028-02-29T08:00", "2029-01-16T17:30"]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("n_reports", [None, 240])
def test_whatever_the_day_the_history_ends_then_and_nothing_lies_ahead(day, n_reports):
    now = datetime.fromisoformat(day).replace(tzinfo=WIB).astimezone(UTC)
    sent = date_reports(Order(now, n_reports=n_reports), plant(local_day(now)))
    assert len(sent) == (n_reports or 6_496)
    assert [one.received_at for one in sent] == sorted(one.received_at for one in sent)
    n_years = 1 if n_reports else 3
    assert now - timedelta(days=366 * n_years) < sent[0].received_at
    assert now - timedelta(hours=1) < sent[-1].received_at <= now
    assert len({one.authored.id for one in sent}) == len(sent)


@pytest.mark.parametrize("day", DAYS)
def test_marks_lie_in_the_past_with_enough_weeks_on_either_side(day):
    today = datetime.fromisoformat(day).date()
    marks = list_marks(plant(today))
    assert [mark.day for mark in marks] == sorted(mark.day for mark in marks)
    for mark in marks:
        if mark.type == "kebijakan":
            assert timedelta(weeks=24) < today - mark.day < timedelta(weeks=3 * 52 - 24)


def test_offices_work_from_eight_to_four_on_working_days():
    worktime = Worktime(CityCalendar())
    friday = datetime(2026, 11, 20, 15, 0, tzinfo=WIB)
    assert worktime.after(friday, 0.25) == datetime(2026, 11, 23, 9, 0, tzinfo=WIB)
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=WIB)
    assert worktime.after(sunday, 1) == datetime(2026, 11, 23, 16, 0, tzinfo=WIB)
