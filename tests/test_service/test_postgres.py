"""The same service on a real PostgreSQL: tables, round trip, processes that write at the same time, an outage."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert, select, text, update

from service import tables
from service.chores import StaleClocks
from service.engine import open_engine, reading, snapshot
from service.errors import StoreError
from service.keys import MAX_AGE_S
from service.messages.emergencies import escalate
from service.migrating import REVISION, migrate, read_revision
from service.people.attempts import Attempt, Lock, begin_attempts
from service.tables import metadata
from service.upkeep.backup import back_up
from service.upkeep.restore import restore

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def on_postgres(settings, address):
    return settings.changed(database_url=address)


def test_an_empty_database_gets_exactly_the_tables_of_the_code(address):
    engine = open_engine(address)
    migrate(engine)
    assert read_revision(engine) == REVISION
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_processes_that_start_together_migrate_once_and_make_one_key(run_service, on_postgres, tmp_path):
    found = []

    def start(number):
        with run_service(on_postgres.changed(home=tmp_path / f"home{number}")) as client:
            found.append(client.key)

    threads = [threading.Thread(target=start, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([key for key in found if key]) == 1
    assert len(found) == 3


def test_a_report_is_stored_replayed_listed_and_found(run_service, on_postgres):
    body = {
        "text": "Lampu jalan mati 😡, hubungi 0812-3456-7890",
        "external_id": "HS-1",
        "received_at": "2026-05-01T08:00:00.123456+07:00",
        "lat": -0.66,
        "lon": 100.78,
        "rating": 1,
        "attachments": ["https://a.example/1.jpg"],
    }
    with run_service(on_postgres) as client:
        first = client.post("/v1/feedback", body)
        again = client.post("/v1/feedback", body)
        other = client.post("/v1/feedback", {**body, "text": "sampah"})
        assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
        assert again.json() == first.json()
        assert first.json()["received_at"] == "2026-05-01T01:00:00.123456+00:00"
        client.post("/v1/feedback", {"text": "sampah"})
        page = client.get("/v1/feedback?limit=1").json()
        rest = client.get(f"/v1/feedback?limit=1&cursor={page['next']}").json()
        assert rest["feedback"] == [first.json()]
        assert client.get("/v1/feedback?topic=penerangan-jalan").json()["feedback"] == [first.json()]
        assert client.get("/readyz").status_code == 200


def test_what_postgresql_would_choke_on_is_answered_as_on_sqlite(run_service, on_postgres):
    cursor = base64.urlsafe_b64encode(b"1 \0").decode()
    # One character that becomes three when it is cleaned.
    longer = "\u2474" * 200
    with run_service(on_postgres) as client:
        assert client.get("/v1/feedback/%00").status_code == 404
        assert client.get(f"/v1/feedback?cursor={cursor}").status_code == 422
        stored = client.post("/v1/feedback", {"text": "lampu", "district": longer, "village": longer})
        assert stored.status_code == 201
        assert stored.json()["village"] == "(1)" * 200
        channels = [client.post("/v1/feedback", {"text": "lampu", "channel": "a" * length}) for length in (40, 41)]
        assert [answer.status_code for answer in channels] == [201, 422]


def test_services_that_share_a_database_store_each_identity_once(run_service, on_postgres, tmp_path):
    with run_service(on_postgres) as one:
        path = tmp_path / "second"
        path.mkdir()
        (path / "secret").write_bytes((on_postgres.home / "secret").read_bytes())
        (path / "secret").chmod(0o600)
        calls = [
            ("POST", "/v1/feedback", {"Authorization": f"Bearer {one.key}"}, {"json": _numbered(number % 20)})
            for number in range(80)
        ]
        answers = []

        def storm(home):
            with run_service(on_postgres.changed(home=home)) as client:
                answers.extend(client.gather(calls))

        threads = [threading.Thread(target=storm, args=[home]) for home in (path, path)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status_code for answer in answers} <= {200, 201}
        assert sum(answer.status_code == 201 for answer in answers) == 20
        assert len(one.get("/v1/feedback?limit=200").json()["feedback"]) == 20


def test_processes_that_share_a_database_share_keys_sessions_and_failures(run_service, on_postgres, tmp_path):
    with run_service(on_postgres) as one:
        home = tmp_path / "second"
        home.mkdir()
        (home / "secret").write_bytes((on_postgres.home / "secret").read_bytes())
        with run_service(on_postgres.changed(home=home)) as two:
            made = one.post("/v1/keys", {"name": "app", "scopes": ["classify"]}).json()
            assert two.post("/v1/classify", {"text": "lampu"}, key=made["token"]).status_code == 200
            one.request("DELETE", f"/v1/keys/{made['id']}")
            time.sleep(MAX_AGE_S)
            assert two.post("/v1/classify", {"text": "lampu"}, key=made["token"]).status_code == 401
            found = []
            threads = [threading.Thread(target=_attempt, args=[client, 4, found]) for client in (one, two)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sum(isinstance(outcome, Lock) for outcome in found) == 3


def test_of_officers_at_two_services_one_wins_and_clocks_follow_a_new_holiday(run_service, on_postgres, tmp_path):
    with run_service(on_postgres) as one:
        reports = [one.post("/v1/feedback", {"text": "Mohon jalan lubang ditambal."}).json()["id"] for _ in range(10)]
        key = {"Authorization": f"Bearer {one.key}"}
        calls = [
            (
                "POST",
                f"/v1/feedback/{report}/events",
                key,
                {"json": {"type": "didisposisi", "agency": agency, "after": 0}},
            )
            for report in reports
            for agency in ("dinas-pupr", "dinas-perhubungan")
        ]
        path = tmp_path / "second"
        path.mkdir()
        (path / "secret").write_bytes((on_postgres.home / "secret").read_bytes())
        (path / "secret").chmod(0o600)
        answers = []

        def storm(calls):
            with run_service(on_postgres.changed(home=path)) as client:
                answers.extend(client.gather(calls))

        threads = [threading.Thread(target=storm, args=[order]) for order in (calls, calls[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status_code for answer in answers) == [201] * 10 + [409] * 30
        before = one.get(f"/v1/feedback/{reports[0]}").json()["clock"]
        declared = before["due_at"][:10]
        for _ in range(2):
            assert one.request("PUT", f"/v1/holidays/{declared}", json={"name": "Libur daerah"}).status_code == 200
        assert one.loop.run_until_complete(StaleClocks(one.context).run()) is False
        after = one.get(f"/v1/feedback/{reports[0]}").json()["clock"]
        assert (after["revision"], after["due_at"] > before["due_at"]) == (before["revision"] + 1, True)
        policy = one.get("/v1/policy").json()
        body = {name: policy[name] for name in policy if name not in {"version", "made_at"}}
        changed = one.request("PUT", "/v1/policy", json={**body, "is_confirmed": True})
        assert (changed.status_code, changed.json()["version"]) == (200, 1)
        assert one.get("/v1/feedback?overdue=false&state=didisposisi&limit=200").json()["next"] is None


def test_officers_are_given_what_they_claim_and_nobody_else_is(run_service, on_postgres):
    with run_service(on_postgres) as client:
        ids = {client.post("/v1/feedback", _numbered(number)).json()["id"] for number in range(5)}
        other = client.make_key("triage")
        first = client.post("/v1/review/claim", {"limit": 3}).json()["reports"]
        second = client.post("/v1/review/claim", {"limit": 3}, key=other).json()["reports"]
        held = [[item["feedback"]["id"] for item in reports] for reports in (first, second)]
        assert [len(of_one) for of_one in held] == [3, 2]
        assert {*held[0], *held[1]} == ids
        assert client.post("/v1/review/claim", {"feedback_id": held[0][0]}, key=other).status_code == 409


def test_an_emergency_is_seen_when_it_is_opened_and_open_again_when_a_slip_is_taken_back(run_service, on_postgres):
    with run_service(on_postgres) as client:
        fire = client.post("/v1/feedback", {"text": "kebakaran rumah di Talawi"}).json()["id"]
        assert client.post("/v1/review/claim", {"feedback_id": fire, "ahead": True}).status_code == 200
        assert client.loop.run_until_complete(client.context.writer.write(escalate, _later())) == 1
        for said in ("rendah", "tinggi"):
            assert client.post(f"/v1/feedback/{fire}/labels", {"urgency": said}).status_code == 200
            assert client.get("/v1/emergencies").json()["emergencies"] == []
            assert client.post(f"/v1/feedback/{fire}/labels/retract").status_code == 200
            assert [one["feedback_id"] for one in client.get("/v1/emergencies").json()["emergencies"]] == [fire]
        assert client.post("/v1/review/claim", {"feedback_id": fire}).status_code == 200
        assert client.loop.run_until_complete(client.context.writer.write(escalate, _later())) == 0


def test_what_somebody_doubts_blind_waits_for_a_person_until_it_is_settled(run_service, on_postgres):
    def route_alone(transaction, ids):
        row = update(tables.feedback).where(tables.feedback.c.id.in_(ids))
        transaction.connection.execute(row.values(route="auto", is_at_agency=True))
        draw = {"head": "agency", "quarter": "2026-Q4", "stratum": "plain", "probability": 0.5, "drawn_at": NOW}
        transaction.connection.execute(insert(tables.audit_draw), [{**draw, "feedback_id": one} for one in ids])
        return [None] * len(ids)

    with run_service(on_postgres) as client:
        lamp = client.post("/v1/feedback", {"text": "Mohon lampu jalan diperbaiki"}).json()["id"]
        client.loop.run_until_complete(client.context.writer.write(route_alone, lamp))
        assert client.get("/v1/review").json()["reports"] == []
        said = client.post(f"/v1/feedback/{lamp}/labels", {"agency": "dinas-pupr", "blind": True})
        assert said.status_code == 200, said.text
        assert [item["feedback"]["id"] for item in client.get("/v1/review").json()["reports"]] == [lamp]
        assert client.get(f"/v1/feedback/{lamp}").json()["route"]["agency"] == "dinas-perhubungan"
        client.post(f"/v1/feedback/{lamp}/labels", {"agency": "dinas-perhubungan"}, key=client.make_key("triage"))
        assert client.get("/v1/review").json()["reports"] == []


def _later():
    return datetime.now(UTC) + timedelta(minutes=20)


def test_a_database_that_drops_its_connections_is_used_again_at_once(run_service, on_postgres, server):
    with run_service(on_postgres) as client:
        client.post("/v1/feedback", {"text": "lampu"})
        engine = create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            name = on_postgres.database_url.partition("?")[0].rpartition("/")[2]
            assert connection.execute(text(statement), {"name": name}).rowcount > 0
        engine.dispose()
        assert client.post("/v1/feedback", {"text": "sampah"}).status_code == 201
        assert len(client.get("/v1/feedback").json()["feedback"]) == 2


def test_a_backup_goes_from_either_store_into_the_other(run_service, on_postgres, settings, tmp_path):
    def read_all(settings):
        engine = open_engine(settings.store_url)
        with snapshot(engine) as connection:
            found = {
                name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
                for name, table in metadata.tables.items()
                if name not in {"ledger", "chain"}
            }
        engine.dispose()
        return found

    with run_service(on_postgres) as client:
        for number in range(3):
            client.post("/v1/feedback", {**_numbered(number), "lat": -0.66, "lon": 100.78})
    before = read_all(on_postgres)
    assert len(before["feedback"]) == 3
    back_up(on_postgres, tmp_path / "one.tar.gz", NOW, lambda _: None)
    on_sqlite = settings.changed(home=tmp_path / "moved")
    restore(tmp_path / "one.tar.gz", on_sqlite, NOW, lambda _: None)
    assert read_all(on_sqlite) == before
    back_up(on_sqlite, tmp_path / "two.tar.gz", NOW, lambda _: None)
    with pytest.raises(StoreError, match="the store would be replaced"):
        restore(tmp_path / "two.tar.gz", on_postgres.changed(home=tmp_path / "home2"), NOW, lambda _: None)
    restore(tmp_path / "two.tar.gz", on_postgres, NOW, lambda _: None, force=True)
    assert read_all(on_postgres) == before
    with run_service(on_postgres) as client:
        assert client.post("/v1/feedback", {**_numbered(1), "lat": -0.66, "lon": 100.78}).status_code == 200


def _attempt(client, n_attempts, found):
    async def attempt_all():
        asked = Attempt("nobody", "d1" * 32, datetime.now(UTC))
        return await asyncio.gather(*(client.context.writer.write(begin_attempts, asked) for _ in range(n_attempts)))

    found.extend(client.loop.run_until_complete(attempt_all()))


def test_the_ledger_is_read_history_comes_in_once_and_reporters_are_forgotten(run_service, on_postgres, tmp_path):
    lines = [f"{number},Mohon lampu {number},2025-01-07,2025-02-07,u-1,dinas-pupr" for number in range(700)]
    columns = "id,text,received_at,responded_at,reporter_ref,agency"
    (tmp_path / "old.csv").write_text("\n".join([columns, *lines]))
    environment = {
        **os.environ,
        "PILAH_HOME": str(on_postgres.home),
        "PILAH_BUNDLE": str(on_postgres.bundle),
        "PILAH_DATABASE_URL": on_postgres.database_url,
    }

    def run(*arguments):
        command = [sys.executable, "-m", "pilah", *map(str, arguments)]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with run_service(on_postgres) as client:
        assert json.loads(run("import", "old.csv", "--json"))["stored"] == 700
        assert json.loads(run("import", "old.csv", "--json"))["known"] == 700
        assert json.loads(run("export", "--output", "out.csv", "--labels", "--json"))["rows"] == 700
        assert run("retention", "--days", "1", "--dry-run").startswith("700 ")
        page = client.get("/v1/ledger?type=feedback.imported&limit=100").json()
        following = client.get(f"/v1/ledger?type=feedback.imported&limit=100&cursor={page['next']}").json()
        assert len({entry["number"] for entry in page["entries"] + following["entries"]}) == 200
        one = page["entries"][0]["feedback"]
        standing = client.get(f"/v1/ledger?feedback={one}").json()["standing"]
        assert (standing["state"], standing["labels"]["agency"]["basis"]) == ("ditanggapi", "import")
        assert client.request("DELETE", "/v1/reporters/u-1").json() == {"erased": 700}
        assert client.get(f"/v1/feedback/{one}").json()["prediction"]["text"] == ""
        assert run("retention", "--days", "1").startswith("0 ")


def _numbered(number):
    return {"text": f"lampu nomor {number}", "external_id": f"HS-{number}"}


def test_the_open311_edge_stores_publishes_and_narrows(run_service, on_postgres):
    edge = "/open311/v2/requests"
    form = {"service_code": "jalan-rusak", "description": "Mohon lampu jalan diperbaiki", "lat": "-0.66", "long": "100"}
    with run_service(on_postgres.changed(open311_public="pengaduan")) as client:
        sent = client.post(f"{edge}.json", data=form).json()[0]["service_request_id"]
        assert client.get(f"{edge}.json", key="").json() == []
        client.post(f"/v1/feedback/{sent}/publish", {})
        for query in ("", "?service_code=jalan-rusak&status=open", f"?service_request_id={sent},x", "?page_size=1"):
            (found,) = client.get(f"{edge}.json{query}", key="").json()
            assert (found["service_request_id"], found["lat"]) == (sent, -0.66)
        for query in ("?service_code=penerangan-jalan", "?status=closed", "?end_date=2026-01-01T00:00:00Z", "?page=2"):
            assert client.get(f"{edge}.json{query}", key="").json() == []
        client.post(f"/v1/feedback/{sent}/labels", {"kind": "pengaduan-pengawasan"})
        assert client.get(f"{edge}/{sent}.json", key="").status_code == 404
        assert client.get(f"{edge}/%00.json").status_code == 404
