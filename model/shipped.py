"""Finds the data that Pilah ships: in a checkout beside the packages, in an installed wheel inside ``pilah``."""

from pathlib import Path

from model.taxonomy import Taxonomy, read_taxonomy

_ROOT = Path(__file__).resolve().parent.parent


def datasets_folder() -> Path:
    """The folder ``datasets`` with taxonomy, lexicons and the reference corpus."""
    beside = _ROOT / "datasets"
    return beside if (beside / "taxonomy").is_dir() else _ROOT / "pilah" / "shipped" / "datasets"


def reference_corpus() -> Path:
    """The labelled reports written for the project."""
    return datasets_folder() / "sawahlunto" / "reports.csv"


def is_golden_set(path: Path) -> bool:
    """Whether a file is the shipped golden set, which is kept aside: no bundle learns from it, whatever its days."""
    golden = datasets_folder() / "sawahlunto" / "golden.csv"
    return path.exists() and golden.exists() and path.samefile(golden)


def reference_config() -> Path:
    """How a bundle is trained on the labelled reports written for the project."""
    return datasets_folder() / "sawahlunto" / "training.toml"


def taxonomy_in_force() -> Taxonomy:
    """The taxonomy that bundles must have been trained for.

    Raises
    ------
    DatasetError
        As `model.taxonomy.read_taxonomy`.
    """
    return read_taxonomy(datasets_folder() / "taxonomy")
