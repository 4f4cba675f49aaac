"""A home with two bundles of the same small world, and later rows to compare them on."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model.registry import Registry
from pilah.app import app

_DUTIES = (
    ("dinas-pupr", "jalan berlubang aspal rusak"),
    ("dinas-perhubungan", "parkir liar motor di trotoar"),
    ("dinas-kesehatan", "puskesmas antre dokter obat"),
)
_PLACES = ("pasar", "simpang", "kantor", "sekolah", "lapangan")
_START = datetime(2026, 1, 1, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Home:
    """The folder, the bundle in force, the one that wants to be, and a file of rows later than both."""

    folder: Path
    champion: str
    challenger: str
    later: Path


def write_rows(path, n_rows, first_day=0):
    """One row a day in turn of the agencies."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(["id", "text", "received_at", "agency"])
        for number in range(n_rows):
            agency, words = _DUTIES[number % len(_DUTIES)]
            text = f"{words} dekat {_PLACES[number % len(_PLACES)]}"
            lines.writerow([f"r{number}", text, (_START + timedelta(days=first_day + number)).isoformat(), agency])
    return path


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory):
    """Written once and copied by `home`."""
    folder = tmp_path_factory.mktemp("home")
    for n_rows in (90, 120):
        rows = write_rows(folder / f"{n_rows}.csv", n_rows)
        trained = run("train", "--data", rows, "--home", folder)
        assert trained.exit_code == 0, trained.output
    return folder


@pytest.fixture
def home(trained_home, tmp_path, monkeypatch):
    """A copy of the two bundles, the older one in force."""
    folder = tmp_path / "home"
    registry, source = Registry(folder / "bundles"), Registry(trained_home / "bundles")
    for name in source.list_ids():
        registry.adopt(source.path_of(name), name)
    champion, challenger = registry.list_ids()
    registry.promote(champion)
    monkeypatch.setenv("PILAH_HOME", str(folder))
    monkeypatch.delenv("PILAH_BUNDLE", raising=False)
    return Home(folder, champion, challenger, write_rows(tmp_path / "later.csv", 150, first_day=200))
