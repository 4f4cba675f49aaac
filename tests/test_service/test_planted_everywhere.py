"""Personal data that came in by every door leave by none: pages, messages to others, exports, backups, reports, demo.

What the interface itself keeps and answers is looked through in `test_planted_secrets`.
"""

import csv
import tarfile
import zipfile
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import openpyxl
import pytest
from typer.testing import CliRunner

from pilah.app import app
from service.pages.navigation import ALL_PAGES
from service.people.accounts import AccountOrder, add_accounts
from service.people.sessions import Login, derive_form_token, open_sessions
from service.settings import Settings

PHONE, NIK, NAME = "0812-3456-7890", "1373041205870001", "Syafrizal"
PLANTED = f"Lampu mati. Hubungi {PHONE}, NIK {NIK}, atas nama Bapak {NAME}."
TRACES = (PHONE, "081234567890", NIK, NAME)
MASK = "[TELEPON]"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
# Last month's report is written of reports of last month.
LAST_MONTH = YESTERDAY.replace(day=1) - timedelta(days=3)


@pytest.fixture(scope="module")
def found(champion, tmp_path_factory, run_service):
    """What every door out gave, by its name."""
    folder = tmp_path_factory.mktemp("everywhere")
    settings = Settings(home=folder / "home", bundle=next(champion.glob("5eed*")), rate_per_minute=0)
    with run_service(settings) as client:
        officer = log_in(client)
        reports = [plant(client, officer), plant_edge(client)]
        found = dict(read_pages(client, officer, reports))
    return found | dict(run_commands(settings, folder))


def test_what_was_planted_leaves_by_no_door(found):
    assert len(found) > 25
    assert [(door, trace) for door, text in found.items() for trace in TRACES if trace in text] == []


@pytest.mark.parametrize("door", ["/laporan", "export.ndjson", "export.csv", "backup.tar.gz"])
def test_the_doors_that_give_texts_gave_what_was_planted_masked(found, door):
    assert MASK in found[door]


@pytest.mark.parametrize("door", ["report.html", "cases.zip", "doctor", "/ringkasan", "/kinerja"])
def test_the_doors_that_count_gave_something(found, door):
    assert len(found[door]) > 200


def log_in(client):
    def add(transaction, _):
        now = datetime.now(UTC)
        (account,) = add_accounts(transaction, [AccountOrder("pintu", "Pintu", "no hash", "admin", "system", now)])
        return open_sessions(transaction, [Login(account, "x", now)])

    token = client.loop.run_until_complete(client.context.writer.write(add, None))
    form_token = derive_form_token(client.context.secret, token)
    return {"Cookie": f"__Host-pilah_session={token}"}, {"token": form_token}


def plant(client, officer):
    """A report whose every text, note, reply, reason and mark is planted; its id."""
    body = {"text": PLANTED, "title": PLANTED, "address": PLANTED, "district": PLANTED, "village": PLANTED}
    body |= {"reporter_ref": NIK, "received_at": LAST_MONTH.isoformat()}
    report = client.post("/v1/feedback", body).json()["id"]
    moved = {"type": "didisposisi", "agency": "dinas-pupr", "note": PLANTED}
    told = {"type": "ditanggapi", "note": PLANTED, "public_reply": PLANTED}
    for event in (moved, told):
        assert client.post(f"/v1/feedback/{report}/events", event).status_code == 201
    label = {"topic": "jalan-rusak", "reason": PLANTED}
    assert client.post(f"/v1/feedback/{report}/labels", label).status_code == 200
    cookie, token = officer
    mark = {"mulai": LAST_MONTH.date().isoformat(), "judul": PLANTED, "jenis": "kebijakan", **token}
    entered = client.request("POST", "/kebijakan", key="", headers={**cookie, **FORM}, data=mark)
    assert entered.status_code == 303, entered.text
    return report


def plant_edge(client):
    sent = {"api_key": client.key, "service_code": "auto", "description": PLANTED, "first_name": NAME, "phone": PHONE}
    sent |= {"address_string": PLANTED, "last_name": NAME, "account_id": NIK, "email": f"{NAME}@contoh.id"}
    answer = client.request("POST", "/open311/v2/requests.json", key="", content=urlencode(sent).encode(), headers=FORM)
    assert answer.status_code == 201, answer.text
    return answer.json()[0]["service_request_id"]


def read_pages(client, officer, reports):
    cookie, _ = officer
    for report in reports:
        for path in (f"/laporan/{report}", f"/antrian/{report}"):
            yield path, client.get(path, key="", headers=cookie).text
    sections = ("kunci", "akun", "webhook", "taksonomi", "libur", "tenggat", "privasi")
    for path in [entry.path for entry in ALL_PAGES] + [f"/kelola/{section}" for section in sections]:
        answer = client.get(path, key="", headers=cookie)
        assert answer.status_code == 200, path
        yield path, answer.text
    for path in ("/v1/marks", "/v1/ledger?limit=200", "/v1/incidents", "/v1/reporters/" + NIK, "/metrics"):
        yield path, client.get(path).text.replace(f'"reporter_ref":"{NIK}"', "")


def run_commands(settings, folder):
    """What the commands write of the same home, after history was imported that is planted too."""
    history = folder / "history.csv"
    with history.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "text", "title", "received_at", "closed_at", "district", "village", "reporter_ref"])
        writer.writerow(["1", PLANTED, PLANTED, LAST_MONTH.isoformat(), YESTERDAY.isoformat(), PLANTED, PLANTED, NIK])
    yield "import", run(settings, "import", history)
    for name, *more in (
        ("export.ndjson",),
        ("export.csv", "--oversight"),
        ("labels.csv", "--labels"),
    ):
        told = run(settings, "export", "--output", folder / name, *more)
        yield name, told + (folder / name).read_text(encoding="utf-8")
    yield (
        "cases.zip",
        run(settings, "export", "--output", folder / "cases.zip", "--cases") + unpack(folder / "cases.zip"),
    )
    yield "backup.tar.gz", run(settings, "backup", folder / "backup.tar.gz") + read_members(folder / "backup.tar.gz")
    month = ("report", "--month", f"{LAST_MONTH:%Y-%m}", "--out")
    pages = run(settings, *month, folder / "r.html", "--format", "html", "--appendix", folder / "appendix.json")
    yield "report.html", pages + (folder / "r.html").read_text(encoding="utf-8")
    yield "appendix.json", (folder / "appendix.json").read_text(encoding="utf-8")
    run(settings, *month, folder / "r.xlsx", "--format", "xlsx")
    book = openpyxl.load_workbook(folder / "r.xlsx")
    yield "report.xlsx", "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row)
    yield "doctor", run(settings, "doctor", is_done=False)


def run(settings, *words, is_done=True):
    told = [*map(str, words), "--home", str(settings.home)]
    done = CliRunner(env={"PILAH_HOME": str(settings.home), "PILAH_BUNDLE": str(settings.bundle)}).invoke(app, told)
    assert not is_done or done.exit_code == 0, (words, done.output, done.exception)
    return done.output


def unpack(path):
    with zipfile.ZipFile(path) as archive:
        return "\n".join(archive.read(name).decode("latin-1") for name in archive.namelist())


def read_members(path):
    with tarfile.open(path) as archive:
        members = [member for member in archive if member.isfile() and not member.name.startswith("bundles/")]
        return "\n".join(archive.extractfile(member).read().decode("latin-1") for member in members)
