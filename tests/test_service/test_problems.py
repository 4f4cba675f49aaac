"""Every fault of every route is a problem of one shape."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from service.problems import PROBLEM_TYPES
from service.tables import api_key

POSTS = ("/v1/classify", "/v1/feedback")
JSON = {"Content-Type": "application/json"}


def post(client, path, content, content_type="application/json", **more):
    return client.request("POST", path, content=content, headers={"Content-Type": content_type}, **more)


def check_shape(answer, status, slug):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"/problems/{slug}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


def test_types_have_unlike_ends_and_plausible_status():
    assert len({kind.slug for kind in PROBLEM_TYPES}) == len(PROBLEM_TYPES)
    assert all(400 <= kind.status <= 599 for kind in PROBLEM_TYPES)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (b"", 1, 1),
        (b"{", 1, 2),
        (b'{"text": "lampu"\n "x": 1}', 2, 2),
        (b'{"text": lampu}', 1, 10),
        (b'{"text": "a\nb"}', 1, 12),
        (b"text=lampu", 1, 1),
        (b'{"text": "lampu"} lagi', 1, 19),
    ],
)
def test_broken_json_is_400_with_line_and_column(client, path, content, line, column):
    problem = check_shape(post(client, path, content), 400, "invalid-json")
    assert (problem["line"], problem["column"]) == (line, column)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "content",
    [
        b'{"text": NaN}',
        b'{"text": "a", "text": "b"}',
        b"[" * 100_000,
        b'{"text":' * 50 + b"1" + b"}" * 50,
        b'{"text": ' + b"9" * 5_000 + b"}",
        b"{" + b",".join(b'"k%d": 1' % n for n in range(900)) + b', "k1": 2}',
        b"{" + b",".join(b'"k%d": 1' % n for n in range(60_000)) + b"}",
    ],
    ids=["nan", "twice", "deep", "deep-closed", "long-number", "twice-among-many", "too-many"],
)
def test_json_that_says_less_than_it_seems_is_400(client, path, content):
    check_shape(post(client, path, content), 400, "invalid-json")


@pytest.mark.parametrize("path", POSTS)
def test_bytes_that_are_not_utf_8_are_400_with_their_offset(client, path):
    problem = check_shape(post(client, path, '{"text": "jalan é"}'.encode("cp1252")), 400, "not-utf-8")
    assert problem["offset"] == 16
    assert "0xe9" in problem["detail"]


@pytest.mark.parametrize("path", POSTS)
def test_utf_16_is_400(client, path):
    check_shape(post(client, path, json.dumps({"text": "lampu"}).encode("utf-16")), 400, "not-utf-8")


@pytest.mark.parametrize("path", POSTS)
def test_a_byte_order_mark_does_no_harm(client, path):
    assert post(client, path, b'\xef\xbb\xbf{"text": "lampu"}').status_code in {200, 201}


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("escape", ["\\ud800", "\\udfff abc", "a\\ud83d"])
def test_half_a_surrogate_pair_is_422_with_a_pointer(client, path, escape):
    problem = check_shape(post(client, path, f'{{"text": "{escape}"}}'), 422, "invalid-fields")
    assert problem["errors"][0]["pointer"] == "#/text"


@pytest.mark.parametrize("path", POSTS)
def test_a_whole_surrogate_pair_is_a_character(client, path):
    assert post(client, path, '{"text": "lampu \\ud83d\\ude00"}').status_code in {200, 201}


@pytest.mark.parametrize("path", POSTS)
def test_half_a_surrogate_pair_in_a_name_is_answered(client, path):
    problem = check_shape(post(client, path, '{"text": "a", "\\ud800": 1}'), 422, "invalid-fields")
    assert problem["errors"][0]["pointer"].startswith("#")


@pytest.mark.parametrize("path", POSTS)
def test_hundreds_of_unknown_fields_give_a_short_answer(client, path):
    answer = client.post(path, {"text": "a", **{f"k{n}": 1 for n in range(900)}})
    problem = check_shape(answer, 422, "invalid-fields")
    assert len(problem["errors"]) == 20
    assert "900 fields" in problem["detail"]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "x"]
)
def test_another_content_type_is_415_and_hears_what_is_taken(client, path, content_type):
    answer = post(client, path, b'{"text": "lampu"}', content_type)
    check_shape(answer, 415, "wrong-content-type")
    assert answer.headers["accept"] == "application/json"


@pytest.mark.parametrize("path", POSTS)
def test_no_content_type_is_415(client, path):
    check_shape(client.request("POST", path, content=b'{"text": "lampu"}'), 415, "wrong-content-type")


@pytest.mark.parametrize("path", POSTS)
def test_a_charset_that_is_utf_8_is_taken(client, path):
    answer = post(client, path, b'{"text": "lampu"}', "application/json; charset=UTF-8")
    assert answer.status_code in {200, 201}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/classify"), ("POST", "/v1/feedback"), ("GET", "/v1/feedback"), ("GET", "/v1/feedback/x")],
)
@pytest.mark.parametrize(
    ("authorization", "slug"),
    [
        (None, "key-missing"),
        ("", "key-refused"),
        ("Bearer", "key-refused"),
        ("Bearer pilah_wrong", "key-refused"),
        ("Basic cGlsYWg6cGlsYWg=", "key-refused"),
        ("Bearer " + "x" * 5_000, "key-refused"),
        ("Bearer pilah_é".encode("latin-1"), "key-refused"),
    ],
)
def test_without_a_valid_key_every_route_is_401(client, method, path, authorization, slug):
    headers = {"Authorization": authorization} if authorization is not None else {}
    answer = client.request(method, path, key="", headers=headers)
    check_shape(answer, 401, slug)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_key_is_asked_for_before_the_body_is_read(client):
    async def body():
        yield b"{"
        raise AssertionError("the body was read")

    answer = client.request("POST", "/v1/classify", key="", content=body(), headers=JSON)
    check_shape(answer, 401, "key-missing")


def test_a_revoked_key_is_refused(client, monkeypatch):
    def revoke(transaction, instants):
        transaction.connection.execute(update(api_key).values(revoked_at=instants[0]))
        return [None]

    assert client.get("/v1/feedback").status_code == 200
    client.loop.run_until_complete(client.context.writer.write(revoke, datetime.now(UTC)))
    monkeypatch.setattr("service.keys.MAX_AGE_S", 0.0)
    check_shape(client.get("/v1/feedback"), 401, "key-refused")


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/nothing", "/v1/feedback/a/b", "/x" * 3_000])
def test_an_address_without_anything_is_404(client, path):
    problem = check_shape(client.get(path), 404, "not-found")
    assert len(problem["detail"]) < 200


def test_a_slash_at_the_end_is_no_other_address(client):
    check_shape(client.get("/v1/feedback/"), 404, "not-found")


def test_a_defect_is_500_with_an_id_that_the_log_has_too(client, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("rahasia: lampu di rumah Bu Ani")

    monkeypatch.setattr(type(client.context.classifier), "classify", break_down)
    problem = check_shape(client.post("/v1/classify", {"text": "lampu"}), 500, "internal")
    fault = next(line for line in client.log if line["event"] == "fault")
    assert fault["id"] == problem["id"]
    assert "RuntimeError" in fault["where"]
    assert "rahasia" not in client.log_stream.getvalue()
    assert "RuntimeError" not in json.dumps(problem)


def test_head_is_answered_where_get_is_and_without_a_body(client):
    for path in ("/", "/healthz", "/v1/feedback", "/static/page.css"):
        head, got = client.request("HEAD", path), client.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
    refused = client.request("HEAD", "/v1/classify")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert client.request("PUT", "/v1/feedback").headers["allow"] == "GET, HEAD, POST"
    assert client.request("HEAD", "/v1/feedback", key="").status_code == 401
    assert 'method="HEAD",route="/v1/feedback"' in client.get("/metrics").text


def test_a_packed_body_is_415_and_hears_what_is_taken(client):
    packed = gzip.compress(b'{"text": "lampu"}')
    headers = {**JSON, "Content-Encoding": "gzip"}
    answer = client.request("POST", "/v1/classify", content=packed, headers=headers)
    check_shape(answer, 415, "wrong-content-type")
    assert answer.headers["accept-encoding"] == "identity"


def test_a_caller_beyond_its_rate_is_429_and_hears_when_to_come_back(client):
    made = client.post("/v1/keys", {"name": "slow", "scopes": ["classify"], "rate": 3}).json()
    answers = [client.post("/v1/classify", {"text": "lampu"}, key=made["token"]) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    check_shape(answers[-1], 429, "too-many-calls")
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].headers["ratelimit-limit"] == "3"
    assert answers[-1].headers["ratelimit-remaining"] == "0"
    assert client.get("/v1/feedback").status_code == 200


def test_answers_may_not_be_sniffed_or_kept(client):
    answer = client.post("/v1/classify", {"text": "lampu"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
