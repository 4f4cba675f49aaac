import json
from dataclasses import replace

import pytest

from model.bundle import TOKENS, read_bundle, write_bundle
from model.registry import Registry
from service.settings import Settings

FIRST, SECOND = "aaaa", "bbbb"
LAMP, ACCUSED = "lampu jalan mati", "oknum minta pungli di kantor camat"


@pytest.fixture
def registry(tmp_path, write_bundle_as):
    """Two bundles, of which the second takes lamps for holes."""
    registry = Registry(tmp_path / "home" / "bundles")
    write_bundle_as(registry.path_of(FIRST))
    write_bundle_as(tmp_path / SECOND)
    swap_words(tmp_path / SECOND, registry.path_of(SECOND), "lampu", "lubang")
    registry.promote(FIRST)
    return registry


def swap_words(source, target, one, other):
    """A bundle in which two words change places."""
    files = read_bundle(source)
    rows = files.arrays.token_rows.copy()
    first, second = (files.arrays.tokens.index(word) for word in (one, other))
    rows[[first, second]] = rows[[second, first]]
    manifest = {name: files.manifest[name] for name in ("bundle", "taxonomy", "heads")}
    kept = {name: files.read_text(name).encode() for name in files.manifest["files"] if not is_array(name)}
    write_bundle(target, manifest, replace(files.arrays, token_rows=rows), kept)


def is_array(name):
    return name.endswith(".npy") or name == TOKENS


@pytest.fixture
def client(run_service, registry):
    with run_service(Settings(home=registry.folder.parent, port=0)) as started:
        yield started


def send(client, texts):
    rows = "\n".join(json.dumps({"text": text}) for text in texts)
    answer = client.post("/v1/feedback/batch", content=rows, headers={"Content-Type": "application/x-ndjson"})
    assert {json.loads(line)["status"] for line in answer.text.splitlines()} == {201}


def ask(client, bundle=SECOND, **more):
    return client.get(f"/v1/models/{bundle}/disagreement", **more)


def test_where_two_bundles_part_is_told_by_pair(client):
    send(client, [LAMP] * 12 + ["sampah menumpuk"] * 12 + [ACCUSED] * 3)
    told = ask(client).json()
    assert (told["champion"], told["challenger"], told["n"]) == (FIRST, SECOND, 24)
    topic = next(head for head in told["heads"] if head["head"] == "topic")
    assert (topic["differ"], topic["share"]) == (12, 0.5)
    assert topic["pairs"] == [{"champion": "penerangan-jalan", "challenger": "jalan-rusak", "n": 12}]


def test_the_latest_reports_are_compared_without_what_was_erased(client):
    send(client, [LAMP] * 8)
    assert client.post("/v1/feedback", {"text": LAMP, "reporter_ref": "warga-1"}).status_code == 201
    assert ask(client).json()["n"] == 9
    assert client.request("DELETE", "/v1/reporters/warga-1").is_success
    assert ask(client).json()["n"] == 8
    assert client.get(f"/v1/models/{SECOND}/disagreement?limit=3").json()["n"] == 3


def test_a_bundle_beside_itself_never_parts(client):
    send(client, [LAMP] * 20)
    assert all(head["differ"] == 0 and head["pairs"] == [] for head in ask(client, FIRST).json()["heads"])


def test_what_cannot_be_compared_is_refused(client, registry):
    unknown = ask(client, "cccc")
    assert (unknown.status_code, unknown.json()["known"]) == (404, [FIRST, SECOND])
    assert client.get(f"/v1/models/{SECOND}/disagreement?limit=2001").status_code == 422
    assert ask(client, key=client.make_key("triage")).status_code == 403
    assert ask(client).json()["heads"] == []
    (registry.path_of(SECOND) / "calibration.json").write_text("{}")
    assert ask(client).status_code == 409
