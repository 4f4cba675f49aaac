"""What deadlines are computed with, policy and calendar together, and the copy a process keeps of them.

The copy serves reports that come in, so that none of them asks the store; it may be seconds old. Clocks note the
calendar they follow, and those that follow an old one are revised (`service.handling.clocks`).
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from service.handling.holidays import CityCalendar, read_calendar
from service.handling.policy import Policy, read_policy
from service.reader import Reader


@dataclass(frozen=True, slots=True)
class Terms:
    """The policy and the calendar in force."""

    policy: Policy
    calendar: CityCalendar


def read_terms(connection: Connection) -> Terms:
    """The terms as they are now."""
    return Terms(read_policy(connection), read_calendar(connection))


class KnownTerms:
    """The terms as this process last read them."""

    def __init__(self, reader: Reader, current: Terms) -> None:
        self._reader = reader
        self.current = current

    async def refresh(self) -> Terms:
        """Read them again.

        Raises
        ------
        StoreUnavailableError
            The store does not answer; what was known stays.
        """
        self.current = await self._reader.read(read_terms)
        return self.current
