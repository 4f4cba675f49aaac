from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from service import chores, tables
from service.ledger.entries import Entry
from service.messages.emergencies import escalate as escalate_at

MISSING = "01900000-0000-7000-8000-000000000000"


def age(desk, minutes):
    """Let the emergencies have waited."""
    then = datetime.now(UTC) - timedelta(minutes=minutes)
    desk.write(update(tables.emergency).values(raised_at=then))


def escalate(desk):
    desk.do(chores._escalate(desk.context))
    desk.work_off()


def list_open(desk, **more):
    return [found["feedback_id"] for found in desk.client.get("/v1/emergencies", **more).json()["emergencies"]]


def test_an_emergency_is_answered_with_advice_and_numbers_to_call(desk, texts):
    stored = desk.client.post("/v1/feedback", {"text": texts["fire"]})
    again = desk.client.get(stored.headers["location"]).json()
    tagged = desk.client.post("/v1/classify", {"text": texts["fire"]}).json()
    for answer in (stored.json(), again, tagged):
        assert "telepon" in answer["advice"]["text"]
        assert {"number": "113", "name": "pemadam kebakaran"} in answer["advice"]["numbers"]
    assert desk.client.post("/v1/feedback", {"text": texts["lamp"]}).json()["advice"] is None
    assert desk.client.post("/v1/classify", {"texts": [texts["lamp"]]}).json()["predictions"][0]["advice"] is None


def test_old_reports_raise_nobody(desk, receiver, texts):
    desk.subscribe(receiver.url)
    old = (datetime.now(UTC) - timedelta(days=1, minutes=1)).isoformat()
    stored = desk.client.post("/v1/feedback", {"text": texts["fire"], "received_at": old}).json()
    desk.work_off()
    assert stored["advice"] is None
    assert list_open(desk) == []
    assert receiver.types == ["feedback.routed"]


def test_the_same_sent_twice_raises_one_emergency(desk, receiver, texts):
    desk.subscribe(receiver.url, events=["feedback.urgent"])
    first, second = (desk.client.post("/v1/feedback", {"text": texts["fire"], "external_id": "A"}) for _ in range(2))
    desk.work_off()
    assert first.json() == second.json()
    assert list_open(desk) == [first.json()["id"]]
    assert receiver.types == ["feedback.urgent"]


def test_what_nobody_acknowledged_is_told_again_once(desk, receiver, texts):
    desk.subscribe(receiver.url, events=["feedback.urgent"])
    stored = desk.client.post("/v1/feedback", {"text": texts["fire"]}).json()
    age(desk, 14)
    escalate(desk)
    assert len(receiver.requests) == 1
    age(desk, 16)
    for _ in range(3):
        escalate(desk)
    assert receiver.types == ["feedback.urgent"] * 2
    assert [body["data"].get("escalated", False) for body in receiver.bodies] == [False, True]
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 2
    told = desk.rows(tables.ledger, tables.ledger.c.type == "emergency.escalated")
    assert [(row["feedback_id"], row["actor"]) for row in told] == [(stored["id"], "system")]
    assert list_open(desk) == [stored["id"]]


@pytest.mark.parametrize("sign", ["event.ditangani_darurat", "event.didisposisi", "review.claimed"])
def test_what_an_officer_does_shows_that_it_was_seen(desk, receiver, texts, sign):
    desk.subscribe(receiver.url, events=["feedback.urgent"])
    stored = desk.client.post("/v1/feedback", {"text": texts["fire"]}).json()
    age(desk, 16)
    desk.record(Entry(sign, datetime.now(UTC), "account:petugas", feedback_id=stored["id"]))
    # Even before the entry was read by what derives from the ledger.
    escalate(desk)
    assert receiver.types == ["feedback.urgent"]
    assert list_open(desk) == []
    assert desk.rows(tables.emergency)[0]["acknowledged_by"] == "account:petugas"


