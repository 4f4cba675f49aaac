import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

BUNDLE_ID = "5eedab1e00c0ffee"
ROAD, FIRE = "Mohon jalan yang lubang ini ditambal.", "Ada kebakaran di pasar!"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def shared(run_service, champion, tmp_path_factory):
    """One service with a report that is late, one that is new, one that is answered, one that burns."""
    from service.settings import Settings  # noqa: PLC0415  # only here

    with run_service(Settings(home=tmp_path_factory.mktemp("home"), bundle=champion / BUNDLE_ID, port=0)) as client:
        old = (NOW - timedelta(days=60)).isoformat()
        late, answered = (_add(client, ROAD, received_at=old) for _ in range(2))
        body = {"type": "didisposisi", "agency": "kecamatan-kelurahan-desa", "unit": "13.73.04", "at": old}
        client.post(f"/v1/feedback/{late}/events", body)
        client.post(f"/v1/feedback/{answered}/events", {"type": "ditanggapi"})
        client.names = {late: "late", answered: "answered", _add(client, ROAD): "new", _add(client, FIRE): "burning"}
        yield client


def _add(client, text, **more):
    return client.post("/v1/feedback", {"text": text, **more}).json()["id"]


def list_names(client, query):
    answer = client.get(f"/v1/feedback?{query}")
    assert answer.status_code == 200, answer.text
    return {client.names[report["id"]] for report in answer.json()["feedback"]}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=didisposisi", "late"),
        ("state=baru", "new burning"),
        ("overdue=true", "late"),
        ("overdue=false", "answered new burning"),
        ("overdue=true&state=baru", ""),
        (f"due_before={(NOW + timedelta(days=30)).date()}T00:00:00Z", "late new burning"),
        (f"due_before={(NOW + timedelta(days=30)).date()}T00:00:00Z&overdue=false", "new burning"),
        (f"due_before={(NOW - timedelta(days=60)).date()}T00:00:00Z", ""),
        ("alarm=urgent", "burning"),
        ("alarm=watch", ""),
        ("unit=13.73.04", "late"),
        ("agency=kecamatan-kelurahan-desa&overdue=true", "late"),
        ("agency=dinas-pendidikan", ""),
    ],
)
def test_a_listing_is_narrowed_by_state_clock_alarm_and_office(shared, query, names):
    assert list_names(shared, query) == set(names.split())


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("agency=dinas-khayal", "agency"),
        ("topic=jalan-bolong", "topic"),
        ("urgency=gawat", "urgency"),
        ("kind=keluhan", "kind"),
        ("state=selesai-sudah", "state"),
        ("alarm=merah", "alarm"),
        ("unit=99.99", "unit"),
        ("overdue=mungkin", "overdue"),
        ("due_before=besok", "due_before"),
    ],
)
def test_a_value_that_nobody_knows_is_refused_by_name(shared, query, parameter):
    answer = shared.get(f"/v1/feedback?{query}")
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_words_are_found_within_a_bounded_time(client):
    first = client.post("/v1/feedback", {"text": "Lampu jalan 100% mati di Talawi"}).json()["id"]
    client.post("/v1/feedback", {"text": "Lampu taman redup"})

    def search(words, **more):
        return client.get("/v1/feedback", params={"words": words, "since": "2026-01-01T00:00:00Z", **more})

    now = datetime.now(UTC)
    since = (now - timedelta(days=30)).isoformat()
    found = search("LAMPU mati", since=since).json()["feedback"]
    assert [one["id"] for one in found] == [first]
    assert len(search("100%", since=since).json()["feedback"]) == 1
    assert len(search("1_0", since=since).json()["feedback"]) == 0
    unbounded = client.get("/v1/feedback", params={"words": "lampu"})
    assert (unbounded.status_code, unbounded.json()["errors"][0]["parameter"]) == (422, "since")
    long = search("lampu", since=(now - timedelta(days=93)).isoformat())
    assert (long.status_code, long.json()["errors"][0]["parameter"]) == (422, "until")


def test_a_listing_is_narrowed_to_an_incident_and_a_district(client):
    wet = "Banjir besar di Talawi, rumah kami terendam sejak malam tadi dan tidak ada bantuan"
    ids = {client.post("/v1/feedback", {"text": wet, "district": "Kec. Talawi"}).json()["id"] for _ in range(2)}
    client.post("/v1/feedback", {"text": "Lampu mati"})
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        incidents = client.get("/v1/incidents").json()["incidents"]
        of_district = client.get("/v1/feedback?district=13.73.04").json()["feedback"]
        if incidents and len(of_district) == 2:
            break
        client.loop.run_until_complete(asyncio.sleep(0.05))
    of_incident = client.get(f"/v1/feedback?incident={incidents[0]['id']}").json()["feedback"]
    assert {one["id"] for one in of_incident} == {one["id"] for one in of_district} == ids
