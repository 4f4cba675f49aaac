import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import true
from starlette.responses import JSONResponse

from service.feedback import find_feedback
from service.routes.feedback import show_feedback, write_feedback

LAMP = "Mohon lampu jalan di Talawi diperbaiki, hubungi 0812-3456-7890."
FULL = {
    "text": LAMP,
    "title": "Lampu mati",
    "external_id": "HS-1",
    "received_at": "2026-10-05T19:40:00+07:00",
    "channel": "hallo-sawahlunto",
    "reporter_ref": "warga-48151",
    "district": "Talawi",
    "village": "Talawi Hilie",
    "lat": -0.66,
    "lon": 100.78,
    "address": "Jl. Lama 5, tanya ke 0813-9876-5432",
    "rating": 2,
    "about": "dinas-perhubungan",
    "attachments": ["https://app.example.id/foto/1.jpg"],
    "source_url": "https://app.example.id/laporan/1",
}
MISSING_ID = "01900000-0000-7000-8000-000000000000"


def read_store(client):
    """Every byte of the store, journal included."""
    return b"".join(path.read_bytes() for path in client.settings.home.glob("pilah.db*"))


def list_ids(client, query="", **more):
    return [stored["id"] for stored in client.get(f"/v1/feedback{query}", **more).json()["feedback"]]


def test_a_report_is_stored_tagged_and_found_at_its_location(client):
    answer = client.post("/v1/feedback", FULL)
    assert answer.status_code == 201
    stored = answer.json()
    assert answer.headers["location"] == f"/v1/feedback/{stored['id']}"
    assert stored["state"] == "baru"
    assert stored["external_id"] == "HS-1"
    assert datetime.fromisoformat(stored["received_at"]) == datetime(2026, 10, 5, 12, 40, tzinfo=UTC)
    assert stored["prediction"]["heads"]["agency"]["label"] == "dinas-perhubungan"
    assert client.get(answer.headers["location"]).json() == stored


def test_an_answer_is_the_same_to_the_last_byte_whenever_and_however_it_is_written(client):
    text = 'Lampu "mati" \\ ,"cut_chars":5,"text": di Talawi 🙏\n[TELEPON] hubungi 0812-3456-7890'
    answer = client.post("/v1/feedback", {**FULL, "text": text})
    again = client.post("/v1/feedback", {**FULL, "text": text})
    got = client.get(answer.headers["location"])
    assert answer.content == again.content == got.content
    assert (answer.status_code, again.status_code) == (201, 200)
    assert {one.headers["content-type"] for one in (answer, again, got)} == {"application/json"}

    def look(transaction, _):
        record = find_feedback(transaction.connection, got.json()["id"], true())
        spaced = replace(record, content=json.dumps(json.loads(record.content)))
        return [(show_feedback(client.context, record), write_feedback(client.context, spaced))]

    shown, from_spaced = client.loop.run_until_complete(client.context.writer.write(look, None))
    assert from_spaced == JSONResponse(shown).body == got.content


def test_the_text_alone_is_enough(client):
    before = datetime.now(UTC)
    stored = client.post("/v1/feedback", {"text": LAMP}).json()
    assert before <= datetime.fromisoformat(stored["received_at"]) <= datetime.now(UTC)


def test_only_masked_text_and_digests_reach_the_disk(client):
    client.post("/v1/feedback", FULL, headers={"Idempotency-Key": "kunci-panggilan"})
    content = read_store(client)
    assert b"[TELEPON]" in content
    for secret in (b"3456-7890", b"9876-5432", b"warga-48151", b"kunci-panggilan", client.key.encode()):
        assert secret not in content


def test_neither_text_nor_key_nor_query_reaches_the_log(client):
    client.post("/v1/feedback", FULL)
    client.get("/v1/feedback?external_id=HS-1")
    log = client.log_stream.getvalue()
    assert [line["route"] for line in client.requests] == ["/v1/feedback", "/v1/feedback"]
    for secret in ("lampu", "HS-1", client.key, "warga-48151"):
        assert secret.lower() not in log.lower()
    assert client.requests[0]["caller"].startswith("key:")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"text": LAMP, "external_id": "HS-2"}, {}),
        ({"text": LAMP}, {"Idempotency-Key": "once"}),
        ({"text": LAMP, "external_id": "HS-2"}, {"Idempotency-Key": "once"}),
    ],
)
def test_the_same_twice_is_stored_once_and_answered_the_same(client, body, headers):
    first = client.post("/v1/feedback", body, headers=headers)
    second = client.post("/v1/feedback", dict(reversed(body.items())), headers=headers)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]
    assert len(list_ids(client)) == 1


