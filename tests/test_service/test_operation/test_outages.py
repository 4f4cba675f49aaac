"""The store away, full or locked, the clock wrong: 503 with `Retry-After`, nothing answered is lost, and it heals."""

import asyncio
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from model.registry import Registry
from service import tables
from service.pages.navigation import ALL_PAGES
from service.people.accounts import AccountOrder, add_accounts
from service.people.sessions import Login, open_sessions
from service.settings import Settings

LAMP = "Mohon lampu jalan di Talawi diperbaiki."


def count_stored(client):
    return len(client.get("/v1/feedback").json()["feedback"])


def test_the_store_gone_is_503_with_retry_after_and_heals_by_itself(client):
    client.post("/v1/feedback", {"text": LAMP})
    store = client.settings.home / "pilah.db"
    away = store.rename(store.with_name("away.db"))
    refused = client.post("/v1/feedback", {"text": LAMP})
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["type"] == "/problems/store-unavailable"
    assert client.get("/v1/feedback").status_code == 503
    assert not store.exists()
    away.rename(store)
    assert client.post("/v1/feedback", {"text": LAMP}).status_code == 201
    assert count_stored(client) == 2


def test_every_reading_and_page_is_503_while_the_store_is_away_and_is_there_again(client):
    client.post("/v1/feedback", {"text": LAMP})
    cookie = log_in(client)
    described = client.app.openapi()["paths"]
    readings = [path for path, item in described.items() if path.startswith("/v1/") and "get" in item]
    readings = [f"{path}?mark=x" if path.endswith("/effect") else path for path in readings if "{" not in path]
    pages = [entry.path for entry in ALL_PAGES]

    def ask_all():
        asked = [(path, client.get(path)) for path in readings]
        return asked + [(path, client.get(path, key="", headers={"Cookie": cookie})) for path in pages]

    before = {path: answer.status_code for path, answer in ask_all()}
    assert {path: status for path, status in before.items() if status != 200} == {"/v1/trends/effect?mark=x": 404}
    store = client.settings.home / "pilah.db"
    away = store.rename(store.with_name("away.db"))
    client.context.keys.forget()  # else a key is known for some seconds more, and what needs no store answers
    answers = dict(ask_all())
    wrong = {path: answer.status_code for path, answer in answers.items() if answer.status_code != 503}
    # The page to try a report is for everybody, also for who was logged in; without the store no key can be checked.
    assert wrong == {"/": 200}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers.values() if answer.status_code == 503)
    away.rename(store)
    assert {path: answer.status_code for path, answer in ask_all()} == before


def log_in(client):
    """The cookie of a session of an admin."""

    def add(transaction, _):
        now = datetime.now(UTC)
        order = AccountOrder("penjaga", "Penjaga", "no hash", "admin", "system", now)
        (account,) = add_accounts(transaction, [order])
        return open_sessions(transaction, [Login(account, "x", now)])

    token = client.loop.run_until_complete(client.context.writer.write(add, None))
    return f"__Host-pilah_session={token}"


def test_a_full_disk_is_503_and_heals_when_there_is_room(client):
    allowed = [1_000_000]

    def allow_pages(connection, *_):
        """SQLite then answers as on a full disk."""
        connection.execute(f"PRAGMA max_page_count = {allowed[0]}")

    event.listen(client.context.writer._engine, "checkout", allow_pages)
    client.post("/v1/feedback", {"text": LAMP})
    allowed[0] = 1
    answers = [client.post("/v1/feedback", {"text": "lampu " * 2_000, "external_id": str(n)}) for n in range(3)]
    assert {answer.status_code for answer in answers} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    allowed[0] = 1_000_000
    again = [client.post("/v1/feedback", {"text": "lampu " * 2_000, "external_id": str(n)}) for n in range(3)]
    assert {answer.status_code for answer in again} == {201}
    assert count_stored(client) == 4


def test_a_store_locked_by_another_program_is_503_and_heals_by_itself(client):
    client.post("/v1/feedback", {"text": LAMP})
    client.context.writer._engine.dispose()
    with sqlite3.connect(client.settings.home / "pilah.db") as other:
        other.execute("BEGIN IMMEDIATE")
        refused = client.post("/v1/feedback", {"text": LAMP})
    other.close()
    assert refused.status_code == 503
    assert client.post("/v1/feedback", {"text": LAMP}).status_code == 201


