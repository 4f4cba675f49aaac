"""The village and district offices as a page offers them to be chosen."""

from model.offices import DISTRICT_KIND, VILLAGE_KINDS
from service.pages.visits import Visit


def list_offices(visit: Visit) -> list[tuple[str, str]]:
    """Codes and names of the village and district offices."""
    entries = visit.context.router.gazetteer.entries.values()
    offices = [one for one in entries if one.kind in {*VILLAGE_KINDS, DISTRICT_KIND}]
    return sorted(((one.code, one.name) for one in offices), key=lambda office: office[1])
