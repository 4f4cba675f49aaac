"""A reporter is told what is kept and forgotten when wanted; what is counted stays."""

import json

import pytest
from sqlalchemy import insert, select, update

from service import tables
from service.chores import DERIVATIONS, _derive_next, list_chores
from service.handling.clocks import find_stale
from service.ledger.deriving import rebuild
from service.ledger.verifying import verify_ledger

REF = "u/48151@app"
TEXT = "Mohon lampu jalan mati di depan rumah saya"


def send(client, text, ref=REF, **more):
    body = {"text": text, "received_at": "2026-05-01T08:00:00+07:00", **({"reporter_ref": ref} if ref else {}), **more}
    return client.post("/v1/feedback", body).json()["id"]


def write(client, job):
    async def run():
        return await client.context.writer.write(_run_all, job)

    return client.loop.run_until_complete(run())


def _run_all(transaction, jobs):
    return [job(transaction) for job in jobs]


def derive_all(client):
    for derivation in DERIVATIONS:
        while write(client, lambda transaction, one=derivation: _derive_next(transaction, [one])[0]):
            pass


def read(client, table):
    query = select(table).order_by(*table.primary_key.columns)
    return write(client, lambda transaction: transaction.connection.execute(query).mappings().all())


def add_history(client, feedback_id):
    at = {"feedback_id": feedback_id, "actor": "account:1"}

    def add(transaction):
        report = select(tables.feedback).where(tables.feedback.c.id == feedback_id)
        now = transaction.connection.execute(report).mappings().one()["stored_at"]
        event = {**at, "id": "e", "number": 1, "type": "ditanggapi", "at": now, "stored_at": now}
        event |= {"note": "rahasia kantor", "public_reply": "kami datang", "state": "ditanggapi"}
        label = {**at, "id": "l", "head": "topic", "value": "penerangan-jalan", "basis": "confirmation", "at": now}
        label |= {"is_blind": False, "reason": "jelas sekali"}
        transaction.connection.execute(insert(tables.event).values(event))
        transaction.connection.execute(insert(tables.label).values(label))

    write(client, add)


def test_all_that_is_kept_of_a_reporter_is_told(client):
    ids = [send(client, f"{TEXT} {number}") for number in range(3)]
    send(client, "sampah", ref="somebody-else")
    add_history(client, ids[0])
    answer = client.get(f"/v1/reporters/{REF}").json()
    assert [report["id"] for report in answer["reports"]] == ids
    assert answer["reports"][0]["events"][0]["note"] == "rahasia kantor"
    assert answer["reports"][0]["labels"][0]["reason"] == "jelas sekali"
    first = client.get(f"/v1/reporters/{REF}?limit=2").json()
    second = client.get(f"/v1/reporters/{REF}?limit=2&cursor={first['next']}").json()
    assert first["reports"] + second["reports"] == answer["reports"]
    assert second["next"] is None
    assert client.get("/v1/reporters/nobody").json() == {"reports": [], "next": None}


def test_a_forgotten_reporter_is_found_nowhere_and_figures_stay(client):
    extra = {"title": "Lampu mati", "address": "Jalan Kenanga", "source_url": "https://app.example/1"}
    position = {"lat": -0.66, "lon": 100.78, "attachments": ["https://app.example/1.jpg"], "external_id": "HS-1"}
    erased = send(client, TEXT, **extra, **position, village="Talawi Hilie")
    restricted = send(client, "pungli di kelurahan")
    other = send(client, "sampah menumpuk", ref="somebody-else")
    add_history(client, erased)
    before = client.get(f"/v1/feedback/{erased}").json()
    assert client.request("DELETE", f"/v1/reporters/{REF}").json() == {"erased": 2}
    assert client.request("DELETE", f"/v1/reporters/{REF}").json() == {"erased": 0}
    assert client.get(f"/v1/reporters/{REF}").json()["reports"] == []
    after = client.get(f"/v1/feedback/{erased}").json()
    assert after["prediction"]["text"] == ""
    assert after["prediction"]["heads"] == before["prediction"]["heads"]
    assert (after["village"], after["received_at"]) == (before["village"], before["received_at"])
    stored = [dict(row) for name in tables.metadata.tables for row in read(client, tables.metadata.tables[name])]
    written = str([row for row in stored if other not in str(row)])
    for word in ("depan", "rumah", "Kenanga", "app.example", "Lampu mati", "rahasia", "kami datang", "jelas", "-0.66"):
        assert word not in written, word
    assert client.context.secret.digest("reporter_ref", REF) not in written
    assert REF not in written
    entries = [entry for entry in read(client, tables.ledger) if entry["type"] == "reporter.erased"]
    assert {entry["feedback_id"] for entry in entries} == {erased, restricted}
    assert json.loads(entries[0]["content"])["why"] == "asked"
    assert client.get(f"/v1/feedback/{other}").json()["prediction"]["text"] == "sampah menumpuk"
    assert write(client, lambda transaction: list(verify_ledger(transaction.connection))) == []


