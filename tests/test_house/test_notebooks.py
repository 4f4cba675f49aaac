"""Notebooks use the packages and define nothing; they are kept as they were run, with pictures and without noise."""

import ast
import json

import pytest


@pytest.fixture(scope="module")
def notebooks(root):
    found = {
        path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted((root / "notebooks").glob("*.ipynb"))
    }
    assert found
    return found


def _cells(book, kind):
    return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == kind]


def test_no_cell_defines_anything(notebooks):
    defined = [
        (name, type(node).__name__)
        for name, book in notebooks.items()
        for source in _cells(book, "code")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)
    ]
    assert defined == []


def test_a_reader_is_told_what_is_done_and_how_to_use_other_reports(notebooks):
    for name, book in notebooks.items():
        prose = _cells(book, "markdown")
        assert prose[0].startswith(f"# {int(name[:2])}. "), name
        assert len(prose) >= 3, name
        assert "PILAH_EXPORT" in "".join(prose), name


def test_they_are_kept_as_they_were_run(notebooks):
    for name, book in notebooks.items():
        code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
        assert all(cell["execution_count"] for cell in code), name
        outputs = [output for cell in code for output in cell["outputs"]]
        assert not [one for one in outputs if one["output_type"] == "error" or one.get("name") == "stderr"], name
        assert any("image/png" in one.get("data", {}) for one in outputs), name


def test_the_readme_lists_every_notebook(notebooks, root):
    page = (root / "notebooks" / "README.md").read_text(encoding="utf-8")
    assert [name for name in notebooks if f"({name})" not in page] == []
