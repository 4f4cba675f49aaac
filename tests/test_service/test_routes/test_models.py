import shutil
import time
from datetime import UTC, datetime

import pytest

from model.compared import FORMAT, kept_path, write_comparison
from model.errors import PromotionRefusedError
from model.registry import POINTER, Registry
from service.promoting import plan, promote_all
from service.settings import Settings
from service.writer import Transaction

LAMP = "lampu jalan mati"
FIRST, SECOND = "aaaa", "bbbb"


@pytest.fixture
def registry(tmp_path, write_bundle_as):
    registry = Registry(tmp_path / "home" / "bundles")
    for name in (FIRST, SECOND):
        write_bundle_as(registry.path_of(name))
    registry.promote(FIRST)
    return registry


@pytest.fixture
def client(run_service, registry):
    with run_service(Settings(home=registry.folder.parent, port=0)) as started:
        yield started


def promote(client, name, **body):
    """By force, where the comparison is not what a test is about."""
    return client.post(f"/v1/models/{name}/promote", {"force": True, "reason": "latihan"} | body)


def keep_comparison(registry, **changes):
    """What `pilah compare` keeps in the home of a challenger that is allowed."""
    verdict = {
        "format": FORMAT,
        "champion": FIRST,
        "challenger": SECOND,
        "rows": {"sha256": "0" * 64},
        "allowed": True,
        "reasons": [],
    }
    write_comparison(kept_path(registry, SECOND), verdict | changes)


def classify(client):
    return client.post("/v1/classify", {"text": LAMP}).json()["bundle"]


def list_types(client):
    return [entry["type"] for entry in client.get("/v1/ledger?limit=200").json()["entries"]]


def test_all_bundles_are_listed_and_the_one_in_force_marked(client):
    listed = client.get("/v1/models").json()["models"]
    assert [(one["bundle"], one["champion"], one["serving"]) for one in listed] == [
        (FIRST, True, True),
        (SECOND, False, False),
    ]
    assert listed[0]["heads"]["kind"] == 6


def test_a_promoted_bundle_answers_at_once_and_the_ledger_says_who_did_it(client):
    stored = client.post("/v1/feedback", {"text": LAMP}).json()
    assert promote(client, SECOND, reason="lebih baik, tanya 0812-3456-7890").json() == {"bundle": SECOND}
    assert classify(client) == SECOND
    assert client.get(f"/v1/feedback/{stored['id']}").json()["prediction"]["bundle"] == FIRST
    entries = client.get("/v1/ledger?type=model.promoted").json()["entries"]
    assert [(entry["bundle"], entry["content"]["reason"]) for entry in entries] == [
        (SECOND, "lebih baik, tanya [TELEPON]")
    ]


