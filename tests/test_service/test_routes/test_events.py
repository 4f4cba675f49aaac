import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from service import tables
from service.engine import open_engine, reading, writing
from service.keys import make_key
from service.settings import Settings

ROAD = "Mohon jalan yang lubang ini ditambal."
PUPR, TRANSPORT, LOCAL = "dinas-pupr", "dinas-perhubungan", "kecamatan-kelurahan-desa"
PHONE = "0812-3456-7890"
BUNDLE_ID = "5eedab1e00c0ffee"


def add(client, text=ROAD, **more):
    return client.post("/v1/feedback", {"text": text, **more}).json()["id"]


def send(client, feedback_id, type_, key=None, headers=None, **more):
    return client.post(f"/v1/feedback/{feedback_id}/events", {"type": type_, **more}, key=key, headers=headers)


def follow(client, feedback_id, *steps, key=None):
    for step in steps:
        type_, agency = step if isinstance(step, tuple) else (step, None)
        answer = send(client, feedback_id, type_, key=key, **({"agency": agency} if agency else {}))
        assert answer.status_code == 201, answer.text
    return client.get(f"/v1/feedback/{feedback_id}").json()


def list_events(client, feedback_id, **more):
    return client.get(f"/v1/feedback/{feedback_id}/events", **more).json()


def make_liaison(client, agency=PUPR, scopes=("triage",)):
    engine = open_engine(client.settings.store_url)
    with writing(engine) as connection:
        token = make_key(connection, agency, scopes, datetime.now(UTC))
        newest = select(tables.api_key.c.id).order_by(tables.api_key.c.created_at.desc()).limit(1)
        row = update(tables.api_key).where(tables.api_key.c.id == newest.scalar_subquery())
        connection.execute(row.values(agency=agency))
    engine.dispose()
    return token


def read_rows(client, table, **where):
    engine = open_engine(client.settings.store_url)
    with reading(engine) as connection:
        conditions = [table.c[name] == value for name, value in where.items()]
        rows = connection.execute(select(table).where(*conditions)).mappings().all()
    engine.dispose()
    return rows


def read_entries(client, feedback_id):
    return [
        (row["type"], json.loads(row["content"])) for row in read_rows(client, tables.ledger, feedback_id=feedback_id)
    ]


def test_a_report_goes_its_way_and_its_clock_with_it(client):
    id_ = add(client)
    first = client.get(f"/v1/feedback/{id_}").json()
    assert first["clock"]["purpose"] == "verification"
    assert first["clock"]["working_days"] == 3
    assert not first["clock"]["is_confirmed"]
    assert first["route"] == {
        "agency": PUPR,
        "unit": None,
        "decision": first["route"]["decision"],
        "by": first["route"]["by"],
    }
    moved = follow(client, id_, ("didisposisi", TRANSPORT))
    assert (moved["state"], moved["route"]["agency"]) == ("didisposisi", TRANSPORT)
    clock = moved["clock"]
    assert (clock["purpose"], clock["working_days"], clock["kind"]) == ("handling", 14, "pengaduan")
    assert (clock["cause"], clock["revision"], clock["status"]) == ("didisposisi", 2, "running")
    assert clock["explanation"].startswith("14 hari kerja sejak ")
    done = follow(client, id_, "diproses", "ditanggapi", "selesai")
    assert done["clock"] == {**clock, "status": "stopped"}
    (row,) = read_rows(client, tables.feedback, id=id_)
    assert (row["state"], row["due_at"], row["paused_at"]) == ("selesai", None, None)
    listed = list_events(client, id_)
    assert [event["number"] for event in listed["events"]] == [1, 2, 3, 4]
    assert [event["agency"] for event in listed["events"]] == [TRANSPORT] * 4
    assert listed["allowed"] == ["dibuka_kembali", "arsip"]
    assert [clock["status"] for clock in listed["clocks"]] == ["replaced", "stopped"]
    assert set(listed["time"]["handling_s"]) == {TRANSPORT}


