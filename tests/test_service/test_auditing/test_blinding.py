"""Every way in for somebody who may still label a report blind, and for those who may not."""

import csv
import io
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from service import tables
from tests.test_service.test_pages.conftest import log_in as log_in  # noqa: PLC0414  # a fixture
from tests.test_service.test_pages.conftest import read_text

WORDS = "disembunyikan sampai audit selesai"
LAMP = "Mohon lampu jalan di Talawi diperbaiki."
AGENCY, TOPIC = "dinas-perhubungan", "penerangan-jalan"
# How pages name what was predicted.
NAMES = ("Dinas Perhubungan", "Penerangan jalan", AGENCY, TOPIC)


def _draw(transaction, jobs):
    for feedback_id, head in jobs:
        row = {"head": head, "quarter": "2026-Q4", "stratum": "plain", "probability": 0.5}
        transaction.connection.execute(
            insert(tables.audit_draw).values(feedback_id=feedback_id, drawn_at=datetime.now(UTC), **row)
        )
    return [None] * len(jobs)


def _change(transaction, jobs):
    for feedback_id, values in jobs:
        transaction.connection.execute(
            update(tables.feedback).where(tables.feedback.c.id == feedback_id).values(**values)
        )
    return [None] * len(jobs)


def write(client, apply, job):
    client.loop.run_until_complete(client.context.writer.write(apply, job))


@pytest.fixture
def drawn(client):
    """The id of a report that was routed alone and drawn for a blind label of its agency."""
    found = client.post("/v1/feedback", {"text": LAMP, "external_id": "x-1"}).json()
    assert (found["route"]["agency"], found["prediction"]["heads"]["topic"]["label"]) == (AGENCY, TOPIC)
    write(client, _change, (found["id"], {"route": "auto", "is_at_agency": True}))
    write(client, _draw, (found["id"], "agency"))
    return found["id"]


def tells(text):
    return [name for name in NAMES if name in text]


def test_no_call_of_who_may_label_it_tells_what_was_predicted(client, drawn):
    key = client.make_key("triage", "audit", "analyse")
    client.post("/v1/feedback", {"text": LAMP, "external_id": "x-2"})
    for path in (
        f"/v1/feedback/{drawn}",
        f"/v1/feedback/{drawn}/events",
        f"/v1/feedback/{drawn}/labels",
        "/v1/feedback?external_id=x-1",
        f"/v1/ledger?feedback={drawn}",
        "/v1/audits",
    ):
        answer = client.get(path, key=key)
        assert answer.status_code == 200
        assert not tells(answer.text), path
    found = client.get(f"/v1/feedback/{drawn}", key=key).json()
    assert found["withheld"] == ["agency"]
    assert (found["prediction"]["heads"], found["prediction"]["text"]) == ({}, LAMP)
    assert "withheld" in client.get(f"/v1/feedback/{drawn}/events", key=key).json()["time"]["handling_s"]
    claimed = client.post("/v1/review/claim", {"feedback_id": drawn}, key=key)
    assert drawn in claimed.text
    assert not tells(claimed.text)
    assert drawn not in [one["feedback"]["id"] for one in client.get("/v1/review", key=key).json()["reports"]]


def test_it_is_not_told_by_what_a_list_was_asked_for(client, drawn):
    key = client.make_key("triage")
    listed = client.get("/v1/feedback", key=key).json()["feedback"]
    assert [one["id"] for one in listed] == [drawn]
    for asked in (f"agency={AGENCY}", f"topic={TOPIC}", "kind=pengaduan", "urgency=sedang"):
        assert client.get(f"/v1/feedback?{asked}", key=key).json()["feedback"] == []
    assert client.get(f"/v1/feedback?agency={AGENCY}", key=client.make_key("analyse")).json()["feedback"]


def test_an_incident_does_not_tell_its_topic(client, drawn):
    key = client.make_key("triage")

    def group(transaction, jobs):
        now = datetime.now(UTC)
        row = {"id": drawn, "topic": TOPIC, "opened_at": now, "last_at": now, "n_reports": 1, "n_reporters": 1}
        transaction.connection.execute(insert(tables.incident).values(**row))
        transaction.connection.execute(insert(tables.incident_member).values(feedback_id=drawn, incident_id=drawn))
        return [None] * len(jobs)

    write(client, group, None)
    assert client.get("/v1/incidents", key=key).json()["incidents"] == []
    assert client.get(f"/v1/incidents/{drawn}", key=key).status_code == 404
    assert client.get(f"/v1/incidents/{drawn}").json()["topic"] == TOPIC


