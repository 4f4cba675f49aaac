"""History comes in once, however often it is begun, masked, quiet, and with the labels people gave."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from model.classifier import load_classifier
from model.shipped import taxonomy_in_force
from service import tables
from service.engine import open_engine, reading
from service.errors import StoreUnavailableError
from service.feedback import add_feedback
from service.home import open_home
from service.ledger.verifying import verify_ledger
from service.migrating import migrate
from service.routing import Router
from service.upkeep.history import Historian
from service.upkeep.history_rows import HistoryRow
from service.upkeep.importing import Importer, list_vocabulary

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
THEN = datetime(2025, 1, 7, 3, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def engine(settings):
    open_home(settings.home)
    engine = open_engine(settings.store_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def make_importer(engine, settings):
    def make(**more):
        taxonomy = taxonomy_in_force()
        classifier = load_classifier(settings.bundle)
        router = Router(classifier.gazetteer, taxonomy.external_agencies(), "diskominfo")
        historian = Historian(router, open_home(settings.home), list_vocabulary(taxonomy, classifier), **more)
        return Importer(engine, classifier, historian)

    return make


def row(number, text="Mohon lampu jalan", **more):
    return HistoryRow(number, "kota", f"H-{number}", text, received_at=THEN, **more)


def read(engine, table):
    with reading(engine) as connection:
        return connection.execute(select(table).order_by(*table.primary_key.columns)).mappings().all()


def test_a_report_comes_in_once_however_often_it_is_sent(engine, make_importer):
    importer = make_importer()
    first = importer.take([row(1), row(2), row(1)], NOW)
    again = importer.take([row(2), row(3)], NOW)
    assert (first.n_new, first.n_known, again.n_new, again.n_known) == (2, 1, 1, 1)
    other = importer.take([row(1, "Mohon sampah")], NOW)
    assert (other.n_new, [reject.column for reject in other.rejects]) == (0, ["id"])
    within = importer.take([row(8), row(8, "Mohon sampah")], NOW)
    assert (within.n_new, len(within.rejects)) == (1, 1)
    assert len(read(engine, tables.feedback)) == 4


def test_times_become_events_and_labels_those_of_the_report(engine, make_importer):
    labels = {"agency": "Dinas PUPR", "topic": "jalan-rusak", "kind": "entah", "also": "dinas-perhubungan;entah"}
    answered = row(1, responded_at=THEN + DAY, closed_at=THEN + 2 * DAY, labels={**labels, "agency": "dinas-pupr"})
    taken = make_importer().take([answered], NOW)
    assert [(note.column, note.value) for note in taken.notes] == [("kind", "entah"), ("also", "entah")]
    (report,) = read(engine, tables.feedback)
    assert (report["agency"], report["topic"], report["state"]) == ("dinas-pupr", "jalan-rusak", "selesai")
    assert (report["due_at"], report["alarm"], report["received_at"]) == (None, None, THEN)
    events = sorted(read(engine, tables.event), key=lambda event: event["number"])
    assert [(event["type"], event["at"]) for event in events] == [
        ("didisposisi", THEN),
        ("ditanggapi", THEN + DAY),
        ("selesai", THEN + 2 * DAY),
    ]
    given = {label["head"]: (label["value"], label["previous"], label["basis"]) for label in read(engine, tables.label)}
    assert given["agency"] == ("dinas-pupr", "dinas-perhubungan", "import")
    assert given["also"] == ("dinas-perhubungan", None, "import")


def test_a_label_may_be_written_by_its_name(engine, make_importer):
    name = taxonomy_in_force().name("agency", "dinas-pupr")
    assert make_importer().take([row(1, labels={"agency": f" {name.upper()} "})], NOW).notes == ()
    assert read(engine, tables.feedback)[0]["agency"] == "dinas-pupr"


def test_what_was_never_answered_waits_unless_it_is_to_be_archived(engine, make_importer):
    make_importer().take([row(1)], NOW)
    make_importer(archives_unanswered=True).take([row(2)], NOW)
    make_importer().take([row(3, responded_at=THEN - DAY, closed_at=THEN + DAY)], NOW)
    states = {report["external_id"]: report["state"] for report in read(engine, tables.feedback)}
    assert states == {"H-1": "baru", "H-2": "arsip", "H-3": "arsip"}


def test_personal_data_are_masked_in_every_column(engine, make_importer):
    phone = "0812-3456-7890"
    more = {"title": f"Lampu {phone}", "district": f"Talawi {phone}", "village": phone, "reporter_ref": phone}
    sent = replace(row(1, f"Mohon lampu, hubungi {phone}", **more), source=f"laporan {phone}.csv")
    make_importer().take([sent], NOW)
    # Known again all the same.
    make_importer().take([sent], NOW)
    assert len(read(engine, tables.feedback)) == 1
    written = str([read(engine, table) for table in tables.metadata.tables.values()])
    assert "H-1" in written
    assert "3456" not in written


def test_an_accusation_is_shut_away_unless_people_said_that_it_is_none(engine, make_importer):
    accusation = "pungli di kelurahan"
    rows = [
        row(1, accusation),
        row(2, accusation, labels={"kind": "pengaduan"}),
        row(3, labels={"kind": "pengaduan-pengawasan"}),
        row(4, accusation, labels={"about": "inspektorat"}),
    ]
    make_importer().take(rows, NOW)
    restrictions = {report["external_id"]: report["restriction"] for report in read(engine, tables.feedback)}
    assert restrictions == {"H-1": "oversight", "H-2": None, "H-3": "oversight", "H-4": "admin"}


def test_nobody_is_alarmed_by_an_emergency_of_the_past(engine, make_importer):
    make_importer().take([row(1, "kebakaran di pasar")], NOW)
    assert read(engine, tables.feedback)[0]["alarm"] is None
    types = {entry["type"] for entry in read(engine, tables.ledger)}
    assert types == {"chain.opened", "feedback.imported"}
    assert not read(engine, tables.emergency)


def test_a_store_that_is_busy_for_a_moment_is_waited_for(engine, make_importer, monkeypatch):
    pauses = []

    def fail_twice(*_):
        if len(pauses) < 2:
            raise StoreUnavailableError("deadlock detected")
        return add_feedback(*_)

    monkeypatch.setattr("service.upkeep.importing.add_feedback", fail_twice)
    monkeypatch.setattr("service.upkeep.importing.time.sleep", pauses.append)
    assert make_importer().take([row(1)], NOW).n_new == 1
    assert pauses == [1.0, 2.0]
    assert len(read(engine, tables.feedback)) == 1


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"received_at": None}, "received_at"),
        ({"received_at": datetime(1999, 1, 1, tzinfo=UTC)}, "received_at"),
        ({"received_at": NOW + 3 * DAY}, "received_at"),
        ({"id": "x" * 201}, "id"),
        ({"text": "\u200b\u200b"}, "text"),
        ({"text": "a" * 70_000}, "text"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_and_its_neighbour_is_not(make_importer, changed, column):
    fields = {"number": 1, "source": "kota", "id": "H-1", "text": "lampu", "received_at": THEN, **changed}
    taken = make_importer().take([HistoryRow(**fields), row(2)], NOW)
    assert [(reject.number, reject.column) for reject in taken.rejects] == [(1, column)]
    assert taken.n_new == 1


def run(settings, *arguments, **more):
    environment = {**os.environ, "PILAH_HOME": str(settings.home), "PILAH_BUNDLE": str(settings.bundle)}
    command = [sys.executable, "-m", "pilah", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment, **more)


@pytest.mark.usefixtures("engine")
def test_the_command_reads_a_file_and_keeps_what_it_refuses(settings, tmp_path):
    rows = ["id,text,received_at,rating", "1,Mohon lampu,2025-01-07,5", "2,,2025-01-07,", "3,sampah,kemarin,", "4,x,,9"]
    (tmp_path / "old.csv").write_text("\n".join(rows))
    done = run(settings, "import", tmp_path / "old.csv", "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout) == {"stored": 1, "known": 0, "rejected": 3, "left_out": []}
    refused = (tmp_path / "old.csv.rejects.csv").read_text().splitlines()
    assert [line.split(",")[:3] for line in refused[1:]] == [
        ["3", "2", "text"],
        ["4", "3", "received_at"],
        ["5", "4", "received_at"],
    ]
    assert "1 there before" in run(settings, "import", tmp_path / "old.csv", cwd=tmp_path).stdout
    (tmp_path / "no-time.csv").write_text("id,text\n1,lampu\n")
    assert run(settings, "import", tmp_path / "no-time.csv", cwd=tmp_path).returncode == 3


def test_what_was_exported_comes_into_another_store_and_not_twice_into_its_own(run_service, engine, settings, tmp_path):
    assert engine
    with run_service(settings) as client:
        for text in ("Mohon lampu", "Mohon lubang"):
            client.post("/v1/feedback", {"text": text, "received_at": "2026-05-01T08:00:00+07:00"})
    assert run(settings, "export", "--output", tmp_path / "o.ndjson").returncode == 0
    own = run(settings, "import", tmp_path / "o.ndjson", "--json", cwd=tmp_path)
    assert json.loads(own.stdout)["known"] == 2
    other = settings.changed(home=tmp_path / "other")
    open_home(other.home)
    elsewhere = open_engine(other.store_url)
    migrate(elsewhere)
    moved = run(other, "import", tmp_path / "o.ndjson", "--json", cwd=tmp_path)
    assert json.loads(moved.stdout)["stored"] == 2
    texts = {report["text"] for report in read(elsewhere, tables.feedback)}
    elsewhere.dispose()
    assert texts == {"Mohon lampu", "Mohon lubang"}


def test_killed_in_the_middle_and_begun_again_it_has_every_row_once(engine, settings, tmp_path):
    n_rows = 4_000
    lines = [f"{number},Mohon lampu nomor {number},2025-01-07" for number in range(n_rows)]
    (tmp_path / "old.csv").write_text("\n".join(["id,text,received_at", *lines]))
    environment = {**os.environ, "PILAH_HOME": str(settings.home), "PILAH_BUNDLE": str(settings.bundle)}
    command = [sys.executable, "-m", "pilah", "import", str(tmp_path / "old.csv"), "--json"]
    for _ in range(2):
        before = count(engine)
        process = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while count(engine) == before and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 0 < count(engine) < n_rows
    done = run(settings, "import", tmp_path / "old.csv", "--json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert found["stored"] + found["known"] == n_rows
    assert count(engine) == n_rows
    assert len({report["external_id"] for report in read(engine, tables.feedback)}) == n_rows
    with reading(engine) as connection:
        assert not list(verify_ledger(connection))


def count(engine):
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(tables.feedback)).scalar()