def test_every_event_stands_in_the_ledger_without_its_words(client):
    id_ = add(client)
    send(client, id_, "didisposisi", agency=PUPR, note=f"Tanya {PHONE}", public_reply="Kami periksa besok.")
    entries = read_entries(client, id_)
    assert [type_ for type_, _ in entries] == ["feedback.received", "clock.revised", "event.didisposisi"]
    content = entries[-1][1]
    assert (content["state"], content["agency"], content["number"]) == ("didisposisi", PUPR, 1)
    assert content["due_at"] == entries[-2][1]["due_at"]
    assert "besok" not in json.dumps(entries)


def test_notes_and_replies_are_masked_and_notes_stay_inside(client):
    app = client.make_key("ingest")
    id_ = client.post("/v1/feedback", {"text": ROAD}, key=app).json()["id"]
    stored = send(client, id_, "didisposisi", agency=PUPR, note=f"Telepon {PHONE}", public_reply=f"Hubungi {PHONE}")
    assert "[TELEPON]" in stored.json()["note"]
    (inside,), (outside,) = (list_events(client, id_, key=key)["events"] for key in (None, app))
    assert inside == stored.json()
    assert outside == {**inside, "note": None, "actor": None}
    assert list_events(client, id_, key=app)["allowed"] == []
    store = b"".join(path.read_bytes() for path in client.settings.home.glob("pilah.db*"))
    assert PHONE.encode() not in store


def test_an_illegal_order_is_a_conflict_that_says_what_is_allowed(client):
    id_ = add(client)
    follow(client, id_, ("didisposisi", PUPR), "ditanggapi", "selesai")
    answer = send(client, id_, "diverifikasi")
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"] == "/problems/illegal-event"
    assert (problem["state"], problem["allowed"]) == ("selesai", ["dibuka_kembali", "arsip"])
    assert len(list_events(client, id_)["events"]) == 3


def test_a_report_is_given_back_handed_over_and_reopened(client):
    id_ = add(client)
    returned = follow(client, id_, ("didisposisi", PUPR), "dikembalikan")
    assert (returned["state"], returned["route"]["agency"]) == ("dikembalikan", None)
    assert send(client, id_, "diproses").status_code == 409
    answered = follow(client, id_, ("didisposisi", TRANSPORT), ("didisposisi", PUPR), "diproses", "ditanggapi")
    assert answered["clock"]["revision"] == 2
    reopened = follow(client, id_, "dibuka_kembali")
    assert (reopened["clock"]["revision"], reopened["clock"]["cause"]) == (3, "dibuka_kembali")
    assert list_events(client, id_)["time"]["misrouted_s"] > 0


