"""A report that may accuse an official: shut away, then freed by one call of an officer with oversight."""

from datetime import datetime

import pytest
from sqlalchemy import update

from service import tables


@pytest.fixture
def keys(desk):
    return {
        "officer": desk.client.make_key("triage"),
        "overseer": desk.client.make_key("triage", "oversight"),
    }


def send(desk, text):
    """A report that Pilah shuts away because it may be an accusation, whatever it is taken for."""
    stored = desk.client.post("/v1/feedback", {"text": text}).json()
    shut = update(tables.feedback).where(tables.feedback.c.id == stored["id"])
    desk.write(shut.values(restriction="oversight", route="human", is_at_agency=False))
    return stored


def free(desk, stored, key, **more):
    return desk.client.post(f"/v1/feedback/{stored['id']}/labels", {"kind": "pengaduan", **more}, key=key)


def queue(desk, key):
    return [item["feedback"]["id"] for item in desk.client.get("/v1/review", key=key).json()["reports"]]


def heard(desk, receiver):
    desk.work_off()
    return sorted(receiver.types)


def test_one_call_frees_a_report_with_its_clock_as_it_was(desk, receiver, start_receiver, texts, keys):
    of_oversight = start_receiver()
    desk.subscribe(receiver.url)
    desk.subscribe(of_oversight.url, scopes=["oversight"])
    stored = send(desk, texts["lamp"])
    path = f"/v1/feedback/{stored['id']}"
    assert heard(desk, receiver) == []
    assert of_oversight.types == ["feedback.routed"]
    assert desk.client.get(path, key=keys["officer"]).status_code == 404
    assert (queue(desk, keys["officer"]), queue(desk, keys["overseer"])) == ([], [stored["id"]])
    assert desk.client.post("/v1/review/claim", {"feedback_id": stored["id"]}, key=keys["overseer"]).status_code == 200

    assert free(desk, stored, keys["overseer"]).json()["labels"][0]["basis"] == "confirmation"

    seen = desk.client.get(path, key=keys["officer"]).json()
    assert seen["clock"] == stored["clock"]
    assert seen["route"]["decision"] == "human"
    assert desk.client.get(f"{path}/events", key=keys["officer"]).json()["clocks"] == [stored["clock"]]
    assert heard(desk, receiver) == ["feedback.changed", "feedback.routed"]
    due_at = datetime.fromisoformat(stored["clock"]["due_at"])
    assert {datetime.fromisoformat(body["data"]["due_at"]) for body in receiver.bodies} == {due_at}
    # Nobody holds it any more, and an agency can be given it at once.
    assert queue(desk, keys["officer"]) == [stored["id"]]
    disposed = {"type": "didisposisi", "agency": "dinas-perhubungan"}
    assert desk.client.post(f"{path}/events", disposed, key=keys["officer"]).status_code == 201
    after = desk.client.get(path, key=keys["officer"]).json()["clock"]
    assert (after["purpose"], after["revision"]) == ("handling", 2)


def test_a_kind_that_was_wrong_is_corrected_by_the_same_call(desk, receiver, texts, keys):
    desk.subscribe(receiver.url)
    stored = desk.client.post("/v1/feedback", {"text": texts["bribe"]}).json()
    assert stored["prediction"]["heads"]["kind"]["label"] == "pengaduan-pengawasan"
    assert heard(desk, receiver) == []
    assert free(desk, stored, keys["overseer"]).json()["labels"][0]["basis"] == "correction"
    assert heard(desk, receiver) == ["feedback.changed", "feedback.routed"]
    clock = desk.client.get(f"/v1/feedback/{stored['id']}", key=keys["officer"]).json()["clock"]
    assert (clock["due_at"], clock["started_at"]) == (stored["clock"]["due_at"], stored["clock"]["started_at"])


def test_an_emergency_that_is_freed_is_told_to_those_who_could_not_hear_of_it(desk, receiver, texts, keys):
    desk.subscribe(receiver.url)
    stored = desk.client.post("/v1/feedback", {"text": texts["both"]}).json()
    assert heard(desk, receiver) == []
    free(desk, stored, keys["overseer"])
    assert heard(desk, receiver) == ["feedback.changed", "feedback.routed", "feedback.urgent"]


@pytest.mark.parametrize("urgency", ["sedang", "darurat"])
def test_an_urgency_said_in_the_same_call_decides_whether_it_is_an_emergency(desk, receiver, texts, keys, urgency):
    desk.subscribe(receiver.url)
    stored = desk.client.post("/v1/feedback", {"text": texts["both" if urgency == "sedang" else "bribe"]}).json()
    assert heard(desk, receiver) == []
    free(desk, stored, keys["overseer"], urgency=urgency)
    assert heard(desk, receiver).count("feedback.urgent") == (urgency == "darurat")


def test_what_waits_shut_away_is_counted_for_those_who_can_free_it(desk, texts, keys):
    def shut(key):
        return desk.client.get("/v1/review", key=key).json()["shut_away"]

    assert shut(keys["overseer"]) == {"waiting": 0, "oldest_at": None}
    first = send(desk, texts["lamp"])
    send(desk, texts["lamp"])
    assert shut(keys["overseer"]) == {"waiting": 2, "oldest_at": first["received_at"]}
    assert shut(keys["officer"]) is None
    free(desk, first, keys["overseer"])
    assert shut(keys["overseer"])["waiting"] == 1


def test_who_may_not_see_a_report_cannot_free_it(desk, texts, keys):
    stored = send(desk, texts["lamp"])
    assert free(desk, stored, keys["officer"]).status_code == 404
    assert queue(desk, keys["officer"]) == []
