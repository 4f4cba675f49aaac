import time

import pytest

FLOOD = "banjir di Talawi, air setinggi lutut, lubang di mana-mana dan mohon perahu karet segera dikirim"


@pytest.fixture
def flood(client):
    """Ids of three reports of one flood by two people, once they are grouped."""
    ids = [
        client.post("/v1/feedback", {"text": FLOOD, "external_id": str(n), "reporter_ref": f"r{n % 2}"}).json()["id"]
        for n in range(3)
    ]
    client.post("/v1/feedback", {"text": "lampu mati di depan mushala Al-Ikhlas sejak hari raya"})
    deadline = time.monotonic() + 10
    while client.get("/v1/incidents").json()["incidents"] == [] or _count(client) < 3:
        assert time.monotonic() < deadline
    return ids


def _count(client):
    return client.get("/v1/incidents").json()["incidents"][0]["reports"]


def test_reports_of_one_thing_are_one_incident(client, flood):
    (incident,) = client.get("/v1/incidents").json()["incidents"]
    assert (incident["id"], incident["reports"], incident["reporters"]) == (flood[0], 3, 2)
    assert client.get(f"/v1/incidents/{flood[0]}").json() == {**incident, "feedback": flood}


def test_a_listing_is_narrowed_and_paged(client, flood):
    topic = client.get("/v1/incidents").json()["incidents"][0]["topic"]
    assert client.get(f"/v1/incidents?topic={topic}&limit=1").json()["next"] is None
    assert client.get("/v1/incidents?topic=pemakaman").json() == {"incidents": [], "next": None}
    assert client.get("/v1/incidents?cursor=x").status_code == 422
    assert client.get(f"/v1/incidents/{flood[1]}").status_code == 404
    assert client.get("/v1/incidents/%00").status_code == 422


def test_who_sends_reports_sees_no_incidents(client):
    assert client.get("/v1/incidents", key=client.make_key("ingest")).status_code == 403
