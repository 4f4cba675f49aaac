"""The services of GeoReport: one for each topic of the taxonomy, and ``auto``, where Pilah finds the topic.

Discovery, which leads to them, is here too. Nothing here is about a report.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from model.places import Gazetteer
from model.prediction import JsonValue
from model.taxonomy import Label, Taxonomy
from service.open311.formats import FORMATS, MEDIA_TYPES

AUTO: Final = "auto"
SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
_AUTO_NAME = "Dipilah otomatis"
_AUTO: Final[Mapping[str, JsonValue]] = {
    "service_code": AUTO,
    "service_name": _AUTO_NAME,
    "description": "Untuk laporan apa saja: Pilah membaca laporan dan memilih topik dan instansinya.",
    "metadata": False,
    "type": "realtime",
    "keywords": "umum, lainnya, tidak tahu",
    "group": "umum",
}
_CITY_KINDS = frozenset({"kota", "kabupaten"})


def list_services(taxonomy: Taxonomy, today: date) -> list[JsonValue]:
    """All services that are offered, ``auto`` first."""
    topics = taxonomy.heads["topic"].values()
    return [dict(_AUTO), *(_describe(topic) for topic in topics if topic.is_valid_on(today))]


def is_service(taxonomy: Taxonomy, code: str) -> bool:
    """Whether there is or was a service of this code."""
    return code == AUTO or code in taxonomy.heads["topic"]


def is_offered(taxonomy: Taxonomy, code: str, today: date) -> bool:
    """Whether reports may be sent to a service now."""
    return code == AUTO or (is_service(taxonomy, code) and taxonomy.heads["topic"][code].is_valid_on(today))


def name_service(taxonomy: Taxonomy, code: str) -> str:
    """The name of a service for people."""
    return _AUTO_NAME if code == AUTO else taxonomy.name("topic", code)


def define_service(code: str) -> dict[str, JsonValue]:
    """The definition of a service: none asks for more than the description."""
    return {"service_code": code, "attributes": []}


def find_jurisdictions(gazetteer: Gazetteer, name: str | None) -> frozenset[str]:
    """What ``jurisdiction_id`` may be: the name in the settings, and the official code of the city."""
    codes = {code for code, entry in gazetteer.entries.items() if entry.kind in _CITY_KINDS}
    return frozenset(codes | {name} if name is not None else codes)


def discover(taxonomy: Taxonomy, office: str, address: str) -> dict[str, JsonValue]:
    """Where the edge is to be found: ``address`` of this service, ``office`` the slug of the one to ask."""
    contact = taxonomy.name("agency", office)
    formats: list[JsonValue] = [MEDIA_TYPES[format_] for format_ in FORMATS]
    endpoint: dict[str, JsonValue] = {
        "specification": SPECIFICATION,
        "url": f"{address.rstrip('/')}/open311/v2",
        "changeset": taxonomy.version,
        "type": "production",
        "formats": formats,
    }
    return {
        "changeset": taxonomy.version,
        "contact": f"Pertanyaan dan gangguan: {contact}",
        "key_service": f"Kunci (api_key) diberikan oleh {contact}",
        "endpoints": [endpoint],
    }


def _describe(topic: Label) -> dict[str, JsonValue]:
    category = topic.details["lapor_category"]
    return {
        "service_code": topic.slug,
        "service_name": topic.name,
        "description": f"{topic.name} (kategori SP4N-LAPOR!: {category})",
        "metadata": False,
        "type": "realtime",
        "keywords": f"{topic.slug.replace('-', ' ')}, {category}",
        "group": topic.details["group"],
    }