def fill(folder, leave_bytes):
    """Leave so much room on the disk of a folder; a file that takes the rest."""
    ballast = folder / "ballast"
    with ballast.open("wb") as stream:
        stream.write(b"\0" * (shutil.disk_usage(folder).free - leave_bytes))
    return ballast


@contextmanager
def small_disk(folder):
    """A home on a disk of 16 MiB of its own, which only root can make."""
    folder.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    command = [mount, "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder]
    if os.geteuid() != 0 or mount is None or subprocess.run(command, check=False).returncode != 0:
        pytest.skip("only root can make a small disk, and not in every container; a quota is tried instead")
    try:
        yield
    finally:
        subprocess.run([unmount, "--lazy", folder], check=True)


def send_until(client, status, prefix):
    """Send reports until one is answered so; the ids of those stored, and the last answer."""
    stored = []
    for number in range(400):
        body = {"text": f"lampu {number} " * 300, "external_id": f"{prefix}-{number}"}
        answer = client.post("/v1/feedback", json=body)
        if answer.status_code == 201:
            stored.append(answer.json()["id"])
        if answer.status_code == status:
            return stored, answer
        assert answer.status_code in {201, 503}, answer.text
        time.sleep(0.01)
    raise AssertionError(f"{status} did not come; the last was {answer.status_code}")


def check_refused(answer):
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/store-unavailable"
    assert int(answer.headers["retry-after"]) > 0


def test_a_disk_that_fills_up_under_a_service_is_503_until_there_is_room(settings, make_process, look_into, tmp_path):
    home = tmp_path / "disk"
    with small_disk(home):
        _try_full_disk(
            settings.changed(home=home), make_process, look_into, lambda _: fill(home, 200_000), lambda b: b.unlink()
        )


def test_a_quota_that_is_reached_under_a_service_is_503_until_it_is_raised(settings, make_process, look_into):
    def limit(process):
        wal = settings.home / "pilah.db-wal"
        biggest = max(path.stat().st_size for path in (wal, wal.with_name("pilah.db")))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (biggest + 200_000, resource.RLIM_INFINITY))
        return process

    def lift(process):
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)

    _try_full_disk(settings, make_process, look_into, limit, lift)


def _try_full_disk(settings, make_process, look_into, fill_up, make_room):
    process, store = make_process(settings), look_into(settings)
    process.start()
    with process.client() as client:
        first, _ = send_until(client, 201, "before")
        filled = fill_up(process)
        stored, refused = send_until(client, 503, "full")
        check_refused(refused)
        assert client.get(f"/v1/feedback/{first[0]}").status_code == 200
        assert client.post("/v1/classify", json={"text": LAMP}).status_code == 200
        make_room(filled)
        more, _ = send_until(client, 201, "after")
        assert client.get("/readyz").status_code == 200
    ids = {id_ for (id_,) in store.read(select(tables.feedback.c.id))}
    assert {*first, *stored, *more} <= ids
    store.wait_until_derived()
    process.kill()
    store.check_whole()
    store.check_derived()


@pytest.mark.parametrize("end", ["stop", pytest.param("crash", marks=pytest.mark.long)])
def test_a_database_that_goes_and_comes_back_is_503_meanwhile(settings, make_process, look_into, postgres, end):
    settings = settings.changed(database_url=postgres.create(f"goes_{end}"))
    process, store = make_process(settings), look_into(settings)
    process.start()
    with process.client() as client:
        first, _ = send_until(client, 201, "before")
        assert client.post("/v1/classify", json={"text": LAMP}).status_code == 200
        getattr(postgres, end)()
        try:
            lost, refused = send_until(client, 503, "away")
            check_refused(refused)
            assert lost == []
            assert client.get("/healthz").status_code == 200
            assert client.get("/metrics").status_code == 200
            assert client.get("/readyz").json()["checks"]["store"] == "cannot write"
            check_refused(client.get(f"/v1/feedback/{first[0]}"))
        finally:
            postgres.start()
        more, _ = send_until(client, 201, "after")
        assert client.get(f"/v1/feedback/{first[0]}").status_code == 200
        assert client.get("/readyz").status_code == 200
    assert {*first, *more} <= {id_ for (id_,) in store.read(select(tables.feedback.c.id))}
    store.wait_until_derived()
    process.kill()
    store.check_whole()
    store.check_derived()


