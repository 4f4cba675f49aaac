from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select
from standardwebhooks import Webhook as Verifier

from service import tables
from service.keys import make_key
from service.ledger.deriving import derive
from service.messages.outbox import Dispatch, Outbox
from service.messages.sending import Outcome

URL = "https://app.example.id/pilah"
MISSING = "/v1/webhooks/01900000-0000-7000-8000-000000000000"


@pytest.fixture
def client(settings, run_service, monkeypatch):
    """A service whose chores rest: nothing is looked up or sent."""
    monkeypatch.setattr("service.app.list_chores", lambda *_: [])
    with run_service(settings.changed(webhook_hosts="localhost,*.lan")) as started:
        yield started


def add(client, **more):
    return client.post("/v1/webhooks", {"url": URL, **more})


def bind_key(client, agency):
    """An admin key of one agency."""

    def make(transaction, jobs):
        token = make_key(transaction.connection, "bound", ["admin"], datetime.now(UTC))
        newest = select(tables.api_key.c.id).order_by(tables.api_key.c.created_at.desc()).limit(1).scalar_subquery()
        columns = tables.api_key
        transaction.connection.execute(columns.update().where(columns.c.id == newest).values(agency=agency))
        return [token for _ in jobs]

    return client.loop.run_until_complete(client.context.writer.write(make, None))


def test_a_webhook_is_made_found_and_its_secret_shown_once(client):
    made = add(client, agency="dinas-pupr", events=["feedback.changed", "feedback.changed"])
    assert made.status_code == 201
    webhook = made.json()
    assert webhook.pop("secret").startswith("whsec_")
    assert webhook["events"] == ["feedback.changed"]
    assert client.get(made.headers["location"]).json() == webhook
    assert client.get("/v1/webhooks").json() == {"webhooks": [webhook]}
    assert webhook["secrets"] == [{"made_at": webhook["created_at"], "expires_at": None}]


def test_the_same_twice_makes_one_and_names_it(client):
    first, second = add(client), add(client)
    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["type"] == "/problems/webhook-exists"
    assert second.json()["webhook"] == first.json()["id"]
    assert add(client, agency="dinas-pupr").status_code == 201


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"url": "http://app.example.id/"}, "#/url"),
        ({"url": "https://127.0.0.2/"}, "#/url"),
        ({"url": "https://user:x@app.example.id/"}, "#/url"),
        ({"url": "ftp://app.example.id/"}, "#/url"),
        ({"url": "https://app.example.id/\0"}, "#/url"),
        ({"url": "https://a/" + "x" * 2000}, "#/url"),
        ({"url": 7}, "#/url"),
        ({"events": []}, "#/events"),
        ({"events": ["feedback.gone"]}, "#/events/0"),
        ({"events": None}, "#/events"),
        ({"agency": "Dinas PUPR"}, "#/agency"),
        ({"scopes": ["triage"]}, "#/scopes/0"),
        ({"scopes": ["oversight"], "agency": "dinas-pupr"}, "#"),
        ({"secret": "whsec_x"}, "#/secret"),
    ],
)
def test_a_wrong_field_is_422_with_a_pointer_and_makes_nothing(client, change, pointer):
    answer = add(client, **change)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert client.get("/v1/webhooks").json() == {"webhooks": []}


def test_a_listed_host_of_the_city_needs_no_tls(client):
    assert add(client, url="http://app.lan/pilah").status_code == 201


def test_only_an_admin_comes_near(client):
    path = client.get(add(client).headers["location"]).request.url.path
    calls = [
        ("GET", "/v1/webhooks"),
        ("POST", "/v1/webhooks"),
        ("GET", path),
        ("PATCH", path),
        ("DELETE", path),
        ("POST", f"{path}/rotate"),
        ("POST", f"{path}/replay"),
        ("POST", f"{path}/test"),
        ("GET", f"{path}/deliveries"),
    ]
    key = client.make_key("classify", "ingest", "triage", "oversight", "analyse", "audit")
    for method, called in calls:
        assert client.request(method, called, key=key).status_code == 403, called
        assert client.request(method, called, key="").status_code == 401, called
    assert client.request("PUT", path).status_code == 405


def test_what_is_not_there_is_404(client):
    for path in (MISSING, "/v1/webhooks/%00"):
        assert client.get(path).status_code == 404
        assert client.request("PATCH", path, json={}).status_code == 404
        assert client.request("DELETE", path).status_code == 404
        for action in ("rotate", "replay", "test"):
            assert client.post(f"{path}/{action}").status_code == 404
        assert client.get(f"{path}/deliveries").status_code == 404


def test_bodies_that_are_no_json_are_refused(client):
    path = add(client).headers["location"]
    for method, called in (("POST", "/v1/webhooks"), ("PATCH", path)):
        kind = {"Content-Type": "application/json"}
        assert client.request(method, called, content=b"{", headers=kind).status_code == 400
        assert client.request(method, called, content=b'{"url": "\xff"}', headers=kind).status_code == 400
        assert client.request(method, called, content=b"url", headers={"Content-Type": "text/plain"}).status_code == 415


