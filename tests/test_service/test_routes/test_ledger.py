import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from service import tables
from service.ledger.entries import FIRST_HASH


@pytest.fixture
def stored(client):
    """A plain report and an accusation."""
    plain = client.post("/v1/feedback", {"text": "Mohon lampu jalan diperbaiki"}).json()
    accusation = client.post("/v1/feedback", {"text": "pungli di kelurahan"}).json()
    return plain["id"], accusation["id"]


def ask(client, query="", **more):
    answer = client.get(f"/v1/ledger{query}", **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_who_decided_with_which_bundle_is_one_row(client, stored):
    answer = ask(client, f"?feedback={stored[0]}")
    (entry,) = answer["entries"]
    assert entry["type"] == "feedback.received"
    assert entry["actor"].startswith("key:")
    assert entry["bundle"] == client.context.classifier.bundle_id
    assert entry["content"]["agency"] == "dinas-perhubungan"
    assert answer["standing"]["agency"] == "dinas-perhubungan"
    label = answer["standing"]["labels"]["topic"]
    assert (label["value"], label["basis"], label["bundle"]) == ("penerangan-jalan", "automatic", entry["bundle"])
    assert "lampu" not in json.dumps(answer)


def test_anyone_can_compute_the_hash_again(client, stored):
    assert stored
    before = FIRST_HASH
    for entry in ask(client)["entries"]:
        at = entry["at"]
        content = json.dumps(entry["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        parts = [before, entry["chain"], entry["number"], at, entry["type"], entry["feedback"], entry["actor"]]
        parts += [entry["bundle"], entry["taxonomy"], entry["policy"], entry["text_digest"], content]
        before = hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()
        assert before == entry["hash"]


def test_pages_follow_each_other_and_filters_narrow(client, stored):
    everything = ask(client)["entries"]
    pages = [ask(client, "?limit=1")]
    while pages[-1]["next"] is not None:
        pages.append(ask(client, f"?limit=1&cursor={pages[-1]['next']}"))
    assert [entry for page in pages for entry in page["entries"]] == everything
    assert {entry["feedback"] for entry in ask(client, "?type=feedback.received")["entries"]} == {*stored}
    since = everything[-1]["at"].replace("+00:00", "Z")
    assert ask(client, f"?since={since}")["entries"] == everything[-1:]


def test_as_of_tells_only_what_was_known_then(client, stored):
    entry = ask(client, f"?feedback={stored[0]}")["entries"][0]
    moment = datetime.fromisoformat(entry["at"]) - timedelta(microseconds=1)
    before = moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    assert client.get(f"/v1/ledger?feedback={stored[0]}&as_of={before}").status_code == 404
    types = {found["type"] for found in ask(client, f"?as_of={before}")["entries"]}
    assert "chain.opened" in types
    assert "feedback.received" not in types


def test_entries_of_restricted_reports_are_for_oversight_and_admin(client, stored):
    plain, accusation = stored
    auditor = client.make_key("audit")
    watcher = client.make_key("audit", "oversight")
    assert client.get(f"/v1/ledger?feedback={accusation}", key=auditor).status_code == 404
    assert accusation not in json.dumps(ask(client, key=auditor))
    assert ask(client, f"?feedback={plain}", key=auditor)["entries"]
    assert ask(client, f"?feedback={accusation}", key=watcher)["standing"]["restriction"] == "oversight"
    assert ask(client, f"?feedback={accusation}")["entries"]


def test_a_key_of_one_agency_sees_entries_of_its_reports_alone(client, stored):
    key = client.make_key("audit")

    async def bind():
        await client.context.writer.write(_bind_keys, "dinas-perhubungan")

    client.post(f"/v1/feedback/{stored[0]}/events", {"type": "didisposisi", "agency": "dinas-perhubungan"})
    client.loop.run_until_complete(bind())
    client.context.keys._read_at = float("-inf")
    assert [entry["feedback"] for entry in ask(client, "?type=feedback.received", key=key)["entries"]] == [stored[0]]


def _bind_keys(transaction, jobs):
    for agency in jobs:
        statement = update(tables.api_key).where(tables.api_key.c.name == "test").values(agency=agency)
        transaction.connection.execute(statement)
    return [None] * len(jobs)


@pytest.mark.parametrize("scope", ["classify", "ingest", "triage", "analyse", "oversight"])
def test_only_auditors_may_read_it(client, scope):
    assert client.get("/v1/ledger", key=client.make_key(scope)).status_code == 403


def test_what_cannot_be_asked_is_told(client):
    assert client.get("/v1/ledger", key="").status_code == 401
    assert client.post("/v1/ledger", {}).status_code == 405
    wrong = ["cursor=x", "cursor=MSAwIDE=", "limit=0", "as_of=2026", "type=X'", "feedback=%00", "page=2", "since=x"]
    for query in wrong:
        answer = client.get(f"/v1/ledger?{query}")
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]
