"""Every page in Debian's chromium, before and after there are reports: usable by everybody, and calling nobody."""

import pytest

from service.app import _ROUTERS
from service.pages.navigation import ENTRIES
from service.settings import Settings

pytestmark = pytest.mark.browser
PATHS = {route.path for router in _ROUTERS for route in router.routes}
PAGES = [entry.path for entry in ENTRIES if entry.path in PATHS]
# Every width, scheme and language is looked at; each pair of them once.
LOOKS = [("id", 1440, "light"), ("id", 390, "dark"), ("en", 1440, "dark"), ("en", 390, "light")]


@pytest.fixture(scope="module")
def empty(champion, tmp_path_factory, listen):
    home = tmp_path_factory.mktemp("pages") / "home"
    with listen(Settings(home=home, bundle=next(champion.glob("5eed*")), rate_per_minute=10_000)) as served:
        yield served


@pytest.fixture(scope="module")
def reader(empty, reading):
    with reading(*empty, "admin") as reader:
        yield reader


@pytest.mark.parametrize("path", PAGES)
def test_everybody_can_use_a_page_before_there_are_reports(reader, path):
    for language, width, scheme in LOOKS:
        reader.look(width, scheme)
        assert reader.open(f"{path}?lang={language}").status == 200
        assert reader.page.locator("h1").count() == 1
        assert reader.find_faults() == []
    assert reader.complaints == []
