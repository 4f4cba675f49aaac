"""Who may import whom, and what `model` must never reach for. The contracts stand in pyproject.toml."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

WEB = {"fastapi", "starlette", "uvicorn", "sqlalchemy", "alembic", "structlog", "pydantic_settings"}
LEARNING = {"pandas", "sklearn", "scipy", "statsmodels", "joblib", "altair", "pyarrow", "openpyxl"}
AMBIENT = {
    "os.environ",
    "os.getenv",
    "time.time",
    "time.monotonic",
    "time.perf_counter",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
}
CHARTS_AND_FIGURES = {"altair", "scipy"}  # of the extra `service` too: charts are drawn and figures computed there
LINTER = Path(sys.executable).with_name("lint-imports")


def test_the_layers_hold(root):
    result = subprocess.run([LINTER, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def _modules(sources, package):
    for source in sources:
        if source.package == package and "migrations" not in source.path.parts and source.path.stem != "__main__":
            parts = source.path.with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize(
    ("package", "blocked"),
    [("model", WEB | LEARNING | {"jinja2"}), ("service", LEARNING - CHARTS_AND_FIGURES), ("training", WEB)],
)
def test_imports_without_what_its_extra_does_not_install(sources, root, package, blocked):
    # The monthly report has an extra of its own, and only its command imports it; the workbench only notebooks.
    apart = ("service.reporting", "service.workbench")
    modules = [name for name in _modules(sources, package) if not name.startswith(apart)]
    assert modules
    script = (
        "import importlib, sys\n"
        f"for name in {sorted(blocked)!r}:\n    sys.modules[name] = None\n"
        f"for name in {modules!r}:\n    importlib.import_module(name)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_the_model_reads_neither_environment_nor_clock(sources):
    found = [
        f"{source.path}:{node.lineno} {ast.unparse(node)}"
        for source in sources
        if source.package == "model"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and ".".join(ast.unparse(node).rsplit(".", 2)[-2:]) in AMBIENT
    ]
    assert not found


def test_the_model_draws_no_unseeded_number(sources):
    found = [
        f"{source.path}:{node.lineno} {ast.unparse(node)}"
        for source in sources
        if source.package == "model"
        for node in ast.walk(source.tree)
        if _draws_unseeded(node)
    ]
    assert not found


def _draws_unseeded(node):
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("default_rng", "random.Random")):
        return not (node.args or node.keywords)
    is_global = isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"random", "np.random"}
    return is_global and node.attr not in {"Random", "default_rng", "Generator"}


def test_every_module_is_reached_by_an_import_statement_at_the_top_or_says_why(sources):
    """Imports inside functions hide a dependency; only commands and optional parts may do it, and ruff asks why."""
    hidden = [
        f"{source.path}:{node.lineno}"
        for source in sources
        if source.package == "model"
        for function in ast.walk(source.tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden
