"""Who may call what and sees which report: every route by every role and scope, made from the routes themselves.

The rule is said a second time here, in `sees`. A new route under ``/v1`` is taken up by itself; where it needs a body
that its description has no example of, or an id of another kind, the test fails and asks for a line in the tables.
"""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from starlette.routing import Route

from service import tables
from service.api_route import ApiRoute
from service.app import _ROUTERS, create_app
from service.callers import SCOPES, SCOPES_OF_ROLE
from service.ids import new_id
from service.keys import make_key
from service.pages.navigation import ALL_PAGES
from service.pages.visits import PageRoute
from service.people.accounts import AccountOrder, add_accounts
from service.people.sessions import Login, derive_form_token, open_sessions
from service.settings import Settings

# Everything outside ``/v1``, and why it asks for no key there.
OPEN = {
    "/": "classifies where the page is open, else asks for a key; stores nothing",
    "/masuk": "is the way in",
    "/keluar": "ends the session whose form token it carries",
    "/healthz": "says that the process lives",
    "/readyz": "says what works, by name only",
    "/metrics": "counts, without text",
    "/openapi.json": "describes the interface",
    "/problems": "explains problems",
    "/problems/{slug}": "explains a problem",
}
# Routes whose address or body names a report; all others name things of their own.
REPORT_PATH = "/v1/feedback/{id}"
NAMED_IN_BODY = {"/v1/review/claim", "/v1/review/release"}
BODIES = {
    ("POST", "/v1/feedback/{id}/labels"): lambda _: {"topic": "jalan-rusak"},
    ("POST", "/v1/feedback/{id}/events"): lambda _: {"type": "diproses"},
    **{("POST", path): lambda report: {"feedback_id": report} for path in NAMED_IN_BODY},
    ("POST", "/v1/reports"): lambda _: {"month": "2099-12"},  # to come, so that no process writes it
}
READERS = {"triage", "analyse", "audit"}
# What addresses of pages name beside reports.
NAMED_ELSEWISE = {"{agency}": "dinas-pupr", "{mark}": str(uuid4())}
OWN, OTHER = "dinas-pupr", "dinas-pendidikan"
# name: agency, restriction, whether the caller itself sent it
REPORTS = {
    "own agency": (OWN, None, False),
    "other agency": (OTHER, None, False),
    "accusation": (OWN, "oversight", False),
    "accusation against the inspectorate": (OWN, "admin", False),
    "sent, an accusation": (OTHER, "admin", True),
}
# name: scopes, agency
KEYS = {
    **{scope: ((scope,), None) for scope in SCOPES},
    "triage of an agency": (("triage",), OWN),
    "audit of an agency": (("audit",), OWN),
    "triage and oversight": (("triage", "oversight"), None),
}
ROLES = {role: (role, OWN if role == "liaison" else None, ()) for role in SCOPES_OF_ROLE}
ROLES["triage with oversight"] = ("triage", None, ("oversight",))

# What a form that is about a report holds besides its token, and the report where its address does not name it.
FORMS = {
    "/antrian/{report}": {"act": "save", "topic": "jalan-rusak"},
    "/laporan/{report}/kejadian": {"type": "koordinasi"},
    "/laporan/{report}/label": {"topic": "jalan-rusak"},
}
NAMED_IN_FORM = {"/antrian/ambil", "/antrian/batal"}
# Pages whose forms need more than the page itself.
SCOPES_OF_FORM = {"/laporan": ("triage",), "/model": ("admin",), "/kebijakan": ("analyse",)}

DESCRIBED = create_app(Settings())
ROUTES = [route for router in _ROUTERS for route in router.routes] + [
    r for r in DESCRIBED.routes if isinstance(r, Route)
]
PAGES = [
    (method, route.path)
    for route in ROUTES
    if isinstance(route, PageRoute) and route.path not in OPEN
    for method in sorted(route.methods)
]
OPERATIONS = [
    (method.upper(), path, operation)
    for path, item in DESCRIBED.openapi()["paths"].items()
    for method, operation in item.items()
    if path.startswith("/v1/")
]


class Someone:
    """A caller: what it may do, and what it sends to be known."""

    def __init__(self, id_, scopes, agency, headers, *, is_key):
        self.id, self.scopes, self.agency, self.headers, self.is_key = id_, set(scopes), agency, headers, is_key

    def may(self, needed):
        return "admin" in self.scopes or bool(self.scopes & set(needed))

    def sees(self, agency, restriction, *, sent):
        return (sent and self.is_key) or (self.may(READERS) and self.reaches(agency, restriction))

    def works_on(self, agency, restriction):
        """Whether it may change it: having sent it is not enough."""
        return self.may({"triage"}) and self.reaches(agency, restriction)

    def reaches(self, agency, restriction):
        if self.agency is not None:
            return agency == self.agency and restriction is None
        return (
            restriction is None or "admin" in self.scopes or (restriction == "oversight" and "oversight" in self.scopes)
        )


@pytest.fixture(scope="module")
def client(champion, tmp_path_factory, run_service):
    home = tmp_path_factory.mktemp("matrix") / "home"
    with run_service(
        Settings(home=home, bundle=next(champion.glob("5eed*")), rate_per_minute=0, address_rate_per_minute=0)
    ) as started:
        yield started


