import json

LAMP = "Mohon lampu jalan di depan sekolah diperbaiki."


def send(client, text=LAMP):
    return client.post("/v1/feedback", {"text": text}).json()["id"]


def label(client, report, key=None, **said):
    assert client.post(f"/v1/feedback/{report}/labels", said, key=key).status_code == 200


def retract(client, report, key=None):
    return client.post(f"/v1/feedback/{report}/labels/retract", key=key)


def waiting(client):
    return [item["feedback"]["id"] for item in client.get("/v1/review").json()["reports"]]


def test_what_was_said_last_is_taken_back_and_the_report_waits_again(client):
    report = send(client)
    label(client, report, agency="dinas-pupr", topic="jalan-rusak")
    assert waiting(client) == []
    taken = retract(client, report)
    assert taken.status_code == 200
    assert {(said["head"], said["value"], said["basis"]) for said in taken.json()["labels"]} == {
        ("agency", "dinas-perhubungan", "retraction"),
        ("topic", "penerangan-jalan", "retraction"),
    }
    assert client.get(f"/v1/feedback/{report}").json()["route"]["agency"] == "dinas-perhubungan"
    assert waiting(client) == [report]


def test_it_is_taken_back_once_and_said_anew(client):
    report = send(client)
    label(client, report, agency="dinas-perhubungan")
    assert retract(client, report).status_code == 200
    again = retract(client, report)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/nothing-said")
    label(client, report, agency="dinas-perhubungan")
    assert waiting(client) == []
    bases = [said["basis"] for said in client.get(f"/v1/feedback/{report}/labels").json()["labels"]]
    assert bases == ["confirmation", "retraction", "confirmation"]


def test_nobody_takes_back_what_another_one_said(client):
    report = send(client)
    label(client, report, agency="dinas-pupr")
    other = client.make_key("triage")
    assert retract(client, report, other).status_code == 409
    label(client, report, other, agency="dinas-perhubungan")
    assert retract(client, report).status_code == 409


def test_what_an_agency_has_is_not_taken_back(client):
    report = send(client)
    label(client, report, agency="dinas-pupr")
    client.post(f"/v1/feedback/{report}/events", {"type": "didisposisi", "agency": "dinas-pupr"})
    taken = retract(client, report)
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/already-disposed")


def test_an_alarm_and_an_accusation_are_taken_back_too(client):
    report = send(client)
    label(client, report, kind="pengaduan-pengawasan", urgency="darurat")
    officer = client.make_key("triage")
    assert client.get(f"/v1/feedback/{report}", key=officer).status_code == 404
    assert retract(client, report).status_code == 200
    assert client.get(f"/v1/feedback/{report}", key=officer).status_code == 200
    (item,) = client.get("/v1/review").json()["reports"]
    assert item["feedback"]["advice"] is None


def test_the_ledger_tells_both_and_an_unknown_report_is_not_found(client):
    report = send(client)
    label(client, report, topic="jalan-rusak")
    retract(client, report)
    entries = client.get(f"/v1/ledger?feedback={report}").json()["entries"]
    assert [entry["type"] for entry in entries if entry["type"].startswith("label.")] == [
        "label.correction",
        "label.retraction",
    ]
    assert json.loads(client.get(f"/v1/ledger?feedback={report}").text)["standing"]["labels"]["topic"]["value"] == (
        "penerangan-jalan"
    )
    assert retract(client, "nobody").status_code == 404
