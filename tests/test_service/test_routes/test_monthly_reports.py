import asyncio
import subprocess
import sys
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from service import report_jobs
from service.report_jobs import Order, monthly_file

ASKED = {"month": "2026-10", "format": "html", "language": "en"}


def wait(client, job):
    """Until the process of a job has ended."""
    for _ in range(600):
        read = client.get(f"/v1/reports/{job}").json()
        if read["state"] in {"done", "failed"}:
            return read
        client.loop.run_until_complete(_pause())
    return read


async def _pause():
    await asyncio.sleep(0.1)


def test_a_report_is_written_by_a_process_and_fetched(client):
    analyst, other = client.make_key("analyse"), client.make_key("analyse")
    begun = client.post("/v1/reports", ASKED, key=analyst)
    assert begun.status_code == 202
    job = begun.json()
    assert (job["state"], job["file"], begun.headers["Location"]) == ("waiting", None, f"/v1/reports/{job['id']}")
    assert client.get(f"/v1/reports/{job['id']}/file", key=analyst).status_code == 404
    done = wait(client, job["id"])
    assert done["state"] == "done", done
    fetched = client.get(done["file"], key=analyst)
    assert fetched.headers["Content-Type"].startswith("text/html")
    assert 'filename="pilah-2026-10-en.html"' in fetched.headers["Content-Disposition"]
    assert "No reports (0) came in during October" in fetched.text
    assert client.get(f"/v1/reports/{job['id']}", key=other).status_code == 404
    assert client.get(done["file"], key=other).status_code == 404


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"month": "Oktober"}, "#/month"),
        ({**ASKED, "format": "docx"}, "#/format"),
        ({**ASKED, "public": "ya"}, "#/public"),
        ({**ASKED, "agency": "rsud"}, "#/agency"),
        ({}, "#/month"),
    ],
)
def test_what_is_no_order_is_refused_by_name(client, asked, pointer):
    refused = client.post("/v1/reports", asked)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_a_month_that_has_not_begun_has_no_report(client):
    refused = client.post("/v1/reports", {"month": "2099-01"})
    assert (refused.status_code, refused.json()["detail"]) == (404, "2099-01 has not begun.")


def test_who_may_not_analyse_gets_no_report(client):
    assert client.post("/v1/reports", ASKED, key=client.make_key("triage")).status_code == 403
    assert client.get("/v1/reports/" + "0" * 24).status_code == 404
    assert client.get("/v1/reports/../../etc").status_code == 404


def test_the_web_process_imports_neither_typesetter_nor_pictures():
    script = (
        "import service.app, service.serving, sys\n"
        "heavy = {'typst', 'vl_convert', 'openpyxl', 'pandas', 'service.reporting'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"


def test_the_report_of_a_month_is_written_by_itself(run_service, settings):
    chosen = settings.changed(monthly_report="html")
    with run_service(chosen) as client:
        month = report_jobs.month_before(datetime.now(ZoneInfo("Asia/Jakarta")).date())
        path = monthly_file(chosen.home, Order(month, "html"))
        until = time.monotonic() + 60
        while not path.exists() and time.monotonic() < until:
            client.loop.run_until_complete(_pause())
    assert "<!doctype html>" in path.read_text()