@pytest.mark.parametrize(
    ("headers", "place"),
    [({}, {"pointer": "#/external_id"}), ({"Idempotency-Key": "once"}, {"header": "Idempotency-Key"})],
)
def test_the_same_identity_with_another_body_is_422_and_stores_nothing(client, headers, place):
    identity = {} if headers else {"external_id": "HS-3"}
    client.post("/v1/feedback", {"text": LAMP, **identity}, headers=headers)
    answer = client.post("/v1/feedback", {"text": "sampah menumpuk", **identity}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/replay-mismatch"
    assert place.items() <= answer.json()["errors"][0].items()
    assert len(list_ids(client)) == 1


def test_two_identities_of_two_reports_cannot_name_one(client):
    client.post("/v1/feedback", {"text": LAMP, "external_id": "A"})
    client.post("/v1/feedback", {"text": LAMP}, headers={"Idempotency-Key": "b"})
    answer = client.post("/v1/feedback", {"text": LAMP, "external_id": "A"}, headers={"Idempotency-Key": "b"})
    assert answer.status_code == 422


def test_an_identity_added_on_a_replay_stands_for_the_report_too(client):
    first = client.post("/v1/feedback", {"text": LAMP, "external_id": "A"})
    client.post("/v1/feedback", {"text": LAMP, "external_id": "A"}, headers={"Idempotency-Key": "b"})
    answer = client.post("/v1/feedback", {"text": "sampah"}, headers={"Idempotency-Key": "b"})
    assert answer.status_code == 422
    assert list_ids(client) == [first.json()["id"]]


def test_an_idempotency_key_belongs_to_the_key_that_sent_it(client):
    other = client.make_key("ingest")
    first = client.post("/v1/feedback", {"text": LAMP}, headers={"Idempotency-Key": "1"})
    second = client.post("/v1/feedback", {"text": "sampah"}, headers={"Idempotency-Key": "1"}, key=other)
    assert (first.status_code, second.status_code) == (201, 201)


def test_many_at_the_same_time_with_one_identity_store_one(client):
    call = ("POST", "/v1/feedback", {"Authorization": f"Bearer {client.key}"}, {"json": FULL})
    answers = client.gather([call] * 30)
    assert sorted(answer.status_code for answer in answers) == [200] * 29 + [201]
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"text": ""}, "#/text"),
        ({"text": None}, "#/text"),
        ({"text": "a\0b"}, "#/text"),
        ({"title": "a\0b"}, "#/title"),
        ({"title": "x" * 201}, "#/title"),
        ({"external_id": ""}, "#/external_id"),
        ({"external_id": 7}, "#/external_id"),
        ({"external_id": "a\nb"}, "#/external_id"),
        ({"external_id": "x" * 201}, "#/external_id"),
        ({"received_at": "kemarin"}, "#/received_at"),
        ({"received_at": "2026-10-05T19:40:00"}, "#/received_at"),
        ({"received_at": 1_700_000_000}, "#/received_at"),
        ({"received_at": "1999-12-31T23:00:00Z"}, "#/received_at"),
        ({"received_at": "2999-01-01T00:00:00Z"}, "#/received_at"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "#/received_at"),
        ({"channel": "Hallo Sawahlunto"}, "#/channel"),
        ({"lat": 91, "lon": 0}, "#/lat"),
        ({"lat": "0.5", "lon": 1}, "#/lat"),
        ({"lat": True, "lon": 1}, "#/lat"),
        ({"lat": 1}, "#"),
        ({"rating": 6}, "#/rating"),
        ({"rating": 2.5}, "#/rating"),
        ({"rating": True}, "#/rating"),
        ({"about": "Dinas"}, "#/about"),
        ({"attachments": "https://a.example/1"}, "#/attachments"),
        ({"attachments": ["ftp://a.example/1"]}, "#/attachments/0"),
        ({"attachments": ["https://a.example/1"] * 21}, "#/attachments"),
        ({"source_url": "javascript:alert(1)"}, "#/source_url"),
        ({"instansi": "dinas-pupr"}, "#/instansi"),
        ({"a/b~c d": 1}, "#/a~1b~0c%20d"),
    ],
)
def test_a_wrong_field_is_422_with_a_pointer_and_stores_nothing(client, change, pointer):
    answer = client.post("/v1/feedback", {"text": LAMP, **change})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert list_ids(client) == []


def test_every_wrong_field_is_named_at_once(client):
    errors = client.post("/v1/feedback", {"lat": 100, "lon": 200, "x": 1}).json()["errors"]
    assert {error["pointer"] for error in errors} == {"#/text", "#/lat", "#/lon", "#/x"}


def test_the_value_that_was_wrong_is_not_repeated(client):
    answer = client.post("/v1/feedback", {"text": LAMP, "rating": "081234567890"})
    assert "081234567890" not in answer.text


def test_an_idempotency_key_that_cannot_be_used_is_422_and_names_the_header(client):
    answer = client.post("/v1/feedback", {"text": LAMP}, headers={"Idempotency-Key": "x" * 201})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["header"] == "idempotency-key"


def test_title_and_text_together_may_be_too_long(client):
    answer = client.post("/v1/feedback", {"text": "a" * (64 * 1024 - 5), "title": "lampu mati"})
    assert answer.status_code == 413
    assert list_ids(client) == []


def add_many(client, number):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ids = []
    for place in range(number):
        body = {"text": "lampu mati", "received_at": (start + timedelta(hours=place)).isoformat()}
        ids.append(client.post("/v1/feedback", body).json()["id"])
    return ids


