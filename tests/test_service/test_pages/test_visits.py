"""What every page does: asks who is there, keeps its state in its address, and tells faults in words."""

import re
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher
from fastapi import APIRouter, Request

from service.callers import Caller
from service.errors import StoreUnavailableError
from service.pages.navigation import ENTRIES, SETTINGS, Entry, list_entries
from service.pages.routers import PAGE_ROUTERS
from service.pages.visits import PageRoute, begin_visit
from service.people.passwords import Hasher

PASSWORD = "empat kata yang tak akur"  # noqa: S105  # of an account made here
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PROBE = Entry("nav_try", "/uji")
router = APIRouter(route_class=PageRoute)


@router.get("/uji")
async def show(request: Request, break_it: bool = False):  # as the address says it
    visit = await begin_visit(request, PROBE)
    if break_it:
        raise StoreUnavailableError("away")
    return visit.render("fault.html", word="missing")


@router.post("/uji")
async def take(request: Request):
    visit = await begin_visit(request, PROBE)
    await visit.read_form()
    return visit.go_to("/uji", done="made", topik="sampah")


@router.get("/uji/kelola")
async def show_settings(request: Request):
    await begin_visit(request, SETTINGS)


@pytest.fixture
def client(settings, run_service):
    with run_service(settings) as started:
        object.__setattr__(started.context, "hasher", Hasher(PasswordHasher(1, 64, 1)))
        started.app.router.routes[:0] = router.routes
        yield started


@pytest.fixture
def visit(client):
    """Opens a page as an analyst who is logged in."""
    order = {"login": "analis", "name": "Analis", "password": PASSWORD, "role": "analyst"}
    assert client.post("/v1/accounts", order).status_code == 201
    host = {"Host": "127.0.0.1:8000"}
    form = client.get("/masuk", key="", headers=host)
    cookie = form.headers["set-cookie"].partition(";")[0]
    token = re.search(r'name="token" value="([^"]+)"', form.text)[1]
    fields = {"login": "analis", "password": PASSWORD, "token": token}
    entered = client.request("POST", "/masuk", key="", headers={**host, **FORM, "Cookie": cookie}, data=fields)
    session = entered.headers["set-cookie"].partition(";")[0]

    def open_page(path, method="GET", headers=None, **more):
        return client.request(method, path, key="", headers={**host, "Cookie": session, **(headers or {})}, **more)

    return open_page


def test_who_is_not_logged_in_is_sent_to_the_way_in_and_back(client):
    answer = client.get("/uji?topik=sampah&lang=en", key="")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/masuk?lang=en&ke={quote('/uji?topik=sampah&lang=en', safe='')}",
    )
    part = client.get("/uji", key="", headers={"HX-Request": "true"})
    assert (part.status_code, part.text) == (200, "")
    assert part.headers["hx-redirect"].startswith("/masuk?")


def test_a_page_has_navigation_words_state_and_the_origin_of_its_figures(visit, client):
    page = visit("/uji?topik=sampah").text
    assert '<html lang="id"' in page
    assert 'href="/tren"' in page
    assert 'href="/kelola"' not in page
    assert 'href="/uji?topik=sampah&amp;lang=en"' in page
    assert client.context.champion.bundle_id[:12] in page
    assert "Data contoh" not in page
    english = visit("/uji?lang=en&topik=sampah").text
    assert 'href="/tren?lang=en"' in english
    assert 'href="/uji?topik=sampah"' in english
    object.__setattr__(client.context, "is_demo", True)
    assert "Data contoh" in visit("/uji").text


def test_faults_are_pages_with_words(visit):
    denied = visit("/uji/kelola")
    assert (denied.status_code, "bukan untuk akun Anda" in denied.text) == (403, True)
    assert 'href="/tren"' in denied.text
    away = visit("/uji?break_it=true")
    assert (away.status_code, away.headers["retry-after"]) == (503, "2")
    assert "sedang tidak terjangkau" in away.text
    assert visit("/uji?break_it=perhaps").status_code == 422


def test_a_form_needs_the_token_of_its_session(visit):
    assert visit("/uji", "POST", FORM, data={"token": "wrong"}).status_code == 403
    token = re.search(r'name="token" value="([^"]+)"', visit("/uji").text)[1]
    answer = visit("/uji?lang=en", "POST", FORM, data={"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/uji?done=made&topik=sampah&lang=en")


def test_who_works_for_one_agency_has_no_page_about_all():
    liaison = Caller("1", "account", "Penghubung", frozenset({"triage"}), "dinas-pupr")
    assert [entry.path for entry in list_entries(liaison)] == ["/ringkasan", "/laporan", "/tren", "/kinerja", "/"]
    admin = Caller("2", "account", "Admin", frozenset({"admin"}))
    assert list_entries(admin) == ENTRIES


def test_every_page_of_the_navigation_is_there():
    paths = {route.path for router in PAGE_ROUTERS for route in router.routes}
    assert [entry.path for entry in ENTRIES if entry.path not in paths] == []
