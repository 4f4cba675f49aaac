"""A storm of bad input on every address, made from the description: refused with what is wrong, and never a 5xx."""

import json
import re
from itertools import chain, product
from urllib.parse import quote
from uuid import uuid4

import pytest
from starlette.routing import Route

from service.app import _ROUTERS, create_app
from service.open311.forms import ReportForm, RequestsQuery
from service.settings import Settings

DESCRIBED = create_app(Settings()).openapi()
OPERATIONS = [
    (method.upper(), path, operation) for path, item in DESCRIBED["paths"].items() for method, operation in item.items()
]
# What is not described in JSON: pages, forms, and the edge of GeoReport.
PLAIN = [
    (method, route.path_format)
    for router in _ROUTERS
    for route in router.routes
    if isinstance(route, Route) and route.path_format not in DESCRIBED["paths"]
    for method in sorted(route.methods)
]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW")
HEADERS = (
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer pilah_" + "x" * 43},
    {"Authorization": "Bearer " + "x" * 10_000},
    {"Authorization": "Basic YWRtaW46YWRtaW4="},
    {"Authorization": b"Bearer \xff\xfe"},
    {"Cookie": "pilah_session=" + "x" * 4_000},
    {"Cookie": b"pilah_session=\xff; ;;=;"},
)
VALUES = (
    "",
    " ",
    "\0",
    "-1",
    "1e309",
    "9" * 400,
    "NaN",
    "null",
    "[]",
    "'; DROP TABLE feedback; --",
    "../../etc/passwd",
    "%",
    "💥",
    "\u202e",
    "x" * 8_000,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999-23:59",
)
RAW = ("%ff%fe", "%00", "%ED%A0%80", "%c0%ae")
BODIES = (
    b"",
    b"\0",
    b"{",
    b"nothing",
    b'"text"',
    b"null",
    b"[]",
    b"[1, 2]",
    b"{}",
    b'{"\\u0000": 1}',
    b'{"\\ud800": 1}',
    b"\xff\xfe{}",
    b'{"text": "\xff"}',
    '{"text": "lampu"}'.encode("utf-16"),
    b'{"text": "a", "text": "b"}',
    b'{"text": NaN}',
    b'{"text": 1e999}',
    b'{"limit": ' + b"9" * 6_000 + b"}",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"text": ' + b"[" * 30 + b"]" * 30 + b"}",
    json.dumps({f"field{number}": number for number in range(5_000)}).encode(),
    b'{"text": "' + b"x" * 2_000_000 + b'"}',
)
FIELDS = (
    None,
    True,
    -1,
    0,
    1.5,
    1e308,
    10**30,
    "",
    " ",
    "\0",
    "\ud800",
    "a\0b",
    "💥" * 300,
    "x" * 70_000,
    "9999-12-31T23:59:59.999999-23:59",
    [],
    {},
    [None],
    [[]] * 50,
    {"$ref": "#"},
)
TYPES = ("text/plain", "application/json; charset=utf-16", "multipart/form-data", "application/x-www-form-urlencoded")
LOG_LINES = {"fault"}
QUERIES = (*RequestsQuery.model_fields, "jurisdiction_id", "api_key", "page", "q", "")
FORM = (*ReportForm.model_fields, "api_key", "text", "login", "password", "form_token", "")
QUERY_VALUES = (*(quote(value, safe="") for value in VALUES), *RAW)


@pytest.fixture(scope="module")
def client(champion, tmp_path_factory, run_service):
    home = tmp_path_factory.mktemp("storm") / "home"
    with run_service(
        Settings(home=home, bundle=next(champion.glob("5eed*")), rate_per_minute=0, address_rate_per_minute=0)
    ) as started:
        yield started


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS])
def test_bad_input_is_refused_as_a_problem(client, method, path, operation):
    wrong = []
    for sent_method, address, more in _list_calls(client, method, path, operation):
        answer = client.request(sent_method, address, key="", **more)
        if not _is_well_refused(answer):
            wrong.append((sent_method, address[:120], str(more)[:120], answer.status_code, answer.text[:200]))
    assert wrong == []
    assert not LOG_LINES & {line.get("event") for line in client.log}


def test_without_a_valid_key_nothing_is_told(client):
    wrong = []
    for (method, path, operation), headers in product(OPERATIONS, HEADERS):
        if "security" in operation:
            answer = client.request(method, _fill(path, str(uuid4())), key="", headers=headers, content=b"\0")
            if answer.status_code != 401:
                wrong.append((method, path, str(headers)[:80], answer.status_code))
    assert wrong == []


