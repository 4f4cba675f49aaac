"""Personal data sent through every way in, in every field of text, are found nowhere afterwards.

The ways in are read from the description of the interface, so that a new route is planted too.
"""

import json
import re
from datetime import UTC, datetime

import pytest

from service.app import create_app
from service.people.accounts import AccountOrder, add_accounts
from service.people.sessions import Login, derive_form_token, open_sessions
from service.settings import Settings

PHONE, NIK, NAME = "0812-3456-7890", "1373041205870001", "Syafrizal"
PLANTED = f"Lampu mati. Hubungi {PHONE}, NIK {NIK}, atas nama Bapak {NAME}."
# Also as digits alone, as a mask that missed the hyphens would leave them.
TRACES = (PHONE, "081234567890", NIK, NAME)
# Fields that are kept as they are given, which docs/api.md says, or that are no text of a citizen.
KEPT_AS_GIVEN = {
    "external_id": "the id of the app; docs/api.md: put no personal data there",
    "source_url": "an address of the app",
    "url": "the address of a receiver",
    "login": "of an officer",
    "advice": "what the city tells in an emergency, with its numbers",
    "name": "of an officer, a key or a holiday, shown on purpose",
}
# Bodies of routes whose description has no example; several where one report goes through several.
BODIES = {
    "/v1/feedback/{id}/labels": [{"topic": "jalan-rusak"}],
    "/v1/feedback/{id}/events": [
        {"type": "diverifikasi"},
        {"type": "didisposisi", "agency": "dinas-pupr"},
        {"type": "diproses"},
        {"type": "ditanggapi", "public_reply": "Sudah."},
    ],
    "/v1/policy": [
        {"verification_days": 3, "days": {}, "advice": "Telepon 112.", "numbers": [], "is_confirmed": False}
    ],
    "/v1/holidays/{day}": [{"name": "Cuti bersama"}],
    "/v1/marks": [{"day": "2026-03-02", "title": "Loket satu pintu", "type": "kebijakan"}],
    "/v1/reports": [{"month": "2099-12"}],
    "/v1/webhooks": [{"url": "https://hook.example/pilah", "events": ["feedback.routed"]}],
    "/v1/review/release": [{"feedback_id": "x"}],
}
DESCRIBED = json.loads(json.dumps(create_app(Settings()).openapi()))
WAYS = [
    (method.upper(), path, operation["requestBody"]["content"]["application/json"])
    for path, item in DESCRIBED["paths"].items()
    for method, operation in item.items()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
]


@pytest.fixture(scope="module")
def client(champion, tmp_path_factory, run_service):
    home = tmp_path_factory.mktemp("planted") / "home"
    with run_service(Settings(home=home, bundle=next(champion.glob("5eed*")))) as started:
        started.make_key("triage")
        yield started


@pytest.fixture(scope="module")
def planted(client):
    """The number of fields planted by each way in; everything is sent before anything is looked for."""
    report = client.post("/v1/feedback", {"text": "lubang"}).json()["id"]
    counts = {}
    for method, path, content in WAYS:
        counts[method, path] = 0
        address = re.sub(r"\{\w+\}", report, path.replace("{day}", "2026-12-24"))
        fields = _text_fields(content["schema"])
        for body in _bodies_of(path, content):
            counts[method, path] += _plant(client, method, address, body, fields)
    return counts


def test_every_way_in_took_what_was_planted_where_it_takes_text(planted):
    assert planted["POST", "/v1/classify"] >= 2
    assert planted["POST", "/v1/feedback"] >= 5
    assert planted["POST", "/v1/feedback/{id}/labels"] == 1
    assert [way for way in WAYS if not _bodies_of(*way[1:])] == [], "a way in has no example: add one"


