"""Resolves ``kecamatan-kelurahan-desa`` to one office: the village or district whose area a text names.

Knows places only. That a report goes to such an office at all is the classifier's word; what is not clear is for a
person.
"""

from collections.abc import Iterable

from model.places import Gazetteer
from model.prediction import Place

LOCAL_OFFICES = "kecamatan-kelurahan-desa"
VILLAGE_KINDS = ("desa", "kelurahan")
DISTRICT_KIND = "kecamatan"


def resolve_office(places: Iterable[Place], gazetteer: Gazetteer) -> str | None:
    """The code of the village or district office that the places of a text point to.

    A village that is named beats the village of a landmark, and that a district; ambiguous places say nothing. None
    where nothing is named, or where two different areas of the same weight are.
    """
    villages: set[str] = set()
    near_villages: set[str] = set()
    districts: set[str] = set()
    for place in places:
        if place.ambiguous or place.code not in gazetteer.entries:
            continue
        village, district = _village_of(place.code, gazetteer), district_of(place.code, gazetteer)
        if village:
            (villages if village == place.code else near_villages).add(village)
        elif district:
            districts.add(district)
    areas = villages or near_villages or districts
    return areas.pop() if len(areas) == 1 else None


def resolve_district(places: Iterable[Place], gazetteer: Gazetteer) -> str | None:
    """The code of the one district in which all places of a text lie, ambiguous ones left out; else None."""
    codes = {place.code for place in places if not place.ambiguous and place.code in gazetteer.entries}
    districts = {district for code in codes if (district := district_of(code, gazetteer))}
    return districts.pop() if len(districts) == 1 else None


def district_of(code: str, gazetteer: Gazetteer) -> str | None:
    """The district that a place is or lies in; None for the city and for a landmark not known so closely."""
    return _climb(code, gazetteer, (DISTRICT_KIND,))


def _village_of(code: str, gazetteer: Gazetteer) -> str | None:
    return _climb(code, gazetteer, VILLAGE_KINDS)


def _climb(code: str, gazetteer: Gazetteer, kinds: tuple[str, ...]) -> str | None:
    """The first of the place and what it lies in that is of one of the kinds."""
    entry = gazetteer.entries.get(code)
    while entry is not None:
        if entry.kind in kinds:
            return entry.code
        entry = gazetteer.entries.get(entry.parent)
    return None