def test_taking_the_next_ones_of_the_queue_acknowledges_none_and_opening_one_does(desk, receiver, texts):
    desk.subscribe(receiver.url, events=["feedback.urgent"])
    ids = [desk.client.post("/v1/feedback", {"text": f"{texts['fire']} {n}"}).json()["id"] for n in range(2)]
    key = desk.client.make_key("triage")
    taken = desk.client.post("/v1/review/claim", {"limit": 2}, key=key).json()["reports"]
    assert {item["feedback"]["id"] for item in taken} == set(ids)
    desk.derive()
    assert list_open(desk) == ids
    for _ in range(2):
        assert desk.client.post("/v1/review/claim", {"feedback_id": ids[0]}, key=key).status_code == 200
    desk.derive()
    assert list_open(desk) == [ids[1]]
    assert len(desk.rows(tables.ledger, tables.ledger.c.type == "review.claimed")) == 1
    age(desk, 16)
    escalate(desk)
    assert [body["data"]["id"] for body in receiver.bodies if body["data"].get("escalated")] == [ids[1]]


def test_an_emergency_that_a_slip_hid_is_told_anew_and_waits_for_somebody_to_see_it_from_then_on(desk, receiver, texts):
    desk.subscribe(receiver.url, events=["feedback.urgent"])
    stored = desk.client.post("/v1/feedback", {"text": texts["fire"]}).json()
    path = f"/v1/feedback/{stored['id']}"
    assert desk.client.post("/v1/review/claim", {"feedback_id": stored["id"]}).status_code == 200
    assert desk.client.post(f"{path}/labels", {"urgency": "rendah"}).status_code == 200
    assert desk.client.post(f"{path}/labels/retract").status_code == 200
    # The claim was read late, and was one of the time before.
    desk.work_off()
    assert receiver.types == ["feedback.urgent"] * 2
    assert list_open(desk) == [stored["id"]]
    later = datetime.now(UTC) + timedelta(minutes=20)
    assert desk.do(desk.context.writer.write(escalate_at, later)) == 1
    assert desk.client.post("/v1/review/release", {"feedback_id": stored["id"]}).status_code == 200
    assert desk.client.post("/v1/review/claim", {"feedback_id": stored["id"]}).status_code == 200
    desk.work_off()
    assert list_open(desk) == []


def test_an_acknowledgement_ends_the_waiting_and_the_first_stands(desk, receiver, texts):
    desk.subscribe(receiver.url, events=["feedback.urgent"])
    stored = desk.client.post("/v1/feedback", {"text": texts["fire"]}).json()
    path = f"/v1/feedback/{stored['id']}/acknowledge"
    first = desk.client.post(path)
    second = desk.client.post(path, key=desk.client.make_key("triage"))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json()["acknowledged_by"].startswith("key:")
    age(desk, 16)
    escalate(desk)
    assert receiver.types == ["feedback.urgent"]
    assert len(desk.rows(tables.ledger, tables.ledger.c.type == "emergency.acknowledged")) == 1


def test_an_emergency_that_was_seen_can_still_be_taken_in_hand_once(desk, texts):
    stored = desk.client.post("/v1/feedback", {"text": texts["fire"]}).json()
    path = f"/v1/feedback/{stored['id']}"
    seen = desk.client.post(f"{path}/acknowledge").json()
    answers = [desk.client.post(f"{path}/events", {"type": "ditangani_darurat"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert desk.client.post(f"{path}/acknowledge").json() == seen


def test_only_who_may_see_a_report_may_acknowledge_it(desk, texts):
    ids = {name: desk.client.post("/v1/feedback", {"text": text}).json()["id"] for name, text in texts.items()}
    triage, ingest = desk.client.make_key("triage"), desk.client.make_key("ingest")
    assert list_open(desk) == [ids["fire"], ids["both"]]
    assert list_open(desk, key=triage) == [ids["fire"]]
    assert desk.client.get("/v1/emergencies", key=ingest).status_code == 403
    for feedback_id in (ids["both"], ids["lamp"], MISSING, "%00"):
        assert desk.client.post(f"/v1/feedback/{feedback_id}/acknowledge", key=triage).status_code == 404
    assert desk.client.post(f"/v1/feedback/{ids['fire']}/acknowledge", key=ingest).status_code == 403
    assert desk.client.post(f"/v1/feedback/{ids['fire']}/acknowledge", key="").status_code == 401
    assert desk.client.get(f"/v1/feedback/{ids['fire']}/acknowledge").status_code == 405
