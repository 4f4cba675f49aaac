import json

from sqlalchemy import update

from service.tables import feedback

LAMP = "Mohon lampu jalan di depan sekolah diperbaiki."
FIRE = "kebakaran rumah di Talawi"


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


def test_once_an_agency_has_it_nothing_at_all_is_taken_back(client):
    report = send(client)
    label(client, report, agency="dinas-perhubungan", topic="jalan-rusak")
    client.post(f"/v1/feedback/{report}/events", {"type": "didisposisi", "agency": "dinas-perhubungan"})
    taken = retract(client, report)
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/already-disposed")
    stands = client.get(f"/v1/feedback/{report}/labels").json()["labels"]
    assert [said["basis"] for said in stands] == ["confirmation", "correction"]


def change(client, report, **values):
    """How the report stood before anybody said anything."""

    def write(transaction, _):
        transaction.connection.execute(update(feedback).where(feedback.c.id == report).values(**values))
        return [None]

    client.loop.run_until_complete(client.context.writer.write(write, None))


def look(client, report):
    return client.get(f"/v1/feedback/{report}").json()


def list_raised(client, report):
    entries = client.get(f"/v1/ledger?feedback={report}").json()["entries"]
    return [entry["at"] for entry in entries if entry["type"] == "emergency.raised"]


def list_open(client):
    return [one["feedback_id"] for one in client.get("/v1/emergencies").json()["emergencies"]]


def test_an_alarm_stands_again_and_its_report_waits_again(client):
    report, routed = send(client), send(client)
    change(client, report, alarm="watch")
    change(client, routed, alarm="watch", route="auto", is_at_agency=True)
    assert set(waiting(client)) == {report, routed}
    for one in (report, routed):
        label(client, one, urgency="rendah")
        assert retract(client, one).status_code == 200
    assert {found["id"] for found in client.get("/v1/feedback?alarm=watch").json()["feedback"]} == {report, routed}
    assert set(waiting(client)) == {report, routed}
    assert list_open(client) == []


def test_an_emergency_by_rule_is_open_again_and_told_again(client):
    report = send(client, FIRE)
    assert list_open(client) == [report]
    label(client, report, urgency="rendah")
    assert list_open(client) == []
    retract(client, report)
    assert list_open(client) == [report]
    assert len(list_raised(client, report)) == 1


def test_what_another_one_said_is_an_emergency_is_open_again_after_a_slip(client):
    report, one, other = send(client), client.make_key("triage"), client.make_key("triage")
    label(client, report, one, urgency="darurat")
    label(client, report, other, urgency="tinggi")
    assert list_open(client) == []
    retract(client, report, other)
    assert list_open(client) == [report]
    assert len(list_raised(client, report)) == 2


def test_what_was_seen_before_the_slip_stays_seen(client):
    report, one, other = send(client, FIRE), client.make_key("triage"), client.make_key("triage")
    seen = client.post(f"/v1/feedback/{report}/acknowledge", key=one).json()
    label(client, report, other, urgency="tinggi")
    retract(client, report, other)
    assert list_open(client) == []
    assert client.post(f"/v1/feedback/{report}/acknowledge", key=other).json() == seen
    assert list_raised(client, report) == []


def test_an_emergency_that_is_said_anew_is_raised_anew(client):
    report = send(client)
    label(client, report, urgency="darurat")
    retract(client, report)
    assert list_open(client) == []
    label(client, report, urgency="darurat")
    assert list_open(client) == [report]
    assert len(list_raised(client, report)) == 2


def test_the_office_stands_again_with_its_agency(client):
    report = send(client)
    change(client, report, agency="kecamatan-kelurahan-desa", unit="13.73.04")
    label(client, report, agency="dinas-pupr")
    assert look(client, report)["route"]["unit"] is None
    retract(client, report)
    route = look(client, report)["route"]
    assert (route["agency"], route["unit"]) == ("kecamatan-kelurahan-desa", "13.73.04")


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
