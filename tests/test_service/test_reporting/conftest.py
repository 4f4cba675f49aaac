import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.charts import words_in
from service.reporting.composing import compose


@pytest.fixture(scope="session")
def months():
    """The invented months of views.py."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("views.py"))))


@pytest.fixture(scope="session")
def documents(months):
    """Each invented month as a document, by name and language."""
    views = {"large": months.large_month(), "small": months.small_month(), "empty": months.empty_month()}
    return {
        (name, language): compose(view, words_in(language)) for name, view in views.items() for language in ("id", "en")
    }
