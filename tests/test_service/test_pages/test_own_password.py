"""``/sandi``: the own password, changed with the old one."""

import pytest
from argon2 import PasswordHasher

from service.people.attempts import MAX_FAILURES
from service.people.passwords import Hasher

from .test_login import FORM, OTHER, PASSWORD, Browser, add, read_token


@pytest.fixture
def client(settings, run_service):
    with run_service(settings) as started:
        # The service hashes for a tenth of a second; here cheaply.
        hasher = Hasher(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        object.__setattr__(started.context, "hasher", hasher)
        add(started, "rina.pupr", role="liaison", agency="dinas-pupr")
        yield started


@pytest.fixture
def here(client):
    return open_browser(client)


def open_browser(client, password=PASSWORD):
    """Somebody who is logged in, None where the password is none."""
    browser = Browser(client)
    return browser if browser.log_in("rina.pupr", password).status_code == 303 else None


def change(browser, path="/sandi", **fields):
    sent = {"old": PASSWORD, "new": OTHER, "again": OTHER, **fields}
    sent.setdefault("token", read_token(browser.get("/sandi")) if "token" not in fields else "")
    return browser.request("POST", path, FORM, data=sent)


def test_who_knows_the_old_password_gets_a_new_one_and_all_other_sessions_end(client, here):
    elsewhere = open_browser(client)
    answer = change(here)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sandi?done=password_changed")
    assert "Kata sandi diganti." in here.get(answer.headers["location"]).text
    assert [browser.get("/laporan").status_code for browser in (here, elsewhere)] == [200, 303]
    assert open_browser(client) is None
    assert open_browser(client, OTHER) is not None
    (entry,) = client.get("/v1/ledger?type=account.changed").json()["entries"]
    assert entry["actor"].startswith("account:")
    assert entry["content"]["changed"] == ["password"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"old": "bukan kata sandinya"}, "Kata sandi sekarang tidak cocok"),
        ({"again": "payung biru di tepi sungai"}, "tidak sama"),
        ({"new": "pendek", "again": "pendek"}, "Paling sedikit 12 karakter"),
        ({"new": "", "again": ""}, "Paling sedikit 12 karakter"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_changes_nothing(client, here, changed, said):
    answer = change(here, **changed)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert 'aria-invalid="true"' in answer.text
    assert not [value for value in (PASSWORD, OTHER, *changed.values()) if value and value in answer.text]
    assert open_browser(client) is not None


def test_guesses_of_who_found_a_session_are_counted_with_those_at_the_door(client, here):
    tried = [change(here, old=f"tebakan nomor {n}").status_code for n in range(MAX_FAILURES)]
    assert tried == [422] * MAX_FAILURES
    locked = change(here, "/sandi?lang=en")
    assert (locked.status_code, "Too many tries" in locked.text) == (429, True)
    assert int(locked.headers["retry-after"]) > 0
    assert open_browser(client) is None


def test_without_the_token_of_the_session_nothing_is_changed(client, here):
    assert change(here, token="x").status_code == 403  # noqa: S106  # no secret
    assert change(Browser(client), token="x").headers["location"].startswith("/masuk")  # noqa: S106  # as above
    assert open_browser(client) is not None
