"""The lock files satisfy pyproject.toml, agree with each other, and pin every file by its hash."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS_OF = {"dev": ("service", "training", "build", "dev"), "run": ("service", "training", "build")}


def _read_lock(root, level):
    """Name → pinned requirements (several where Python versions differ)."""
    text = (root / "requirements" / f"{level}.lock").read_text(encoding="utf-8")
    pins = {}
    for entry in re.sub(r" \\\n\s+", " ", text).splitlines():
        if entry and not entry.startswith("#"):
            pin = Requirement(entry.split(" --hash=")[0])
            pins.setdefault(canonicalize_name(pin.name), []).append((pin, "--hash=sha256:" in entry))
    return pins


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("level", EXTRAS_OF)
def test_the_lock_satisfies_the_project(root, project, level):
    pins = _read_lock(root, level)
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(entry for extra in EXTRAS_OF[level] for entry in extras[extra])]
    for requirement in map(Requirement, wanted):
        found = pins.get(canonicalize_name(requirement.name), [])
        versions = [str(pin.specifier).removeprefix("==") for pin, _ in found]
        assert versions, f"{requirement} is not in {level}.lock; run `make lock`"
        assert all(requirement.specifier.contains(version) for version in versions), f"{requirement}: {versions}"


@pytest.mark.parametrize("level", EXTRAS_OF)
def test_every_pin_is_exact_and_has_a_hash(root, level):
    loose = [
        str(pin)
        for pins in _read_lock(root, level).values()
        for pin, has_hash in pins
        if not has_hash or not str(pin.specifier).startswith("==")
    ]
    assert not loose


def test_serving_runs_on_the_versions_that_were_tested(root):
    run, dev = _read_lock(root, "run"), _read_lock(root, "dev")
    assert {name: [str(pin) for pin, _ in pins] for name, pins in run.items() if name in dev} == {
        name: [str(pin) for pin, _ in dev[name]] for name in run
    }


def test_no_lock_names_a_registry(root):
    for level in EXTRAS_OF:
        assert "://" not in (root / "requirements" / f"{level}.lock").read_text(encoding="utf-8")