def test_a_change_changes_what_is_given_and_nothing_else(client):
    before = add(client).json()
    path = f"/v1/webhooks/{before['id']}"
    assert client.request("PATCH", path, json={}).json() == client.get(path).json()
    after = client.request("PATCH", path, json={"events": ["feedback.urgent"], "scopes": ["admin"]}).json()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"events", "scopes"}
    assert client.request("PATCH", path, json={"url": "http://10.0.0.1/"}).status_code == 422
    stopped = [client.request("PATCH", path, json={"disabled": True}).json() for _ in range(2)]
    assert stopped[0] == stopped[1]
    assert stopped[0]["disabled_why"] == "by an administrator"


def test_rotated_secrets_sign_together_until_the_old_ones_end(client):
    made = add(client).json()
    path = f"/v1/webhooks/{made['id']}"
    rotated = [client.post(f"{path}/rotate?overlap_hours=2").json() for _ in range(7)]
    shown = client.get(path).json()["secrets"]
    assert len({webhook["secret"] for webhook in [made, *rotated]}) == 8
    assert len(shown) == 5
    assert [secret["expires_at"] is None for secret in shown] == [True, False, False, False, False]
    at_once = client.post(f"{path}/rotate?overlap_hours=0").json()
    assert [secret["expires_at"] is None for secret in at_once["secrets"]] == [True, False, False, False, False]
    later = client.post(f"{path}/rotate").json()
    assert len(later["secrets"]) == 2
    assert client.post(f"{path}/rotate?overlap_hours=169").status_code == 422


def test_the_removed_is_gone_with_its_deliveries(client):
    made = add(client).json()
    path = f"/v1/webhooks/{made['id']}"

    def put(transaction, jobs):
        row = {"message_id": "m", "target": made["id"], "state": "dead", "n_tries": 9}
        transaction.connection.execute(insert(tables.delivery).values(row))
        return jobs

    client.loop.run_until_complete(client.context.writer.write(put, None))
    assert client.get(path).json()["deliveries"] == {"dead": 1}
    assert client.request("DELETE", path).status_code == 204
    assert client.request("DELETE", path).status_code == 404
    left = client.loop.run_until_complete(
        client.context.reader.read(lambda connection: connection.execute(select(tables.delivery)).all())
    )
    assert left == []


def test_an_admin_of_one_agency_keeps_to_it(client):
    bound = bind_key(client, "dinas-pupr")
    of_all = add(client).json()["id"]
    refused = client.post("/v1/webhooks", {"url": "https://b.example/"}, key=bound)
    assert refused.json()["errors"][0]["pointer"] == "#/agency"
    own = client.post("/v1/webhooks", {"url": "https://b.example/", "agency": "dinas-pupr"}, key=bound).json()["id"]
    assert [found["id"] for found in client.get("/v1/webhooks", key=bound).json()["webhooks"]] == [own]
    assert client.get(f"/v1/webhooks/{of_all}", key=bound).status_code == 404
    assert client.post(f"/v1/webhooks/{of_all}/rotate", key=bound).status_code == 404


def test_a_test_message_says_what_came_of_it(client, monkeypatch):
    made = add(client, url="http://localhost:9/").json()
    answer = client.post(f"/v1/webhooks/{made['id']}/test").json()
    assert (answer["arrived"], answer["status"]) == (False, None)
    sent = []

    async def send(_, url, headers, body):
        sent.append((url, headers, body))
        return Outcome(204)

    monkeypatch.setattr("service.messages.sending.Sender.send", send)
    assert client.post(f"/v1/webhooks/{made['id']}/test").json() == {"arrived": True, "status": 204, "fault": None}
    ((_, headers, body),) = sent
    assert Verifier(made["secret"]).verify(body, headers)["type"] == "webhook.test"


def test_deliveries_are_paged_newest_first(client):
    made = add(client).json()
    for number in range(3):
        client.post("/v1/feedback", {"text": f"lampu nomor {number}"})

    def derive_all(transaction, jobs):
        for derivation in (Outbox(), Dispatch(has_mail=False)):
            derive(transaction.connection, derivation)
        return jobs

    client.loop.run_until_complete(client.context.writer.write(derive_all, None))
    path = f"/v1/webhooks/{made['id']}/deliveries"
    pages = [client.get(f"{path}?limit=2").json()]
    pages.append(client.get(f"{path}?limit=2&cursor={pages[0]['next']}").json())
    listed = [delivery for page in pages for delivery in page["deliveries"]]
    assert [len(page["deliveries"]) for page in pages] == [2, 1]
    assert pages[1]["next"] is None
    assert [delivery["made_at"] for delivery in listed] == sorted((d["made_at"] for d in listed), reverse=True)
    assert {delivery["state"] for delivery in listed} == {"waiting"}
    assert client.get(f"{path}?state=dead").json()["deliveries"] == []
    assert client.get(f"{path}?cursor=x").status_code == 422
    assert client.get(f"{path}?state=lost").status_code == 422
