"""The review queue by keyboard alone, and the pages of reports, bundles and settings with something on them."""

import re

import httpx
import pytest

from service.settings import Settings

pytestmark = pytest.mark.browser
LAMP = "Mohon lampu jalan di Talawi diperbaiki, hubungi 0812-3456-7890."
HOLE = "Mohon lubang di jalan ditutup."
LOOKS = [("id", 1440, "light"), ("id", 390, "dark"), ("en", 1440, "dark"), ("en", 390, "light")]
SETTINGS = ("", "/kunci", "/akun", "/webhook", "/taksonomi", "/libur", "/tenggat", "/privasi")


@pytest.fixture(scope="module")
def served(champion, tmp_path_factory, listen):
    home = tmp_path_factory.mktemp("desk") / "home"
    settings = Settings(
        home=home, bundle=next(champion.glob("5eed*")), rate_per_minute=10_000, address_rate_per_minute=10_000
    )
    with listen(settings) as served:
        yield served


@pytest.fixture(scope="module")
def api(served):
    address, key = served
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}) as client:
        yield client


@pytest.fixture(scope="module")
def reports(api):
    """Twenty plain reports, an accusation, and one that went its way; and a webhook."""
    texts = [*([LAMP, HOLE] * 10), "oknum minta pungli untuk KTP, mohon ditindak"]
    ids = [api.post("/v1/feedback", json={"text": text}).json()["id"] for text in texts]
    gone = api.post("/v1/feedback", json={"text": LAMP, "reporter_ref": "u-1"}).json()["id"]
    for event in (
        {"type": "didisposisi", "agency": "dinas-pupr", "note": "segera"},
        {"type": "ditanggapi", "public_reply": "Sudah."},
    ):
        assert api.post(f"/v1/feedback/{gone}/events", json=event).status_code == 201
    api.post("/v1/webhooks", json={"url": "https://hook.example.org/pilah", "agency": "dinas-pupr"})
    return [*ids, gone]


@pytest.fixture
def officer(served, reports, reading):  # noqa: ARG001  # there are reports to be reviewed
    with reading(*served, "triage", viewport={"width": 1440, "height": 900}) as reader:
        yield reader


def on_desk(page):
    return page.locator("[data-report]").get_attribute("data-report")


def press(reader, key):
    """Press a letter and wait for what it leads to."""
    page = reader.page
    before = on_desk(page) if page.locator("[data-report]").count() else None
    page.keyboard.press(key)
    page.wait_for_function(
        "(before) => !document.body.hasAttribute('aria-busy') && "
        "(document.querySelector('[data-report]')?.dataset.report ?? null) !== before",
        arg=before,
    )


def wait_until_idle(page):
    page.wait_for_function("() => !document.body.hasAttribute('aria-busy')")


def decided(api, report):
    return {
        said["head"]: (said["value"], said["basis"])
        for said in api.get(f"/v1/feedback/{report}/labels").json()["labels"]
    }


def test_ten_reports_are_reviewed_by_keyboard_alone(officer, api):
    page = officer.page
    officer.open("/antrian")
    press(officer, "a")
    assert page.evaluate("document.activeElement.id") == "report-title"
    seen = []
    for number in range(10):
        report = on_desk(page)
        seen.append(report)
        if number % 3 == 1:
            page.keyboard.press("2")
            page.locator("button[value=save]:has-text('Simpan koreksi')").wait_for()
        press(officer, "t" if number == 4 else "s")
    assert len(set(seen)) == 10
    labels = [decided(api, report) for report in seen]
    assert all(len(said) == 5 for said in labels)
    assert [said["agency"][1] for said in labels] == [
        "correction" if number % 3 == 1 else "confirmation" for number in range(10)
    ]
    # The last one is taken back, and is on the desk again.
    press(officer, "u")
    assert on_desk(page) == seen[-1]
    assert decided(api, seen[-1])["agency"][1] == "retraction"
    press(officer, "l")
    assert page.locator("#toast").inner_text().startswith("Laporan dilewati")
    press(officer, "p")
    assert page.locator("[data-report]").count() == 0


