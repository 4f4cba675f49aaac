import asyncio
import json
import os
from datetime import UTC, date, datetime, timedelta

import pytest

from service import report_jobs
from service.report_jobs import (
    FOLDER,
    Order,
    ReportFailedError,
    ReportJobs,
    TooManyReportsError,
    claim_month,
    file_of,
    forget_old,
    month_before,
    monthly_file,
    name_file,
    read_job,
    write_report,
)
from service.settings import Settings

ORDER = Order("2026-10")


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


async def _start_and_wait(settings, order):
    jobs = ReportJobs()
    job = jobs.start(settings, order, "key:a")
    await asyncio.gather(*jobs._tasks.values())
    return read_job(settings.home, job.id)


def test_a_job_whose_process_fails_says_why(home):
    job = asyncio.run(_start_and_wait(Settings(home=home), ORDER))
    assert job.state == "failed"
    assert "holds no store of Pilah yet" in job.stage
    assert not file_of(home, job).exists()


def test_a_job_that_was_silent_too_long_has_lost_its_process(home):
    job = asyncio.run(_start_and_wait(Settings(home=home), ORDER))
    path = home / FOLDER / job.id / "job.json"
    written = json.loads(path.read_text())
    long_ago = datetime.now(UTC) - timedelta(seconds=report_jobs.SILENT_S + 1)
    path.write_text(json.dumps(written | {"state": "running", "changed_at": long_ago.isoformat()}))
    assert read_job(home, job.id).state == "failed"
    assert read_job(home, "f" * 24) is None


def test_the_same_asked_twice_is_one_job_and_too_many_are_refused(home):
    async def start_many():
        jobs, settings = ReportJobs(), Settings(home=home)
        started = [jobs.start(settings, ORDER, f"key:{place}") for place in range(report_jobs.MAX_WAITING)]
        assert jobs.start(settings, ORDER, "key:0").id == started[0].id
        with pytest.raises(TooManyReportsError):
            jobs.start(settings, ORDER, "key:another")
        await jobs.stop()

    asyncio.run(start_many())


def test_old_jobs_are_forgotten(home):
    job = asyncio.run(_start_and_wait(Settings(home=home), ORDER))
    now = datetime.now(UTC)
    assert forget_old(home, now) == 0
    path = home / FOLDER / job.id / "job.json"
    long_ago = (now - timedelta(days=31)).timestamp()
    os.utime(path, (long_ago, long_ago))
    assert forget_old(home, now) == 1
    assert not path.parent.exists()


def test_one_process_writes_a_month_and_only_while_it_is_not_there(home):
    assert claim_month(home, ORDER)
    assert not claim_month(home, ORDER)
    path = monthly_file(home, ORDER)
    mark = path.with_suffix(".pdf.started")
    long_ago = datetime.now(UTC).timestamp() - report_jobs.SILENT_S - 1
    os.utime(mark, (long_ago, long_ago))
    assert claim_month(home, ORDER)
    path.write_bytes(b"%PDF")
    mark.unlink()
    assert not claim_month(home, ORDER)


def test_a_password_of_the_store_is_no_argument_of_the_process():
    address = "postgresql://pilah:rahasia@127.0.0.1:1/x"
    assert "rahasia" not in " ".join(report_jobs._spell(ORDER, report_jobs.Path("x.pdf")))
    assert report_jobs._environment(Settings(database_url=address))["PILAH_DATABASE_URL"] == address


def test_a_process_that_fails_raises_with_its_last_line(home):
    with pytest.raises(ReportFailedError, match="holds no store"):
        asyncio.run(write_report(Settings(home=home), ORDER, home / "x.pdf", lambda _: None))


def test_names_say_month_and_kind():
    assert name_file(Order("2026-10", "xlsx", "en", is_public=True)) == "pilah-2026-10-umum-en.xlsx"
    assert month_before(date(2026, 1, 1)) == "2025-12"
