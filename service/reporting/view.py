"""What a report knows before it says anything: figures of a month, of its units, and how they were found.

Filled by `service.reporting.gathering` from answers of `service.statistics`; composed into pages by the other modules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from service.charts import Row
from service.reporting.document import Figure

N_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Window:
    """The month of a report, and the twelve months that end with it or, in public, the last whole calendar year.

    ``as_of`` is the last day of the month that is known of, ``known`` the last one at all.
    """

    month: date
    as_of: date
    known: date
    is_public: bool = False

    @property
    def is_running(self) -> bool:
        """Whether the store does not know the month to its end."""
        return self.as_of < self.end

    @property
    def is_latest(self) -> bool:
        """Whether nothing is known from after the month: what is open now was open then."""
        return self.known <= self.end

    @property
    def end(self) -> date:
        """The last day of the month."""
        return shift(self.month, 1) - timedelta(days=1)

    @property
    def before(self) -> date:
        """The first day of the month before."""
        return shift(self.month, -1)

    @property
    def year_start(self) -> date:
        """The first day of the twelve months."""
        return shift(self.year_end.replace(day=1), 1 - N_MONTHS)

    @property
    def year_end(self) -> date:
        """The last day of the twelve months."""
        if not self.is_public or self.month.month == N_MONTHS:
            return self.end
        return self.month.replace(month=1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit: its figures by name, how it stands to what is expected, and the rows of its charts."""

    slug: str
    figures: Mapping[str, Figure]
    verdict: str = ""
    is_verified: bool = True
    series: tuple[Row, ...] = ()
    incidence: tuple[Row, ...] = ()
    deadline_days: int | None = None
    split: tuple[Row, ...] = ()
    aspects: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """What stood when figures were found: the heads of the ledger, bundles in force, deadlines, days off."""

    chains: tuple[tuple[str, int, str], ...] = ()
    bundles: tuple[tuple[str, int], ...] = ()
    calendar: str = ""
    deadlines: Mapping[str, int | None] | None = None


@dataclass(frozen=True, slots=True)
class MonthView:
    """All a report tells of a month.

    ``topics``: topic, n, before, year. ``places``: district, n, before, year. ``units`` have reports within twelve
    months; ``quiet`` are the slugs of those that have none.
    """

    window: Window
    figures: Mapping[str, Figure]
    series: tuple[Row, ...] = ()
    marks: tuple[Row, ...] = ()
    topics: tuple[Row, ...] = ()
    topic_series: tuple[Row, ...] = ()
    places: tuple[Row, ...] = ()
    emerging: tuple[Row, ...] = ()
    emerging_week: tuple[date, date] | None = None
    aspects: tuple[Row, ...] = ()
    units: tuple[UnitView, ...] = ()
    quiet: tuple[str, ...] = ()
    method: Method = Method()
    queries: Mapping[str, str] | None = None
    is_demo: bool = False
    is_public: bool = False


def shift(month: date, n_months: int) -> date:
    """The first day of the month so many months later."""
    place = month.year * 12 + month.month - 1 + n_months
    return date(place // 12, place % 12 + 1, 1)


def query(path: str, **values: object) -> str:
    """The address that answers with the same number."""
    given = "&".join(f"{name.rstrip('_')}={value}" for name, value in values.items() if value is not None)
    return f"GET {path}?{given}" if given else f"GET {path}"
