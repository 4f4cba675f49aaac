"""``/v1/keys``: made, listed, used, over, revoked."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from service.chores import write_last_uses
from service.tables import api_key, ledger

KEY = {"name": "hallo-sawahlunto", "scopes": ["classify", "ingest"]}


def read(client, query):
    return client.loop.run_until_complete(
        client.context.reader.read(lambda connection: connection.execute(query).mappings().all())
    )


def problem_of(answer):
    return answer.json()["type"].removeprefix("/problems/")


def test_a_key_is_made_used_listed_and_revoked_with_an_entry_for_each(client):
    made = client.post("/v1/keys", {**KEY, "rate": 1200, "expires_at": "2099-12-31T23:59:59+07:00"})
    assert made.status_code == 201
    token, key_id = made.json()["token"], made.json()["id"]
    assert client.post("/v1/classify", {"text": "lampu"}, key=token).status_code == 200
    assert client.get("/v1/keys", key=token).status_code == 403
    client.loop.run_until_complete(write_last_uses(client.context))

    listed = client.get("/v1/keys").json()["keys"]
    assert listed[0]["id"] == key_id
    assert listed[0]["created_by"].startswith("key:")
    assert listed[0]["last_used_at"] is not None
    assert token not in client.get("/v1/keys").text

    for _ in range(2):
        assert client.request("DELETE", f"/v1/keys/{key_id}").json()["revoked_at"] is not None
    refused = client.post("/v1/classify", {"text": "lampu"}, key=token)
    assert (refused.status_code, problem_of(refused)) == (401, "key-refused")
    entries = read(client, select(ledger).where(ledger.c.type.like("key.%")).order_by(ledger.c.number))
    assert [entry["type"] for entry in entries] == ["key.made", "key.revoked"]
    assert all(key_id in entry["content"] for entry in entries)
    assert not any(token in str(dict(entry)) for entry in entries)


def test_a_name_in_force_is_given_once(client):
    first = client.post("/v1/keys", KEY).json()
    again = client.post("/v1/keys", KEY)
    assert (again.status_code, problem_of(again)) == (409, "name-taken")
    client.request("DELETE", f"/v1/keys/{first['id']}")
    assert client.post("/v1/keys", KEY).status_code == 201


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"scopes": []}, "#/scopes"),
        ({"scopes": ["everything"]}, "#/scopes/0"),
        ({"name": " "}, "#/name"),
        ({"name": "a\u001b[31m"}, "#/name"),
        ({"name": "a\u0000b"}, "#/name"),
        ({"name": "x" * 81}, "#/name"),
        ({"agency": "no-such-agency"}, "#/agency"),
        ({"agency": "dinas-pupr", "scopes": ["admin"]}, "#/agency"),
        ({"agency": "dinas-pupr", "scopes": ["triage", "oversight"]}, "#/agency"),
        ({"rate": 0}, "#/rate"),
        ({"rate": 1e9}, "#/rate"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "#/expires_at"),
        ({"expires_at": "2099-01-01T00:00:00"}, "#/expires_at"),
        ({"token": "pilah_mine"}, "#/token"),
    ],
)
def test_a_key_that_should_not_be_is_refused_with_a_pointer(client, change, pointer):
    answer = client.post("/v1/keys", {**KEY, **change})
    assert (answer.status_code, problem_of(answer)) == (422, "invalid-fields")
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert len(client.get("/v1/keys").json()["keys"]) == 1


def test_a_key_past_its_time_is_refused_with_a_problem_of_its_own(client):
    made = client.post("/v1/keys", {**KEY, "expires_at": "2099-01-01T00:00:00Z"}).json()

    def age(transaction, instants):
        changed = update(api_key).where(api_key.c.id == made["id"]).values(expires_at=instants[0])
        transaction.connection.execute(changed)
        return [None]

    client.loop.run_until_complete(client.context.writer.write(age, datetime.now(UTC) - timedelta(seconds=1)))
    client.context.keys.forget()
    answer = client.post("/v1/classify", {"text": "lampu"}, key=made["token"])
    assert (answer.status_code, problem_of(answer)) == (401, "key-expired")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("key_id", ["nothing", "%00", "0198c0de-0000-7000-8000-000000000000"])
def test_a_key_that_is_not_there_cannot_be_revoked(client, key_id):
    assert client.request("DELETE", f"/v1/keys/{key_id}").status_code == 404


def test_the_last_use_is_written_beside_the_requests_and_never_goes_back(client):
    token = client.make_key("classify")
    client.post("/v1/classify", {"text": "lampu"}, key=token)
    assert [row["last_used_at"] for row in read(client, select(api_key))] == [None, None]
    client.loop.run_until_complete(write_last_uses(client.context))
    (first,) = [row["last_used_at"] for row in read(client, select(api_key)) if row["name"] == "test"]
    assert first is not None
    client.context.uses.keys.update(
        dict.fromkeys([r["id"] for r in read(client, select(api_key))], first - timedelta(1))
    )
    client.loop.run_until_complete(write_last_uses(client.context))
    (later,) = [row["last_used_at"] for row in read(client, select(api_key)) if row["name"] == "test"]
    assert later == first


def test_an_agency_of_a_key_narrows_what_it_sees(client):
    made = client.post("/v1/keys", {"name": "pupr", "scopes": ["triage"], "agency": "dinas-pupr"}).json()
    client.post("/v1/feedback", {"text": "lubang"})
    client.post("/v1/feedback", {"text": "lampu"})
    # Without a head of kinds that is sure, a report may be an accusation; those of no restriction are seen.
    seen = client.get("/v1/feedback", key=made["token"]).json()["feedback"]
    assert {report["prediction"]["heads"]["agency"]["label"] for report in seen} <= {"dinas-pupr"}
