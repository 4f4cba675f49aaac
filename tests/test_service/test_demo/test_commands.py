import fcntl
import json
import stat
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import func, select

from service import tables
from service.demo.building import LOCK
from service.demo.places import LOGINS_FILE, find_home
from service.engine import open_engine, reading
from service.home import FIRST_KEY_FILE

REFUSED = 3
N_REPORTS = 40
OWNER_ONLY = 0o600


@pytest.fixture
def pilah(settings, monkeypatch):
    monkeypatch.setenv("PILAH_HOME", str(settings.home))
    monkeypatch.setenv("PILAH_BUNDLE", str(settings.bundle))
    return [sys.executable, "-m", "pilah"]


@contextmanager
def serving(pilah, *more):
    """`pilah serve` where no person sits; gives its address and all it said until it was ready."""
    command = [*pilah, "serve", "--port", "0", *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if "ready" in line:
                break
        yield said[-1].split()[-1], "".join(said)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def count_reports(settings):
    engine = open_engine(f"sqlite:///{find_home(settings) / 'pilah.db'}")
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(tables.feedback)).scalar_one()


def wait_for(condition):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def run(pilah, *words):
    return subprocess.run([*pilah, *words], capture_output=True, text=True, check=False, timeout=120)


def test_a_demo_is_made_once_and_removed_by_command(pilah, settings):
    made = run(pilah, "demo", "--reports", str(N_REPORTS), "--json")
    assert json.loads(made.stdout)["reports"] == N_REPORTS == count_reports(settings), made.stderr
    logins = find_home(settings) / LOGINS_FILE
    assert stat.S_IMODE(logins.stat().st_mode) == OWNER_ONLY
    assert "opd.dinas-pupr" in logins.read_text()
    again = run(pilah, "demo", "--reports", str(N_REPORTS))
    assert (again.returncode, "has its history already" in again.stderr) == (REFUSED, True)
    assert "is taken out" in run(pilah, "demo", "remove").stdout
    assert not find_home(settings).exists()
    assert "was not there" in run(pilah, "demo", "remove").stdout


def test_a_start_is_ready_before_its_demo_is_made_and_keeps_its_logins_for_the_owner(pilah, settings):
    with serving(pilah, "--demo") as (address, said):
        home = find_home(settings)
        assert httpx.get(f"{address}/readyz").status_code == 200
        assert "Data contoh" in httpx.get(f"{address}/masuk").text
        assert count_reports(settings) == 0
        logins = home / LOGINS_FILE
        assert stat.S_IMODE(logins.stat().st_mode) == OWNER_ONLY
        password = logins.read_text().split()[-1]
        assert password not in said
        assert (home / FIRST_KEY_FILE).exists()
        # Stopped in the midst of making it, the service takes with it what makes it.
        wait_for(lambda: [*home.glob(".draft-*/*.db")])
    assert not [*home.glob(".draft-*")]
    with (home / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert not (settings.home / "pilah.db").exists()


def test_a_build_killed_at_once_leaves_nothing_and_the_next_is_whole(pilah, settings):
    process = subprocess.Popen([*pilah, "demo", "--reports", "60"], stderr=subprocess.DEVNULL)
    wait_for(lambda: [*find_home(settings).glob(".draft-*/*.db")])
    process.kill()
    process.wait(30)
    assert count_reports(settings) == 0
    # The workers of the one that was killed notice it a little later; they write into drafts that nobody reads.
    assert run(pilah, "demo", "--reports", str(N_REPORTS)).returncode == 0
    assert count_reports(settings) == N_REPORTS


def test_a_home_with_reports_is_served_without_a_demo(pilah, settings, run_service):
    with run_service(settings) as client:
        client.post("/v1/feedback", {"text": "lampu jalan mati"})
    refused = run(pilah, "demo")
    assert (refused.returncode, "holds 1 reports" in refused.stderr) == (REFUSED, True)
    with serving(pilah, "--demo") as (address, said):
        assert "its own store is served, without demo data" in said
        assert "Data contoh" not in httpx.get(f"{address}/masuk").text
    assert not find_home(settings).exists()
