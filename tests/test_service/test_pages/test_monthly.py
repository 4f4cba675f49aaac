"""The page on which a monthly report is asked for, by plain forms."""

import asyncio
import re

import pytest

from service import report_jobs
from service.report_jobs import ReportFailedError


@pytest.fixture
def writer(monkeypatch):
    """Stands in for the process that writes: says a stage, waits until it may go on, then writes or fails."""
    state = {"may_go": asyncio.Event(), "fault": None, "orders": []}

    async def write(_, order, path, tell):
        state["orders"].append(order)
        tell("drawing")
        await state["may_go"].wait()
        if state["fault"]:
            raise ReportFailedError(state["fault"])
        await asyncio.to_thread(path.write_bytes, b"%PDF")

    monkeypatch.setattr(report_jobs, "write_report", write)
    return state


def pause(client, seconds=0.1):
    client.loop.run_until_complete(asyncio.sleep(seconds))


def test_a_report_is_asked_for_seen_to_grow_and_fetched(client, log_in, writer):
    analyst = log_in("analyst")
    form = analyst.get("/laporan-bulanan")
    assert "Laporan bulanan" in form.text
    assert "lewat tenggat dihitung sampai hari terakhir bulan itu" in form.text
    page = analyst.post("/laporan-bulanan", {"bulan": "2026-09", "bentuk": "pdf", "umum": "1"})
    pause(client)
    job = re.search(r"kerja=([0-9a-f]{24})", page.text)[1]
    going = analyst.get(f"/laporan-bulanan?kerja={job}")
    assert "Sedang ditulis" in going.text
    assert 'hx-trigger="every 2s"' in going.text
    assert "drawing" in going.text
    writer["may_go"].set()
    pause(client)
    done = analyst.get(f"/laporan-bulanan?kerja={job}")
    assert "hx-trigger" not in done.text.partition('id="job"')[2].partition("</section>")[0]
    (order,) = writer["orders"]
    assert (order.month, order.form, order.is_public, order.language) == ("2026-09", "pdf", True, "id")
    fetched = analyst.get(re.search(r'href="(/v1/reports/[^"]+/file)"', done.text)[1])
    assert fetched.content == b"%PDF"
    # Nobody else hears of it, but who looks after all.
    assert "Tidak ditemukan" in log_in("analyst").get(f"/laporan-bulanan?kerja={job}").text


def test_a_failure_and_a_wrong_order_are_told_in_words(client, log_in, writer):
    analyst = log_in("analyst")
    writer["fault"] = "the extra report is missing"
    writer["may_go"].set()
    page = analyst.post("/laporan-bulanan", {"bulan": "2026-09", "bentuk": "xlsx"})
    pause(client)
    job = re.search(r"kerja=([0-9a-f]{24})", page.text)
    failed = analyst.get(f"/laporan-bulanan?kerja={job[1]}") if job else page
    assert "gagal dibuat" in failed.text
    assert "the extra report is missing" in failed.text
    assert analyst.post("/laporan-bulanan", {"bulan": "besok", "bentuk": "pdf"}).status_code == 422
    assert analyst.post("/laporan-bulanan", {"bulan": "2099-01", "bentuk": "pdf"}).status_code == 404
    for asked in ("nothing", "../../secret", "0" * 24):
        assert "Tidak ditemukan" in analyst.get(f"/laporan-bulanan?kerja={asked}").text


def test_who_may_not_analyse_has_neither_button_nor_page(client, log_in):
    for role, may in (("analyst", True), ("admin", True), ("triage", False), ("auditor", False)):
        person = log_in(role)
        assert (person.get("/laporan-bulanan").status_code == 200) is may, role
        assert ('href="/laporan-bulanan"' in person.get("/kinerja").text) is may
    assert client.request("GET", "/laporan-bulanan", key="").status_code in {303, 403}
