"""What the edge tells: services, discovery, listings of reports and single ones."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from service.ids import new_id
from service.tables import event, feedback

LAMP = "Mohon lampu jalan di Talawi diperbaiki"
NOW = datetime.now(UTC).replace(microsecond=0)


def change(client, statement):
    def execute(transaction, statements):
        return [transaction.connection.execute(statement) and None for statement in statements]

    client.loop.run_until_complete(client.context.writer.write(execute, statement))


def add_event(client, feedback_id, number, type_, at, **more):
    row = {"id": new_id(at), "feedback_id": feedback_id, "number": number, "type": type_, "state": type_, "at": at}
    change(client, insert(event).values(**row, stored_at=at, actor="account:x", **more))
    change(client, update(feedback).where(feedback.c.id == feedback_id).values(state=type_, changed_at=at))


def test_there_is_a_service_for_each_topic_and_one_that_finds_it(client, edge):
    services = edge.read("services", shape="services")
    codes = [service["service_code"] for service in services]
    assert codes == ["auto", *client.context.taxonomy.slugs("topic")]
    assert {service["type"] for service in services} == {"realtime"}
    assert edge.read("services/auto", shape="service_definition") == {"service_code": "auto", "attributes": []}
    edge.read("services/sampah", {"jurisdiction_id": "13.73"}, shape="service_definition")
    for path in ("services/lubang-cacing", "services/%00", "services/" + "x" * 2_000):
        edge.read(path, status=404)
    edge.read("services", {"jurisdiction_id": "sfgov.org"}, status=404)
    edge.read("services", {"jurisdiction": "13.73"}, status=400)


def test_the_settings_may_name_the_jurisdiction(run_service, settings):
    with run_service(settings.changed(open311_jurisdiction="sawahlunto.example.id")) as client:
        for name, status in (("sawahlunto.example.id", 200), ("13.73", 200), ("", 200), ("x", 404)):
            answer = client.get(f"/open311/v2/services.json?jurisdiction_id={name}", key="")
            assert answer.status_code == status


def test_discovery_leads_to_the_endpoint(edge):
    found = edge.read("/open311/discovery", shape="discovery")
    assert found["endpoints"][0]["url"] == "http://pilah.test/open311/v2"
    assert found["endpoints"][0]["formats"] == ["text/xml", "application/json"]


def test_a_listing_is_narrowed_and_paged(client, edge):
    key = {"api_key": client.key}
    ids = [edge.add(f"{text} {n}") for n, text in enumerate(("lampu", "sampah", "lubang"))]
    old = client.post("/v1/feedback", {"text": "lampu", "received_at": (NOW - timedelta(days=100)).isoformat()})
    add_event(client, ids[1], 1, "selesai", NOW)

    def list_ids(**query):
        return [found["service_request_id"] for found in edge.read("requests", {**key, **query})]

    assert list_ids() == ids[::-1]
    assert list_ids(status="open") == [ids[2], ids[0]]
    assert list_ids(status="closed") == [ids[1]]
    assert list_ids(status="open,closed") == ids[::-1]
    assert list_ids(service_code="penerangan-jalan") == [ids[0]]
    assert list_ids(service_request_id=f"{ids[0]}, {old.json()['id']},nothing", status="closed") == [
        ids[0],
        old.json()["id"],
    ]
    assert [list_ids(page=n, page_size=2) for n in (1, 2, 3)] == [[ids[2], ids[1]], [ids[0]], []]
    since, until = (NOW - timedelta(days=days) for days in (101, 99))
    assert list_ids(start_date=since.isoformat(), end_date=until.isoformat()) == [old.json()["id"]]
    assert list_ids(start_date=since.isoformat()) == [old.json()["id"]]
    assert list_ids(end_date=until.isoformat().replace("+", " ")) == [old.json()["id"]]
    twice = client.get(f"/open311/v2/requests.json?status=open&status=closed&api_key={client.key}", key="")
    assert len(twice.json()) == 3


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"status": "pending"}, 400, "status"),
        ({"start_date": "kemarin"}, 400, "start_date: is no instant"),
        ({"start_date": "2026-10-01T00:00:00"}, 400, "start_date: has no time zone"),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"}, 400, "more than 90 days"),
        ({"start_date": "2026-05-01T00:00:00Z", "end_date": "2026-04-01T00:00:00Z"}, 400, "lies before start_date"),
        ({"start_date": "9999-12-31T23:00:00-12:00"}, 400, "years 1 to 9999"),
        ({"service_code": "lubang-cacing"}, 404, "service_code lubang-cacing"),
        ({"service_code": "sampah,\0"}, 400, "service_code"),
        ({"service_request_id": "a,\0"}, 400, "service_request_id"),
        ({"jurisdiction_id": "sfgov.org"}, 404, "jurisdiction_id"),
        ({"page": "0"}, 400, "page"),
        ({"page": "1.5"}, 400, "page"),
        ({"page": "٣"}, 400, "page"),
        ({"page_size": "1001"}, 400, "page_size"),
        ({"page_size": "9" * 100}, 400, "page_size"),
        ({"callback": "x"}, 400, "callback: unknown field"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(client, edge, query, status, words):
    (error,) = edge.read("requests", {"api_key": client.key, **query}, status=status)
    assert words in error["description"]


def test_a_report_tells_its_answer_its_deadline_and_when_it_was_closed(client, edge):
    sent = edge.add(LAMP)
    path, key = f"requests/{sent}", {"api_key": client.key}
    (found,) = edge.read(path, key)
    due_at = datetime.fromisoformat(client.get(f"/v1/feedback/{sent}").json()["clock"]["due_at"])
    assert datetime.fromisoformat(found["expected_datetime"]) == due_at
    add_event(client, sent, 1, "diproses", NOW)
    add_event(client, sent, 2, "ditanggapi", NOW + timedelta(hours=1), public_reply="Tiang diganti besok.", note="x")
    add_event(client, sent, 3, "selesai", NOW + timedelta(hours=2))
    (found,) = edge.read(path, key)
    assert (found["status"], found["status_notes"]) == ("closed", "Tiang diganti besok.")
    assert datetime.fromisoformat(found["updated_datetime"]) == NOW + timedelta(hours=1)
    add_event(client, sent, 4, "dibuka_kembali", NOW + timedelta(hours=3))
    (found,) = edge.read(path, key)
    assert found["status"] == "open"
    assert datetime.fromisoformat(found["updated_datetime"]) == NOW + timedelta(hours=3)
    assert found["updated_datetime"].endswith("+07:00")


def test_a_long_text_is_cut_to_what_georeport_allows(client, edge):
    sent = edge.add("lampu mati " * 1_000)
    description = edge.read(f"requests/{sent}", {"api_key": client.key})[0]["description"]
    assert len(description) == 4_000
    assert description.endswith("…")


def test_a_token_is_the_id_at_once(client, edge):
    sent = edge.add(LAMP)
    told = edge.read(f"tokens/{sent}", {"api_key": client.key}, shape="tokens")
    assert told == [{"service_request_id": sent, "token": sent}]
    for path in ("tokens/x", "requests/x", "requests/%00", "requests/" + "x" * 3_000):
        edge.read(path, {"api_key": client.key}, status=404)


def test_who_sends_reports_sees_its_own_and_a_classifying_key_none(client, edge):
    sent = edge.add(LAMP)
    other = client.make_key("ingest")
    assert edge.read("requests", {"api_key": other}) == []
    edge.read(f"requests/{sent}", {"api_key": other}, status=404)
    edge.read("requests", {"api_key": client.make_key("classify")}, status=403)


def test_without_the_setting_every_reading_of_reports_needs_a_key(edge):
    sent = edge.add(LAMP)
    assert edge.publish(sent).json()["visible"] is False
    for path in ("requests", f"requests/{sent}", f"tokens/{sent}"):
        for query in ({}, {"api_key": ""}, {"api_key": "pilah_wrong"}):
            edge.read(path, query, status=403)


def test_a_store_that_is_away_is_503_in_the_shape_of_georeport(client, edge, monkeypatch):
    edge.read("requests", {"api_key": client.key})
    monkeypatch.setattr("service.reader.MAX_WAITING", 0)
    answer = client.get(f"/open311/v2/requests.json?api_key={client.key}", key="")
    assert (answer.status_code, answer.json()[0]["code"]) == (503, 503)
    assert answer.headers["retry-after"]
