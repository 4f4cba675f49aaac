"""Finds the data that Pilah ships: in a checkout beside the packages, in an installed wheel inside this one."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def datasets_folder() -> Path:
    """The folder ``datasets`` with taxonomy, lexicons and the reference corpus."""
    beside = _HERE.parent / "datasets"
    return beside if (beside / "taxonomy").is_dir() else _HERE / "shipped" / "datasets"


def reference_corpus() -> Path:
    """The labelled reports written for the project."""
    return datasets_folder() / "sawahlunto" / "reports.csv"
