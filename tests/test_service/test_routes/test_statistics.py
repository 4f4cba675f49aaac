import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from service.cases.derivation import Cases
from service.ledger.deriving import count_behind

PATHS = ("agencies", "topics", "districts", "aspects", "deadlines")
MONTH = datetime.now(UTC).strftime("%Y-%m")


def send(client, n, text="lampu mati", **more):
    ids = [client.post("/v1/feedback", {"text": text, **more}).json()["id"] for _ in range(n)]
    catch_up(client)
    return ids


def catch_up(client):
    async def count():
        return await client.context.reader.read(lambda connection: count_behind(connection, Cases.name))

    while client.loop.run_until_complete(count()):
        pass


def read_csv(answer):
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_what_it_is_of(client, path):
    found = client.get(f"/v1/statistics/{path}")
    assert found.status_code == 200, found.text
    answer = found.json()
    assert {"definition", "period", "n", "bundles", "suppressed"} <= answer.keys()
    assert answer["n"] == 0
    rows = read_csv(client.get(f"/v1/statistics/{path}?format=csv"))
    assert all(row["definition"] == answer["definition"] for row in rows)


def test_reports_are_counted_by_topic_district_and_unit(client):
    send(client, 6, district="Talawi", about="rsud")
    send(client, 2, "jalan lubang", district="=1+1")
    answer = client.get("/v1/statistics/topics").json()
    assert {group["key"]: group["n"] for group in answer["groups"]} == {"jalan-rusak": 2, "penerangan-jalan": 6}
    assert answer["bundles"] == [client.context.champion.bundle_id]
    assert answer["period"]["end"][:7] == MONTH
    districts = client.get("/v1/statistics/districts").json()["groups"]
    assert {group["key"]: group["n"] for group in districts} == {"13.73.04": 6, "=1+1": 2}
    neutral = read_csv(client.get("/v1/statistics/districts?format=csv"))
    assert {row["key"] for row in neutral} == {"13.73.04", "'=1+1"}
    (rsud,) = client.get("/v1/statistics/aspects").json()["units"]
    assert (rsud["unit"], rsud["n"]) == ("rsud", 6)


def test_what_everybody_may_see_has_no_small_numbers(client):
    last_month = (datetime.now(UTC).replace(day=1) - timedelta(days=10)).isoformat()
    more = {"received_at": last_month, "district": "rumah bu Ani gang 3"}
    send(client, 16, **more)
    send(client, 2, "jalan lubang", **more)
    send(client, 1, "sampah", **more)
    answers = {path: client.get(f"/v1/statistics/{path}?public=true").json() for path in PATHS}
    assert all(answer["suppressed"] is True for answer in answers.values())
    shown = {group["key"]: group["n"] for group in answers["topics"]["groups"]}
    assert answers["topics"]["n"] == 19
    assert (shown["jalan-rusak"], shown["sampah"]) == (None, None)
    assert "gang" not in str(answers["districts"])
    for answer in answers.values():
        assert not any(0 < number < 5 for number in _list_numbers({**answer, "period": None, "bundles": None}))
    # By the year shares stand instead of counts, whose parts months tell.
    last_year = datetime.now(UTC).year - 1
    year = f"start={last_year}-01-01&end={last_year}-12-31"
    of_year = client.get(f"/v1/statistics/topics?public=true&{year}").json()
    assert {group["n"] for group in of_year["groups"]} == {None}


@pytest.mark.parametrize(
    "asked", ["start=2024-01-01&end=2024-01-20", "start=2024-01-01&end=2024-02-29", "start=2025-03-01", "kind=aspirasi"]
)
def test_what_would_overlap_is_not_public(client, asked):
    refused = client.get(f"/v1/statistics/topics?public=true&{asked}")
    assert refused.status_code == 422
    assert client.get(f"/v1/statistics/topics?{asked}").status_code == 200


def _list_numbers(value):
    if isinstance(value, dict):
        return [n for inner in value.values() for n in _list_numbers(inner)]
    if isinstance(value, list):
        return [n for inner in value for n in _list_numbers(inner)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def test_accusations_are_counted_for_nobody_without_the_scope(client):
    send(client, 3, "pungli di kantor")
    send(client, 1)
    seen = {scope: client.get("/v1/statistics/topics", key=client.make_key(*scope)).json()["n"] for scope in SCOPES}
    assert seen == {("analyse",): 1, ("audit",): 1, ("triage", "oversight"): 4, ("admin",): 4}


SCOPES = [("analyse",), ("audit",), ("triage", "oversight"), ("admin",)]


def test_an_agency_gets_its_own_figures_alone(client):
    (mine, _) = send(client, 2)
    other = send(client, 1, "jalan lubang")[0]
    for id_, agency in ((mine, "dinas-perhubungan"), (other, "dinas-pupr")):
        moved = client.post(f"/v1/feedback/{id_}/events", {"type": "didisposisi", "agency": agency})
        assert moved.status_code in {200, 201, 409}, moved.text
    catch_up(client)
    key = client.post("/v1/keys", {"name": "liaison", "scopes": ["triage"], "agency": "dinas-pupr"}).json()["token"]
    own = client.get("/v1/statistics/agencies", key=key).json()
    assert [unit["agency"] for unit in own["units"]] == ["dinas-pupr"]
    assert own["n"] == 1
    assert client.get("/v1/statistics/districts", key=key).json()["groups"] == []
    assert [group["key"] for group in client.get("/v1/statistics/topics", key=key).json()["groups"]] == ["jalan-rusak"]


def test_what_makes_no_sense_is_refused(client):
    assert client.get("/v1/statistics/topics?start=2026-05-01&end=2026-04-01").status_code == 422
    assert client.get("/v1/statistics/topics?kind=nothing").status_code == 422
    assert client.get("/v1/statistics/topics?colour=red").status_code == 422
    assert client.get("/v1/statistics/topics?start=yesterday").status_code == 422
    assert client.get("/v1/statistics/topics", key="").status_code == 401
    assert client.get("/v1/statistics/topics", key=client.make_key("ingest")).status_code == 403
    assert client.post("/v1/statistics/topics", {}).status_code == 405


def test_days_are_those_of_the_wall_clock(client):
    first = (datetime.now(UTC) - timedelta(days=40)).replace(day=1, minute=0)
    # The last evening of the month before in UTC is its first day here.
    send(client, 1, received_at=(first.replace(hour=18) - timedelta(days=1)).isoformat())
    send(client, 1, received_at=(first.replace(hour=16) - timedelta(days=1)).isoformat())
    answer = client.get(f"/v1/statistics/topics?start={first:%Y-%m}-05&end={first:%Y-%m}-06").json()
    assert answer["n"] == 1
    assert answer["period"]["start"] == f"{first:%Y-%m}-01", "a period is widened to its months"