def test_no_page_of_an_officer_tells_it_before_a_blind_label_and_the_story_does_after(client, drawn, log_in):
    for role in ("triage", "admin"):
        officer = log_in(role)
        story = officer.get(f"/laporan/{drawn}")
        assert WORDS in story.text
        heart = read_text(story).partition("Langkah berikutnya")[0]
        assert not tells(heart)
        assert "selected>Dinas Perhubungan" not in story.text
        listed = officer.get("/laporan")
        assert drawn in listed.text
        assert WORDS in listed.text
        assert not tells(listed.text.partition("<table")[2])
        assert drawn not in officer.get(f"/laporan?instansi={AGENCY}").text
        (row,) = csv.DictReader(io.StringIO(officer.get("/laporan/unduh").text))
        assert (row["agency"], row["topic"], row["text"]) == (WORDS, WORDS, LAMP)
        assert not tells(read_text(officer.get("/ringkasan")).partition("Topik yang berubah")[0])
        desk = officer.post("/antrian/ambil?cara=buta", {"laporan": drawn})
        assert "Mohon lampu jalan" in desk.text
        assert "checked" not in desk.text.partition('data-report="')[2].partition('id="keys"')[0].partition("<aside")[0]
        officer.post(f"/antrian/{drawn}/lepas")
    english = log_in().get(f"/laporan/{drawn}?lang=en")
    assert "hidden until the audit is done" in english.text
    client.post(f"/v1/feedback/{drawn}/labels", {"agency": "dinas-pupr", "blind": True}, key=client.make_key("triage"))
    after = log_in().get(f"/laporan/{drawn}").text
    assert WORDS not in after
    assert "Dinas Perhubungan" in after


def test_who_may_not_label_it_who_sent_it_and_who_is_called_to_an_emergency_are_told(client, drawn, log_in):
    for role in ("analyst", "auditor"):
        assert "Dinas Perhubungan" in log_in(role).get(f"/laporan/{drawn}").text
    # A program was told when it sent the report; an agency knows that the report lies there.
    assert client.get(f"/v1/feedback/{drawn}").json()["route"]["agency"] == AGENCY
    liaison = client.post("/v1/keys", {"name": "unit", "scopes": ["triage"], "agency": AGENCY}).json()["token"]
    assert client.get(f"/v1/feedback/{drawn}", key=liaison).json()["withheld"] == []
    assert client.get("/v1/audits", key=liaison).json()["reports"] == []
    write(client, _draw, (drawn, "topic"))
    assert client.get(f"/v1/feedback/{drawn}", key=liaison).json()["withheld"] == ["topic"]
    assert client.get(f"/v1/feedback/{drawn}", key=liaison).json()["route"]["agency"] == AGENCY
    write(client, _change, (drawn, {"alarm": "urgent"}))
    assert client.get(f"/v1/feedback/{drawn}", key=client.make_key("triage")).json()["route"]["agency"] == AGENCY


def test_who_labelled_it_seeing_all_is_blind_no_more(client, drawn):
    key = client.make_key("triage")
    client.post(f"/v1/feedback/{drawn}/labels", {"agency": "dinas-pupr"}, key=key)
    again = client.post(f"/v1/feedback/{drawn}/labels", {"agency": AGENCY, "blind": True}, key=key)
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (422, "#/blind")
    assert client.get("/v1/audits", key=client.make_key("triage")).json()["reports"]


def test_nobody_is_blind_to_what_was_not_drawn_and_a_second_click_is_the_first(client, drawn):
    key = client.make_key("triage")
    path = f"/v1/feedback/{drawn}/labels"
    assert client.post(path, {"topic": TOPIC, "blind": True}, key=key).status_code == 422
    assert client.post(path, {"agency": AGENCY, "topic": TOPIC, "blind": True}, key=key).status_code == 422
    first = client.post(path, {"agency": "dinas-pupr", "blind": True}, key=key)
    second = client.post(path, {"agency": "dinas-pupr", "blind": True}, key=key)
    assert first.json() == second.json()
    assert first.json()["labels"][0]["blind"]
    assert client.post("/v1/feedback/nothing/labels", {"topic": TOPIC, "blind": True}, key=key).status_code == 404
