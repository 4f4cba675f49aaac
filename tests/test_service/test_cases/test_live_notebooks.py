"""Runs the notebooks of figures on an export of a store in which little has happened yet."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from service.cases.exporting import Span, export_cases
from service.engine import open_engine
from service.migrating import migrate

from .conftest import City

pytestmark = pytest.mark.long
NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """An export of two months of a small city, without marks, audits and most topics."""
    folder = tmp_path_factory.mktemp("store")
    engine = open_engine(f"sqlite:///{folder / 'store.db'}")
    migrate(engine)
    city = City(engine, 5)
    for _ in range(120):
        city.act()
    export_cases(engine, folder / "cases.zip", Span(), city.now, lambda _: None)
    engine.dispose()
    return folder / "cases.zip"


@pytest.mark.parametrize("name", ["03-topic-trends", "04-agency-figures", "05-policy-effect"])
def test_a_notebook_of_figures_runs_on_an_export_of_a_young_store(name, cases, monkeypatch):
    monkeypatch.setenv("PILAH_EXPORT_CASES", str(cases))
    book = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    assert "6,216 laporan" not in str(book)
