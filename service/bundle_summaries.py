"""What there is to say of the bundles of an installation in a line each, from their manifests."""

import json

from model.bundle import MANIFEST
from model.prediction import JsonValue
from model.registry import Registry
from service.champion import registry_of
from service.settings import Settings


def summarise_all(settings: Settings) -> list[dict[str, JsonValue]]:
    """Id, taxonomy, heads and rows of each bundle, and whether it is in force; by id."""
    registry = registry_of(settings)
    champion = settings.bundle.name if settings.bundle is not None else registry.champion_id()
    return [_summarise(registry, name, champion) for name in registry.list_ids()]


def _summarise(registry: Registry, bundle_id: str, champion: str | None) -> dict[str, JsonValue]:
    try:
        manifest = json.loads((registry.path_of(bundle_id) / MANIFEST).read_bytes())
    except ValueError:
        # Loading it says what is wrong; a list must not fail for one of its lines.
        manifest = {}
    taxonomy, dataset = manifest.get("taxonomy"), manifest.get("dataset")
    return {
        "bundle": bundle_id,
        "champion": bundle_id == champion,
        "taxonomy": taxonomy.get("version") if isinstance(taxonomy, dict) else None,
        "heads": {head["name"]: len(head["labels"]) for head in manifest.get("heads", [])},
        "rows": dataset.get("n_rows") if isinstance(dataset, dict) else None,
    }
