"""What the contract tests look at: the project's files and the syntax trees of its packages."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGES = ("model", "training", "service", "pilah")
MADE_FOLDERS = {"__pycache__", "home", "dist", "build", "reports", "node_modules"}


@dataclass(frozen=True)
class Source:
    """A module of the packages, its path relative to the project."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.path.parts[0]

    @property
    def n_lines(self) -> int:
        return len(self.text.splitlines())


def read_sources(root: Path, folder: str) -> list[Source]:
    paths = sorted(path for path in (root / folder).rglob("*.py") if "__pycache__" not in path.parts)
    texts = [(path.relative_to(root), path.read_text(encoding="utf-8")) for path in paths]
    return [Source(path, text, ast.parse(text)) for path, text in texts]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def sources(root):
    """Every module of the four packages."""
    return [source for package in PACKAGES for source in read_sources(root, package)]


@pytest.fixture(scope="session")
def suite(root):
    """Every test file."""
    return read_sources(root, "tests")


@pytest.fixture(scope="session")
def written_files(root):
    """Every file that a person wrote: no environment, no caches, nothing made."""

    def is_written(path: Path) -> bool:
        folders = path.relative_to(root).parts[:-1]
        is_hidden = any(name.startswith(".") and name != ".ci" for name in folders)
        return path.is_file() and not is_hidden and not MADE_FOLDERS.intersection(folders)

    return sorted(path for path in root.rglob("*") if is_written(path))


@pytest.fixture(scope="session")
def documents(written_files):
    """Every Markdown file."""
    return [path for path in written_files if path.suffix == ".md"]
