"""Which pages there are, in the order of the navigation, who may open each, and where each role starts.

The interface decides anew what somebody sees; a page that is not listed for somebody says so when it is opened.
"""

from dataclasses import dataclass
from typing import Final

from service.callers import LIAISON, Caller

_READERS: Final = ("triage", "analyse", "audit")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: the name of its word and icon, its address, and the scopes of which one opens it.

    One that ``shows_figures`` says while they are still being counted.
    """

    word: str
    path: str
    scopes: tuple[str, ...] = ()
    is_for_all_agencies: bool = False
    shows_figures: bool = False

    def is_open_to(self, caller: Caller) -> bool:
        """Whether somebody may open it; who works for one agency has no page about all of them."""
        if self.is_for_all_agencies and caller.agency is not None:
            return False
        return not self.scopes or caller.allows(*self.scopes)


OVERVIEW: Final = Entry("nav_overview", "/ringkasan", _READERS, shows_figures=True)
QUEUE: Final = Entry("nav_queue", "/antrian", ("triage",), is_for_all_agencies=True)
REPORTS: Final = Entry("nav_reports", "/laporan", _READERS)
TRENDS: Final = Entry("nav_trends", "/tren", _READERS, shows_figures=True)
PERFORMANCE: Final = Entry("nav_performance", "/kinerja", _READERS, shows_figures=True)
POLICIES: Final = Entry(
    "nav_policies", "/kebijakan", ("analyse", "audit"), is_for_all_agencies=True, shows_figures=True
)
QUALITY: Final = Entry("nav_quality", "/model", ("analyse", "audit"), is_for_all_agencies=True)
SETTINGS: Final = Entry("nav_settings", "/kelola", ("admin",))
TRY: Final = Entry("nav_try", "/")
# For everybody, behind the own name.
PASSWORD: Final = Entry("nav_password", "/sandi")
# Asked for from the pages of figures.
MONTHLY: Final = Entry("nav_monthly", "/laporan-bulanan", ("analyse",), shows_figures=True)
ENTRIES: Final = (OVERVIEW, QUEUE, REPORTS, TRENDS, PERFORMANCE, POLICIES, QUALITY, SETTINGS, TRY)
# Those beside the navigation too.
ALL_PAGES: Final = (*ENTRIES, MONTHLY, PASSWORD)


def list_entries(caller: Caller) -> tuple[Entry, ...]:
    """The pages somebody may open."""
    return tuple(entry for entry in ENTRIES if entry.is_open_to(caller))


def find_start(caller: Caller, role: str) -> Entry:
    """The page a person works on: where one lands after logging in."""
    first = {"triage": QUEUE, LIAISON: REPORTS}.get(role, OVERVIEW)
    return first if first.is_open_to(caller) else TRY