def test_a_listing_is_newest_first_and_pages_meet_without_gap(client):
    ids = add_many(client, 7)
    first = client.get("/v1/feedback?limit=3").json()
    second = client.get(f"/v1/feedback?limit=3&cursor={first['next']}").json()
    third = client.get(f"/v1/feedback?limit=3&cursor={second['next']}").json()
    listed = [stored["id"] for page in (first, second, third) for stored in page["feedback"]]
    assert listed == ids[::-1]
    assert third["next"] is None


def test_a_page_that_is_exactly_full_has_no_next(client):
    add_many(client, 3)
    assert client.get("/v1/feedback?limit=3").json()["next"] is None


def test_a_report_that_comes_in_between_shifts_no_page(client):
    ids = add_many(client, 4)
    first = client.get("/v1/feedback?limit=2").json()
    client.post("/v1/feedback", {"text": "sampah"})
    second = client.get(f"/v1/feedback?limit=2&cursor={first['next']}").json()
    assert [stored["id"] for page in (first, second) for stored in page["feedback"]] == ids[::-1]


def test_reports_of_one_instant_are_all_listed_once(client):
    instant = "2026-05-01T00:00:00Z"
    ids = {client.post("/v1/feedback", {"text": "lampu", "received_at": instant}).json()["id"] for _ in range(5)}
    listed, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/v1/feedback?limit=2{cursor and '&cursor='}{cursor}").json()
        listed += [stored["id"] for stored in page["feedback"]]
        cursor = page["next"]
    assert len(listed) == 5
    assert set(listed) == ids


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("?agency=dinas-perhubungan", [0]),
        ("?topic=sampah", [1]),
        ("?urgency=darurat", [2]),
        ("?kind=permintaan-informasi", [1]),
        ("?external_id=HS-1", [1]),
        ("?since=2026-03-02T00:00:00Z", [2, 1]),
        ("?until=2026-03-02T00:00:00Z", [0]),
        ("?since=2026-03-02T07:00:00%2B07:00&until=2026-03-03T00:00:00Z", [1]),
        ("?agency=dinas-pupr", []),
        ("?agency=dinas-perhubungan&topic=sampah", []),
    ],
)
def test_filters_narrow_the_listing(client, query, places):
    bodies = [
        {"text": "mohon lampu", "received_at": "2026-03-01T00:00:00Z"},
        {"text": "bagaimana sampah", "received_at": "2026-03-02T00:00:00Z", "external_id": "HS-1"},
        {"text": "kebakaran", "received_at": "2026-03-03T00:00:00Z"},
    ]
    ids = [client.post("/v1/feedback", body).json()["id"] for body in bodies]
    assert list_ids(client, query) == [ids[place] for place in places]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("?limit=0", "limit"),
        ("?limit=201", "limit"),
        ("?limit=banyak", "limit"),
        ("?since=kemarin", "since"),
        ("?since=2026-01-01T00:00:00", "since"),
        ("?cursor=%00%ff", "cursor"),
        ("?cursor=abc", "cursor"),
        ("?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5IHg=", "cursor"),
        ("?instansi=dinas-pupr", "instansi"),
        ("?agency=Dinas+PUPR", "agency"),
    ],
)
def test_a_wrong_parameter_is_422_and_named(client, query, parameter):
    answer = client.get(f"/v1/feedback{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_an_id_that_is_not_there_is_404(client):
    answer = client.get(f"/v1/feedback/{MISSING_ID}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


def test_a_sender_sees_its_own_reports_only(client):
    sender = client.make_key("ingest")
    own = client.post("/v1/feedback", {"text": "lampu"}, key=sender).json()["id"]
    other = client.post("/v1/feedback", {"text": "sampah"}).json()["id"]
    assert list_ids(client, key=sender) == [own]
    assert client.get(f"/v1/feedback/{own}", key=sender).status_code == 200
    assert client.get(f"/v1/feedback/{other}", key=sender).status_code == 404
    assert set(list_ids(client)) == {own, other}


def test_accusations_are_seen_with_the_scope_oversight_only(client):
    accusation = client.post("/v1/feedback", {"text": "pungli"}).json()["id"]
    complaint = client.post("/v1/feedback", {"text": "mohon lampu"}).json()["id"]
    assert list_ids(client, key=client.make_key("triage")) == [complaint]
    assert client.get(f"/v1/feedback/{accusation}", key=client.make_key("analyse")).status_code == 404
    assert set(list_ids(client, key=client.make_key("triage", "oversight"))) == {complaint, accusation}


def test_a_key_that_only_classifies_may_not_store_or_list(client):
    key = client.make_key("classify")
    assert client.post("/v1/feedback", {"text": LAMP}, key=key).status_code == 403
    assert client.get("/v1/feedback", key=key).status_code == 403


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/v1/feedback"), ("PUT", f"/v1/feedback/{MISSING_ID}")])
def test_another_method_is_405(client, method, path):
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
