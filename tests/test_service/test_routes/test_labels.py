from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from service.tables import feedback

LAMP = "Mohon lampu jalan di depan sekolah diperbaiki."
BRIBE = "oknum minta pungli untuk KTP, mohon ditindak"


def send(client, text=LAMP):
    return client.post("/v1/feedback", {"text": text}).json()


def label(client, stored, **more):
    key = more.pop("key", None)
    return client.post(f"/v1/feedback/{stored['id']}/labels", more, key=key)


def look(client, stored, **more):
    return client.get(f"/v1/feedback/{stored['id']}", **more)


def test_the_label_that_stands_is_confirmed_and_another_one_corrects_it(client):
    stored = send(client)
    said = label(client, stored, agency="dinas-perhubungan", topic="lalu-lintas", reason="telp 0812-3456-7890")
    assert said.status_code == 200
    labels = {given["head"]: given for given in said.json()["labels"]}
    assert (labels["agency"]["basis"], labels["topic"]["basis"]) == ("confirmation", "correction")
    assert labels["topic"]["previous"] == "penerangan-jalan"
    assert labels["topic"]["reason"] == "telp [TELEPON]"
    assert client.get(f"/v1/feedback/{stored['id']}/labels").json() == said.json()


def test_the_prediction_stays_beside_the_correction(client):
    stored = send(client)
    label(client, stored, agency="dinas-pupr")
    after = look(client, stored).json()
    assert after["prediction"] == stored["prediction"]
    assert after["route"] == {"agency": "dinas-pupr", "unit": None, "decision": "human", "by": "person"}
    assert [found["id"] for found in client.get("/v1/feedback?agency=dinas-pupr").json()["feedback"]] == [stored["id"]]


def test_a_second_click_says_nothing_new(client):
    stored = send(client)
    first = label(client, stored, topic="lalu-lintas").json()
    assert label(client, stored, topic="lalu-lintas").json() == first
    other = label(client, stored, topic="lalu-lintas", key=client.make_key("triage")).json()
    assert other["labels"][0]["basis"] == "confirmation"
    assert len(client.get(f"/v1/feedback/{stored['id']}/labels").json()["labels"]) == 2


def test_a_corrected_kind_sets_the_clock_of_a_report_that_was_disposed_of(client):
    stored = send(client)
    before = look(client, stored).json()["clock"]
    label(client, stored, kind="permintaan-informasi")
    after = look(client, stored).json()["clock"]
    # The clock of verification runs whatever the kind.
    assert (before["purpose"], after["purpose"], after["due_at"]) == ("verification", "verification", before["due_at"])


def test_an_accusation_is_shut_away_by_its_kind_and_opened_again(client):
    stored = send(client)
    officer, overseer = client.make_key("triage"), client.make_key("triage", "oversight")
    assert look(client, stored, key=officer).status_code == 200
    label(client, stored, kind="pengaduan-pengawasan")
    assert look(client, stored, key=officer).status_code == 404
    assert label(client, stored, kind="pengaduan", key=officer).status_code == 404
    assert label(client, stored, kind="pengaduan", key=overseer).status_code == 200
    assert look(client, stored, key=officer).status_code == 200


def test_an_accusation_against_the_triage_office_is_shut_away_from_it_again(settings, run_service):
    # The unit that is read from the text.
    with run_service(settings.changed(triage_office="dinas-pendidikan")) as client:
        stored = send(client, "oknum dinas pendidikan minta pungli")
        overseer = client.make_key("triage", "oversight")
        assert stored["prediction"]["about"]["unit"] == "dinas-pendidikan"
        assert look(client, stored, key=overseer).status_code == 404
        label(client, stored, kind="pengaduan")
        assert look(client, stored, key=overseer).status_code == 200
        label(client, stored, kind="pengaduan-pengawasan")
        assert look(client, stored, key=overseer).status_code == 404


