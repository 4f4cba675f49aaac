import json
from datetime import UTC, datetime

from sqlalchemy import select

from service import tables
from service.chores import StaleClocks
from service.engine import open_engine, reading

ROAD = "Mohon jalan yang lubang ini ditambal."
ADVICE = {"advice": "Telepon 112 sekarang.", "numbers": [{"number": "0754 61 234", "name": "Damkar"}]}


def make_policy(client, **changes):
    current = client.get("/v1/policy").json()
    kept = {name: current[name] for name in ("verification_days", "days", "advice", "numbers", "is_confirmed")}
    return {**kept, **changes}


def dispose(client, at="2026-08-03T03:00:00Z"):
    """A report that came to an agency on 3 August 2026: due on the 24th."""
    id_ = client.post("/v1/feedback", {"text": ROAD, "received_at": "2026-08-03T02:00:00Z"}).json()["id"]
    body = {"type": "didisposisi", "agency": "dinas-pupr", "at": at}
    assert client.post(f"/v1/feedback/{id_}/events", body).status_code == 201
    return id_


def get_clock(client, id_):
    return client.get(f"/v1/feedback/{id_}").json()["clock"]


def put(client, day, **body):
    return client.request("PUT", f"/v1/holidays/{day}", json=body)


def revise(client, chore=None):
    """Do what the chore of the clocks does."""
    return client.loop.run_until_complete((chore or StaleClocks(client.context)).run())


def list_types(client):
    engine = open_engine(client.settings.store_url)
    with reading(engine) as connection:
        rows = connection.execute(select(tables.ledger.c.type, tables.ledger.c.content)).all()
    engine.dispose()
    return [(row.type, json.loads(row.content)) for row in rows]


def test_the_days_come_with_pilah_until_a_person_confirms_them(client):
    shipped = client.get("/v1/policy").json()
    assert (shipped["version"], shipped["is_confirmed"], shipped["verification_days"]) == (0, False, 3)
    assert shipped["days"]["pengaduan-pengawasan"] == 60
    assert shipped["days"]["permintaan-informasi"] == 5
    assert shipped["days"]["aspirasi"] is None
    assert get_clock(client, dispose(client))["explanation"].endswith("belum dipastikan oleh pemerintah kota")
    changed = client.request("PUT", "/v1/policy", json=make_policy(client, is_confirmed=True, **ADVICE))
    assert (changed.status_code, changed.json()["version"], changed.json()["advice"]) == (200, 1, ADVICE["advice"])
    assert client.get("/v1/policy").json() == changed.json()
    clock = get_clock(client, dispose(client))
    assert (clock["is_confirmed"], clock["policy"]) == (True, 1)
    assert clock["explanation"].endswith("jatuh tempo Senin, 24 Agustus 2026")


def test_the_same_rules_again_make_no_version(client):
    body = make_policy(client, verification_days=2)
    versions = [client.request("PUT", "/v1/policy", json=body).json()["version"] for _ in range(2)]
    assert versions == [1, 1]
    (entry,) = [content for type_, content in list_types(client) if type_ == "policy.changed"]
    assert entry["verification_days"] == 2


def test_clocks_that_run_keep_their_days(client):
    running = dispose(client)
    client.request("PUT", "/v1/policy", json=make_policy(client, days={"pengaduan": 2}, verification_days=1))
    client.post(f"/v1/feedback/{running}/events", {"type": "perlu_lengkapi", "at": "2026-08-05T02:00:00Z"})
    client.post(f"/v1/feedback/{running}/events", {"type": "dilengkapi", "at": "2026-08-06T02:00:00Z"})
    assert (get_clock(client, running)["working_days"], get_clock(client, running)["policy"]) == (14, 0)
    fresh = dispose(client)
    assert (get_clock(client, fresh)["working_days"], get_clock(client, fresh)["policy"]) == (2, 1)
    new = client.post("/v1/feedback", {"text": ROAD}).json()
    assert new["clock"]["working_days"] == 1