@pytest.mark.parametrize(("method", "path"), PLAIN, ids=[f"{m} {p}" for m, p in PLAIN])
def test_pages_and_edges_never_break(client, method, path):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    calls = [
        *((method, _fill(path, raw), {}) for raw in QUERY_VALUES),
        *((method, f"{_fill(path, 'x')}?{name}={raw}", {}) for name, raw in product(QUERIES, QUERY_VALUES)),
        *((method, _fill(path, "x"), {"headers": headers}) for headers in HEADERS),
        *((other, _fill(path, "x"), {}) for other in METHODS),
    ]
    if method == "POST":
        bodies = [*BODIES, *(f"{name}={raw}&description=a".encode() for name, raw in product(FORM, QUERY_VALUES))]
        calls += [(method, _fill(path, "x"), {"content": body, "headers": form}) for body in bodies]
        calls += [(method, _fill(path, "x"), {"content": body, "headers": {"Content-Type": "x"}}) for body in BODIES]
    wrong = []
    for sent_method, address, more in calls:
        for key in ("", client.key):
            answer = client.request(sent_method, address, key=key, **more)
            if answer.status_code >= 500 and answer.status_code != 501:
                wrong.append((sent_method, address[:120], str(more)[:120], answer.status_code, answer.text[:200]))
    assert wrong == []
    assert not LOG_LINES & {line.get("event") for line in client.log}


def test_after_the_storm_the_service_works(client):
    assert client.post("/v1/feedback", {"text": "lampu"}).status_code == 201
    assert client.get("/readyz").status_code == 200


def _is_well_refused(answer):
    """No defect; what is refused is a problem, and so is each refused line of a batch."""
    if answer.status_code >= 400:
        return answer.status_code < 500 and answer.headers["content-type"].startswith("application/problem+json")
    if "ndjson" in answer.headers.get("content-type", ""):
        return all(json.loads(line)["status"] < 500 for line in answer.text.splitlines())
    return True


def _list_calls(client, method, path, operation):
    own = {"Authorization": f"Bearer {client.key}"}
    address = _fill(path, str(uuid4()))
    taken = {name.upper() for name in DESCRIBED["paths"][path]}
    for other in METHODS:
        if other not in taken:
            yield other, address, {"headers": own}
    if "{" in path:
        for raw in QUERY_VALUES:
            yield method, _fill(path, raw), {"headers": own}
    yield from _list_parameters(method, address, operation.get("parameters", ()), own)
    if "requestBody" in operation:
        yield from _list_bodies(method, address, operation["requestBody"]["content"], own)


def _list_parameters(method, address, parameters, own):
    names = [one["name"] for one in parameters if one["in"] == "query"]
    for name, raw in product([*names, "unknown", ""], QUERY_VALUES):
        yield method, f"{address}?{name}={raw}", {"headers": own}
        yield method, f"{address}?{name}={raw}&{name}={raw}", {"headers": own}
    for name in (one["name"] for one in parameters if one["in"] == "header"):
        for value in (b"\xff", b"x" * 8_000, b"", b"\t"):
            yield method, address, {"headers": {**own, name: value}}


def _list_bodies(method, address, described, own):
    (content_type, content), *_ = described.items()
    headers = {**own, "Content-Type": content_type}
    mutants = chain(BODIES, _mutate(content))
    for body in mutants:
        yield method, address, {"content": body, "headers": headers}
    for other in TYPES:
        yield method, address, {"content": b"{}", "headers": {**own, "Content-Type": other}}
    for encoding in ("gzip", "br", "x" * 500):
        yield method, address, {"content": b"\x1f\x8b", "headers": {**headers, "Content-Encoding": encoding}}


def _mutate(content):
    """An example, one field at a time, with a value that nobody expects there."""
    name = content["schema"]["$ref"].rpartition("/")[2]
    schema = DESCRIBED["components"]["schemas"][name]
    example = dict(next(iter(content.get("examples", {"": {"value": {}}}).values()))["value"])
    for field, value in product(schema.get("properties", {}), FIELDS):
        yield json.dumps({**example, field: value}).encode()
    yield json.dumps({**example, "unknown": 1}).encode()


def _fill(path, value):
    """An address with the same value for all its parts that vary; the edge of GeoReport has a format too."""
    return re.sub(r"\{[^}]*\}", lambda _: value, path.replace("{extension}", "json"))
