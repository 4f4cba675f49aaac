"""Who said what reports are about, month by month: the bundle alone, a person, or a suggestion nobody has looked at."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from service.cases.case import AUTO, PERSON
from service.cases.counting import MONTH
from service.statistics.asking import Period, Reach
from service.statistics.series import Filter, read_series


@dataclass(frozen=True, slots=True)
class MonthCoverage:
    """Reports of a month by what their topic rests on."""

    month: date
    n: int
    n_auto: int
    n_person: int

    @property
    def n_suggested(self) -> int:
        """Reports nobody has looked at yet and no bundle decided alone."""
        return self.n - self.n_auto - self.n_person


def measure_coverage(connection: Connection, reach: Reach, period: Period) -> list[MonthCoverage]:
    """The months of a period with reports, earliest first."""
    counts: dict[date, dict[str, int]] = {}
    for one in read_series(connection, reach, Filter(), MONTH, period):
        of_month = counts.setdefault(one.day, {})
        of_month[one.basis] = of_month.get(one.basis, 0) + one.n
    return [
        MonthCoverage(month, sum(bases.values()), bases.get(AUTO, 0), bases.get(PERSON, 0))
        for month, bases in sorted(counts.items())
    ]
