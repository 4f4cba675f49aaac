"""The page in Debian's chromium: it classifies, is usable by keyboard and without script, and calls nobody else."""

import re
from contextlib import closing

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from service.settings import Settings

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = [(390, 844), (1440, 900)]
LAMP = "Mohon lampu jalan di Talawi diperbaiki, hubungi 0812-3456-7890."

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(champion, tmp_path_factory, listen):
    home = tmp_path_factory.mktemp("page") / "home"
    with listen(Settings(home=home, bundle=next(champion.glob("5eed*")))) as (address, key):
        yield address, key


@pytest.fixture(scope="module")
def address(served):
    return served[0]


@pytest.fixture(scope="module")
def officer(served):
    """The account of a person."""
    address, key = served
    account = {"login": "petugas.1", "name": "Petugas satu", "password": "gerimis di atas rel tua", "role": "triage"}
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.post(f"{address}/v1/accounts", json=account, headers=headers).status_code == 201
    return account


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address):
    """Opens a page that must neither complain nor call another host; checked at the end of the test."""
    contexts, complaints, foreign = [], [], []

    def open_one(path="/", **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith(address) else None)
        page.goto(address + path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
    assert foreign == []


def check_access(page):
    results = Axe().run(page).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in results] == []


def is_wider_than_its_window(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize(("width", "height"), WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_report_is_classified_in_place_and_everybody_can_use_it(open_page, width, height, scheme, lang):
    page = open_page(f"/?lang={lang}", viewport={"width": width, "height": height}, color_scheme=scheme)
    check_access(page)
    page.get_by_label(re.compile("laporan|report")).first.fill(LAMP)
    page.locator("button.main").click()
    page.locator("#result-title").wait_for()
    assert page.locator(".head .label").first.inner_text() == "Dinas Perhubungan"
    assert page.locator(".text-1 mark").first.is_visible()
    assert not is_wider_than_its_window(page)
    check_access(page)


def test_the_marked_words_follow_the_chosen_head(open_page):
    page = open_page()
    page.fill("#text", LAMP)
    page.locator("button.main").click()
    page.get_by_label("Jenis laporan", exact=True).check(force=True)
    assert page.locator(".text-4").is_visible()
    assert not page.locator(".text-1").is_visible()
    assert page.locator(".text-4 mark").first.inner_text() == "Mohon"


def test_the_keyboard_alone_is_enough(open_page):
    page = open_page()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "text":
            break
    page.keyboard.type("lampu jalan mati")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#result-title").wait_for()
    assert page.evaluate("document.activeElement.id") == "result-title"


def test_each_sample_button_fills_and_answers_the_form(open_page):
    page = open_page()
    for number in range(5):
        page.locator(".samples button").nth(number).click()
        page.locator(f".result:has-text('{('tikungan', 'kolok', 'Tebing', 'Kuitansi', 'Padang')[number]}')").wait_for()
        assert len(page.locator("#text").input_value()) > 50


def test_the_page_works_without_javascript(open_page):
    page = open_page(java_script_enabled=False)
    page.fill("#text", LAMP)
    page.locator("button.main").click()
    assert page.locator(".head .label").first.inner_text() == "Dinas Perhubungan"
    page.locator("label[for=mark-2]").click()
    assert page.locator(".text-2").is_visible()


def test_an_empty_report_is_told_beside_the_field(browser, address):
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(address)
        page.locator("button.main").click()
        page.locator("#error:has-text('Tulis dahulu laporannya.')").wait_for()
        assert page.evaluate("document.activeElement.id") == "text"
        check_access(page)


def test_an_emergency_is_seen_at_once(open_page):
    page = open_page(viewport={"width": 390, "height": 844})
    page.fill("#text", "kebakaran besar")
    page.locator("button.main").click()
    page.locator(".alarm").wait_for()
    page.wait_for_function("document.querySelector('.alarm').getBoundingClientRect().top >= 0")
    check_access(page)


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_a_person_logs_in_and_out_and_everybody_can(open_page, officer, width, height):
    page = open_page("/masuk?ke=/", viewport={"width": width, "height": height})
    check_access(page)
    page.get_by_label("Nama pengguna").fill(officer["login"])
    page.get_by_label("Kata sandi").fill(officer["password"])
    page.locator("button.main").click()
    page.get_by_text(officer["name"]).wait_for()
    check_access(page)
    assert not is_wider_than_its_window(page)
    page.fill("#text", LAMP)
    page.locator("button.main").click()
    page.locator("#result-title").wait_for()
    page.get_by_role("button", name="Keluar").click()
    page.get_by_role("link", name="Masuk").wait_for()


def test_a_service_that_went_away_is_told(browser, address):
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(address)
        context.set_offline(True)
        page.fill("#text", LAMP)
        page.locator("button.main").click()
        page.locator("#error:has-text('tidak terjangkau')").wait_for()
        assert page.locator("button.main").inner_text() == "Pilah laporan ini"