def test_letters_can_be_switched_off_and_tab_and_enter_are_enough(officer, api):
    page = officer.page
    officer.open("/antrian")
    page.keyboard.press("?")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("a")
    assert page.locator("[data-report]").count() == 0
    page.locator("[data-key=a]").focus()
    page.keyboard.press("Enter")
    page.locator("[data-report]").wait_for()
    wait_until_idle(page)
    report = on_desk(page)
    page.keyboard.press("s")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "save":
            break
    assert "confirmation" not in {basis for _, basis in decided(api, report).values()}
    page.keyboard.press("Enter")
    page.wait_for_function("(report) => document.querySelector('[data-report]')?.dataset.report !== report", arg=report)
    assert decided(api, report)["agency"][1] == "confirmation"
    wait_until_idle(page)
    page.locator("[data-key=p]").click()
    page.locator("[data-key=a]").wait_for()
    page.locator("#keys summary").click()
    page.locator("#keys-on").check()


def test_a_double_click_decides_once_and_what_is_typed_is_no_shortcut(officer, api):
    page = officer.page
    officer.open("/antrian")
    press(officer, "a")
    report = on_desk(page)
    page.locator(".note-field summary").click()
    page.locator("#reason").press_sequentially("salut")
    assert on_desk(page) == report
    page.locator("button[value=save]").click()
    page.wait_for_function("(report) => document.querySelector('[data-report]')?.dataset.report !== report", arg=report)
    page.locator("button[value=save]").click()
    wait_until_idle(page)
    assert len(api.get(f"/v1/feedback/{report}/labels").json()["labels"]) == 5
    # Nothing was said of the report that came after it.
    assert api.get(f"/v1/feedback/{on_desk(page)}/labels").json()["labels"] == []
    press(officer, "p")


@pytest.mark.usefixtures("reports")
def test_the_queue_works_without_script(served, reading, api):
    with reading(*served, "triage", java_script_enabled=False) as reader:
        page = reader.page
        page.goto(f"{served[0]}/antrian")
        page.click("button[data-key=a]")
        report = on_desk(page)
        page.locator("fieldset[data-question=agency] input[type=radio]").nth(1).check()
        page.click("button[value=save]")
        assert on_desk(page) != report
        assert decided(api, report)["agency"][1] == "correction"
        page.click("button[data-key=u]")
        assert on_desk(page) == report
        page.click("button[data-key=p]")


def test_everybody_can_use_the_desk_and_the_story_of_a_report(served, reports, reading, api):
    api.post("/v1/feedback", json={"text": "kebakaran besar di pasar Talawi"})
    with reading(*served, "admin") as reader:
        reader.open("/antrian")
        press(reader, "a")
        # The emergency leads the queue.
        assert reader.page.locator(".alarm a[href='tel:112']").is_visible()
        emergency = on_desk(reader.page)
        for path in ("/antrian", f"/laporan/{reports[-1]}", f"/laporan/{emergency}", "/laporan", "/laporan?kata=lampu"):
            for language, width, scheme in LOOKS:
                reader.look(width, scheme)
                joined = "&" if "?" in path else "?"
                assert reader.open(f"{path}{joined}lang={language}").status == 200
                assert reader.find_faults() == [], (path, language, width, scheme)
        reader.open(f"/laporan/{emergency}")
        for details in reader.page.locator("details").all():
            details.evaluate("(one) => { one.open = true; }")
        assert reader.find_faults() == []


@pytest.mark.usefixtures("reports")
def test_everybody_can_use_the_pages_of_bundles_and_settings(served, reading):
    with reading(*served, "admin") as reader:
        for path in ("/model", *(f"/kelola{section}" for section in SETTINGS)):
            for language, width, scheme in LOOKS[1:3]:
                reader.look(width, scheme)
                assert reader.open(f"{path}?lang={language}").status == 200
                for details in reader.page.locator("main details").all():
                    details.evaluate("(one) => { one.open = true; }")
                assert reader.find_faults() == [], (path, language, width, scheme)


def test_a_new_key_is_shown_once_and_revoked_in_two_steps(served, reading):
    with reading(*served, "admin") as reader:
        page = reader.page
        reader.open("/kelola/kunci")
        page.fill("#f-name", "Aplikasi Hallo")
        page.get_by_label("mengirim laporan").check()
        page.get_by_role("button", name="Buat kunci").click()
        assert re.fullmatch(r"pilah_[\w-]+", page.locator(".secret").inner_text())
        assert reader.find_faults() == []
        row = page.locator("tr", has_text="Aplikasi Hallo")
        row.locator("summary").click()
        row.get_by_role("button").click()
        assert page.locator(".toast").inner_text() == "Kunci dicabut."
