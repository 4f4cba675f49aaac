import csv
import json
import stat
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, update

from service import tables
from service.csv_cells import neutralise_cell
from service.engine import open_engine, reading, writing
from service.upkeep.exporting import Selection, export
from training.reading import read_rows

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
TEXTS = ["Mohon lampu jalan", "=SUM(A1) lubang", "pungli di kelurahan", "sampah hubungi 0812-3456-7890"]


def ignore(_):
    """Nobody watches."""


@pytest.fixture
def stored(run_service, settings):
    """Four reports, the third restricted; the first labelled and answered, the fourth handed over."""
    with run_service(settings) as client:
        ids = [
            client.post(
                "/v1/feedback", {"text": text, "received_at": f"2026-05-0{day}T08:00:00+07:00", "lat": -1, "lon": 1}
            ).json()["id"]
            for day, text in enumerate(TEXTS, start=1)
        ]
    engine = open_engine(settings.store_url)
    with writing(engine) as connection:
        label = {"feedback_id": ids[0], "is_blind": False, "actor": "account:1", "reason": None, "previous": None}
        for number, (head, value, basis) in enumerate(
            [
                ("topic", "sampah", "confirmation"),
                ("topic", "jalan-rusak", "correction"),
                ("also", "dinas-pupr", "correction"),
            ]
        ):
            row = {**label, "id": str(number), "head": head, "value": value, "basis": basis, "at": NOW}
            connection.execute(insert(tables.label).values(row))
        event = {"feedback_id": ids[0], "stored_at": NOW, "actor": "account:1", "state": "selesai"}
        for number, (kind, day) in enumerate([("ditanggapi", 5), ("ditanggapi", 6), ("selesai", 7), ("selesai", 9)]):
            at = datetime(2026, 5, day, tzinfo=UTC)
            connection.execute(
                insert(tables.event).values({**event, "id": str(number), "number": number + 1, "type": kind, "at": at})
            )
        move = update(tables.feedback).where(tables.feedback.c.id == ids[3])
        connection.execute(move.values(agency="dinas-pupr"))
        connection.execute(update(tables.feedback).where(tables.feedback.c.id == ids[0]).values(topic="jalan-rusak"))
    yield engine, ids
    engine.dispose()


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_labels_of_people_stand_apart_from_predictions(stored, tmp_path):
    engine, ids = stored
    path = tmp_path / "out.ndjson"
    done = export(engine, path, "ndjson", Selection(), NOW, ignore)
    assert (done.n_rows, done.n_restricted) == (3, 1)
    rows = read(path)
    assert [row["id"] for row in rows] == [ids[0], ids[1], ids[3]]
    first, second, last = rows
    assert (first["topic"], first["topic_basis"], first["also"]) == ("jalan-rusak", "correction", "dinas-pupr")
    assert (first["agency_basis"], second["topic_basis"]) == ("automatic", "automatic")
    assert (last["agency"], last["agency_basis"]) == ("dinas-pupr", "moved")
    assert first["responded_at"] == "2026-05-05T00:00:00+00:00"
    assert first["closed_at"] == "2026-05-09T00:00:00+00:00"
    assert "0812" not in last["text"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_what_people_said_is_exported_to_train_on(stored, tmp_path):
    engine, ids = stored
    export(engine, tmp_path / "l.ndjson", "ndjson", Selection(only_labels=True), NOW, ignore)
    (row,) = read(tmp_path / "l.ndjson")
    assert row["id"] == ids[0]
    assert (row["agency"], row["agency_basis"], row["topic"]) == (None, None, "jalan-rusak")
    assert (row["topic_by"], row["topic_at"], row["topic_blind"]) == ("account:1", NOW.isoformat(), False)


def test_training_reads_either_form_and_no_cell_is_a_formula(stored, tmp_path):
    engine, _ = stored
    export(engine, tmp_path / "o.csv", "csv", Selection(with_restricted=True), NOW, ignore)
    export(engine, tmp_path / "o.ndjson", "ndjson", Selection(with_restricted=True), NOW, ignore)
    frames = [read_rows(tmp_path / name).frame for name in ("o.csv", "o.ndjson")]
    assert [len(frame) for frame in frames] == [4, 4]
    assert frames[1]["text"].tolist()[:3] == TEXTS[:3]
    with (tmp_path / "o.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert "'=SUM(A1) lubang" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", "＝1"])
def test_a_cell_that_would_run_is_led_by_an_apostrophe(cell):
    assert neutralise_cell(cell) == "'" + cell
    assert neutralise_cell(-1.5) == -1.5


def test_every_export_is_in_the_ledger_and_a_time_narrows_it(stored, tmp_path):
    engine, ids = stored
    selection = Selection(datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 4, tzinfo=UTC))
    export(engine, tmp_path / "o.ndjson", "ndjson", selection, NOW, ignore)
    assert [row["id"] for row in read(tmp_path / "o.ndjson")] == [ids[1]]
    with reading(engine) as connection:
        entry = connection.execute(select(tables.ledger).where(tables.ledger.c.type == "store.exported")).one()
    assert json.loads(entry.content)["rows"] == 1


def test_erased_reports_are_left_out(stored, tmp_path):
    engine, ids = stored
    with writing(engine) as connection:
        connection.execute(update(tables.feedback).where(tables.feedback.c.id == ids[0]).values(erased_at=NOW, text=""))
    assert export(engine, tmp_path / "o.ndjson", "ndjson", Selection(), NOW, ignore).n_rows == 2


def test_pages_join_without_a_gap(stored, tmp_path, monkeypatch):
    engine, ids = stored
    monkeypatch.setattr("service.upkeep.exporting._N_ROWS", 1)
    export(engine, tmp_path / "o.ndjson", "ndjson", Selection(with_restricted=True), NOW, ignore)
    assert [row["id"] for row in read(tmp_path / "o.ndjson")] == ids


def test_the_command_says_what_it_left_out_and_refuses_what_is_no_day(stored, settings, tmp_path):
    assert stored

    def run(*arguments):
        command = [sys.executable, "-m", "pilah", "export", "--home", str(settings.home), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    done = run("--output", tmp_path / "o.csv", "--since", "2026-05-02")
    assert (done.returncode, done.stdout.split()[0]) == (0, "2")
    assert "1 restricted reports are left out" in done.stderr
    assert (tmp_path / "o.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")
    assert run("--output", tmp_path / "o.csv", "--since", "kemarin").returncode == 2
    assert run("--output", tmp_path / "no" / "o.csv").returncode == 3
    refused = run("--output", tmp_path / "o.xlsx")
    assert (refused.returncode, (tmp_path / "o.xlsx").exists()) == (2, False)
    assert run("--output", tmp_path / "o.txt", "--format", "csv").returncode == 0
    nowhere = run("--output", tmp_path / "o.csv", "--home", tmp_path / "nowhere")
    assert (nowhere.returncode, (tmp_path / "nowhere").exists()) == (3, False)