@pytest.fixture(scope="module")
def callers(client):
    return {**_make_keys(client), **_make_accounts(client)}


@pytest.fixture(scope="module")
def template(client):
    """The rows of one stored report."""
    stored = client.post("/v1/feedback", {"text": "lubang"}).json()["id"]

    def read(connection):
        of_report = select(tables.feedback).where(tables.feedback.c.id == stored)
        of_prediction = select(tables.prediction).where(tables.prediction.c.feedback_id == stored)
        return [dict(connection.execute(query).mappings().one()) for query in (of_report, of_prediction)]

    return client.loop.run_until_complete(client.context.reader.read(read))


def test_what_lies_outside_v1_is_known_to_be_open():
    outside = {route.path for route in ROUTES if not route.path.startswith("/v1/") and not isinstance(route, PageRoute)}
    # The edge of GeoReport has keys and an order of its own, and tests of its own.
    assert {path for path in outside if not path.startswith("/open311")} <= set(OPEN)


def test_every_route_of_v1_checks_its_caller_and_is_described():
    routes = [route for route in ROUTES if route.path.startswith("/v1")]
    assert all(isinstance(route, ApiRoute) for route in routes)
    assert {(method, route.path_format) for route in routes for method in route.methods} == {
        (method, path) for method, path, _ in OPERATIONS
    }
    assert all(operation["security"] for _, _, operation in OPERATIONS)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS])
def test_every_caller_gets_what_its_scopes_and_the_report_allow(client, callers, template, method, path, operation):
    needed = operation["security"][0]["key"]
    wrong = []
    assert _send(client, method, path, operation, str(uuid4()), {}).status_code == 401
    for name, someone in callers.items():
        if not someone.may(needed):
            answer = _send(client, method, path, operation, str(uuid4()), someone.headers)
            if (answer.status_code, answer.json()["type"]) != (403, "/problems/scope-missing"):
                wrong.append((name, "has not the scope", answer.status_code))
            continue
        reports = _add_reports(client, template, someone, is_reading=method == "GET")
        wrong += [(name, *fault) for fault in _try_reports(client, method, path, operation, someone, reports)]
    assert not wrong, wrong


@pytest.mark.parametrize(("method", "path"), PAGES, ids=[f"{m} {p}" for m, p in PAGES])
def test_a_page_is_opened_by_whom_it_is_for_and_shows_what_they_may_see(client, callers, template, method, path):
    (entry,) = [entry for entry in ALL_PAGES if entry.path != "/" and f"{path}/".startswith(f"{entry.path}/")]
    assert _visit(client, method, path, str(uuid4()), {}).status_code in {303, 403}
    wrong = []
    for name, someone in callers.items():
        if someone.is_key:
            if _visit(client, method, path, str(uuid4()), someone.headers).status_code not in {303, 403}:
                wrong.append((name, "a key opens it"))
            continue
        needed = SCOPES_OF_FORM.get(entry.path, SCOPES) if method == "POST" else SCOPES
        if not _opens(entry, someone) or not someone.may(needed):
            if _visit(client, method, path, str(uuid4()), someone.headers).status_code != 403:
                wrong.append((name, "it is not for them"))
            continue
        wrong += [(name, *fault) for fault in _try_page(client, method, path, someone, template)]
    assert not wrong, wrong


def _opens(entry, someone):
    return not (entry.is_for_all_agencies and someone.agency) and (not entry.scopes or someone.may(entry.scopes))


def _try_page(client, method, path, someone, template):
    """What is not as the rule says, for one who may open the page."""
    if method != "GET" and _visit(client, method, path, str(uuid4()), someone.headers, token="").status_code != 403:
        yield ("anything", "taken without its token")
    unknown = str(uuid4())
    of_unknown = _visit(client, method, path, unknown, someone.headers)
    if of_unknown.status_code in {401, 403}:
        yield ("anything", "refused", of_unknown.status_code)
    reports = _add_reports(client, template, someone, is_reading=method == "GET")
    for name, (report, is_seen) in reports.items():
        answer = _visit(client, method, path, report, someone.headers)
        is_named = "{report}" in path or path in NAMED_IN_FORM
        if is_named and is_seen and answer.status_code in {401, 403, 404}:
            yield (name, "refused", answer.status_code)
        elif is_named and not is_seen and _strip(answer, report) != _strip(of_unknown, unknown):
            yield (name, "known", answer.status_code)
        elif not is_named and not is_seen and report in answer.text:
            yield (name, "shown", answer.status_code)


def _name_elsewise(path):
    for part, named in NAMED_ELSEWISE.items():
        path = path.replace(part, named)
    return path


def _visit(client, method, path, report, headers, **fields):
    """Open a page as a browser would, which sends the cookie, and with a form the token of the session."""
    address = re.sub(r"\{\w+\}", report, _name_elsewise(path))
    sent = {**headers, "Host": "pilah.test"}
    if method == "GET":
        return client.request(method, address, key="", headers=sent)
    form = {"token": headers.get("X-CSRF-Token", ""), **FORMS.get(path, {}), **fields}
    if path in NAMED_IN_FORM:
        form["laporan"] = report
    sent["Content-Type"] = "application/x-www-form-urlencoded"
    return client.request(method, address, key="", headers=sent, data=form)