def test_a_day_off_that_is_declared_gives_running_clocks_a_new_revision(client):
    id_, stopped = dispose(client), dispose(client)
    client.post(f"/v1/feedback/{stopped}/events", {"type": "selesai"})
    before = get_clock(client, id_)
    assert before["due_at"] == "2026-08-24T23:59:59+07:00"
    assert put(client, "2026-08-20", name="Hari jadi kota").status_code == 200
    revise(client)
    after = get_clock(client, id_)
    assert (after["due_at"], after["cause"]) == ("2026-08-26T23:59:59+07:00", "kalender_berubah")
    assert after["revision"] == before["revision"] + 1
    assert "Kamis, 20 Agustus 2026 (Hari jadi kota)" in after["explanation"]
    clocks = client.get(f"/v1/feedback/{id_}/events").json()["clocks"]
    assert clocks[-2] == {**before, "status": "replaced"}
    assert get_clock(client, stopped)["revision"] == before["revision"]
    overdue = client.get("/v1/feedback?overdue=true").json()["feedback"]
    assert [report["id"] for report in overdue] == [id_]
    assert client.request("DELETE", "/v1/holidays/2026-08-20").status_code == 204
    revise(client)
    assert get_clock(client, id_)["due_at"] == before["due_at"]


def test_a_day_off_elsewhere_in_the_year_leaves_clocks_as_they_are(client):
    chore, id_ = StaleClocks(client.context), dispose(client)
    put(client, "2026-12-28", name="Libur daerah")
    assert revise(client, chore) is False
    assert revise(client, chore) is False
    assert get_clock(client, id_)["revision"] == 2


def test_the_year_shows_holidays_and_what_the_city_decided(client):
    put(client, "2026-08-17", name="Kerja bakti", is_off=False)
    put(client, "2026-08-18", name="Libur, tanya 0812-3456-7890")
    found = client.get("/v1/holidays?year=2026").json()
    days = {day["day"]: day for day in found["holidays"]}
    assert found["year"] == 2026
    assert days["2026-03-20"]["name"] == "Cuti Bersama Hari Raya Idul Fitri"
    assert days["2026-08-17"] == {"day": "2026-08-17", "name": "Kerja bakti", "source": "city", "is_off": False}
    assert days["2026-08-18"]["name"] == "Libur, tanya [TELEPON]"
    assert list(days) == sorted(days)
    assert client.get("/v1/holidays").json()["year"] == datetime.now(UTC).year


def test_the_same_decision_twice_stands_in_the_ledger_once(client):
    for _ in range(2):
        put(client, "2026-08-18", name="Libur")
    for _ in range(2):
        assert client.request("DELETE", "/v1/holidays/2026-08-18").status_code == 204
    types = [type_ for type_, _ in list_types(client)]
    assert (types.count("holiday.changed"), types.count("holiday.removed")) == (1, 1)


def test_what_cannot_be_used_is_pointed_at_and_the_rest_is_for_admins(client):
    days = client.get("/v1/policy").json()["days"]
    number = {"number": "nol", "name": "Damkar"}
    for changes, pointer in [
        ({"days": {**days, "keluhan": 5}}, "#/days/keluhan"),
        ({"days": {**days, "pengaduan": 0}}, "#/days/pengaduan"),
        ({"days": {**days, "pengaduan": "14"}}, "#/days/pengaduan"),
        ({"verification_days": 366}, "#/verification_days"),
        ({"numbers": [number]}, "#/numbers/0/number"),
        ({"advice": " "}, "#/advice"),
        ({"version": 3}, "#/version"),
    ]:
        answer = client.request("PUT", "/v1/policy", json=make_policy(client, **changes))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    for body in (
        {},
        {"name": ""},
        {"name": "\u200b"},
        {"name": "a\0"},
        {"name": "x", "is_off": 1},
        {"name": "x", "y": 1},
    ):
        assert put(client, "2026-08-18", **body).status_code == 422
    for day in ("2026-02-30", "besok"):
        assert put(client, day, name="Libur").status_code == 422
    assert client.get("/v1/holidays?year=1999").status_code == 422
    officer = client.make_key("triage")
    assert client.get("/v1/policy", key=officer).status_code == 200
    assert client.request("PUT", "/v1/policy", json=make_policy(client), key=officer).status_code == 403
    assert client.request("PUT", "/v1/holidays/2026-08-18", json={"name": "x"}, key=officer).status_code == 403
    assert client.request("DELETE", "/v1/holidays/2026-08-18", key=officer).status_code == 403
    assert client.request("POST", "/v1/policy", json={}).status_code == 405
    assert client.get("/v1/policy").json()["version"] == 0


def test_a_report_without_a_clock_gets_one(client):
    id_ = client.post("/v1/feedback", {"text": ROAD}).json()["id"]
    before = get_clock(client, id_)
    client.loop.run_until_complete(client.context.writer.write(_forget_clocks, None))
    assert get_clock(client, id_) is None
    revise(client)
    assert {**get_clock(client, id_), "made_at": ""} == {**before, "made_at": ""}


def _forget_clocks(transaction, jobs):
    transaction.connection.execute(tables.clock.delete())
    return [None for _ in jobs]