def test_nothing_is_written_about_a_forgotten_reporter_any_more(client):
    address = f"/v1/feedback/{send(client, TEXT)}"
    client.request("DELETE", f"/v1/reporters/{REF}")
    for field in ("note", "public_reply"):
        refused = client.post(f"{address}/events", {"type": "diverifikasi", field: "warga itu tinggal di ujung"})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"#/{field}")
    refused = client.post(f"{address}/labels", {"topic": "lalu-lintas", "reason": "warga itu tinggal di ujung"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/reason")
    assert client.post(f"{address}/events", {"type": "diverifikasi"}).status_code == 201
    assert client.post(f"{address}/labels", {"topic": "lalu-lintas"}).status_code == 200


def test_an_erased_report_that_is_open_gets_no_clock_again(client):
    address = f"/v1/feedback/{send(client, TEXT)}"
    before = client.get(address).json()["clock"]
    assert before["status"] == "running"
    client.request("DELETE", f"/v1/reporters/{REF}")
    assert client.get(address).json()["clock"] == {**before, "status": "stopped"}
    # Neither by a day off, nor by what is done with the report, nor by what it turns out to be.
    day = before["due_at"][:10]
    assert client.request("PUT", f"/v1/holidays/{day}", json={"name": "Hari jadi kota"}).status_code == 200
    known = client.context.terms.current.calendar.version
    assert write(client, lambda transaction: find_stale(transaction.connection, known, 10)) == []
    events = [{"type": "diverifikasi"}, {"type": "didisposisi", "agency": "dinas-pupr"}]
    events += [{"type": "perlu_lengkapi"}, {"type": "dilengkapi"}, {"type": "selesai"}, {"type": "dibuka_kembali"}]
    for event in events:
        assert client.post(f"{address}/events", event).status_code == 201
        (row,) = read(client, tables.feedback)
        assert (row["due_at"], row["paused_at"]) == (None, None)
    assert client.post(f"{address}/labels", {"kind": "permintaan-informasi"}).status_code == 200
    (row,) = read(client, tables.feedback)
    assert (row["due_at"], len(read(client, tables.clock))) == (None, 1)
    assert client.get(f"{address}/events").json()["clocks"][0]["status"] == "stopped"
    assert client.get("/v1/feedback?overdue=true").json()["feedback"] == []


def test_what_was_erased_lies_in_no_free_page_of_the_file(run_service, settings):
    with run_service(settings) as client:
        send(client, "Mohon lampu " + "cempaka " * 600)
        client.request("DELETE", f"/v1/reporters/{REF}")
    assert b"cempaka" not in (settings.home / "pilah.db").read_bytes()


def test_incidents_are_after_an_erasure_what_a_rebuild_gives(client):
    text = "Mohon lampu jalan di simpang pasar Talawi mati sudah tiga malam dan gelap sekali"
    for number in range(4):
        send(client, text, ref=REF if number == 1 else f"u{number}")
    derive_all(client)
    assert [row["n_reports"] for row in read(client, tables.incident)] == [4]
    client.request("DELETE", f"/v1/reporters/{REF}")
    derive_all(client)
    live = read(client, tables.incident), read(client, tables.incident_member)
    assert [row["n_reports"] for row in live[0]] == [3]
    for derivation in DERIVATIONS:
        write(client, lambda transaction, one=derivation: rebuild(transaction.connection, one))
    assert (read(client, tables.incident), read(client, tables.incident_member)) == live


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_only_admins_may_ask(client, method):
    send(client, TEXT)
    for scope in ("classify", "ingest", "triage", "analyse", "audit", "oversight"):
        assert client.request(method, f"/v1/reporters/{REF}", key=client.make_key(scope)).status_code == 403
    assert client.request(method, f"/v1/reporters/{REF}", key="").status_code == 401
    assert len(client.get(f"/v1/reporters/{REF}").json()["reports"]) == 1


def test_what_cannot_be_asked_is_told_and_no_reference_is_logged(client):
    assert client.post(f"/v1/reporters/{REF}", {}).status_code == 405
    for path in ("%00", "a" * 201, "%C3%A9", "x?limit=0", "x?cursor=y", "x?page=1"):
        assert client.get(f"/v1/reporters/{path}").status_code == 422, path
    assert client.get("/v1/reporters/").status_code in {404, 422}
    client.get(f"/v1/reporters/{REF}")
    assert "48151" not in json.dumps(client.log)


def test_closed_reports_are_erased_when_they_are_too_old(run_service, settings):
    with run_service(settings.changed(retention_days=30)) as client:
        old, open_, recent = (send(client, f"{TEXT} {number}") for number in range(3))
        for feedback_id in (old, recent):
            add_history_of_last_year(client, feedback_id, is_recent=feedback_id == recent)
        chore = next(chore for chore in list_chores(client.context, ()) if "too old" in chore.name)
        assert client.loop.run_until_complete(chore.run()) is False
        texts = {row["id"]: row["text"] for row in read(client, tables.feedback)}
        assert texts == {old: "", open_: f"{TEXT} 1", recent: f"{TEXT} 2"}
        (entry,) = [entry for entry in read(client, tables.ledger) if entry["type"] == "reporter.erased"]
        assert (entry["actor"], json.loads(entry["content"])["why"]) == ("system", "retention")


def add_history_of_last_year(client, feedback_id, *, is_recent):
    def add(transaction):
        columns = tables.feedback.c
        here = columns.id == feedback_id
        report = transaction.connection.execute(select(tables.feedback).where(here)).mappings().one()
        at = report["stored_at"] if is_recent else report["received_at"].replace(year=2025)
        event = {"id": feedback_id, "feedback_id": feedback_id, "number": 1, "type": "arsip", "at": at}
        event |= {"stored_at": at, "actor": "account:1", "state": "arsip"}
        transaction.connection.execute(insert(tables.event).values(event))
        changed = {"state": "arsip", "received_at": report["received_at"].replace(year=2025)}
        transaction.connection.execute(update(tables.feedback).where(here).values(changed))

    write(client, add)
