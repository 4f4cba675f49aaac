"""``/masuk`` and ``/keluar``: sessions, what they may do, how guesses are stopped."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from service.chores import write_last_uses
from service.people.passwords import Hasher
from service.people.sessions import IDLE, forget_old
from service.tables import account, login_failure, session

PASSWORD = "empat kata yang tak akur"  # noqa: S105  # of an account made here
OTHER = "hujan turun di sawah lunto"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Browser:
    """Keeps cookies and sends forms as a browser would."""

    def __init__(self, client, host="127.0.0.1:8000"):
        self.client, self.cookies, self.host = client, {}, host

    def request(self, method, path, headers=None, **more):
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Host": self.host, "Cookie": cookies, **(headers or {})}
        answer = self.client.request(method, path, key="", headers=sent, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0].strip('"')
        return answer

    def get(self, path):
        return self.request("GET", path)

    def log_in(self, login, password=PASSWORD, token=None):
        token = token if token is not None else read_token(self.get("/masuk"))
        return self.send("/masuk", {"login": login, "password": password, "token": token})

    def send(self, path, fields, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", path, {**FORM, **named}, data=fields)


def read_token(answer):
    return re.search(r'name="token" value="([^"]+)"', answer.text)[1]


@pytest.fixture
def client(settings, run_service):
    with run_service(settings) as started:
        # The service hashes for a tenth of a second; here cheaply.
        hasher = Hasher(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        object.__setattr__(started.context, "hasher", hasher)
        yield started


@pytest.fixture
def browser(client):
    add(client, "rina.pupr", role="liaison", agency="dinas-pupr")
    return Browser(client)


def add(client, login, **more):
    answer = client.post("/v1/accounts", {"login": login, "name": f"<{login}>", "password": PASSWORD, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def change(client, login, **changes):
    return client.request("PATCH", f"/v1/accounts/{login}", json=changes)


def write(client, apply, job=None):
    return client.loop.run_until_complete(client.context.writer.write(apply, job))


def read(client, query):
    return client.loop.run_until_complete(
        client.context.reader.read(lambda connection: connection.execute(query).mappings().all())
    )


def test_a_person_logs_in_is_named_on_the_page_and_logs_out(browser):
    assert "Masuk" in browser.get("/").text
    answer = browser.log_in("Rina.PUPR ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/laporan?lang=id")
    page = browser.get("/")
    assert "&lt;rina.pupr&gt;" in page.text
    assert browser.get("/masuk").status_code == 303
    token = browser.cookies["pilah_session"]
    assert read(browser.client, select(session))[0]["digest"] != token
    assert browser.send("/keluar", {"token": "wrong"}).status_code == 403
    assert browser.send("/keluar", {"token": read_token(page)}).status_code == 303
    assert read(browser.client, select(session)) == []
    browser.cookies["pilah_session"] = token
    assert "Masuk" in browser.get("/").text


def test_the_cookie_is_shut_away_from_scripts_and_other_sites(browser):
    near = browser.log_in("rina.pupr").headers.get_list("set-cookie")[-1]
    assert near.startswith("pilah_session=")
    assert "HttpOnly" in near
    assert "SameSite=lax" in near
    assert "Secure" not in near
    far = Browser(browser.client, "pilah.example.go.id")
    assert "tanpa HTTPS" in far.get("/masuk").text
    cookie = far.log_in("rina.pupr").headers.get_list("set-cookie")[-1]
    assert cookie.startswith("__Host-pilah_session=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie


def test_a_session_calls_the_interface_with_the_scopes_of_its_role(browser):
    browser.log_in("rina.pupr")
    assert browser.get("/v1/feedback").status_code == 200
    assert browser.get("/v1/keys").status_code == 403
    token = read_token(browser.get("/"))
    add(browser.client, "petugas", role="triage")
    officer = Browser(browser.client)
    officer.log_in("petugas")
    body = {"json": {"text": "lampu"}}
    for given in ({}, {"X-CSRF-Token": token}, {"X-CSRF-Token": "é".encode("latin-1")}):
        refused = officer.request("POST", "/v1/classify", given, **body)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/form-token")
    own = {"X-CSRF-Token": read_token(officer.get("/"))}
    assert officer.request("POST", "/v1/classify", own, **body).status_code == 200


def test_a_wrong_password_and_an_unknown_login_are_answered_alike(browser):
    def strip(answer):
        return re.sub(r'value="[^"]*"', "", answer.text), answer.status_code

    wrong = browser.log_in("rina.pupr", "this is not the password")
    unknown = browser.log_in("nobody", "this is not the password")
    assert strip(wrong) == strip(unknown)
    assert wrong.status_code == 401
    assert "this is not" not in wrong.text
    for login in ("rina.pupr", "nobody"):
        for _ in range(4):
            browser.log_in(login, "wrong")
    locked = [browser.log_in(login) for login in ("rina.pupr", "nobody")]
    assert strip(locked[0]) == strip(locked[1])
    assert locked[0].status_code == 429
    assert 0 < int(locked[0].headers["retry-after"]) <= 60
    assert {"rina.pupr", "nobody"}.isdisjoint(str(read(browser.client, select(login_failure))).split("'"))


def test_locks_grow_open_by_themselves_and_by_an_admin(browser):
    client = browser.client
    minutes = []
    for _ in range(12):
        browser.log_in("rina.pupr", "wrong")
        row = read(client, select(login_failure))[0]
        if row["locked_until"] is not None:
            minutes.append(round((row["locked_until"] - row["failed_at"]).total_seconds() / 60))
            past = row["failed_at"] - timedelta(seconds=1)
            write(client, _set_lock, past)
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]
    write(client, _set_lock, datetime.now(UTC) + timedelta(minutes=9))
    assert browser.log_in("rina.pupr").status_code == 429
    assert client.get("/v1/accounts").json()["accounts"][0]["locked_until"] is not None
    assert change(client, "rina.pupr", locked=False).json()["locked_until"] is None
    assert browser.log_in("rina.pupr").status_code == 303
    assert read(client, select(login_failure)) == []


def _set_lock(transaction, instants):
    transaction.connection.execute(update(login_failure).values(locked_until=instants[0]))
    return [None]


def test_guesses_sent_together_count_one_by_one(browser):
    token = read_token(browser.get("/masuk"))
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    fields = {"login": "rina.pupr", "password": "wrong", "token": token}
    calls = [("POST", "/masuk", {**FORM, "Cookie": cookie, "Host": "127.0.0.1"}, {"data": fields}) for _ in range(15)]
    statuses = [answer.status_code for answer in browser.client.gather(calls)]
    assert statuses.count(401) == 5
    assert statuses.count(429) == 10


def test_a_new_password_and_disabling_log_out_everywhere(browser):
    client = browser.client
    browser.log_in("rina.pupr")
    assert change(client, "rina.pupr", password=OTHER).status_code == 200
    assert browser.get("/v1/feedback").status_code == 401
    assert browser.log_in("rina.pupr").status_code == 401
    assert browser.log_in("rina.pupr", OTHER).status_code == 303
    assert change(client, "rina.pupr", disabled=True).json()["disabled_at"] is not None
    assert browser.get("/v1/feedback").status_code == 401
    assert browser.log_in("rina.pupr", OTHER).status_code == 401
    change(client, "rina.pupr", disabled=False)
    assert browser.log_in("rina.pupr", OTHER).status_code == 303


def test_a_session_ends_when_it_rests_and_after_its_day(browser):
    client = browser.client
    for column, past in (("seen_at", datetime.now(UTC) - IDLE), ("expires_at", datetime.now(UTC))):
        browser.log_in("rina.pupr")
        assert browser.get("/v1/feedback").status_code == 200
        client.loop.run_until_complete(write_last_uses(client.context))
        write(client, _age, {column: past})
        assert browser.get("/v1/feedback").status_code == 401
        write(client, forget_old, datetime.now(UTC))
        assert read(client, select(session)) == []


def _age(transaction, changes):
    transaction.connection.execute(update(session).values(**changes[0]))
    return [None]


def test_a_change_of_role_is_felt_at_the_next_call(browser):
    browser.log_in("rina.pupr")
    assert change(browser.client, "rina.pupr", role="analyst").json()["agency"] is None
    assert browser.get("/v1/keys").status_code == 403
    change(browser.client, "rina.pupr", role="admin")
    assert browser.get("/v1/keys").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:8000"}, 401),
    ],
)
def test_a_login_sent_from_another_site_is_refused(browser, headers, status):
    token = read_token(browser.get("/masuk"))
    fields = {"login": "rina.pupr", "password": "wrong", "token": token}
    assert browser.send("/masuk", fields, **headers).status_code == status
    assert browser.send("/masuk", {**fields, "token": "x"}).status_code == 403


def test_with_a_public_address_only_its_forms_are_taken(settings, run_service):
    with run_service(settings.changed(public_url="https://pilah.example.go.id")) as client:
        browser = Browser(client)
        assert "tanpa HTTPS" not in browser.get("/masuk").text
        for origin, status in (("https://pilah.example.go.id", 303), ("http://127.0.0.1:8000", 403)):
            assert browser.send("/keluar", {}, Origin=origin).status_code == status


@pytest.mark.parametrize("login", ["", "\0", "a" * 100_000, "' or 1=1", "rina.pupr\0"])
def test_a_login_of_any_form_is_answered(browser, login):
    assert browser.log_in(login).status_code == 401


def test_no_password_or_token_is_logged_or_counted(browser):
    Browser(browser.client).log_in("rina.pupr", "salah sekali sandi ini")
    browser.log_in("rina.pupr")
    said = browser.client.log_stream.getvalue() + browser.client.get("/metrics").text
    for secret in (PASSWORD, "salah sekali", browser.cookies["pilah_session"], "rina"):
        assert secret not in said
    assert 'pilah_logins_total{outcome="accepted"} 1.0' in said


def test_the_login_is_noted_with_its_time(browser):
    browser.log_in("rina.pupr")
    assert read(browser.client, select(account.c.last_login_at))[0]["last_login_at"] is not None


@pytest.mark.parametrize(
    ("role", "start"), [("triage", "/antrian"), ("analyst", "/ringkasan"), ("admin", "/ringkasan")]
)
def test_everybody_starts_on_the_page_of_the_role(client, role, start):
    add(client, "petugas.satu", role=role)
    assert Browser(client).log_in("petugas.satu").headers["location"] == f"{start}?lang=id"


@pytest.mark.parametrize(
    ("wanted", "goal"),
    [
        ("/tren?topik=sampah", "/tren?topik=sampah&lang=id"),
        ("/tren?topik=sampah&lang=en&topik=pohon", "/tren?topik=sampah&topik=pohon&lang=id"),
        ("https://example.test/", "/laporan?lang=id"),
        ("//example.test/", "/laporan?lang=id"),
        ("/\\example.test", "/laporan?lang=id"),
        ("/a\r\nSet-Cookie: b", "/laporan?lang=id"),
    ],
)
def test_the_page_that_was_wanted_opens_after_logging_in_and_no_other_site(browser, wanted, goal):
    token = read_token(browser.get("/masuk"))
    fields = {"login": "rina.pupr", "password": PASSWORD, "token": token}
    answer = browser.send(f"/masuk?ke={quote(wanted)}", fields)
    assert (answer.status_code, answer.headers["location"]) == (303, goal)
