"""The root folders are the packages: what that layout needs so that nothing clashes and nothing is left behind."""

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

PACKAGES = ("model", "training", "service", "pilah")


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def installed(root, tmp_path_factory):
    """A folder into which a wheel of this checkout was installed, as a user would have it."""
    made, installed = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("installed")
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", made], root)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", installed]
    _run([*pip, *made.glob("*.whl")], root)
    return installed


def _run(command, folder, **environment):
    result = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def _files(folder):
    return {
        path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_packages_belong_to_pilah_alone(installed):
    script = "import json; from importlib.metadata import packages_distributions as p; print(json.dumps(p()))"
    owners = json.loads(_run([sys.executable, "-c", script], installed, PYTHONPATH=str(installed)))
    assert {package: set(owners[package]) for package in PACKAGES} == {package: {"pilah"} for package in PACKAGES}


def test_the_distribution_cannot_be_uploaded_by_mistake(project):
    assert "Private :: Do Not Upload" in project["project"]["classifiers"]


def test_packages_are_listed_one_by_one(project):
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"] == [*PACKAGES, "datasets"]


@pytest.mark.parametrize("folder", ["datasets", "notebooks", "tests", "bench", "docs"])
def test_folders_that_are_no_packages_have_no_init(root, folder):
    assert not list((root / folder).rglob("__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_test_folder_shadows_a_package(root, package):
    assert not (root / "tests" / package).exists()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_holds_every_file_of_the_package(root, installed, package):
    assert _files(root / package) - _files(installed / package) == set()


@pytest.mark.parametrize("folder", ["templates", "static", "migrations/versions"])
def test_an_installed_pilah_has_pages_and_makes_its_store(installed, folder):
    assert _files(installed / "service" / folder)


def test_an_installed_pilah_carries_the_datasets(root, installed):
    script = "from model.shipped import datasets_folder; print(datasets_folder())"
    shipped = Path(_run([sys.executable, "-c", script], installed, PYTHONPATH=str(installed)).strip())
    assert installed in shipped.parents
    assert _files(shipped) == _files(root / "datasets")


def test_an_installed_pilah_carries_both_licences(installed):
    assert {path.name for path in installed.glob("*.dist-info")} == {f"pilah-{version('pilah')}.dist-info"}
    licences = _files(next(installed.glob("*.dist-info")) / "licenses")
    assert licences == {Path("LICENSE"), Path("datasets/LICENSE")}


def test_a_wheel_holds_the_packages_and_nothing_else(installed):
    folders = {path.name for path in installed.iterdir() if path.suffix != ".dist-info"}
    assert folders == {*PACKAGES, "bin"}
