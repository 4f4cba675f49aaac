"""People who are logged in, at a service in process and at a browser that complains of what pages must not do."""

import re
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from service.people.accounts import AccountOrder, add_accounts
from service.people.sessions import Login, derive_form_token, open_sessions

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HOST = {"Host": "127.0.0.1:8000"}
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PASSWORD = "gerimis di atas rel tua"  # noqa: S105  # of accounts made here
AXE = Axe()


class Person:
    """Somebody at a browser: opens pages, sends forms, follows where they lead."""

    def __init__(self, client, token):
        self.client = client
        self.headers = {**HOST, "Cookie": f"pilah_session={token}"}
        self.form_token = derive_form_token(client.context.secret, token)

    def get(self, path, **more):
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.request("GET", path, key="", headers=headers, **more)

    def post(self, path, fields=None, *, is_followed=True, **more):
        sent = {"token": self.form_token, **(fields or {})}
        headers = {**self.headers, **FORM, **more.pop("headers", {})}
        answer = self.client.request("POST", path, key="", headers=headers, data=sent, **more)
        if is_followed and answer.status_code == 303:
            return self.get(answer.headers["location"])
        return answer


@pytest.fixture
def log_in(client):
    """Makes an account of a role and logs it in."""
    counter = iter(range(100))

    def make(role="triage", agency=None, scopes=()):
        def add(transaction, _):
            now = datetime.now(UTC)
            login = f"{role}.{next(counter)}"
            order = AccountOrder(login, login, "no hash", role, "system", now, agency, tuple(scopes))
            (account,) = add_accounts(transaction, [order])
            return open_sessions(transaction, [Login(account, "x", now)])

        token = client.loop.run_until_complete(client.context.writer.write(add, None))
        return Person(client, token)

    return make


@pytest.fixture
def send(client):
    """Sends a report in and gives its id."""

    def add(text, **more):
        return client.post("/v1/feedback", {"text": text, **more}).json()["id"]

    return add


def read_text(answer):
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture(scope="module")
def chromium():
    # For one module: while it lives, its loop of events is the only one of the thread.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Reader:
    """A person at a browser; ``complaints`` is what pages did that they must not."""

    def __init__(self, page, address):
        self.page, self.address, self.complaints = page, address, []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self._complain_of(request, "failed"))
        page.on(
            "request", lambda request: request.url.startswith(address) or self._complain_of(request, "left the host")
        )

    def open(self, path):
        answer = self.page.goto(self.address + path)
        self.page.wait_for_function("[...document.querySelectorAll('.plot')].every((plot) => plot.dataset.drawn)")
        return answer

    def look(self, width, scheme):
        self.page.set_viewport_size({"width": width, "height": 844 if width < 600 else 900})
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    def find_faults(self):
        """What axe finds."""
        found = AXE.run(self.page).response["violations"]
        return [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]

    def is_wide(self):
        """Whether the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def _hear(self, said):
        if said.type in {"error", "warning"}:
            self.complaints.append(said.text)

    def _watch(self, request):
        if not request.url.startswith(self.address):
            self.complaints.append(f"{request.url} is no address of ours")

    def _complain_of(self, request, what):
        # A page that is left stops what it was loading.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url} {what}")


@pytest.fixture(scope="module")
def reading(chromium):
    """`Reader` of a service, logged in with a role of its own account."""

    @contextmanager
    def read_as(address, key, role, **options):
        login = f"{role}.1"
        order = {"login": login, "name": f"Petugas {role}", "password": PASSWORD, "role": role}
        order |= {"agency": "dinas-pupr"} if role == "liaison" else {}
        made = httpx.post(f"{address}/v1/accounts", json=order, headers={"Authorization": f"Bearer {key}"})
        assert made.status_code in {201, 409}, made.text
        context = chromium.new_context(**options)
        reader = Reader(context.new_page(), address)
        reader.page.goto(f"{address}/masuk?ke=/")
        reader.page.fill("#login", login)
        reader.page.fill("#password", PASSWORD)
        reader.page.click("main button")
        yield reader
        context.close()
        assert reader.complaints == []

    return read_as