def test_asking_the_reporter_stops_the_clock_and_the_answer_goes_on(client):
    id_ = add(client, received_at="2026-08-03T02:00:00Z")
    assert send(client, id_, "didisposisi", agency=PUPR, at="2026-08-03T03:00:00Z").status_code == 201
    assert send(client, id_, "perlu_lengkapi", at="2026-08-05T02:00:00Z").status_code == 201
    paused = client.get(f"/v1/feedback/{id_}").json()["clock"]
    assert (paused["status"], paused["due_at"]) == ("paused", None)
    (row,) = read_rows(client, tables.feedback, id=id_)
    assert (row["paused_at"], row["due_at"]) == (datetime(2026, 8, 5, 2, tzinfo=UTC), None)
    assert send(client, id_, "dilengkapi", at="2026-08-10T08:00:00Z").json()["state"] == "didisposisi"
    clock = client.get(f"/v1/feedback/{id_}").json()["clock"]
    assert (clock["paused_working_days"], clock["due_at"]) == (3, "2026-08-28T23:59:59+07:00")
    assert "jeda 3 hari kerja karena menunggu pelapor" in clock["explanation"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"type": "dihapus"}, "#/type"),
        ({"agency": PUPR}, "#/type"),
        ({"type": "didisposisi"}, "#/agency"),
        ({"type": "didisposisi", "agency": "dinas-khayal"}, "#/agency"),
        ({"type": "diverifikasi", "agency": PUPR}, "#/agency"),
        ({"type": "didisposisi", "agency": PUPR, "unit": "13.73.04"}, "#/unit"),
        ({"type": "didisposisi", "agency": LOCAL, "unit": "99.99"}, "#/unit"),
        ({"type": "didisposisi", "agency": LOCAL}, "#/unit"),
        ({"type": "diverifikasi", "at": "besok"}, "#/at"),
        ({"type": "diverifikasi", "at": "2999-01-01T00:00:00Z"}, "#/at"),
        ({"type": "diverifikasi", "at": "2020-01-01T00:00:00Z"}, "#/at"),
        ({"type": "diverifikasi", "note": ""}, "#/note"),
        ({"type": "diverifikasi", "note": "a\0b"}, "#/note"),
        ({"type": "diverifikasi", "note": "x" * 10_001}, "#/note"),
        ({"type": "diverifikasi", "after": "1"}, "#/after"),
        ({"type": "diverifikasi", "after": -1}, "#/after"),
        ({"type": "diverifikasi", "by": "me"}, "#/by"),
    ],
)
def test_a_field_that_cannot_be_used_is_pointed_at(shared, body, pointer):
    answer = shared.post(f"/v1/feedback/{shared.report}/events", body)
    assert answer.status_code == 422, answer.text
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


@pytest.fixture(scope="module")
def shared(run_service, champion, tmp_path_factory):
    """One service, with one report, for calls that change nothing."""
    with run_service(Settings(home=tmp_path_factory.mktemp("home"), bundle=champion / BUNDLE_ID, port=0)) as client:
        client.report = add(client)
        yield client


def test_bad_calls_are_answered_as_everywhere(shared):
    path = f"/v1/feedback/{shared.report}/events"
    body = {"type": "diverifikasi"}
    json_type = {"Content-Type": "application/json"}
    assert shared.post(path, body, key="").status_code == 401
    assert shared.post(path, body, key="pilah_wrong").status_code == 401
    assert shared.post(path, body, key=shared.make_key("ingest", "analyse")).status_code == 403
    assert shared.get(path, key=shared.make_key("classify")).status_code == 403
    assert shared.request("PUT", path, json=body).headers["allow"] == "GET, HEAD, POST"
    assert shared.post(path, content=b"{", headers=json_type).status_code == 400
    assert shared.post(path, content=b'{"type": "\xff"}', headers=json_type).status_code == 400
    assert shared.post(path, content=b"type=arsip", headers={"Content-Type": "text/plain"}).status_code == 415
    assert shared.post("/v1/feedback/no-such-id/events", body).status_code == 404
    assert shared.get("/v1/feedback/no-such-id/events").status_code == 404
    assert shared.post("/v1/feedback/%00/events", body).status_code == 422
    assert shared.post(path, body, headers={"Idempotency-Key": "x" * 201}).status_code == 422
    assert list_events(shared, shared.report)["events"] == []


def test_the_same_key_gives_the_same_answer_and_another_body_a_problem(client):
    id_ = add(client)
    once = {"Idempotency-Key": "klik"}
    first = send(client, id_, "didisposisi", headers=once, agency=PUPR)
    follow(client, id_, "diproses")
    again = send(client, id_, "didisposisi", headers=once, agency=PUPR)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = send(client, id_, "didisposisi", headers=once, agency=TRANSPORT)
    assert other.json()["type"] == "/problems/replay-mismatch"
    assert send(client, add(client), "didisposisi", headers=once, agency=TRANSPORT).status_code == 201
    assert len(list_events(client, id_)["events"]) == 2