@pytest.mark.parametrize("damage", ["gone", "cut short", "written over"])
def test_the_bundle_in_force_answers_on_when_its_files_are_gone_or_damaged(
    settings, make_process, write_bundle_as, damage
):
    registry = Registry(settings.home / "bundles")
    for name in ("aaaa", "bbbb"):
        write_bundle_as(registry.path_of(name))
    registry.promote("aaaa")
    process = make_process(Settings(home=settings.home, port=0))
    process.start()
    with process.client() as client:
        asked = {"text": LAMP, "explain": True}
        before = client.post("/v1/classify", json=asked).json()
        spoil(registry.path_of("aaaa"), damage)
        assert client.post("/v1/classify", json=asked).json() == before
        stored = client.post("/v1/feedback", json={"text": LAMP})
        assert (stored.status_code, stored.json()["prediction"]["bundle"]) == (201, "aaaa")
        assert client.get("/readyz").json()["bundle"] == "aaaa"
        assert client.get("/v1/models").status_code == 200
        assert client.get("/v1/taxonomy").status_code == 200
        put = client.post("/v1/models/bbbb/promote", json={"force": True, "reason": "rusak"})
        assert put.status_code == 200
        assert client.post("/v1/classify", json=asked).json()["bundle"] == "bbbb"
        back = client.post("/v1/models/rollback", json={})
        assert (back.status_code, client.get("/readyz").json()["bundle"]) == (409, "bbbb")


def spoil(folder, damage):
    if damage == "gone":
        shutil.rmtree(folder)
        return
    for path in (path for path in folder.rglob("*") if path.is_file()):
        if damage == "cut short":
            os.truncate(path, path.stat().st_size // 2)
        else:
            path.write_bytes(b"\0" * path.stat().st_size)


def test_a_clock_that_jumps_back_loses_nothing_and_stops_nothing(client, look_into, monkeypatch):
    def work(name):
        """A report with all that may happen to it."""
        id_ = client.post("/v1/feedback", {"text": f"kebakaran {name}", "external_id": name}).json()["id"]
        assert client.post(f"/v1/feedback/{id_}/events", {"type": "diverifikasi"}).status_code == 201
        assert client.post(f"/v1/feedback/{id_}/labels", {"topic": "sampah"}).status_code == 200
        assert client.post("/v1/review/claim", {"feedback_id": id_}).status_code == 200
        assert client.post(f"/v1/feedback/{id_}/acknowledge").status_code == 200
        return id_

    ids = [work("now")]
    for hours in (-49, -1, 30):
        shift_clock(monkeypatch, timedelta(hours=hours))
        client.loop.run_until_complete(asyncio.sleep(1.5))
        moved = {"type": "didisposisi", "agency": "dinas-pupr"}
        assert client.post(f"/v1/feedback/{ids[-1]}/events", moved).status_code == 201
        ids.append(work(f"shifted {hours}"))
        assert client.get("/readyz").status_code == 200
    pages = [client.get("/v1/feedback?limit=3").json()]
    pages.append(client.get(f"/v1/feedback?limit=3&cursor={pages[0]['next']}").json())
    assert sorted(report["id"] for page in pages for report in page["feedback"]) == sorted(ids)
    client.loop.run_until_complete(asyncio.sleep(2))
    store = look_into(client.settings)
    store.wait_until_derived(0.1)
    store.check_whole()
    store.check_derived()
    assert not [line for line in client.log if line.get("event") in {"fault", "chore failed"}]


class _OfEveryKind(type(datetime)):
    def __instancecheck__(cls, instance):
        return isinstance(instance, datetime)


def shift_clock(monkeypatch, by):
    """Let every module of the service read a clock that is wrong."""

    class Shifted(datetime, metaclass=_OfEveryKind):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + by

    for name, module in list(sys.modules.items()):
        if name.startswith("service.") and "datetime" in vars(module):
            monkeypatch.setattr(module, "datetime", Shifted)