def test_what_was_planted_is_in_no_file_log_metric_or_answer(client, planted):
    assert planted
    batch = b"\n".join(json.dumps({"text": PLANTED, "title": PLANTED, "address": PLANTED}).encode() for _ in range(2))
    taken = client.request(
        "POST", "/v1/feedback/batch", content=batch, headers={"Content-Type": "application/x-ndjson"}
    )
    assert taken.status_code == 200
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    client.request("POST", "/", key="", data={"text": PLANTED}, headers=form)
    client.request("POST", "/masuk", key="", data={"login": PLANTED, "password": PLANTED}, headers=form)
    _plant_pages(client)
    client.post("/v1/feedback", {"text": "lampu"}, headers={"Idempotency-Key": PLANTED.encode("ascii", "replace")})
    client.get("/v1/feedback", params={"external_id": PLANTED})
    client.get(f"/v1/feedback/{NIK}")
    client.get(f"/{NAME}/{NIK}?hp={PHONE}")
    client.post("/v1/classify", {"text": PLANTED, NAME: NIK})
    # The sender is answered with what it sent, masked, as all others are.
    answers = [client.get(path, key=key).text for path in _readable() for key in (client.key, client.make_key("audit"))]
    places = {
        "answers": "\n".join(answers),
        "log": client.log_stream.getvalue(),
        "metrics": client.get("/metrics", key="").text,
        **{
            str(path): path.read_bytes().decode("latin-1") for path in client.settings.home.rglob("*") if path.is_file()
        },
    }
    assert any(path.endswith(".db") for path in places)
    assert "[TELEPON]" in places["answers"]
    assert [(place, trace) for place, text in places.items() for trace in TRACES if trace in text] == []


def _plant_pages(client):
    """Send what is planted by every form of a page that takes text, as an admin who is logged in."""

    def log_in(transaction, _):
        now = datetime.now(UTC)
        (account,) = add_accounts(transaction, [AccountOrder("penanam", "Penanam", "no hash", "admin", "system", now)])
        return open_sessions(transaction, [Login(account, "x", now)])

    token = client.loop.run_until_complete(client.context.writer.write(log_in, None))
    headers = {"Cookie": f"__Host-pilah_session={token}", "Content-Type": "application/x-www-form-urlencoded"}
    fields = {"token": derive_form_token(client.context.secret, token)}
    first, second = (client.post("/v1/feedback", {"text": "lubang"}).json()["id"] for _ in range(2))
    for path, more in (
        (f"/antrian/{first}", {"act": "save", "agency": "dinas-pupr", "reason": PLANTED}),
        (f"/laporan/{second}/label", {"topic": "jalan-rusak", "reason": PLANTED}),
        (f"/laporan/{second}/kejadian", {"type": "ditanggapi", "note": PLANTED, "public_reply": PLANTED}),
        ("/kelola/libur", {"day": "2026-12-23", "name": PLANTED}),
        ("/kelola/privasi", {"ref": PLANTED.replace("\n", " "), "act": "see"}),
        ("/kelola/kunci", {"name": "", "rate": PLANTED}),
        ("/model/kembali", {"reason": PLANTED}),
    ):
        answer = client.request("POST", path, key="", headers=headers, data={**fields, **more})
        assert answer.status_code in {200, 303, 409, 422}, (path, answer.text)
    kept = [client.get(f"/laporan/{report}", key="", headers=headers).text for report in (first, second)]
    assert all("[TELEPON]" in page for page in kept[1:])
    client.get(f"/laporan?kata={PHONE}", key="", headers=headers)


def _readable():
    """Every address that lists something."""
    return [path for path, item in DESCRIBED["paths"].items() if "get" in item and "{" not in path]


def _bodies_of(path, content):
    examples = BODIES.get(path) or [example["value"] for example in content.get("examples", {}).values()]
    needs_nothing = not _resolve(content["schema"]).get("required")
    return examples or ([{}] if needs_nothing else [])


def _resolve(schema):
    while "$ref" in schema:
        schema = DESCRIBED["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _text_fields(schema):
    """Fields of a body that may hold free text."""
    properties = _resolve(schema).get("properties", {})
    return {name for name, field in properties.items() if name not in KEPT_AS_GIVEN and _is_text(field)}


def _is_text(field):
    return any(
        part.get("type") == "string" and not {"enum", "const", "format"} & part.keys()
        for part in (field, *field.get("anyOf", ()))
    )


def _plant(client, method, address, body, fields):
    """Send a body with one field planted after the other, and return how many it took."""
    answers = [client.request(method, address, json={**body, name: PLANTED}) for name in sorted(fields)]
    return sum(answer.status_code < 300 for answer in answers)
