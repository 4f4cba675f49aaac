"""Absurd addresses and forms: every page answers them with a page, and nothing arises that the log calls a fault."""

import re
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

import service.pages
from service.pages.routers import PAGE_ROUTERS
from service.pages.visits import PageRoute

FOLDER = Path(service.pages.__file__).parent
PERIODS = (
    ("2026-01-01", "9999-12-31"),
    ("0001-01-01", "0001-01-02"),
    ("2026-01-01", "2999-12-31"),
    ("2000-01-01", "2100-12-31"),
    ("9999-12-31", "9999-12-31"),
    ("", "9999-12-31"),
    ("0001-01-01", ""),
)
ABSURD = ("9" * 5_000, "-1", "0020269", "9999-12-31", "0001-01-01", "9999-12", "0", "²", "null", "' OR 1=1 --", "a\0b")
NAMED = re.compile(r"""(?:state|fields|query_params|parameters)(?:\.get\(|\[)"(\w+)\"""")
TYPED = re.compile(r'name="(\w+)"')
# What a form of several buttons does by `act`.
ACTS = {
    "/kelola/akun/{}": ("password", "duties"),
    "/kelola/libur": ("remove",),
    "/kelola/webhook/{}": ("rotate", "test", "disable", "replay", "remove"),
}
OPEN = ("/masuk", "/keluar")
BIGGEST = 600_000
FAULT = 500
router = APIRouter(route_class=PageRoute)


@router.get("/uji/cacat")
async def break_down():
    raise ZeroDivisionError("a word of a report")


def list_names():
    """Every parameter and field that a page asks for, and those whose names a form puts together."""
    found = {name for path in FOLDER.glob("*.py") for name in NAMED.findall(path.read_text(encoding="utf-8"))}
    templates = FOLDER.parent.joinpath("templates").glob("*.html")
    found |= {name for path in templates for name in TYPED.findall(path.read_text(encoding="utf-8"))}
    heads = {
        "kind",
        "topic",
        "urgency",
        "aspect",
        "verification_days",
        "days_pengaduan",
        "rate",
        "expires_at",
        "agency",
    }
    return sorted((found | heads | {"url", "tahun"}) - {"token", "lang"})


def list_addresses(method):
    paths = {
        route.path
        for one in PAGE_ROUTERS
        for route in one.routes
        if isinstance(route, APIRoute) and method in route.methods
    }
    return [re.sub(r"{\w+(:\w+)?}", "{}", path) for path in sorted(paths) if path not in OPEN]


@pytest.fixture
def client(settings, run_service):
    with run_service(settings.changed(rate_per_minute=100_000)) as started:
        yield started


@pytest.fixture
def admin(log_in, send):
    send("lampu jalan mati di pasar")
    return log_in("admin")


def check(answer, where):
    assert answer.status_code < FAULT, where
    assert len(answer.content) < BIGGEST, where
    if answer.status_code not in {303, 404, 405} and answer.content:
        assert not answer.headers["content-type"].startswith("application/"), where


def has_faults(client):
    return [line for line in client.log if line["event"] == "fault"]


def test_absurd_periods_are_pages_of_a_size_that_can_be_read(client, admin):
    for path in ("/tren", "/kinerja", "/kinerja/dinas-pupr", "/laporan", "/laporan-bulanan", "/ringkasan"):
        for start, end in PERIODS:
            for unit in ("bulan", "minggu") if path == "/tren" else ("bulan",):
                asked = {"dari": start, "sampai": end, "satuan": unit}
                check(admin.get(path, params=asked), (path, asked))
    assert not has_faults(client)


def test_absurd_addresses_are_pages(client, admin):
    names = list_names()
    assert {"dari", "tahun", "ukuran", "topik"} <= set(names)
    for path in list_addresses("GET"):
        for value in ABSURD:
            # A long value in each place would be refused for the length of the address.
            shown = {name: value if len(value) < 100 else value[:200] for name in names}
            check(admin.get(path.format("dinas-pupr"), params=shown), (path, value[:20]))
    assert not has_faults(client)


def test_absurd_forms_are_pages(client, admin):
    names = list_names()
    for path in list_addresses("POST"):
        for value in ABSURD:
            for act in (value, *ACTS.get(path, ())):
                fields = dict.fromkeys(names, value) | {"act": act}
                check(admin.post(path.format("0"), fields, is_followed=False), (path, value[:20], act[:20]))
    assert not has_faults(client)


def test_a_defect_is_a_page_with_the_id_of_its_line_in_the_log(client, admin):
    client.app.router.routes[:0] = router.routes
    answer = admin.get("/uji/cacat")
    (line,) = has_faults(client)
    assert (answer.status_code, answer.headers["content-type"]) == (FAULT, "text/html; charset=utf-8")
    assert line["id"] in answer.text
    assert "ZeroDivisionError" in line["where"]
    assert "a word of a report" not in client.log_stream.getvalue() + answer.text
