import gzip
import io
import json
import shutil
import stat
import subprocess
import sys
import tarfile
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text

from model.registry import Registry
from service import tables
from service.engine import open_engine, reading, snapshot, writing
from service.errors import StoreError
from service.home import open_home
from service.migrating import REVISION, read_revision, upgrade
from service.upkeep.archive import verify_archive
from service.upkeep.backup import back_up
from service.upkeep.restore import restore

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def ignore(_):
    """Nobody watches."""


@pytest.fixture
def used(run_service, settings, champion):
    """Settings of an installation that has run, its bundle in its own registry."""
    shutil.copytree(champion, settings.home / "bundles")
    own = settings.model_copy(update={"bundle": None})
    with run_service(own) as client:
        for number in range(5):
            body = {"text": f"Mohon lampu jalan {number} 😡", "external_id": f"HS-{number}", "reporter_ref": "u-1"}
            client.post("/v1/feedback", {**body, "lat": -0.66, "lon": 100.78, "rating": 2})
    return own


@pytest.fixture
def archive(used, tmp_path):
    path = tmp_path / "backup.tar.gz"
    back_up(used, path, NOW, ignore)
    return path


def read_all(settings):
    """Rows of all tables but the ledger's own growth."""
    engine = open_engine(settings.store_url)
    with snapshot(engine) as connection:
        found = {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for name, table in tables.metadata.tables.items()
        }
    engine.dispose()
    found["ledger"] = [row for row in found["ledger"] if row[0] != "commands"]
    found["chain"] = [row for row in found["chain"] if row[0] != "commands"]
    return found


def test_a_backup_holds_everything_and_only_its_owner_reads_it(used, archive):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in archive.parent.glob(".*")] == []
    contents = verify_archive(archive)
    assert contents.revision == REVISION
    assert contents.tables["feedback"] == 5
    assert {"secret", "bundles/champion.json"} <= contents.files.keys()
    bundle = Registry(used.home / "bundles").champion_id()
    assert f"bundles/{bundle}/manifest.json" in contents.files


def test_a_restored_installation_is_the_old_one_and_serves(run_service, used, archive, tmp_path):
    other = used.changed(home=tmp_path / "other")
    done = restore(archive, other, NOW, ignore)
    assert done.moved == ()
    assert read_all(other) == read_all(used)
    assert (other.home / "secret").read_bytes() == (used.home / "secret").read_bytes()
    assert stat.S_IMODE((other.home / "secret").stat().st_mode) == 0o600
    with run_service(other) as client:
        key = (used.home / "first-admin-key.txt").read_text().strip()
        again = client.post(
            "/v1/feedback",
            {
                "text": "Mohon lampu jalan 0 😡",
                "external_id": "HS-0",
                "reporter_ref": "u-1",
                "lat": -0.66,
                "lon": 100.78,
                "rating": 2,
            },
            key=key,
        )
        assert again.status_code == 200
        types = [entry["type"] for entry in client.get("/v1/ledger?limit=200", key=key).json()["entries"]]
        assert types.count("store.restored") == 1


def test_a_target_in_use_is_refused_and_with_force_moved_aside(used, archive, tmp_path):
    before = read_all(used)
    with pytest.raises(StoreError, match="--force"):
        restore(archive, used, NOW, ignore)
    assert read_all(used) == before
    (used.home / "secret").write_text("00" * 32 + "\n")
    done = restore(archive, used, NOW, ignore, force=True)
    assert read_all(used) == before
    assert {path.name for path in done.moved} >= {
        "pilah.db.before-20261124T080000",
        "secret.before-20261124T080000",
    }
    with pytest.raises(StoreError, match="would be replaced"):
        restore(archive, used.changed(database_url=f"sqlite:///{tmp_path / 'new.db'}"), NOW, ignore)


def test_writes_go_on_while_a_backup_reads(run_service, used):
    with run_service(used) as client:
        engine = open_engine(used.store_url)
        with snapshot(engine) as connection:
            count = select(func.count()).select_from(tables.feedback)
            assert connection.execute(count).scalar() == 5
            key = (used.home / "first-admin-key.txt").read_text().strip()
            assert client.post("/v1/feedback", {"text": "lubang"}, key=key).status_code == 201
            assert connection.execute(count).scalar() == 5
        engine.dispose()


