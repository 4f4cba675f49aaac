"""Writes datasets/demo/cases.zip anew: the cases of a whole demo city, for notebooks. ``make demo-cases``.

Trains on the shipped reports, builds the demo as of a fixed instant and exports its cases: minutes. The same reports,
words and demo give the same file.
"""

import runpy
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final

from service.cases.exporting import Span, export_cases
from service.demo.building import build
from service.demo.dating import Order
from service.demo.places import prepare
from service.engine import open_engine
from service.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[1]
CASES: Final = ROOT / "datasets" / "demo" / "cases.zip"
# A Monday, so that the last whole week is the one before.
NOW: Final = datetime.fromisoformat("2026-11-23T08:00:00+07:00")


def write_cases(home: Path, path: Path) -> int:
    """Build the demo with the bundle in force in ``home`` and write its cases; how many there are."""
    prepared = prepare(Settings(home=home, port=0))
    build(prepared, Order(NOW), lambda _stage, _share: None)
    return export_demo(prepared.settings.store_url, path)


def export_demo(store_url: str, path: Path) -> int:
    """Write the cases of a store as of `NOW`; how many there are. What is restricted stays out."""
    engine = open_engine(store_url)
    try:
        done = export_cases(engine, path, Span(), NOW, lambda _: None)
    finally:
        engine.dispose()
    path.chmod(0o644)
    return done.n_cases


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        runpy.run_path(str(ROOT / "docs" / "write_example.py"))["train_shipped"](Path(folder))
        sys.stdout.write(f"{CASES}: {write_cases(Path(folder), CASES):,} cases\n")
