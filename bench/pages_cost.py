"""Prints the processor time of every page, and of the monthly report, over a store that is there.

    pilah demo --home home && python bench/pages_cost.py home/demo
    python bench/analytics.py --store million.db && python bench/pages_cost.py home/demo --store million.db

The service runs in this process, on a copy of the home and of the store, and each page is asked for as an admin:
once to warm up, then so many times. Processor time is that of all threads of the process, median and most; a chart
that is drawn in a thread counts. Bar: 150 ms with demo data.
"""

import argparse
import asyncio
import resource
import shutil
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from service import tables
from service.app import create_app
from service.people.accounts import AccountOrder, add_accounts
from service.people.sessions import Login, open_sessions
from service.settings import Settings

BAR_MS = 150
PAGES = (
    *("/ringkasan", "/tren", "/tren?topik=jalan-rusak&topik=sampah", "/kinerja", "/kinerja?dari=2024-01-01"),
    *("/kinerja/dinas-pupr", "/kebijakan", "/antrian", "/laporan", "/model", "/kelola", "/kelola/akun"),
    *(
        "/kelola/kunci",
        "/kelola/libur",
        "/kelola/privasi",
        "/kelola/taksonomi",
        "/kelola/tenggat",
        "/kelola/webhook",
        "/",
    ),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, help="the home of a service, such as home/demo")
    parser.add_argument("--store", type=Path, help="another SQLite store than that of the home")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--month", help="also the monthly report of a month, such as 2026-09")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(asked.home, home)
        if asked.store is not None:
            shutil.copy(asked.store, home / "pilah.db")
        asyncio.run(time_pages(Settings(home=home, port=0), asked.runs))
        if asked.month is not None:
            time_report(home, asked.month)


async def time_pages(settings: Settings, n_runs: int) -> None:
    """Ask for each page as somebody who may see all."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        headers = {"Cookie": f"pilah_session={await app.state.context.writer.write(_log_in, None)}"}
        pages = [*PAGES, *await app.state.context.reader.read(_list_stories)]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers) as client:
            for page in pages:
                answer = await client.get(page)
                times = []
                for _ in range(n_runs):
                    started = time.process_time()
                    await client.get(page)
                    times.append((time.process_time() - started) * 1e3)
                name = "/laporan/…" if page.startswith("/laporan/") else page
                mark = "" if max(times) <= BAR_MS else "  over the bar"
                size = len(answer.content) / 1e3
                print(
                    f"{name:40} {answer.status_code} {size:6.0f} kB {statistics.median(times):6.0f} ms"
                    f" {max(times):6.0f} ms at most{mark}",
                    flush=True,
                )


def _log_in(transaction, _):  # noqa: ANN001, ANN202
    now = datetime.now(UTC)
    order = AccountOrder("bench", "Bench", "no hash", "admin", "system", now, None, ())
    (account,) = add_accounts(transaction, [order])
    return open_sessions(transaction, [Login(account, "x", now)])


def _list_stories(connection) -> list[str]:  # noqa: ANN001
    found = connection.execute(tables.feedback.select().with_only_columns(tables.feedback.c.id).limit(1)).scalars()
    return [f"/laporan/{id_}" for id_ in found]


def time_report(home: Path, month: str) -> None:
    """Write the monthly report in a process of its own, as the service does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    out = ("--out", str(home / "report.pdf"))
    command = [sys.executable, "-m", "pilah", "report", "--month", month, "--home", str(home), *out]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own command
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    waited = time.perf_counter() - started
    print(f"monthly report of {month}: {worked:.1f} s of the processor, {waited:.1f} s by the clock")


if __name__ == "__main__":
    main()
