"""Which district a report counts for: a code of the gazetteer where its name is known, else the name as it was sent.

Reports of one district come as "Talawi", "Kec. Talawi" or with a village in the text; all count for one.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from model.offices import DISTRICT_KIND, VILLAGE_KINDS, district_of
from model.places import Gazetteer, read_gazetteer
from model.shipped import datasets_folder

MAX_CHARS: Final = 80
_LED_IN = re.compile(r"^(?:kec(?:amatan)?|distrik)\b\.?\s*")
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=1)
def shipped_gazetteer() -> Gazetteer:
    """The places of the city, as its folder of files names them."""
    return read_gazetteer(datasets_folder() / "lexicons" / "places.csv")


@lru_cache(maxsize=20_000)
def find_district(district: str | None, village: str | None) -> str:
    """The district that a sender named, by itself or by a village of it; empty where it named none."""
    codes = _codes_by_name()
    for written in (district, village):
        if written and (code := codes.get(_fold(written))):
            return code
    return _fold(district)[:MAX_CHARS].rstrip() if district else ""


def locate(codes: Iterable[str]) -> str:
    """The one district in which places of these codes lie; empty where there is none or more than one."""
    districts = {district for code in codes if (district := district_of(code, shipped_gazetteer()))}
    return districts.pop() if len(districts) == 1 else ""


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    """Codes of districts by what is written for them, and by names of villages that only one of them has."""
    entries = shipped_gazetteer().entries.values()
    villages: dict[str, set[str]] = {}
    for entry in entries:
        if entry.kind in VILLAGE_KINDS:
            villages.setdefault(_fold(entry.name), set()).add(locate([entry.code]))
    names = {name: found.pop() for name, found in villages.items() if len(found) == 1}
    for entry in entries:
        if entry.kind == DISTRICT_KIND:
            names |= {_fold(written): entry.code for written in (entry.name, entry.code, *entry.variants)}
    return names


def _fold(written: str) -> str:
    return _LED_IN.sub("", _SPACE.sub(" ", written.casefold()).strip())