def test_a_bundle_that_was_not_compared_is_refused_with_what_to_run(client, registry):
    refused = client.post(f"/v1/models/{SECOND}/promote", {"reason": "sudah waktunya"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/bundle-refused")
    assert f"pilah compare {FIRST} {SECOND} --data" in refused.json()["detail"]
    keep_comparison(registry, allowed=False, reasons=["recall of darurat: lost"])
    refused = client.post(f"/v1/models/{SECOND}/promote", {})
    assert "recall of darurat: lost" in refused.json()["detail"]
    assert classify(client) == FIRST
    assert "model.promoted" not in list_types(client)


def test_a_challenger_that_a_comparison_allows_is_promoted_and_the_ledger_names_its_rows(client, registry):
    keep_comparison(registry)
    assert client.post(f"/v1/models/{SECOND}/promote", {}).json() == {"bundle": SECOND}
    (entry,) = client.get("/v1/ledger?type=model.promoted").json()["entries"]
    assert (entry["content"]["forced"], entry["content"]["compared_on"]) == (False, "0" * 64)


def test_force_needs_a_reason_and_stands_in_the_ledger(client):
    assert promote(client, SECOND, reason=None).json()["type"] == "/problems/bundle-refused"
    assert promote(client, SECOND, reason="  ").status_code >= 400
    assert classify(client) == FIRST
    assert promote(client, SECOND, reason="banjir, juara lama salah").status_code == 200
    (entry,) = client.get("/v1/ledger?type=model.promoted").json()["entries"]
    assert (entry["content"]["forced"], entry["content"]["reason"]) == (True, "banjir, juara lama salah")


def test_what_was_compared_with_a_bundle_that_is_no_longer_in_force_is_refused(registry, write_bundle_as):
    write_bundle_as(registry.path_of("cccc"))
    keep_comparison(registry)
    promotion = plan(registry, SECOND, "account:a", datetime.now(UTC), None)
    registry.promote("cccc")
    (refused,) = promote_all(Transaction(None), [promotion])
    assert isinstance(refused, PromotionRefusedError)
    assert registry.champion_id() == "cccc"


def test_a_promotion_that_a_writer_tries_again_is_recorded_as_it_was_planned(registry):
    keep_comparison(registry)
    promotion = plan(registry, SECOND, "account:a", datetime.now(UTC), None)
    for _ in range(2):
        transaction = Transaction(None)
        assert promote_all(transaction, [promotion]) == [SECOND]
    (entry,) = transaction.entries
    assert (entry.content["before"], entry.content["compared_on"]) == (FIRST, "0" * 64)


def test_a_rollback_that_a_writer_tries_again_goes_back_once(registry):
    for name in (SECOND, FIRST, SECOND):
        registry.promote(name)
    now = datetime.now(UTC)
    promotion = plan(registry, None, "account:a", now, None)
    for _ in range(2):
        transaction = Transaction(None)
        assert promote_all(transaction, [promotion]) == [FIRST]
    assert (registry.champion_id(), registry.previous_id()) == (FIRST, SECOND)
    (entry,) = transaction.entries
    assert (entry.type, entry.bundle, entry.content["before"]) == ("model.rolled_back", FIRST, SECOND)


def test_a_rollback_brings_the_bundle_before_back(client):
    promote(client, SECOND)
    assert client.post("/v1/models/rollback", {}).json() == {"bundle": FIRST}
    assert classify(client) == FIRST
    refused = client.post("/v1/models/rollback", {})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/bundle-refused")
    assert "model.rolled_back" in list_types(client)


def test_a_bundle_promoted_by_another_process_is_taken_over(client, registry):
    registry.promote(SECOND)
    deadline = time.monotonic() + 10
    while classify(client) != SECOND:
        assert time.monotonic() < deadline
    assert client.get("/readyz").json()["bundle"] == SECOND


@pytest.mark.parametrize("damage", ["gone", "corrupt"])
def test_a_bundle_that_cannot_be_served_is_refused_and_the_last_good_one_answers(client, registry, damage):
    folder = registry.path_of(SECOND)
    if damage == "gone":
        (folder / "bias.npy").unlink()
    else:
        (folder / "bias.npy").write_bytes(b"no array")
    refused = promote(client, folder.name)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/bundle-refused")
    assert classify(client) == FIRST
    assert registry.champion_id() == FIRST


def test_a_bundle_that_is_not_there_is_404_with_those_that_are(client):
    missed = promote(client, "cccc")
    assert (missed.status_code, missed.json()["type"]) == (404, "/problems/not-found")
    assert missed.json()["detail"] == f"There is no bundle cccc here: there are {FIRST}, {SECOND}."
    assert missed.json()["known"] == [FIRST, SECOND]
    assert classify(client) == FIRST


def test_a_corrupt_bundle_that_was_promoted_beside_the_service_changes_nothing(client, registry):
    (registry.path_of(SECOND) / "bias.npy").write_bytes(b"no array")
    registry.promote(SECOND)
    deadline = time.monotonic() + 10
    while not any(line.get("event") == "bundle refused" for line in client.log):
        assert classify(client) == FIRST
        assert time.monotonic() < deadline
    assert client.post("/v1/feedback", {"text": LAMP}).status_code == 201


def test_a_refused_bundle_is_said_once_and_taken_over_when_it_is_mended(client, registry, monkeypatch, write_bundle_as):
    monkeypatch.setattr("service.champion.RETRYING_PAUSE_S", 0)
    folder = registry.path_of(SECOND)
    (folder / "bias.npy").write_bytes(b"no array")
    registry.promote(SECOND)
    follow = client.context.champion.follow
    assert [client.loop.run_until_complete(follow()) for _ in range(3)] == [None] * 3
    assert [line["bundle"] for line in client.log if line.get("event") == "bundle refused"] == [SECOND]
    shutil.rmtree(folder)
    write_bundle_as(folder)
    deadline = time.monotonic() + 10
    while classify(client) != SECOND:
        client.loop.run_until_complete(follow())
        assert time.monotonic() < deadline


def test_a_pointer_that_cannot_be_read_changes_nothing_and_a_promotion_mends_it(client, registry):
    (registry.folder / POINTER).write_text("{")
    assert client.loop.run_until_complete(client.context.champion.follow()) is None
    assert classify(client) == FIRST
    assert promote(client, SECOND).json() == {"bundle": SECOND}
    assert classify(client) == SECOND


def test_a_start_with_a_corrupt_champion_serves_the_one_before(run_service, registry):
    registry.promote(SECOND)
    (registry.path_of(SECOND) / "bias.npy").write_bytes(b"no array")
    with run_service(Settings(home=registry.folder.parent, port=0)) as client:
        assert classify(client) == FIRST
        assert client.get("/readyz").json()["bundle"] == FIRST
        assert [line["serving"] for line in client.log if line.get("event") == "bundle refused"] == [FIRST]


def test_a_service_with_a_bundle_of_its_setting_lets_none_be_promoted(run_service, registry, tmp_path):
    settings = Settings(home=tmp_path / "other", bundle=registry.path_of(FIRST), port=0)
    with run_service(settings) as client:
        assert promote(client, FIRST).status_code == 409


def test_only_admins_promote_and_names_are_checked(client):
    key = client.make_key("triage", "analyse", "audit", "ingest", "classify", "oversight")
    assert client.post(f"/v1/models/{SECOND}/promote", {}, key=key).status_code == 403
    assert client.post("/v1/models/rollback", {}, key=key).status_code == 403
    assert client.get("/v1/models", key=client.make_key("ingest")).status_code == 403
    assert promote(client, "..%2Fx").status_code in {404, 422}
    assert promote(client, SECOND, colour="red").status_code == 422