def test_where_no_element_failed_the_aspect_is_none(client):
    stored = send(client)
    said = label(client, stored, aspect="").json()["labels"]
    assert [(given["head"], given["value"]) for given in said] == [("aspect", "")]
    again = label(client, stored, aspect="", key=client.make_key("triage")).json()["labels"]
    assert again[0]["basis"] == "confirmation"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"agency": "dinas-bulan"},
        {"kind": ""},
        {"topic": None},
        {"colour": "red"},
        {"agency": "dinas-pupr", "reason": "x" * 10_001},
        {"agency": "dinas-pupr", "reason": "\0"},
        {"agency": 3},
        {"agency": "dinas-pupr", "blind": "yes"},
    ],
)
def test_what_is_no_label_is_refused_with_its_field(client, body):
    answer = client.post(f"/v1/feedback/{send(client)['id']}/labels", body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-fields")


def test_a_report_that_is_not_there_cannot_be_labelled(client):
    for name in ("01900000-0000-7000-8000-000000000000", "x"):
        assert client.post(f"/v1/feedback/{name}/labels", {"topic": "sampah"}).status_code == 404
    assert client.post("/v1/feedback/%00/labels", {"topic": "sampah"}).status_code == 422


def test_only_officers_label(client):
    stored = send(client)
    for scope in ("ingest", "analyse", "audit", "oversight"):
        assert label(client, stored, topic="sampah", key=client.make_key(scope)).status_code == 403


def test_the_ledger_tells_who_said_what(client):
    stored = send(client, BRIBE)
    label(client, stored, topic="sampah")
    entries = client.get(f"/v1/ledger?feedback={stored['id']}").json()["entries"]
    (said,) = [entry for entry in entries if entry["type"] == "label.correction"]
    assert said["actor"].startswith("key:")
    assert said["content"]["value"] == "sampah"


def test_a_person_who_says_it_is_an_emergency_raises_it_and_who_says_it_is_none_ends_the_waiting(client):
    stored = send(client)
    label(client, stored, urgency="darurat")
    (waiting,) = client.get("/v1/emergencies").json()["emergencies"]
    assert waiting["feedback_id"] == stored["id"]
    label(client, stored, urgency="sedang")
    assert client.get("/v1/emergencies").json()["emergencies"] == []


def claim(client, stored, key):
    return client.post("/v1/review/claim", {"feedback_id": stored["id"]}, key=key)


def test_what_another_officer_holds_is_labelled_by_nobody_else_but_an_admin(client):
    stored, holder, other = send(client), client.make_key("triage"), client.make_key("triage")
    assert claim(client, stored, holder).status_code == 200
    refused = label(client, stored, topic="lalu-lintas", key=other)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/claimed")
    assert datetime.fromisoformat(refused.json()["until"]) > datetime.now(UTC)
    # Who it is, the other one need not know.
    assert "key:" not in refused.text
    assert client.get(f"/v1/feedback/{stored['id']}/labels").json() == {"labels": []}
    assert label(client, stored, topic="lalu-lintas", key=holder).status_code == 200
    assert label(client, stored, urgency="tinggi").status_code == 200
    client.post("/v1/review/release", {"feedback_id": stored["id"]}, key=holder)
    assert label(client, stored, topic="sampah", key=other).status_code == 200


def test_what_was_said_before_another_one_came_is_said_again_without_harm(client):
    stored, first, holder = send(client), client.make_key("triage"), client.make_key("triage")
    said = label(client, stored, topic="sampah", key=first)
    assert claim(client, stored, holder).status_code == 200
    assert label(client, stored, topic="sampah", key=first).json() == said.json()
    assert label(client, stored, topic="lalu-lintas", key=first).status_code == 409
    assert client.post(f"/v1/feedback/{stored['id']}/labels/retract", key=first).status_code == 409


def test_a_kind_taken_back_shows_or_shuts_away_the_report_as_it_was(client):
    overseer, officer = client.make_key("triage", "oversight"), client.make_key("triage")
    stored = send(client, BRIBE)
    assert label(client, stored, kind="pengaduan", key=overseer).status_code == 200
    assert look(client, stored, key=officer).status_code == 200
    assert client.post(f"/v1/feedback/{stored['id']}/labels/retract", key=overseer).status_code == 200
    assert look(client, stored, key=officer).status_code == 404
    lamp = send(client)
    label(client, lamp, kind="pengaduan-pengawasan", key=overseer)
    assert look(client, lamp, key=officer).status_code == 404
    client.post(f"/v1/feedback/{lamp['id']}/labels/retract", key=overseer)
    assert look(client, lamp, key=officer).status_code == 200


def test_what_may_be_an_accusation_is_shut_away_again_when_its_freeing_is_taken_back(client):
    overseer, officer = client.make_key("triage", "oversight"), client.make_key("triage")
    stored = send(client)

    def shut(transaction, ids):
        row = update(feedback).where(feedback.c.id.in_(ids))
        transaction.connection.execute(row.values(restriction="oversight"))
        return [None] * len(ids)

    client.loop.run_until_complete(client.context.writer.write(shut, stored["id"]))
    assert label(client, stored, kind=stored["prediction"]["heads"]["kind"]["label"], key=overseer).status_code == 200
    assert look(client, stored, key=officer).status_code == 200
    client.post(f"/v1/feedback/{stored['id']}/labels/retract", key=overseer)
    assert look(client, stored, key=officer).status_code == 404
