import pytest

LAMP = "Mohon lampu jalan di depan sekolah diperbaiki."
FIRE = "kebakaran rumah di Talawi"
QUESTION = "bagaimana cara mengurus KK"
BRIBE = "pungli di kantor"


def send(client, text):
    return client.post("/v1/feedback", {"text": text}).json()["id"]


def queue(client, key=None):
    return [item["feedback"]["id"] for item in client.get("/v1/review", key=key).json()["reports"]]


def claim(client, key=None, **asked):
    return client.post("/v1/review/claim", asked, key=key)


def held(answer):
    return [item["feedback"]["id"] for item in answer.json()["reports"]]


def test_emergencies_come_first_then_what_is_urgent(client):
    question, lamp, fire = (send(client, text) for text in (QUESTION, LAMP, FIRE))
    assert queue(client) == [fire, lamp, question]


def test_what_a_person_has_placed_waits_no_more(client):
    lamp, fire = send(client, LAMP), send(client, FIRE)
    client.post(f"/v1/feedback/{lamp}/labels", {"agency": "dinas-perhubungan"})
    assert queue(client) == [fire]


def test_two_officers_never_hold_one_report(client):
    one, other = client.make_key("triage"), client.make_key("triage")
    lamp = send(client, LAMP)
    assert held(claim(client, one, feedback_id=lamp)) == [lamp]
    refused = claim(client, other, feedback_id=lamp)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/claimed")
    assert held(claim(client, other)) == []
    assert claim(client, one, feedback_id=lamp).status_code == 200


def test_officers_at_once_share_the_queue_without_overlap(client):
    reports = {send(client, f"{LAMP} tiang {n}") for n in range(12)}
    keys = [client.make_key("triage") for _ in range(4)]
    calls = [("POST", "/v1/review/claim", {"Authorization": f"Bearer {key}"}, {"json": {"limit": 4}}) for key in keys]
    taken = [held(answer) for answer in client.gather(calls)]
    flat = [report for share in taken for report in share]
    assert len(flat) == len(set(flat))
    assert set(flat) == reports


def test_what_is_released_can_be_had_by_another(client):
    one, other = client.make_key("triage"), client.make_key("triage")
    lamp = send(client, LAMP)
    claim(client, one, feedback_id=lamp)
    assert client.post("/v1/review/release", {"feedback_id": lamp}, key=other).status_code == 409
    assert client.post("/v1/review/release", {"feedback_id": lamp}, key=one).json() == {"released": True}
    assert client.post("/v1/review/release", {"feedback_id": lamp}, key=one).json() == {"released": False}
    assert held(claim(client, other)) == [lamp]


def test_an_admin_may_take_a_report_from_who_went_home(client):
    lamp = send(client, LAMP)
    claim(client, client.make_key("triage"), feedback_id=lamp)
    assert client.post("/v1/review/release", {"feedback_id": lamp}).json() == {"released": True}


def test_restricted_reports_wait_for_those_who_may_see_them(client):
    bribe = send(client, BRIBE)
    officer, overseer = client.make_key("triage"), client.make_key("triage", "oversight")
    assert queue(client, officer) == []
    assert claim(client, officer, feedback_id=bribe).status_code == 404
    assert queue(client, overseer) == [bribe]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("claim", {"limit": 0}),
        ("claim", {"limit": 51}),
        ("claim", {"limit": "3"}),
        ("claim", {"feedback_id": "\0"}),
        ("release", {}),
        ("release", {"feedback_id": 7}),
    ],
)
def test_what_cannot_be_asked_is_refused(client, path, body):
    assert client.post(f"/v1/review/{path}", body).status_code == 422


def test_only_officers_see_the_queue(client):
    for scope in ("ingest", "analyse", "audit", "oversight"):
        key = client.make_key(scope)
        assert client.get("/v1/review", key=key).status_code == 403
        assert claim(client, key).status_code == 403
