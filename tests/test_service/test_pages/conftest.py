"""People who are logged in at a service that runs in process."""

import re
from datetime import UTC, datetime

import pytest

from service.people.accounts import AccountOrder, add_accounts
from service.people.sessions import Login, derive_form_token, open_sessions

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HOST = {"Host": "127.0.0.1:8000"}


class Person:
    """Somebody at a browser: opens pages, sends forms, follows where they lead."""

    def __init__(self, client, token):
        self.client = client
        self.headers = {**HOST, "Cookie": f"pilah_session={token}"}
        self.form_token = derive_form_token(client.context.secret, token)

    def get(self, path, **more):
        return self.client.request("GET", path, key="", headers=self.headers, **more)

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
