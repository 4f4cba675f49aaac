"""Takes docs/images/*.png: every page of a running service with demo data. ``make screenshots``.

Needs chromium and a bundle in the home folder; makes demo data where there are none, in a folder of its own, starts a
service of its own on a free port and stops it again.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
PILAH = Path(sys.executable).with_name("pilah")
REPORT = "Lampu jalan dakek pasar Talawi lah saminggu mati, kalam bana malam. Tolong dipelokan, WA ambo 0812 3456 7890"
# Name of the picture, address, width of the window, colour scheme.
PICTURES = (
    ("ringkasan", "/ringkasan", 1440, "light"),
    ("ringkasan-gelap", "/ringkasan", 1440, "dark"),
    ("ringkasan-ponsel", "/ringkasan", 390, "light"),
    ("laporan", "/laporan", 1440, "light"),
    ("tren", "/tren?topik=sampah&dari={years}", 1440, "light"),
    ("tren-semua", "/tren", 1440, "light"),
    ("kinerja", "/kinerja", 1440, "light"),
    ("kinerja-unit", "/kinerja/dinas-pupr", 1440, "light"),
    ("model", "/model", 1440, "light"),
    ("kelola", "/kelola", 1440, "light"),
)
_MEASURE = "?ukuran=kept"
_HEIGHT = 900
_PHONE_HEIGHT = 844
# A picture of a page a yard long shows nothing.
_MAX_HEIGHT = 1_500


def take_pictures(address: str, password: str) -> None:
    """Log in with an account of the demo and keep what each page shows."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(reduced_motion="reduce", locale="id-ID", timezone_id="Asia/Jakarta")
        page.goto(f"{address}/masuk?ke=/")
        page.fill("#login", "admin")
        page.fill("#password", password)
        page.click("main button")
        for name, path, width, scheme in PICTURES:
            _take(page, address + path.format(years=_years_ago(page)), name, width, scheme)
        _take_desk(page, address)
        _take_stories(page, address)
        _take_try(page, address)
        browser.close()


def _take(page: Page, address: str, name: str, width: int, scheme: str) -> None:
    height = _HEIGHT if width > _HEIGHT else _PHONE_HEIGHT
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    page.wait_for_function("[...document.querySelectorAll('.plot')].every((plot) => plot.dataset.drawn)")
    whole = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(whole, _MAX_HEIGHT)})
    page.screenshot(path=IMAGES / f"{name}.png")


def _take_desk(page: Page, address: str) -> None:
    """The review queue with a report on the desk."""
    page.goto(f"{address}/antrian")
    take = page.locator("button[data-key='a']")
    if take.count():
        take.click()
        page.wait_for_selector("article[data-report]")
    _take(page, f"{address}/antrian", "antrian", 1440, "light")


def _take_stories(page: Page, address: str) -> None:
    """One report's story, and what changed at the first mark."""
    policy = "main tbody tr:has(.badge:text('Kebijakan')) a"
    places = (("cerita", "/laporan", "main a[href*='/laporan/0']", ""), ("kebijakan", "/kebijakan", policy, _MEASURE))
    for name, listing, link, state in places:
        page.goto(address + listing)
        found = page.locator(link)
        if found.count():
            _take(page, address + str(found.last.get_attribute("href")) + state, name, 1440, "light")


def _take_try(page: Page, address: str) -> None:
    """The page on which a report is tried."""
    page.context.clear_cookies()
    page.set_viewport_size({"width": 1180, "height": _HEIGHT})
    page.goto(address)
    page.fill("textarea", REPORT)
    page.click("button.main")
    page.wait_for_selector("mark")
    page.screenshot(path=IMAGES / "page.png", full_page=True)


def _years_ago(page: Page) -> str:
    return str(page.evaluate("new Date(Date.now() - 3 * 365 * 86400e3).toISOString().slice(0, 10)"))


@contextmanager
def _serving(home: Path) -> Iterator[str]:
    command = [str(PILAH), "serve", "--port", "0", "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603  # our own command
        try:
            # The last word of the line that says where the service is ready.
            yield next(line.split()[-1] for line in server.stdout or () if "http" in line)
        finally:
            server.terminate()


def main() -> None:
    """Make demo data in a folder that goes away again, or take those of a named home; serve them, take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "home"
        if len(sys.argv) == 1:
            _copy_bundles(home)
            subprocess.run([str(PILAH), "demo", "--home", str(home)], check=True)  # noqa: S603  # our own command
        logins = (home / "demo" / "demo-logins.txt").read_text(encoding="utf-8")
        found = re.search(r"password of all: (\S+)", logins)
        if found is None:
            raise SystemExit("The demo said no password.")
        with _serving(home / "demo") as address:
            take_pictures(address, found[1])


def _copy_bundles(home: Path) -> None:
    """The bundles of the installation, so that pictures show what it answers."""
    from service.settings import read_settings  # noqa: PLC0415  # the settings say where the home is

    shutil.copytree(read_settings().home / "bundles", home / "bundles")


if __name__ == "__main__":
    main()
