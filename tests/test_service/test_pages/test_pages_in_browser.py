"""Every page in Debian's chromium, before and after there are reports: usable by everybody, and calling nobody."""

from datetime import UTC, datetime

import httpx
import pytest

from service.app import _ROUTERS
from service.demo.building import build
from service.demo.dating import Order
from service.demo.places import prepare
from service.pages.navigation import ENTRIES
from service.settings import Settings

pytestmark = pytest.mark.browser
PATHS = {route.path for router in _ROUTERS for route in router.routes}
PAGES = [entry.path for entry in ENTRIES if entry.path in PATHS]
# Widths and schemes by language; axe reads each pair of the three once.
LOOKS = {
    "id": [(1440, "light", True), (1440, "dark", False), (390, "light", False), (390, "dark", True)],
    "en": [(390, "light", True), (390, "dark", False), (1440, "light", False), (1440, "dark", True)],
}
DETAILS = [
    "/laporan-bulanan",
    "/kinerja/dinas-pupr",
    "/tren?topik=sampah&satuan=minggu",
    "/tren?kecamatan=13.73.04",
    "/kinerja/nothing",
]
N_REPORTS = 120
NAME_FOCUSED = "(e => e.id || e.name || `${e.tagName} ${e.textContent.trim()}`)(document.activeElement)"


@pytest.fixture(scope="module")
def empty(champion, tmp_path_factory, listen):
    home = tmp_path_factory.mktemp("empty") / "home"
    with listen(Settings(home=home, bundle=next(champion.glob("5eed*")), rate_per_minute=0)) as served:
        yield served


@pytest.fixture(scope="module")
def full(champion, tmp_path_factory, listen):
    """A service with a year of made-up history."""
    home = tmp_path_factory.mktemp("full") / "home"
    prepared = prepare(Settings(home=home, bundle=next(champion.glob("5eed*")), rate_per_minute=0))
    build(prepared, Order(datetime.now(UTC), seed=1, n_reports=N_REPORTS), lambda *_: None, 1)
    with listen(prepared.settings) as served:
        yield served


@pytest.fixture(scope="module")
def newcomer(empty, reading):
    with reading(*empty, "admin") as reader:
        yield reader


@pytest.fixture(scope="module")
def reader(full, reading):
    with reading(*full, "admin") as reader:
        yield reader


@pytest.fixture(scope="module")
def mark(full):
    """The address of a mark in the middle of the history."""
    address, key = full
    asked = {"day": f"{datetime.now(UTC).year - 1}-12-01", "title": "Loket baru", "type": "kebijakan"}
    made = httpx.post(f"{address}/v1/marks", json=asked, headers={"Authorization": f"Bearer {key}"})
    return f"/kebijakan/{made.json()['id']}"


def look_at(reader, path, status=200):
    for language, looks in LOOKS.items():
        reader.look(*looks[0][:2])
        assert reader.open(f"{path}{'&' if '?' in path else '?'}lang={language}").status == status
        assert reader.page.locator("h1").count() == 1
        assert reader.page.locator(f"html[lang={language}]").count() == 1
        for width, scheme, is_read in looks:
            reader.look(width, scheme)
            assert not reader.is_wide(), (path, language, width)
            assert not is_read or reader.find_faults() == []
    assert [one for one in reader.complaints if "404" not in one or status != 404] == []
    reader.complaints.clear()


@pytest.mark.parametrize("path", PAGES)
def test_everybody_can_use_a_page_before_there_are_reports(newcomer, path):
    look_at(newcomer, path)


@pytest.mark.parametrize("path", [*PAGES, *DETAILS])
def test_everybody_can_use_a_page_with_reports(reader, path):
    look_at(reader, path, 404 if path.endswith("nothing") else 200)


def test_everybody_can_see_what_changed_at_a_mark(reader, mark):
    look_at(reader, mark)
    look_at(reader, f"{mark}?ukuran=kept")


def test_a_chart_tells_more_under_the_pointer_without_making_code(reader):
    reader.look(1440, "light")
    reader.open("/tren")
    reader.page.locator(".drawn svg .mark-symbol path").nth(2).hover()
    reader.page.locator("#vg-tooltip-element.visible").wait_for()
    assert "laporan" in reader.page.locator("#vg-tooltip-element").inner_text()
    assert reader.complaints == []


def test_the_keyboard_reaches_everything_in_the_order_it_is_read(reader):
    reader.look(1440, "light")
    reader.open("/tren")
    page, seen = reader.page, []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(NAME_FOCUSED))
        has_outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
        assert has_outline, seen[-1]
        if any(one.startswith("SUMMARY") for one in seen):
            break
    kinds = ["A Langsung ke isi", "f-topik", "SUMMARY"]
    assert [any(one.startswith(kind) for one in seen) for kind in kinds] == [True] * 3
    page.keyboard.press("Enter")
    assert page.locator("details.numbers").first.get_attribute("open") is not None


def test_filters_change_the_address_and_nothing_is_loaded_anew(reader):
    reader.look(1440, "light")
    reader.open("/tren")
    page = reader.page
    page.evaluate("window.isTheSamePage = true")
    page.select_option("#f-topik", "sampah")
    page.click(".filters button")
    page.wait_for_url("**topik=sampah**")
    page.locator(".plot[data-drawn]").first.wait_for()
    assert page.evaluate("window.isTheSamePage") is True
    page.go_back()
    page.wait_for_url("**/tren")
    assert reader.complaints == []


def test_the_switch_sets_light_and_dark_and_the_next_page_keeps_it(reader):
    reader.look(1440, "light")
    reader.open("/ringkasan")
    page = reader.page
    page.click("button.theme")
    page.click("button.theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    reader.open("/kinerja")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.click("button.theme")
    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_without_script_the_tables_say_what_charts_would(full, reading):
    with reading(*full, "analyst", java_script_enabled=False) as plain:
        plain.page.goto(f"{plain.address}/tren")
        assert plain.page.locator(".drawn").count() == 0
        plain.page.locator("details.numbers summary").first.click()
        assert plain.page.locator("details.numbers table tbody tr").first.is_visible()
        plain.page.select_option("#f-topik", "sampah")
        plain.page.click(".filters button")
        assert "topik=sampah" in plain.page.url


def test_paper_shows_the_page_without_its_frame(reader):
    reader.look(1440, "dark")
    reader.open("/kinerja")
    reader.page.emulate_media(media="print", color_scheme="dark")
    assert not reader.page.locator("nav.pages").is_visible()
    assert reader.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    reader.page.emulate_media(media="screen")
