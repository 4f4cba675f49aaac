"""Reads what a bundle holds beside its table and heads: rules, gates, further needs, names of units and labels."""

import json

from model.bundle import BundleFiles
from model.elsewhere import REGIONS_FILE, Regions, parse_regions
from model.errors import BundleCorruptError
from model.gates import Gatekeeper, make_gatekeeper, parse_needs
from model.needs import NeedCurve, read_need_curve
from model.places import Gazetteer
from model.rulebook import NEEDS_FILE, RULEBOOK_FILES, Rulebook, parse_rulebook
from model.taxonomy import read_taxonomy
from model.units import UnitNames, parse_units

UNITS_FILE = "lexicons/units.csv"
NEED_CURVE_FILE = "needs.json"


def take_rulebook(files: BundleFiles) -> Rulebook:
    """That of the bundle; an empty one for a bundle of before there were rules.

    Raises
    ------
    BundleCorruptError
        Some of the files are there, others not: rules would be off, and nobody would know.
    """
    missing = [name for name in RULEBOOK_FILES if name not in files]
    if len(missing) == len(RULEBOOK_FILES):
        return Rulebook()
    if missing:
        raise BundleCorruptError(
            f"{files.folder / missing[0]} is missing beside other files of rules; get the bundle again, or train again."
        )
    return parse_rulebook({name: files.read_text(name) for name in RULEBOOK_FILES})


def take_gatekeeper(files: BundleFiles, rulebook: Rulebook, gazetteer: Gazetteer) -> Gatekeeper | None:
    """The gatekeeper; None for a bundle of before there were rules, or of labels of its own."""
    if not rulebook.named or not isinstance(files.manifest.get("taxonomy"), dict):
        return None
    needs = parse_needs(files.read_text(NEEDS_FILE), NEEDS_FILE)
    regions = parse_regions(files.read_text(REGIONS_FILE), REGIONS_FILE) if REGIONS_FILE in files else Regions()
    return make_gatekeeper(needs, rulebook.named, read_taxonomy(files.folder / "taxonomy"), gazetteer, regions)


def take_need_curve(files: BundleFiles) -> NeedCurve | None:
    """None for a bundle whose rows told too few further needs."""
    return read_need_curve(json.loads(files.read_text(NEED_CURVE_FILE))) if NEED_CURVE_FILE in files else None


def take_units(files: BundleFiles) -> UnitNames:
    """No names for a bundle of before there were any; scores alone then tell the unit complained of."""
    return parse_units(files.read_text(UNITS_FILE), UNITS_FILE) if UNITS_FILE in files else UnitNames(())


def take_label_names(files: BundleFiles) -> dict[tuple[str, str], str]:
    """Names of labels for people by head and slug; none for a bundle of labels of its own."""
    if not isinstance(files.manifest.get("taxonomy"), dict):
        return {}
    taxonomy = read_taxonomy(files.folder / "taxonomy")
    return {(head, slug): label.name for head, labels in taxonomy.heads.items() for slug, label in labels.items()}
