"""What a report asks with: for whom, for which month, and how the same is asked of the interface."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import Connection

from service.callers import Caller
from service.figures.intervals import Rate
from service.reporting.document import Figure, Form
from service.reporting.view import Window, query
from service.statistics import Period, Question

Span = Literal["month", "before", "year"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A connection and what all questions of one report share."""

    connection: Connection
    caller: Caller
    window: Window
    is_public: bool

    def period(self, span: Span) -> Period:
        """The days of the month, of the month before, or of the twelve months."""
        window = self.window
        if span == "year":
            return Period(window.year_start, window.year_end)
        if span == "before":
            return Period(window.month, window.end).before()
        return Period(window.month, window.end)

    @property
    def tells_late(self) -> bool:
        """Whether what is over its deadline is told: not in public, and not of a month that others followed."""
        return self.window.is_latest and not self.is_public

    def question(self, span: Span) -> Question:
        """A question as of the last day that is known of; in public, after the month."""
        after = self.window.end + timedelta(days=1)
        today = max(self.window.known, after) if self.is_public else self.window.known
        return Question(self.period(span), today, is_public=self.is_public)

    def query(self, name: str, span: Span = "month", **more: str) -> str:
        """The call of the interface that answers the same."""
        period = self.period(span)
        public = "true" if self.is_public else None
        return query(f"/v1/statistics/{name}", start=period.start, end=period.end, public=public, **more)

    def count(self, name: str, value: float | None, definition: str, address: str, form: Form = "count") -> Figure:
        """A figure that counts; in public, what is not there is withheld."""
        return Figure(name, value, form, definition, address, is_withheld=self.is_public and value is None)

    def rate(self, name: str, rate: Rate, definition: str, address: str) -> Figure:
        """A figure that is a share with its interval; in public, one that rests on nothing is withheld."""
        n = int(rate.n)
        hidden = self.is_public and not rate.enough and n == 0
        return Figure(name, rate.value, "share", definition, address, n, rate.low, rate.high, is_withheld=hidden)


def subtract(one: float | None, other: float | None) -> float | None:
    """The difference where both are known."""
    return None if one is None or other is None else one - other
