import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from service import tables
from service.callers import Caller
from service.engine import open_engine, reading, writing
from service.handling.incident_queries import IncidentPosition, list_incidents
from service.migrating import migrate
from service.visibility import visible_to

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


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


def add_incident(connection, name, reports):
    noon = datetime(2026, 11, 24, 5, tzinfo=UTC)
    rows = [
        {"id": id_, "agency": agency, "received_at": noon + timedelta(hours=hour), "stored_at": noon}
        for id_, hour, agency in reports
    ]
    plain = {"key_id": "k", "state": "baru", "attachments": "[]", "text": ""}
    connection.execute(insert(tables.feedback), [{**plain, **row, "is_at_agency": True} for row in rows])
    instants = {"opened_at": rows[0]["received_at"], "last_at": rows[-1]["received_at"]}
    connection.execute(insert(tables.incident).values(id=name, **instants, n_reports=len(rows), n_reporters=len(rows)))
    connection.execute(
        insert(tables.incident_member), [{"feedback_id": row["id"], "incident_id": name} for row in rows]
    )


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


def test_a_page_goes_on_behind_an_incident_whose_last_report_is_of_another_agency(engine):
    # Two incidents of the agency; the last report of the first one is another agency's.
    members = {"a": [("a", 1, "pupr"), ("b", 9, "pln")], "c": [("c", 2, "pupr"), ("d", 5, "pupr")]}
    with writing(engine) as connection:
        for name, reports in members.items():
            add_incident(connection, name, reports)
    liaison = Caller("x", "account", "x", frozenset({"triage"}), "pupr")
    with reading(engine) as connection:
        (first,) = list_incidents(connection, visible_to(liaison), None, None, 1)
        position = IncidentPosition(first.listed_at, first.id)
        (second,) = list_incidents(connection, visible_to(liaison), None, position, 1)
    assert [(first.id, first.n_reports), (second.id, second.n_reports)] == [("a", 1), ("c", 2)]