def test_of_officers_at_the_same_moment_one_wins(client):
    id_ = add(client)
    headers = {"Authorization": f"Bearer {client.key}"}
    bodies = [{"type": "didisposisi", "agency": agency} for agency in (PUPR, TRANSPORT, "inspektorat", "disdukcapil")]
    calls = [("POST", f"/v1/feedback/{id_}/events", headers, {"json": {**body, "after": 0}}) for body in bodies]
    answers = client.gather(calls)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["type"], refused["events"]) == ("/problems/overtaken", 1)
    assert refused["state"] == "didisposisi"
    same = ("POST", f"/v1/feedback/{id_}/events", {**headers, "Idempotency-Key": "1"}, {"json": {"type": "diproses"}})
    assert sorted(answer.status_code for answer in client.gather([same] * 5)) == [200] * 4 + [201]


def test_an_event_may_lie_in_the_past_but_not_before_the_one_before_it(client):
    id_ = add(client, received_at="2026-10-05T02:00:00Z")
    assert send(client, id_, "diverifikasi", at="2026-10-05T01:59:59Z").status_code == 422
    assert send(client, id_, "diverifikasi", at="2026-10-06T02:00:00Z").status_code == 201
    early = send(client, id_, "didisposisi", agency=PUPR, at="2026-10-06T01:59:59Z")
    assert "2026-10-06T02:00:00" in early.json()["errors"][0]["detail"]
    now = datetime.now(UTC)
    ahead = send(client, id_, "didisposisi", agency=PUPR, at=(now + timedelta(minutes=1)).isoformat()).json()
    assert now <= datetime.fromisoformat(ahead["at"]) <= datetime.now(UTC)


def test_an_agency_works_on_its_own_reports_and_gives_back_what_is_not_its_own(client):
    liaison = make_liaison(client)
    id_ = add(client)
    other = add(client, "Mohon lampu jalan diperbaiki.")
    assert send(client, other, "diproses", key=liaison).status_code == 404
    # What is only proposed for an agency waits for a person.
    assert send(client, id_, "diproses", key=liaison).status_code == 404
    follow(client, id_, ("didisposisi", PUPR))
    for type_, more in (("didisposisi", {"agency": TRANSPORT}), ("arsip", {}), ("diverifikasi", {})):
        refused = send(client, id_, type_, key=liaison, **more)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-by-agency")
        assert "dikembalikan" in refused.json()["allowed"]
    assert "didisposisi" not in list_events(client, id_, key=liaison)["allowed"]
    follow(client, id_, "diproses", key=None)
    once = {"Idempotency-Key": "balik"}
    returned = send(client, id_, "dikembalikan", key=liaison, headers=once, note="Jalan provinsi.")
    assert (returned.status_code, returned.json()["agency"]) == (201, PUPR)
    assert client.get(f"/v1/feedback/{id_}/events", key=liaison).status_code == 404
    assert send(client, id_, "diproses", key=liaison).status_code == 404
    assert (
        send(client, id_, "dikembalikan", key=liaison, headers=once, note="Jalan provinsi.").json() == returned.json()
    )
    follow(client, id_, ("didisposisi", PUPR))
    for type_ in ("diproses", "ditanggapi", "selesai"):
        assert send(client, id_, type_, key=liaison).status_code == 201


def test_a_restricted_report_is_moved_by_who_has_oversight_only(client):
    sender = client.make_key("ingest", "triage")
    id_ = client.post("/v1/feedback", {"text": "Ada pungli di kantor itu."}, key=sender).json()["id"]
    assert client.get(f"/v1/feedback/{id_}", key=sender).status_code == 200
    assert list_events(client, id_, key=sender)["allowed"] == []
    assert send(client, id_, "diverifikasi", key=sender).status_code == 404
    assert send(client, id_, "diverifikasi", key=make_liaison(client, "inspektorat")).status_code == 404
    assert send(client, id_, "diverifikasi", key=client.make_key("oversight")).status_code == 403
    assert send(client, id_, "diverifikasi", key=client.make_key("triage", "oversight")).status_code == 201


