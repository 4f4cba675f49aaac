"""What an auditor is told of a report: who said what, and how it stood before somebody said otherwise."""

from datetime import datetime, timedelta

import pytest


def stand(client, report, as_of=None):
    query = f"&as_of={as_of.isoformat().replace('+00:00', 'Z')}" if as_of else ""
    answer = client.get(f"/v1/ledger?feedback={report}{query}&limit=200")
    assert answer.status_code == 200, answer.text
    return answer.json()


def label(client, report, **values):
    assert client.post(f"/v1/feedback/{report}/labels", values).status_code in {200, 201}


@pytest.fixture
def report(client):
    return client.post("/v1/feedback", {"text": "pungli, lampu jalan", "reporter_ref": "u-1"}).json()["id"]


def test_labels_of_people_stand_after_those_of_the_bundle_and_not_before(client, report):
    first = stand(client, report)
    assert first["standing"]["restriction"] == "oversight"
    received_at = datetime.fromisoformat(first["entries"][0]["at"])
    label(client, report, topic="sampah", agency="dinas-pupr")
    label(client, report, kind="pengaduan")
    now = stand(client, report)["standing"]
    assert (now["agency"], now["labels"]["agency"]["value"], now["restriction"]) == ("dinas-pupr", "dinas-pupr", None)
    assert now["labels"]["topic"]["basis"] == "correction"
    assert now["labels"]["topic"]["actor"].startswith("key:")
    before = stand(client, report, received_at + timedelta(microseconds=1))["standing"]
    assert before["restriction"] == "oversight"
    assert before["labels"] == first["standing"]["labels"]


def test_an_erased_report_still_says_who_decided_what(client, report):
    label(client, report, topic="sampah")
    client.request("DELETE", "/v1/reporters/u-1")
    answer = stand(client, report)
    assert answer["standing"]["is_erased"] is True
    assert answer["standing"]["labels"]["topic"]["value"] == "sampah"
    assert [entry["type"] for entry in answer["entries"]][-1] == "reporter.erased"