def _try_reports(client, method, path, operation, someone, reports):
    """What is not as the rule says, for one caller who has the scope."""

    def send(report):
        return _send(client, method, path, operation, report, someone.headers)

    unknown = str(uuid4())
    of_unknown = send(unknown)
    if not (path.startswith(REPORT_PATH) or path in NAMED_IN_BODY):
        if of_unknown.status_code in {401, 403}:
            yield ("anything", "refused", of_unknown.status_code)
        if method == "GET":
            yield from _read_listing(path, of_unknown, reports)
        return
    for name, (report, is_seen) in reports.items():
        answer = send(report)
        if is_seen and answer.status_code in {401, 403, 404}:
            yield (name, "refused", answer.status_code)
        # What may not be seen is answered as what is not there.
        elif not is_seen and _strip(answer, report) != _strip(of_unknown, unknown):
            yield (name, "known", answer.status_code)


def _read_listing(path, answer, reports):
    for name, (report, is_seen) in reports.items():
        if not is_seen and report in answer.text:
            yield (name, "shown", answer.status_code)
        if path == "/v1/feedback" and is_seen and report not in answer.text:
            yield (name, "left out", answer.status_code)


def _strip(answer, report):
    return answer.status_code, answer.text.replace(report, "ID")


def _send(client, method, path, operation, report, headers):
    address = path.replace("{id}", report if path.startswith(REPORT_PATH) else str(uuid4()))
    for parameter in operation.get("parameters", ()):
        address = address.replace(f"{{{parameter['name']}}}", "u-1")
        if parameter["name"] == "feedback":
            address += f"?feedback={report}"
    content = operation.get("requestBody", {}).get("content", {})
    if "application/x-ndjson" in content:
        sent = {"content": b'{"text": "lubang"}\n', "headers": {**headers, "Content-Type": "application/x-ndjson"}}
    elif content:
        sent = {"json": _body_of(method, path, content["application/json"], report), "headers": headers}
    else:
        sent = {"headers": headers}
    return client.request(method, address, key="", **sent)


def _body_of(method, path, described, report):
    if (method, path) in BODIES:
        return BODIES[method, path](report)
    example = dict(next(iter(described.get("examples", {"": {"value": {}}}).values()))["value"])
    # What is named once for ever gets a name of its own.
    return {**example, **{name: f"x{uuid4().hex}" for name in ("external_id", "login") if name in example}}


def _add_reports(client, template, someone, *, is_reading):
    rows, reports = [], {}
    for name, (agency, restriction, sent) in REPORTS.items():
        changes = {"id": new_id(datetime.now(UTC)), "agency": agency, "restriction": restriction, "is_at_agency": True}
        rows.append({**changes, "key_id": someone.id if sent else "another"})
        may_read = someone.sees(agency, restriction, sent=sent)
        reports[name] = (changes["id"], may_read if is_reading else someone.works_on(agency, restriction))

    def add(transaction, _):
        feedback, prediction = template
        for row in rows:
            now = datetime.now(UTC)
            times = {"received_at": now, "stored_at": now, "external_id": None}
            transaction.connection.execute(insert(tables.feedback).values(**{**feedback, **times, **row}))
            transaction.connection.execute(insert(tables.prediction).values(**{**prediction, "feedback_id": row["id"]}))
            # Every report is an emergency that nobody has seen, which some routes are about.
            transaction.connection.execute(insert(tables.emergency).values(feedback_id=row["id"], raised_at=now))
        return [None]

    client.loop.run_until_complete(client.context.writer.write(add, None))
    return reports


def _make_keys(client):
    def make(transaction, _):
        now, made = datetime.now(UTC), {}
        for name, (scopes, agency) in KEYS.items():
            key_id = new_id(now)
            token = make_key(transaction.connection, name, scopes, now, key_id=key_id, agency=agency)
            made[f"key: {name}"] = Someone(key_id, scopes, agency, {"Authorization": f"Bearer {token}"}, is_key=True)
        return [made]

    return client.loop.run_until_complete(client.context.writer.write(make, None))


def _make_accounts(client):
    def make(transaction, _):
        now, made = datetime.now(UTC), {}
        for name, (role, agency, further) in ROLES.items():
            login = name.replace(" ", ".")
            order = AccountOrder(login, name, "no hash", role, "system", now, agency, further)
            (account,) = add_accounts(transaction, [order])
            (token,) = open_sessions(transaction, [Login(account, "x", now)])
            form_token = derive_form_token(client.context.secret, token)
            headers = {"Cookie": f"__Host-pilah_session={token}", "X-CSRF-Token": form_token}
            scopes = (*SCOPES_OF_ROLE[role], *further)
            made[f"account: {name}"] = Someone(account.id, scopes, agency, headers, is_key=False)
        return [made]

    return client.loop.run_until_complete(client.context.writer.write(make, None))