def test_a_report_goes_to_an_office_and_no_further_than_there(client):
    id_ = add(client)
    moved = send(client, id_, "didisposisi", agency=LOCAL, unit="13.73.04")
    assert (moved.status_code, moved.json()["unit"]) == (201, "13.73.04")
    again = send(client, id_, "didisposisi", agency=LOCAL, unit="13.73.04")
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (422, "#/agency")
    assert client.get(f"/v1/feedback/{id_}").json()["route"]["unit"] == "13.73.04"


def test_an_emergency_is_acknowledged_once_without_moving_the_report(client):
    id_ = add(client, "Ada kebakaran di pasar!")
    assert "ditangani_darurat" in list_events(client, id_)["allowed"]
    seen = send(client, id_, "ditangani_darurat")
    assert (seen.status_code, seen.json()["state"]) == (201, "baru")
    (row,) = read_rows(client, tables.emergency, feedback_id=id_)
    assert row["acknowledged_at"] == datetime.fromisoformat(seen.json()["at"])
    assert row["acknowledged_by"] == seen.json()["actor"]
    assert send(client, id_, "ditangani_darurat").status_code == 409
    assert send(client, add(client), "ditangani_darurat").status_code == 409


def test_an_agency_that_is_no_more_gets_no_reports(client):
    context = client.context
    agencies = dict(context.taxonomy.heads["agency"])
    agencies[PUPR] = replace(agencies[PUPR], valid_to=date(2026, 1, 1), merged_into=TRANSPORT)
    ended = replace(context.taxonomy, heads={**context.taxonomy.heads, "agency": agencies})
    client.app.state.context = replace(context, taxonomy=ended)
    answer = send(client, add(client), "didisposisi", agency=PUPR)
    assert (answer.status_code, TRANSPORT in answer.json()["errors"][0]["detail"]) == (422, True)


def test_who_said_where_a_report_lies_is_told_beside_how_it_came_about(client):
    def by(id_):
        return client.get(f"/v1/feedback/{id_}").json()["route"]["by"]

    answer = client.post("/v1/feedback", {"text": ROAD}).json()
    id_, decision = answer["id"], answer["route"]["decision"]
    assert answer["route"]["by"] == by(id_) == "classifier"
    moved = follow(client, id_, "diverifikasi")
    assert moved["route"]["by"] == "classifier"
    moved = follow(client, id_, ("didisposisi", TRANSPORT))
    assert moved["route"] == {"agency": TRANSPORT, "unit": None, "decision": decision, "by": "person"}
    labelled = add(client)
    client.post(f"/v1/feedback/{labelled}/labels", {"topic": "jalan-rusak"})
    assert by(labelled) == "classifier"
    client.post(f"/v1/feedback/{labelled}/labels", {"agency": PUPR})
    assert by(labelled) == "person"
    client.post(f"/v1/feedback/{labelled}/labels/retract")
    assert by(labelled) == "classifier"
    assert {found["route"]["by"] for found in client.get("/v1/feedback").json()["feedback"]} == {"person", "classifier"}


def test_a_report_takes_so_many_events_and_can_still_be_ended(client, monkeypatch):
    monkeypatch.setattr("service.handling.events.MAX_EVENTS", 3)
    id_ = add(client, "kebakaran di Talawi")
    follow(client, id_, ("didisposisi", PUPR), "diproses", "diproses")
    refused = send(client, id_, "diproses")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-many-events")
    assert set(refused.json()["allowed"]) == {"ditanggapi", "selesai", "ditangani_darurat"}
    done = follow(client, id_, "ditangani_darurat", "selesai")
    assert done["state"] == "selesai"
    assert send(client, id_, "dibuka_kembali").json()["type"] == "/problems/too-many-events"
    assert len(list_events(client, id_)["events"]) == 5