def change_member(path, name, change):
    """Write the archive anew with one member changed, or left out when ``change`` gives None."""
    with tarfile.open(path) as tar:
        members = [(member, tar.extractfile(member).read()) for member in tar.getmembers()]
    with tarfile.open(path, "w:gz") as tar:
        for member, content in members:
            changed = change(content) if member.name == name else content
            if changed is not None:
                member.size = len(changed)
                tar.addfile(member, io.BytesIO(changed))


def reseal(path):
    """Let the manifest vouch for whatever the archive holds, as somebody would who forges one."""
    import hashlib  # noqa: PLC0415

    with tarfile.open(path) as tar:
        hashes = {m.name: hashlib.sha256(tar.extractfile(m).read()).hexdigest() for m in tar.getmembers()}
    del hashes["manifest.json"]
    change_member(path, "manifest.json", lambda content: json.dumps({**json.loads(content), "files": hashes}).encode())


@pytest.mark.parametrize(
    ("name", "change", "match"),
    [
        ("secret", lambda _: b"00" * 32, "secret was changed"),
        ("secret", lambda _: None, "secret is missing"),
        ("manifest.json", lambda _: None, "ends before its manifest"),
        ("manifest.json", lambda content: content.replace(b'"format": 1', b'"format": 9'), "format 9"),
        ("store/feedback-000001.ndjson", lambda content: content[:40], "was changed"),
    ],
)
def test_a_changed_backup_is_refused_by_name(used, archive, tmp_path, name, change, match):
    change_member(archive, name, change)
    with pytest.raises(StoreError, match=match):
        restore(archive, used.changed(home=tmp_path / "other"), NOW, ignore)
    assert not (tmp_path / "other").exists()


def test_a_forged_ledger_is_refused_though_the_manifest_vouches_for_it(archive):
    change_member(archive, "store/ledger-000001.ndjson", lambda c: c.replace(b"dinas-perhubungan", b"dinas-pupr", 1))
    reseal(archive)
    with pytest.raises(StoreError, match=r"ledger is broken at entry \d of chain"):
        verify_archive(archive)


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"no tar", mtime=0)])
def test_what_is_no_backup_is_refused(tmp_path, content):
    path = tmp_path / "other.tar.gz"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"no backup|manifest"):
        verify_archive(path)


def test_a_backup_cut_short_is_refused(archive):
    archive.write_bytes(archive.read_bytes()[:-2000])
    with pytest.raises(StoreError, match=r"damaged|ends before its manifest"):
        verify_archive(archive)


def test_a_member_that_leads_elsewhere_is_refused(archive):
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("bundles/../../secret"))
    with pytest.raises(StoreError, match="which no backup"):
        verify_archive(archive)


def test_a_backup_replaces_no_file_and_needs_a_store(used, archive, tmp_path):
    with pytest.raises(StoreError, match="there already"):
        back_up(used, archive, NOW, ignore)
    with pytest.raises(StoreError, match="no store"):
        back_up(used.changed(home=tmp_path / "empty"), tmp_path / "b", NOW, ignore)


def test_a_backup_of_the_first_store_is_restored_and_brought_up_to_date(settings, tmp_path):
    engine = open_engine(settings.store_url)
    open_home(settings.home)
    with writing(engine) as connection:
        upgrade(connection, "0001")
        connection.execute(
            text(
                "INSERT INTO feedback (id, key_id, received_at, stored_at, state, attachments, text, kind) VALUES "
                "('1', 'k', '2026-01-01 00:00:00', '2026-01-02 00:00:00', 'baru', '[]', 'isi', 'pengaduan')"
            )
        )
    engine.dispose()
    back_up(settings, tmp_path / "old.tar.gz", NOW, ignore)
    other = settings.changed(home=tmp_path / "other")
    restore(tmp_path / "old.tar.gz", other, NOW, ignore)
    engine = open_engine(other.store_url)
    assert read_revision(engine) == REVISION
    with reading(engine) as connection:
        assert connection.execute(select(tables.feedback.c.text)).scalars().all() == ["isi"]
    engine.dispose()


def test_the_commands_say_what_they_did(used, tmp_path):
    def run(*arguments):
        command = [sys.executable, "-m", "pilah", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    file = tmp_path / "b.tar.gz"
    done = run("backup", file, "--home", used.home, "--json")
    assert json.loads(done.stdout)["tables"]["feedback"] == 5
    done = run("restore", file, "--home", tmp_path / "new")
    assert (done.returncode, "the ledger is whole" in done.stdout) == (0, True)
    done = run("restore", file, "--home", tmp_path / "new")
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
